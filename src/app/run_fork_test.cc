#include "app/run_fork.h"

#include <gtest/gtest.h>

#include "agents/model_calls.h"
#include "agents/ports/proposer.h"
#include "workflow/memory_journal.h"

namespace sluice {
namespace {

std::vector<EventInfo> history() {
  const auto step = [](std::int64_t seq, const char* path, Json input) {
    return EventInfo{.seq = seq,
                     .type = EventType::step_completed,
                     .path = path,
                     .in_hash = "h",
                     .body = Json::object().set("effect", "read").set("input", std::move(input)).set("value", "old").set("proposes", true)};
  };
  return {{.seq = 1, .type = EventType::run_started, .body = Json::object()},
          step(2, "round[0]/propose", Json()),
          step(3, "round[0]/agent[0]/try[0]/call model", encode(ModelCalls{.model = "m", .request = "request"})),
          step(4, "round[0]/guess", Json())};
}

Result<ForkPlan> plan(const std::string& step, const std::string& value, MemoryArtifacts& artifacts) {
  return plan_of({.run = {"r-1"}, .set_step = step, .set_value = value}, history(), artifacts, "ann");
}

TEST(RunFork, SqlIsAPersonsProposal) {
  MemoryArtifacts artifacts;
  for (const char* value : {"SELECT 1", R"({"sql": "SELECT 1", "answered_by": "built-in", "confidence": 0.3, "model_says": "trust me"})"}) {
    const auto made = plan("propose", value, artifacts);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->keep_seq, 2);
    const auto proposal = decode<Proposal>(made->last->body["value"]);
    ASSERT_TRUE(proposal);
    EXPECT_EQ(proposal->sql, "SELECT 1");
    EXPECT_EQ(proposal->answered_by, "person");
    EXPECT_EQ(proposal->confidence, 1);
    EXPECT_EQ(proposal->model_says, "");
    EXPECT_EQ(proposal->made_from, std::vector<std::string>{"set by ann in a fork of run r-1"});
  }
}

TEST(RunFork, RepliesAreAPersonsAndCostNothing) {
  MemoryArtifacts artifacts;
  const auto made =
      plan("call model", R"({"request": "another", "calls": [{"model": "claude", "usd": 5, "key": "k", "reply": {"text": "{}"}}]})", artifacts);
  ASSERT_TRUE(made) << made.error().message;
  const auto outcome = decode<ModelOutcome>(made->last->body["value"]);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->request, "request");  // what was asked
  ASSERT_EQ(outcome->calls.size(), 1U);
  const ModelCalled& call = outcome->calls.front();
  EXPECT_EQ(call.reply.text, "{}");
  EXPECT_EQ(call.model, "person");
  EXPECT_EQ(call.key, "");
  EXPECT_EQ(call.usd, 0.0);
  EXPECT_EQ(call.notes, std::vector<std::string>{"set by ann in a fork of run r-1"});
}

TEST(RunFork, WhatTheStepCouldNotReadIsRefused) {
  MemoryArtifacts artifacts;
  const std::vector<std::pair<const char*, std::string>> wrong{{"propose", ""},
                                                               {"propose", "{"},
                                                               {"propose", R"({"sql": 7})"},
                                                               {"propose", R"({"asks": "which?"})"},
                                                               {"call model", "SELECT 1"},
                                                               {"call model", R"({"calls": []})"},
                                                               {"call model", R"({"calls": [{"reply": {}}]})"},
                                                               {"guess", "1"},
                                                               {"propose", std::string(2'000'000, 'x')}};
  for (const auto& [step, value] : wrong) {
    const auto made = plan(step, value, artifacts);
    ASSERT_FALSE(made) << step << " " << value.substr(0, 100);
    EXPECT_EQ(made.error().code, "E0133");
  }
}

TEST(RunFork, ALargeValueIsAnArtifact) {
  MemoryArtifacts artifacts;
  const auto made = plan("propose", "SELECT '" + std::string(100'000, 'x') + "'", artifacts);
  ASSERT_TRUE(made) << made.error().message;
  const auto proposal = read_artifact<Proposal>(artifacts, std::string(made->last->body.text("artifact")));
  ASSERT_TRUE(proposal);
  EXPECT_EQ(proposal->sql.size(), 100'009U);
}

}  // namespace
}  // namespace sluice
