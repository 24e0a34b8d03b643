#include "agents/model_caller.h"

#include <gtest/gtest.h>

#include "agents/counting_ledger_for_test.h"
#include "agents/first_of.h"
#include "agents/memory_replies_for_test.h"
#include "agents/scripted_model_for_test.h"
#include "workflow/memory_journal.h"
#include "workflow/test_ports.h"

namespace sluice {
namespace {

class ModelCallerTest : public testing::Test {
 protected:
  ModelInfo info_{.name = "default", .provider = "openai", .model = "m", .price = ModelPrice{.input = 1, .output = 10}, .max_tokens = 100};
  FakeClock clock_{};
  MemoryArtifacts artifacts_{};
  MemoryReplies replies_{};
  CountingLedger ledger_{};
  ScriptedModel model_{info_, ScriptedModel::says("{}")};
  Model* asked_ = &model_;
  ModelCalls calls_{.model = "default"};
  ModelCaller caller_{{.model = [this](const std::string&) -> Result<Model*> { return asked_; },
                       .ledger = [this]() -> Result<Ledger*> { return &ledger_; },
                       .replies = [this]() -> Result<ReplyStore*> { return &replies_; },
                       .artifacts = artifacts_,
                       .clock = clock_}};

  void SetUp() override {
    ModelRequest request{.system = "You write SQL.", .reply_name = "answer"};
    request.messages = {{.text = "how many orders?"}};
    calls_.request = *artifacts_.put(encode(request).dump());
  }
  ModelOutcome call(std::stop_token stop = {}) {
    auto outcome =
        caller_.call(calls_, {.run = "run_1", .workflow = "ask", .path = "round[0]/call model"}, {clock_.steady() + std::chrono::minutes(1), stop});
    EXPECT_TRUE(outcome) << outcome.error().message;
    return *outcome;
  }
};

TEST_F(ModelCallerTest, AReplyIsKeptPaidAndAttributed) {
  const ModelOutcome outcome = call();
  ASSERT_EQ(outcome.calls.size(), 1U);
  const ModelCalled& called = outcome.calls[0];
  EXPECT_EQ(called.model, "default");
  EXPECT_EQ(called.provider, "openai/m");
  EXPECT_FALSE(called.cached);
  EXPECT_DOUBLE_EQ(*called.usd, (20.0 * 1 + 5.0 * 10) / 1e6);
  ASSERT_EQ(ledger_.reserved.size(), 1U);
  EXPECT_EQ(ledger_.reserved[0].run, "run_1");
  EXPECT_GE(ledger_.reserved[0].usd_max.value_or(0), 100 * 10 / 1e6) << "the longest reply is reserved";
  ASSERT_EQ(ledger_.settled.size(), 1U);
  EXPECT_EQ(ledger_.settled[0].usage.input, 20);
  EXPECT_EQ(replies_.calls.size(), 1U);
}

TEST_F(ModelCallerTest, AReplyThatIsThereIsNeitherAskedForNorPaidAgain) {
  const ModelOutcome first = call();
  const ModelOutcome second = call();
  EXPECT_EQ(model_.asked().size(), 1U);
  EXPECT_TRUE(second.calls[0].cached);
  EXPECT_EQ(second.calls[0].reply.text, first.calls[0].reply.text);
  EXPECT_EQ(second.calls[0].usd, 0);
  EXPECT_EQ(ledger_.reserved.size(), 1U);
  EXPECT_EQ(ledger_.from_cache.size(), 1U);
}

TEST_F(ModelCallerTest, AReplyOfAnotherEndpointIsNoReply) {
  call();
  ModelInfo elsewhere = info_;
  elsewhere.endpoint = "http://elsewhere:8000";
  ScriptedModel other(elsewhere, ScriptedModel::says("{}"));
  asked_ = &other;
  EXPECT_FALSE(call().calls[0].cached);
  EXPECT_TRUE(call().calls[0].cached);
}

TEST_F(ModelCallerTest, ARunHasItsOwnRepliesAndThoseThatAreShared) {
  const auto call_in = [&](const char* run) {
    const auto outcome = caller_.call(calls_, {.run = run}, {clock_.steady() + std::chrono::minutes(1), {}});
    return outcome ? outcome->calls.at(0).cached : false;
  };
  EXPECT_FALSE(call_in("run_1"));
  EXPECT_TRUE(call_in("run_1")) << "its own is never paid for twice, also after a crash";
  EXPECT_FALSE(call_in("run_2")) << "it may have led nowhere";
  ASSERT_TRUE(caller_.release({{calls_}, true}, {.run = "run_1"}));
  ASSERT_TRUE(caller_.release({{calls_}, true}, {.run = "run_1"})) << "again, after a crash";
  EXPECT_TRUE(call_in("run_2")) << "its own";
  EXPECT_TRUE(call_in("run_3"));
  EXPECT_EQ(replies_.calls.size(), 2U) << "shared, and run_2's own";
  calls_.fresh = true;
  EXPECT_FALSE(call_in("run_3"));
  EXPECT_TRUE(call_in("run_3"));
  EXPECT_EQ(model_.asked().size(), 3U);
}

TEST_F(ModelCallerTest, WhatLedNowhereIsNotGivenAgain) {
  call();
  ASSERT_TRUE(caller_.release({{calls_}, false}, {.run = "run_1"}));
  EXPECT_TRUE(replies_.calls.empty());
  EXPECT_FALSE(call().calls[0].cached);
}

TEST_F(ModelCallerTest, AChainPassesAModelOverWhoseWindowIsTooSmall) {
  ModelInfo narrow_info = info_, wide_info{.name = "wide", .provider = "openai", .model = "w", .price = ModelPrice{.input = 2, .output = 2}};
  narrow_info.context_tokens = 50;  // the reply alone may have 100
  wide_info.max_tokens = 10;
  ScriptedModel narrow(narrow_info, ScriptedModel::says("narrow")), wide(wide_info, ScriptedModel::says("wide"));
  FirstOf chain("chain", {&narrow, &wide}, {ModelFailure::unreachable});
  asked_ = &chain;
  calls_.samples = 2;
  const ModelOutcome outcome = call();
  EXPECT_TRUE(narrow.asked().empty());
  ASSERT_EQ(ledger_.reserved.size(), 2U) << "nothing is booked for what is not sent";
  for (std::size_t n = 0; n < 2; ++n) {
    EXPECT_EQ(ledger_.reserved[n].model, "wide");
    EXPECT_EQ(outcome.calls[n].reply.text, "wide");
  }
  // The other way round: where the wide one fails, there is nowhere to go on to.
  ScriptedModel broken(wide_info, ScriptedModel::fails(ModelFailure::unreachable, "nobody listens"));
  FirstOf back("back", {&broken, &narrow}, {ModelFailure::unreachable});
  asked_ = &back;
  replies_.calls.clear();
  const ModelOutcome failed = call();
  EXPECT_EQ(failure_of(*failed.failure()), ModelFailure::unreachable);
  EXPECT_TRUE(narrow.asked().empty());
}

TEST_F(ModelCallerTest, AKeptReplyIsThatOfTheModelThatGaveIt) {
  call();
  const LedgerEntry entry{.run = "run_1", .model = "default", .key = ledger_.reserved.at(0).key};
  const ModelRequest request = *read_artifact<ModelRequest>(artifacts_, calls_.request);
  EXPECT_TRUE((*caller_.kept_reply(entry, request)).has_value());
  ModelInfo other = info_;
  other.model = "another";
  ScriptedModel now(other, ScriptedModel::says("{}"));
  asked_ = &now;
  call();
  EXPECT_FALSE((*caller_.kept_reply(entry, request)).has_value());
}

TEST_F(ModelCallerTest, ACrashBetweenTwoRepliesPaysForTheSecondAlone) {
  // The process dies when the first of two replies is kept and before its step is recorded: the step runs again.
  struct Died {};
  calls_.samples = 2;
  int answered = 0;
  ScriptedModel dying(info_, [&](const ModelRequest&) -> Result<ModelReply> {
    if (++answered == 2) throw Died{};
    return ModelReply{.text = "first"};
  });
  asked_ = &dying;
  EXPECT_THROW(call(), Died);
  asked_ = &model_;
  const ModelOutcome outcome = call();
  EXPECT_TRUE(outcome.calls[0].cached);
  EXPECT_EQ(outcome.calls[0].reply.text, "first");
  EXPECT_EQ(model_.asked().size(), 1U) << "only the draw whose reply never came";
}

TEST_F(ModelCallerTest, DrawsOfOneStepAreDifferentRequests) {
  calls_.samples = 3;
  const ModelOutcome outcome = call();
  ASSERT_EQ(outcome.calls.size(), 3U);
  EXPECT_NE(outcome.calls[0].key, outcome.calls[1].key);
  EXPECT_EQ(replies_.calls.size(), 3U);
}

TEST_F(ModelCallerTest, WhatNoBudgetAllowsIsNotSent) {
  calls_.samples = 3;
  ledger_.allowed = 2;
  const ModelOutcome outcome = call();
  EXPECT_EQ(model_.asked().size(), 2U);
  EXPECT_EQ(outcome.calls[2].error->code, "E1020");
  EXPECT_FALSE(outcome.failure()) << "two draws are better than none";
  ledger_.allowed = 2;  // used up
  calls_.samples = 4;
  const ModelOutcome next = call();
  EXPECT_EQ(model_.asked().size(), 2U);
  EXPECT_FALSE(next.failure()) << "what is cached is still there";
  replies_.calls.clear();
  EXPECT_EQ(call().failure()->code, "E1020");
}

TEST_F(ModelCallerTest, ABudgetInMoneyNeedsAPrice) {
  ScriptedModel free_of_price({.name = "default", .provider = "openai", .model = "m"}, ScriptedModel::says("{}"));
  asked_ = &free_of_price;
  EXPECT_FALSE(call().failure()) << "without a budget in money nobody has to know";
  replies_.calls.clear();
  calls_.run_budget.usd = 1;
  EXPECT_EQ(call().failure()->code, "E1021");
  EXPECT_EQ(free_of_price.asked().size(), 1U);
}

TEST_F(ModelCallerTest, APromptThatIsKnownNotToFitIsNotSent) {
  ModelInfo small = info_;
  small.context_tokens = 120;
  ScriptedModel narrow(small, ScriptedModel::says("{}"));
  asked_ = &narrow;
  EXPECT_FALSE(call().failure());
  ModelRequest request{.system = "a b c d e f g h i j k l m n o p q r s t u v w x y z", .reply_name = "answer"};
  request.messages = {{.text = "how many orders?"}};
  calls_.request = *artifacts_.put(encode(request).dump());
  EXPECT_EQ(failure_of(*call().failure()), ModelFailure::too_long);
  EXPECT_EQ(narrow.asked().size(), 1U);
}

TEST_F(ModelCallerTest, AFailureIsSettledAndNotKept) {
  ScriptedModel broken(info_, ScriptedModel::fails(ModelFailure::overloaded, "busy"));
  asked_ = &broken;
  const ModelOutcome outcome = call();
  EXPECT_EQ(outcome.failure()->code, "E1001");
  ASSERT_EQ(ledger_.settled.size(), 1U);
  EXPECT_EQ(ledger_.settled[0].failure, "E1001");
  EXPECT_TRUE(replies_.calls.empty());
}

TEST_F(ModelCallerTest, TheModelOfAChainThatAnsweredIsPaidAndRemembered) {
  ModelInfo other_info{.name = "dear", .provider = "anthropic", .model = "big", .price = ModelPrice{.input = 100, .output = 1000}, .max_tokens = 100};
  ScriptedModel broken(info_, ScriptedModel::fails(ModelFailure::unreachable, "nobody listens"));
  ScriptedModel other(other_info, ScriptedModel::says("{}"));
  FirstOf chain("chain", {&broken, &other}, {ModelFailure::unreachable});
  asked_ = &chain;
  const ModelOutcome outcome = call();
  const ModelCalled& called = outcome.calls[0];
  EXPECT_EQ(called.model, "dear");
  EXPECT_EQ(called.provider, "anthropic/big");
  EXPECT_DOUBLE_EQ(*called.usd, (20.0 * 100 + 5.0 * 1000) / 1e6);
  ASSERT_EQ(ledger_.reserved.size(), 2U);
  EXPECT_EQ(ledger_.reserved[1].model, "dear");
  EXPECT_GE(ledger_.reserved[1].usd_max, *called.usd);
  EXPECT_EQ(ledger_.settled.at(0).failure, "E1003");
  ASSERT_EQ(called.notes.size(), 1U);
  EXPECT_NE(called.notes[0].find("went on to \"dear\""), std::string::npos) << called.notes[0];
  EXPECT_TRUE(call().calls[0].cached) << "found again under the one that answered";
}

TEST_F(ModelCallerTest, ACancelledCallIsNoResult) {
  std::stop_source stop;
  stop.request_stop();
  const auto outcome = caller_.call(calls_, {.run = "run_1"}, {clock_.steady() + std::chrono::minutes(1), stop.get_token()});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace sluice
