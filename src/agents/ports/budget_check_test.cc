#include "agents/ports/budget_check.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/text.h"

namespace sluice {
namespace {

Error refusal(const Budget& budget, const BudgetUse& use, const Reservation& call, BudgetOf of = BudgetOf::run) {
  auto allowed = check_budget(of, budget, use, call);
  return allowed ? Error{} : allowed.error();
}

Reservation costing(double usd, std::int64_t tokens = 0) { return {.usd_max = usd, .tokens_max = tokens}; }

TEST(BudgetCheck, SaysWhichLimitWhatIsSpentAndWhatTheCallMayTake) {
  const BudgetUse use{.ended = {.usd = 0.41, .tokens = 9'100, .calls = 20, .milliseconds = 61'000}};
  const Error usd = refusal({.usd = 0.5}, use, costing(0.12));
  EXPECT_EQ(usd.kind, ErrorKind::exhausted);
  EXPECT_EQ(usd.code, "E1020");
  EXPECT_EQ(usd.message, "the run's budget of $0.50 does not allow this call: $0.41 is spent and it may take up to $0.12");
  EXPECT_EQ(usd.hint, "raise `budgets.run.usd` in sluice.yaml, or use a cheaper model or a lower `max_tokens`");
  EXPECT_EQ(refusal({.tokens = 10'000}, use, costing(0, 1'200)).message,
            "the run's budget of 10,000 tokens does not allow this call: 9,100 are spent and it may take up to 1,200");
  EXPECT_EQ(refusal({.calls = 20}, use, costing(0)).message, "the run's budget of 20 calls does not allow this call: 20 are made");
  EXPECT_EQ(refusal({.seconds = 60}, use, costing(0)).message,
            "the run's budget of 60 seconds does not allow this call: 1 min 01 s went by in calls");
  const Error day = refusal({.usd = 0.5}, use, costing(0.12), BudgetOf::day);
  EXPECT_EQ(day.message, "the day's budget of $0.50 does not allow this call: $0.41 is spent and it may take up to $0.12");
  EXPECT_EQ(day.hint, "raise `budgets.day.usd` in sluice.yaml, use a cheaper model or a lower `max_tokens`, or wait until midnight UTC");
}

TEST(BudgetCheck, CallsInFlightCountAtTheirWorst) {
  const BudgetUse use{.ended = {.usd = 0.2, .tokens = 20, .calls = 1}, .in_flight = {.usd = 0.25, .tokens = 30, .calls = 2}};
  EXPECT_EQ(refusal({.usd = 0.5}, use, costing(0.06)).message,
            "the run's budget of $0.50 does not allow this call: $0.20 is spent, calls in flight may take up to $0.25 and it may take up to $0.06");
  EXPECT_EQ(refusal({.usd = 0.5}, use, costing(0.05)), Error{});
  EXPECT_EQ(refusal({.tokens = 60}, use, costing(0, 10)), Error{});
  EXPECT_EQ(refusal({.tokens = 60}, use, costing(0, 11)).code, "E1020");
  EXPECT_EQ(refusal({.calls = 4}, use, costing(0)), Error{});
  EXPECT_EQ(refusal({.calls = 3}, use, costing(0)).code, "E1020");
}

TEST(BudgetCheck, ALimitIsReachedExactly) {
  BudgetUse use{};
  for (int n = 0; n < 4; ++n) use.ended.usd += 0.1;  // 0.1 + 0.1 + 0.1 + 0.1 + 0.1 is not 0.5 in every order of doubles
  EXPECT_EQ(refusal({.usd = 0.5}, use, costing(0.1)), Error{});
  EXPECT_EQ(refusal({.usd = 0.3}, {.ended = {.usd = 0.1 + 0.1}}, costing(0.1)), Error{});
  EXPECT_EQ(refusal({.usd = 0.5}, use, costing(0.100000001)).code, "E1020");
  EXPECT_EQ(refusal({.seconds = 60}, {.ended = {.milliseconds = 59'999}}, costing(0)), Error{});
  EXPECT_EQ(refusal({.seconds = 60}, {.ended = {.milliseconds = 60'000}}, costing(0)).code, "E1020");
}

TEST(BudgetCheck, WhatCostsNothingFitsABudgetThatIsUsedUp) {
  EXPECT_EQ(refusal({.usd = 0.5}, {.ended = {.usd = 0.5}}, costing(0)), Error{});
  EXPECT_EQ(refusal({.usd = 0.5}, {.ended = {.usd = 0.6}}, costing(0)).code, "E1020");  // a call may cost more than anybody foresaw
  EXPECT_EQ(refusal({}, {.ended = {.usd = 1e300}}, costing(1e300)), Error{});
}

TEST(BudgetCheck, NumbersWithoutBoundsNeverFit) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  for (const double usd : {kInfinite, std::numeric_limits<double>::quiet_NaN(), 1e300})
    EXPECT_EQ(refusal({.usd = 100}, {}, costing(usd)).code, "E1020") << usd;
  EXPECT_EQ(refusal({.tokens = 100}, {.ended = {.tokens = kMost}, .in_flight = {.tokens = kMost}}, costing(0, kMost)).code, "E1020");
  EXPECT_EQ(refusal({.usd = 1}, {.ended = {.usd = 1}}, costing(-5)), Error{});
  EXPECT_EQ(refusal({.tokens = 1}, {.ended = {.tokens = 2}}, costing(0, -5)).code, "E1020") << "a call gives nothing back";
}

TEST(DollarsText, ShowsCentsAndWhatSmallAmountsNeed) {
  struct Case {
    double usd;
    const char* text;
  };
  for (const auto& [usd, text] : {Case{0, "$0.00"}, Case{0.5, "$0.50"}, Case{20, "$20.00"}, Case{1234.5, "$1,234.50"}, Case{0.0625, "$0.0625"},
                                  Case{0.01, "$0.01"}, Case{0.0012, "$0.0012"}, Case{0.00012, "$0.00012"}, Case{0.0000012345, "$0.0000012"},
                                  Case{0.000000001, "$0.000000001"}, Case{0.99999, "$1.00"}, Case{-1, "$0.00"}, Case{12.3456, "$12.3456"}})
    EXPECT_EQ(human_usd(usd), text);
}

}  // namespace
}  // namespace sluice
