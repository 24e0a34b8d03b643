#include "eval/report.h"

#include <gtest/gtest.h>

namespace sluice::eval {
namespace {

Asked asked(const std::string& id, Verdict verdict, std::optional<double> confidence = {}, std::int64_t latency_ms = 10) {
  Asked out{.id = id, .question = "?", .on = "shop", .entry = "same"};
  out.verdict = verdict;
  out.right = verdict == Verdict::right;
  out.confidence = confidence;
  out.latency_ms = latency_ms;
  return out;
}

Report with(std::vector<Asked> questions) {
  return {.path = "q.yaml", .questions = 3, .arms = {{.arm = {.name = "built-in", .built_in = true}, .asked = std::move(questions)}}};
}

TEST(EvalReport, CountsEachVerdictAndItsShare) {
  Asked refused = asked("e", Verdict::refused);
  refused.unanswerable = refused.right = true;
  Asked fooled = asked("f", Verdict::wrong, 0.9);
  fooled.unanswerable = true;
  ArmReport arm{.arm = {.name = "a"},
                .asked = {asked("a", Verdict::right, 0.97), asked("b", Verdict::wrong, 0.96), asked("c", Verdict::unproven),
                          asked("d", Verdict::failed), refused, fooled, asked("g", Verdict::refused)}};
  arm.asked[0].use = {.calls = 2, .tokens_in = 100, .tokens_cached = 40, .tokens_out = 10, .usd = 0.5, .model_ms = 7, .rounds = 2};
  arm.asked[1].use = {.calls = 1, .tokens_in = 50, .usd = 0.25, .model_ms = 30, .rounds = 1};
  const Sums sums = sums_of(arm);
  EXPECT_EQ(sums.asked, 7);
  EXPECT_EQ(sums.answered, 3);
  EXPECT_EQ(sums.right, 2);
  EXPECT_EQ(sums.right_answers, 1);
  EXPECT_EQ(sums.wrong, 2);
  EXPECT_EQ(sums.refused, 2);
  EXPECT_EQ(sums.unproven, 1);
  EXPECT_EQ(sums.failed, 1);
  EXPECT_EQ(sums.unanswerable, 2);
  EXPECT_EQ(sums.unanswerable_refused, 1);
  EXPECT_EQ(sums.accuracy, 0.2857);
  EXPECT_EQ(sums.precision, 0.3333);
  EXPECT_EQ(sums.rounds_max, 2);
  EXPECT_EQ(sums.use.tokens_in, 150);
  EXPECT_EQ(sums.use.usd, 0.75);
  EXPECT_EQ(sums.latency_p50, 10);
  EXPECT_EQ(sums.own_p95, 10);
  ASSERT_EQ(sums.reliability.size(), 2U);
  EXPECT_EQ(sums.reliability[0].from, 0.9);
  EXPECT_EQ(sums.reliability[0].right, 0);
  EXPECT_EQ(sums.reliability[1].answered, 2);
  EXPECT_EQ(sums.reliability[1].right, 1);
  EXPECT_EQ(sums.reliability[1].mean_confidence, 0.965);
}

TEST(EvalReport, ModelTimeIsTakenOffAndNeverBelowNothing) {
  ArmReport arm{.arm = {.name = "a"}, .asked = {asked("a", Verdict::right, 1, 100), asked("b", Verdict::right, 1, 20)}};
  arm.asked[0].use.model_ms = 90;
  arm.asked[1].use.model_ms = 25;
  const Sums sums = sums_of(arm);
  EXPECT_EQ(sums.latency_p95, 100);
  EXPECT_EQ(sums.own_p50, 10);
  EXPECT_EQ(sums.own_p95, 10);
}

TEST(EvalReport, NothingAskedHasNoShares) {
  const Sums sums = sums_of({});
  EXPECT_FALSE(sums.accuracy || sums.precision || sums.latency_p50 || sums.rounds_max);
  EXPECT_EQ(percentile({3, 1, 2}, 0.5), 2);
  EXPECT_EQ(percentile({1}, 0.95), 1);
}

TEST(EvalReport, ComparesWithAFormerOne) {
  const Json former =
      report_json(with({asked("a", Verdict::right), asked("b", Verdict::wrong), asked("c", Verdict::right), asked("gone", Verdict::right)}), nullptr);
  Report now = with({asked("a", Verdict::wrong), asked("b", Verdict::right), asked("c", Verdict::wrong), asked("new", Verdict::wrong)});
  now.arms[0].asked[2].entry = "another";
  const auto got = compare(former, "former.json", now);
  ASSERT_TRUE(got) << got.error().message;
  ASSERT_EQ(got->arms.size(), 1U);
  const ArmChange& change = got->arms[0];
  EXPECT_EQ(change.regressions, std::vector<std::string>{"a"});
  EXPECT_EQ(change.newly_right, std::vector<std::string>{"b"});
  EXPECT_EQ(change.changed, std::vector<std::string>{"c"});
  EXPECT_EQ(change.only_now, std::vector<std::string>{"new"});
  EXPECT_EQ(change.only_before, std::vector<std::string>{"gone"});
  EXPECT_EQ(change.compared, 2);
  EXPECT_TRUE(got->has_regression());
  const Json written = report_json(now, &*got);
  EXPECT_TRUE(written["against"].flag("regression"));
  EXPECT_EQ((*written["against"]["arms"].as_array())[0]["accuracy_delta"], Json(0.0));

  const auto same = compare(report_json(now, nullptr), "former.json", now);
  ASSERT_TRUE(same);
  EXPECT_FALSE(same->has_regression());
}

TEST(EvalReport, SaysWhereThereIsNothingToCompareWith) {
  const Report now = with({asked("a", Verdict::right)});
  for (const Json& former : {Json(), Json::object(), Json(1), Json::object().set("set", Json::object()).set("arms", Json::array())}) {
    const auto got = compare(former, "former.json", now);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, "E0854");
  }
}

}  // namespace
}  // namespace sluice::eval
