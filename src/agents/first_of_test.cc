#include "agents/first_of.h"

#include <gtest/gtest.h>

#include "agents/scripted_model_for_test.h"

namespace sluice {
namespace {

using enum ModelFailure;

ModelInfo named(const std::string& name) { return {.name = name, .provider = "openai", .model = "m-" + name, .endpoint = "http://" + name}; }

ModelRequest asking(const std::string& text) { return {.messages = {{.text = text}}}; }

/// What a caller was told, in order.
struct Heard {
  std::vector<std::string> lines{};
  ModelEvents events{
      .on_reply =
          [this](std::size_t i, const Result<ModelReply>& reply) {
            lines.push_back("reply " + std::to_string(i) + " " + (reply ? reply->model + " " + reply->text : reply.error().code));
          },
      .on_text = [this](std::size_t i, std::string_view text) { lines.push_back("text " + std::to_string(i) + " " + std::string(text)); },
      .on_failed = {},
      .on_retry = {},
      .on_move = [this](std::size_t i, const ModelInfo& next, const Error& why) -> Result<> {
        lines.push_back("move " + std::to_string(i) + " to " + next.name + " " + why.code);
        if (next.name == forbidden) return Error{ErrorKind::exhausted, "E1020", "no budget", "raise it", 0};
        return {};
      }};
  std::string forbidden{};  ///< the model that no request may go on to
};

/// Fails for what begins with "hard", else says its name and what it was asked.
ScriptedModel::Script fails_hard(const std::string& name, ModelFailure failure) {
  return [name, failure](const ModelRequest& request) -> Result<ModelReply> {
    if (request.messages.front().text.starts_with("hard")) return model_error(failure, name + " is busy", "wait", 1500);
    return ModelReply{.text = name + " on " + request.messages.front().text};
  };
}

TEST(FirstOf, TheFirstAnswersAlone) {
  ScriptedModel a(named("a"), ScriptedModel::says("yes")), b(named("b"), ScriptedModel::says("no"));
  FirstOf chain("chain", {&a, &b}, {overloaded});
  EXPECT_EQ(chain.info().name, "chain");
  EXPECT_EQ(chain.info().model, "m-a");
  EXPECT_EQ(chain.info().endpoint, "http://a");
  Heard heard;
  const auto replies = chain.answer(std::vector{asking("one"), asking("two")}, heard.events, {});
  ASSERT_EQ(replies.size(), 2U);
  EXPECT_EQ(replies[0]->text, "yes");
  EXPECT_EQ(replies[1]->model, "a");
  EXPECT_TRUE(b.asked().empty());
  EXPECT_EQ(heard.lines, (std::vector<std::string>{"text 0 yes", "reply 0 a yes", "text 1 yes", "reply 1 a yes"}));
  EXPECT_TRUE(chain.answer({}, heard.events, {}).empty());
}

TEST(FirstOf, OnlyWhatFailedGoesOn) {
  ScriptedModel a(named("a"), fails_hard("a", overloaded)), b(named("b"), fails_hard("b", unreachable)),
      c(named("c"), ScriptedModel::says("at last"));
  FirstOf chain("chain", {&a, &b, &c}, {overloaded, unreachable});
  Heard heard;
  const auto replies = chain.answer(std::vector{asking("easy"), asking("hard 1"), asking("simple"), asking("hard 2")}, heard.events, {});
  EXPECT_EQ(replies[0]->text, "a on easy");
  EXPECT_EQ(replies[1]->text, "at last");
  EXPECT_EQ(replies[2]->model, "a");
  EXPECT_EQ(replies[3]->model, "c");
  ASSERT_EQ(b.asked().size(), 2U);
  EXPECT_EQ(b.asked()[1].messages.front().text, "hard 2");
  EXPECT_EQ(heard.lines, (std::vector<std::string>{"text 0 a on easy", "reply 0 a a on easy", "move 1 to b E1001", "text 2 a on simple",
                                                   "reply 2 a a on simple", "move 3 to b E1001", "move 1 to c E1003", "move 3 to c E1003",
                                                   "text 1 at last", "reply 1 c at last", "text 3 at last", "reply 3 c at last"}));
}

TEST(FirstOf, WhatMayNotGoOnStands) {
  ScriptedModel a(named("a"), fails_hard("a", overloaded)), b(named("b"), ScriptedModel::says("yes"));
  FirstOf chain("chain", {&a, &b}, {overloaded});
  Heard heard;
  heard.forbidden = "b";
  const auto replies = chain.answer(std::vector{asking("hard")}, heard.events, {});
  ASSERT_FALSE(replies[0]);
  EXPECT_EQ(replies[0].error().code, "E1001");
  EXPECT_TRUE(b.asked().empty());
  EXPECT_EQ(heard.lines, (std::vector<std::string>{"move 0 to b E1001", "reply 0 E1001"})) << "asked once";
}

TEST(FirstOf, AFailureThatIsNotListedStands) {
  for (const ModelFailure failure : {unauthorized, not_found, rejected, refused, too_long, quota, garbled, timeout}) {
    ScriptedModel a(named("a"), ScriptedModel::fails(failure, "a says no")), b(named("b"), ScriptedModel::says("yes"));
    FirstOf strict("chain", {&a, &b}, {overloaded}), ready("chain", {&a, &b}, {overloaded, failure});
    Heard heard;
    const auto replies = strict.answer(std::vector{asking("one")}, heard.events, {});
    ASSERT_FALSE(replies[0]);
    EXPECT_EQ(failure_of(replies[0].error()), failure);
    EXPECT_EQ(replies[0].error().message, "a says no");
    EXPECT_EQ(heard.lines, std::vector<std::string>{"reply 0 " + replies[0].error().code});
    EXPECT_TRUE(b.asked().empty());
    EXPECT_EQ(ready.answer(std::vector{asking("one")}, {}, {})[0]->model, "b");
  }
}

TEST(FirstOf, WhenAllFailTheLastSaysWhatTheOthersSaid) {
  ScriptedModel a(named("a"), fails_hard("a", overloaded)), b(named("b"), ScriptedModel::fails(unauthorized, "b does not know the key"));
  FirstOf chain("chain", {&a, &b}, {overloaded, unauthorized});
  Heard heard;
  const auto replies = chain.answer(std::vector{asking("hard")}, heard.events, {});
  ASSERT_FALSE(replies[0]);
  EXPECT_EQ(replies[0].error().code, "E1004");
  EXPECT_EQ(replies[0].error().kind, ErrorKind::refused);
  EXPECT_EQ(replies[0].error().hint, "try again");
  EXPECT_EQ(replies[0].error().message, "no model of \"chain\" answered. a: a is busy. b: b does not know the key");
  EXPECT_EQ(heard.lines, (std::vector<std::string>{"move 0 to b E1001", "reply 0 E1004"}));
  FirstOf back("back", {&b, &a}, {unauthorized});
  EXPECT_EQ(back.answer(std::vector{asking("hard")}, {}, {})[0].error().retry_after_ms, 1500);
}

TEST(FirstOf, ACancelledCallGoesNowhere) {
  std::stop_source stop;
  ScriptedModel a(named("a"),
                  [&](const ModelRequest&) -> Result<ModelReply> {
                    stop.request_stop();
                    return model_error(overloaded, "busy", "wait");
                  }),
      b(named("b"), ScriptedModel::says("yes"));
  FirstOf chain("chain", {&a, &b}, {overloaded});
  Heard heard;
  const auto replies = chain.answer(std::vector{asking("one"), asking("two")}, heard.events, {.cancelled = stop.get_token()});
  EXPECT_EQ(replies[0].error().code, "E1001");
  EXPECT_EQ(replies[1].error().kind, ErrorKind::cancelled);
  EXPECT_TRUE(b.asked().empty());
  EXPECT_EQ(heard.lines, (std::vector<std::string>{"reply 0 E1001", "reply 1 E0003"}));
}

/// A model that tells nothing while it works: what it returns is told all the same, once.
TEST(FirstOf, EveryRequestIsToldOnce) {
  class Silent final : public Model {
   public:
    const ModelInfo& info() const override { return info_; }
    std::vector<Result<ModelReply>> answer(std::span<const ModelRequest> requests, const ModelEvents&, const Call&) override {
      return std::vector<Result<ModelReply>>(requests.size(), ModelReply{.text = "quiet"});
    }

   private:
    ModelInfo info_ = named("silent");
  };
  ScriptedModel a(named("a"), fails_hard("a", timeout));
  Silent silent;
  FirstOf chain("chain", {&a, &silent}, {timeout});
  Heard heard;
  EXPECT_EQ(chain.answer(std::vector{asking("hard")}, heard.events, {})[0]->model, "silent");
  EXPECT_EQ(heard.lines, (std::vector<std::string>{"move 0 to silent E1002", "reply 0 silent quiet"}));
}

/// Hangs until its time is up.
struct Hanging final : Model {
  ModelInfo known{.name = "hanging"};
  std::chrono::steady_clock::time_point until{};
  const ModelInfo& info() const override { return known; }
  std::vector<Result<ModelReply>> answer(std::span<const ModelRequest> requests, const ModelEvents&, const Call& call) override {
    until = call.deadline;
    return {requests.size(), model_error(ModelFailure::timeout, "out of time", "wait")};
  }
};

TEST(FirstOf, AModelThatHangsLeavesTimeForTheNext) {
  Hanging first, second, last;
  FirstOf chain("chain", {&first, &second, &last}, {ModelFailure::timeout});
  const Call call{std::chrono::steady_clock::now() + std::chrono::hours(3), {}};
  const std::vector<ModelRequest> requests(1);
  EXPECT_FALSE(chain.answer(requests, {}, call).front());
  EXPECT_LE(first.until, call.deadline - std::chrono::minutes(119));
  EXPECT_LE(second.until, call.deadline - std::chrono::minutes(89));
  EXPECT_GE(last.until, call.deadline - std::chrono::seconds(1)) << "the last one has all that is left";
}

}  // namespace
}  // namespace sluice
