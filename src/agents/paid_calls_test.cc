#include "agents/paid_calls.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "agents/counting_ledger_for_test.h"
#include "agents/first_of.h"
#include "workflow/test_ports.h"

namespace sluice {
namespace {

using enum ModelFailure;

/// Answers a request by attempts that a test lays out, as a model over HTTP would: each that fails is told of, and may be followed by another.
class Attempting final : public Model {
 public:
  struct Attempt {
    std::optional<ModelFailure> fails{};  ///< unset: a reply
    bool may_cost = false;
    std::optional<ModelUsage> usage{};
    std::chrono::milliseconds takes{100};
  };
  Attempting(ModelInfo info, FakeClock& clock, std::vector<Attempt> attempts)
      : info_(std::move(info)), clock_(clock), attempts_(std::move(attempts)) {}

  const ModelInfo& info() const override { return info_; }
  std::vector<Result<ModelReply>> answer(std::span<const ModelRequest> requests, const ModelEvents& events, const Call& call) override {
    deadline = call.deadline;
    std::vector<Result<ModelReply>> out;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      out.push_back(one(i, events));
      events.on_reply(i, out.back());
    }
    return out;
  }
  std::size_t made = 0;  ///< attempts
  std::chrono::steady_clock::time_point deadline{};

 private:
  Result<ModelReply> one(std::size_t index, const ModelEvents& events) {
    for (const Attempt& attempt : attempts_) {
      ++made;
      clock_.pass(attempt.takes);
      if (!attempt.fails) return ModelReply{.text = "{}", .usage = attempt.usage.value_or(ModelUsage{.input = 20, .output = 5})};
      const Error why = model_error(*attempt.fails, "attempt " + std::to_string(made) + " failed", "wait");
      events.on_failed(index, {.why = why, .may_cost = attempt.may_cost, .usage = attempt.usage});
      if (&attempt == &attempts_.back() || !events.on_retry(index, why)) return why;
    }
    return Error::bug("no attempt was laid out");
  }

  ModelInfo info_;
  FakeClock& clock_;
  std::vector<Attempt> attempts_;
};

class PaidCallsTest : public testing::Test {
 protected:
  FakeClock clock_{};
  CountingLedger ledger_{};
  ModelInfo cheap_{.name = "cheap", .provider = "openai", .model = "m", .price = ModelPrice{.input = 1, .output = 10}, .max_tokens = 100};
  ModelInfo dear_{.name = "dear", .provider = "openai", .model = "big", .price = ModelPrice{.input = 100, .output = 1000}, .max_tokens = 100};
  PayTerms terms_{.origin = {.run = "run_1", .workflow = "ask", .path = "try[0]/call model"}};

  PaidReply pay(Model& model) {
    PaidCalls paying({model, ledger_, clock_}, terms_);
    const std::vector<ModelRequest> requests{{.system = "You write SQL.", .messages = {{.text = "how many orders?"}}, .sample = 3}};
    auto replies = paying.answer(requests, {}, {}, {clock_.steady() + std::chrono::minutes(1), {}});
    EXPECT_TRUE(replies) << replies.error().message;
    return std::move(replies->front());
  }
  /// What the ledger holds at the worst: what is settled at that, and what is not at the most that it can be.
  double counted() const {
    double usd = 0;
    for (std::size_t n = 0; n < ledger_.reserved.size(); ++n) {
      const auto settled = std::ranges::find(ledger_.ids, static_cast<std::int64_t>(n) + 1);
      usd +=
          settled == ledger_.ids.end() ? *ledger_.reserved[n].usd_max : ledger_.settled[static_cast<std::size_t>(settled - ledger_.ids.begin())].usd;
    }
    return usd;
  }
};

TEST_F(PaidCallsTest, AnAttemptThatWasTurnedAwayCostsNothing) {
  Attempting model(cheap_, clock_, {{.fails = overloaded}, {.fails = overloaded}, {}});
  const PaidReply paid = pay(model);
  ASSERT_TRUE(paid.reply);
  EXPECT_EQ(ledger_.reserved.size(), 1U) << "it is one call";
  EXPECT_EQ(ledger_.reserved[0].draw, 3);
  ASSERT_EQ(ledger_.settled.size(), 1U);
  EXPECT_EQ(ledger_.settled[0].latency_ms, 300);
  EXPECT_DOUBLE_EQ(counted(), *paid.usd);
  EXPECT_EQ(paid.notes.size(), 2U);
}

TEST_F(PaidCallsTest, EachAttemptThatMayCostIsReservedAnew) {
  Attempting model(cheap_, clock_, {{.fails = timeout, .may_cost = true}, {.fails = garbled, .may_cost = true}, {}});
  const PaidReply paid = pay(model);
  ASSERT_TRUE(paid.reply);
  ASSERT_EQ(ledger_.reserved.size(), 3U);
  const double most = *ledger_.reserved[0].usd_max;
  EXPECT_DOUBLE_EQ(counted(), 2 * most + *paid.usd);
  EXPECT_EQ(ledger_.settled[0].failure, "E1002");
  EXPECT_EQ(ledger_.settled[0].latency_ms, 100);
  EXPECT_EQ(paid.latency_ms, 300);
}

TEST_F(PaidCallsTest, WhatTheProviderCountedIsWhatItCosts) {
  Attempting model(cheap_, clock_, {{.fails = refused, .may_cost = true, .usage = ModelUsage{.input = 7, .output = 1}}});
  EXPECT_EQ(failure_of(pay(model).reply.error()), refused);
  EXPECT_DOUBLE_EQ(counted(), (7 * 1 + 1 * 10) / 1e6);
  EXPECT_EQ(ledger_.settled.size(), 1U);
}

TEST_F(PaidCallsTest, AnotherAttemptThatNoBudgetAllowsIsNotMade) {
  ledger_.allowed = 2;
  Attempting model(cheap_, clock_, {{.fails = timeout, .may_cost = true}, {.fails = timeout, .may_cost = true}, {}});
  const PaidReply paid = pay(model);
  ASSERT_FALSE(paid.reply);
  EXPECT_EQ(failure_of(paid.reply.error()), timeout);
  EXPECT_EQ(model.made, 2U);
  ASSERT_EQ(paid.notes.size(), 2U);
  EXPECT_TRUE(paid.notes[1].starts_with("not tried again (the run's budget is used up)")) << paid.notes[1];
  EXPECT_EQ(ledger_.settled.size(), 2U);
}

TEST_F(PaidCallsTest, AChainGoesOnOnlyWhereThereIsMoneyForIt) {
  for (const std::int64_t allowed : {2, 1}) {
    ledger_ = {};
    ledger_.allowed = allowed;
    Attempting first(cheap_, clock_, {{.fails = timeout, .may_cost = true}});
    Attempting second(dear_, clock_, {{}});
    FirstOf chain("chain", {&first, &second}, {timeout});
    const PaidReply paid = pay(chain);
    const double lost = *ledger_.reserved[0].usd_max;
    if (allowed == 2) {
      ASSERT_TRUE(paid.reply) << paid.reply.error().message;
      EXPECT_EQ(paid.model->name, "dear");
      EXPECT_GT(*ledger_.reserved[1].usd_max, 50 * lost) << "at the next one's price";
      EXPECT_DOUBLE_EQ(counted(), lost + *paid.usd);
    } else {
      EXPECT_EQ(failure_of(paid.reply.error()), timeout);
      EXPECT_EQ(second.made, 0U);
      EXPECT_EQ(paid.model->name, "cheap");
      EXPECT_DOUBLE_EQ(counted(), lost);
      ASSERT_EQ(paid.notes.size(), 1U);
      EXPECT_TRUE(paid.notes[0].starts_with("did not go on to \"dear\"")) << paid.notes[0];
    }
  }
}

TEST_F(PaidCallsTest, TheRunsTimeEndsTheCall) {
  terms_.run_budget.seconds = 2;
  ledger_.already.milliseconds = 1500;
  Attempting model(cheap_, clock_, {{.fails = timeout, .may_cost = true, .takes = std::chrono::milliseconds(500)}});
  const auto begun = clock_.steady();
  const PaidReply paid = pay(model);
  EXPECT_EQ(model.deadline - begun, std::chrono::milliseconds(500)) << "what is left of it";
  EXPECT_NE(paid.reply.error().message.find("the run's 2 seconds for models are used up"), std::string::npos) << paid.reply.error().message;
  EXPECT_NE(paid.reply.error().hint.find("budgets.run.seconds"), std::string::npos);
}

TEST_F(PaidCallsTest, TheReplyIsKeptBeforeItIsWrittenDown) {
  Attempting model(cheap_, clock_, {{}});
  PaidCalls paying({model, ledger_, clock_}, terms_);
  const std::vector<ModelRequest> requests{{.messages = {{.text = "Q"}}}};
  std::size_t settled_then = 99;
  const auto keep = [&](std::size_t, PaidReply& paid) {
    settled_then = ledger_.settled.size();
    EXPECT_EQ(paid.reply->text, "{}");
  };
  ASSERT_TRUE(paying.answer(requests, keep, {}, {clock_.steady() + std::chrono::minutes(1), {}}));
  EXPECT_EQ(settled_then, 0U);
  EXPECT_EQ(ledger_.settled.size(), 1U);
}

TEST_F(PaidCallsTest, ATokenCountThatNobodySaysIsEstimated) {
  Attempting model(cheap_, clock_, {{.usage = ModelUsage{}}});
  const PaidReply paid = pay(model);
  EXPECT_GT(paid.reply->usage.input, 0);
  EXPECT_GT(*paid.usd, 0);
  ASSERT_EQ(paid.notes.size(), 1U);
}

}  // namespace
}  // namespace sluice
