#include "app/run_prompts.h"

#include <gtest/gtest.h>

#include <map>

#include "flows/ask/ask.h"
#include "workflow/memory_journal.h"

namespace sluice {
namespace {

class RunPrompts : public testing::Test {
 protected:
  MemoryArtifacts artifacts{};
  std::vector<EventInfo> events{};
  std::vector<LedgerEntry> entries{};
  std::map<std::string, std::string> replies{};  // by key

  std::string put(const ModelRequest& request) { return *artifacts.put(encode(request).dump()); }
  std::string asked(const std::string& words) { return put({.messages = {{.text = words}}}); }
  void completed(const std::string& path, const char* name, Json value) {
    events.push_back({.type = EventType::step_completed, .path = path, .body = Json::object().set(name, std::move(value))});
  }
  void composed(const std::string& scope, const std::string& request) {
    completed(scope + "/compose", "value", encode(Composed{.request = request}));
  }
  void outcome(const std::string& scope, const std::string& request, std::vector<ModelCalled> calls) {
    completed(scope + "/call model", "value", encode(ModelOutcome{.request = request, .calls = std::move(calls)}));
  }
  void entry(const std::string& scope, const std::string& key, const std::string& state, const std::string& failure = "") {
    entries.push_back({.path = scope + "/call model", .model = "m", .key = key, .state = state, .usd = 0.25, .failure = failure});
  }
  std::vector<PromptView> views() {
    return run_prompts(events, entries, artifacts, [this](const LedgerEntry& call, const ModelRequest&) -> Result<std::optional<ModelReply>> {
      if (call.key == "damaged") return Error{ErrorKind::storage, "E1031", "it is damaged", "", 0};
      const auto found = replies.find(call.key);
      return found == replies.end() ? std::nullopt : std::optional(ModelReply{.text = found->second});
    });
  }
  std::string ends() {
    std::string out;
    for (const PromptView& view : views()) out += (out.empty() ? "" : ", ") + std::string(enum_name(view.end));
    return out;
  }
};

const Error kBusy = model_error(ModelFailure::overloaded, "busy", "wait");

TEST_F(RunPrompts, EachCallIsShownOnce) {
  const std::string request = asked("how many?");
  composed("a", request);
  outcome("a", request,
          {{.key = "1", .reply = {.text = "yes"}}, {.key = "2", .error = kBusy}, {.key = "3", .reply = {.text = "no"}, .cached = true}});
  entry("a", "1", "paid");
  entry("a", "2", "failed", "E1001");
  entry("a", "3", "cached");
  const auto all = views();
  ASSERT_EQ(ends(), "paid, failed, cached");
  EXPECT_TRUE(all[0].replied && all[2].replied && !all[1].replied);
  EXPECT_EQ(all[1].called.error, kBusy);
  for (const PromptView& view : all) EXPECT_EQ(view.request->messages.front().text, "how many?");
}

TEST_F(RunPrompts, CallsOfFormerAttemptsComeFirst) {
  const std::string request = asked("how many?");
  composed("a", request);
  entry("a", "1", "reserved");
  entry("a", "1", "failed", "E1001");
  entry("a", "1", "failed", "E1001");
  entry("a", "1", "paid");
  outcome("a", request, {{.key = "1", .reply = {.text = "yes"}}});
  EXPECT_EQ(ends(), "in flight, failed, failed, paid");
  events.pop_back();
  outcome("a", request, {{.key = "1", .error = kBusy}});
  replies["1"] = "as it was kept";
  ASSERT_EQ(ends(), "in flight, failed, paid, failed");
  EXPECT_EQ(views()[2].called.reply.text, "as it was kept");
  EXPECT_EQ(views()[3].called.error, kBusy);
}

TEST_F(RunPrompts, ACallWhoseEndCouldNotBeBookedIsShownOnce) {
  outcome("a", asked("?"), {{.key = "1", .reply = {.text = "yes"}}});
  entry("a", "1", "reserved");
  EXPECT_EQ(ends(), "paid");
}

TEST_F(RunPrompts, ACallInFlightIsNotHiddenByTheRefusalThatItCauses) {
  entry("a", "1", "reserved");
  outcome("a", asked("?"), {{.key = "1", .error = Error{ErrorKind::exhausted, "E1020", "no call is left", "raise it", 0}}});
  EXPECT_EQ(ends(), "in flight, failed");
}

TEST_F(RunPrompts, AStepWithoutAnEndHasWhatLedgerAndStoreKnow) {
  composed("a", asked("how many?"));
  entry("a", "1", "paid");
  entry("a", "2", "failed", "E1106");
  entry("a", "3", "failed", "E1004");
  entry("a", "4", "reserved");
  entry("a", "damaged", "cached");
  entry("a", "gone", "paid");
  replies["1"] = "yes";
  const auto all = views();
  ASSERT_EQ(ends(), "paid, failed, failed, in flight, cached, paid");
  EXPECT_EQ(all[0].called.reply.text, "yes");
  EXPECT_EQ(all[0].called.usd, 0.25);
  EXPECT_EQ(all[1].called.error->kind, ErrorKind::cancelled);
  EXPECT_EQ(failure_of(*all[2].called.error), ModelFailure::unauthorized);
  EXPECT_EQ(all[3].called.usd, 0.25);
  EXPECT_EQ(all[4].called.notes, std::vector<std::string>{"its reply cannot be read: it is damaged"});
  EXPECT_EQ(all[4].called.usd, 0);
  EXPECT_EQ(all[5].called.notes, std::vector<std::string>{"its reply is not kept any more"});
  EXPECT_FALSE(all[4].replied || all[5].replied);
  EXPECT_EQ(all[5].request->messages.front().text, "how many?");
}

TEST_F(RunPrompts, WhatKeptAStepFromAskingIsShown) {
  composed("a", asked("how many?"));
  events.push_back({.type = EventType::step_attempt_failed, .path = "a/call model", .body = Json::object().set("error", encode(kBusy))});
  completed("a/call model", "error", encode(Error{ErrorKind::not_found, "E0750", "no such model", "", 0}));
  ASSERT_EQ(ends(), "failed, failed");
  EXPECT_EQ(views()[0].called.error, kBusy);
  EXPECT_EQ(views()[1].called.error->code, "E0750");
  // Once, where the ledger has the call.
  entry("a", "1", "failed", "E1001");
  EXPECT_EQ(ends(), "failed, failed");
  // A prompt that nobody was asked is no call.
  composed("b", asked("and then?"));
  EXPECT_EQ(views().size(), 2U);
}

TEST_F(RunPrompts, WhatIsGoneHidesNothingElse) {
  const std::string gone = asked("gone"), there = asked("there");
  outcome("a", gone, {{.key = "1", .reply = {.text = "yes"}}});
  composed("b", gone);
  const std::string large = *artifacts.put("a large outcome");
  completed("b/call model", "artifact", Json(large));
  entry("b", "2", "paid");
  outcome("c", there, {{.key = "3", .reply = {.text = "no"}}});
  entry("d", "4", "reserved");  // of a step that the journal does not know
  artifacts.forget(gone);
  artifacts.forget(large);
  const auto all = views();
  ASSERT_EQ(ends(), "paid, paid, failed, paid, in flight");
  EXPECT_EQ(all[0].called.reply.text, "yes");
  for (const std::size_t n : {0U, 1U, 2U, 4U}) {
    ASSERT_TRUE(all[n].request_error) << n;
    EXPECT_EQ(all[n].request_error->code, "E0122");
    EXPECT_FALSE(all[n].request);
  }
  EXPECT_EQ(all[2].called.error->code, "E0122");
  EXPECT_EQ(all[3].request->messages.front().text, "there");
  EXPECT_FALSE(all[3].request_error);
}

}  // namespace
}  // namespace sluice
