#include "agents/confidence.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sluice {
namespace {

struct Better {
  const char* what;
  DraftEvidence less, more;
};

TEST(Confidence, EachEvidenceRaisesItOrLowersIt) {
  const std::vector<Better> kCases{
      {"more draws agree", {.agreeing = 1, .drawn = 3}, {.agreeing = 2, .drawn = 3}},
      {"all draws agree", {.agreeing = 2, .drawn = 3}, {.agreeing = 3, .drawn = 3}},
      {"a single draw is less than three that agree", {.agreeing = 1, .drawn = 1}, {.agreeing = 3, .drawn = 3}},
      {"a single draw is more than one of three", {.agreeing = 1, .drawn = 3}, {.agreeing = 1, .drawn = 1}},
      {"a warning", {.warnings = 1}, {.warnings = 0}},
      {"another warning", {.warnings = 2}, {.warnings = 1}},
      {"no row", {.gives_rows = false}, {.gives_rows = true}},
      {"a repair", {.round = 1}, {.round = 0}},
      {"another repair", {.round = 2}, {.round = 1}},
      {"words that the query has nothing to do with", {.linked = 0.5}, {.linked = 1}},
      {"none of the words", {.linked = 0}, {.linked = 0.5}},
  };
  for (const Better& one : kCases) EXPECT_LT(evidence_score(one.less), evidence_score(one.more)) << one.what;
}

TEST(Confidence, IsNeverSureWhateverTheEvidence) {
  const std::vector<DraftEvidence> kCases{
      {},
      {.agreeing = 10, .drawn = 10},
      {.agreeing = 0, .drawn = 10, .warnings = 1'000'000, .gives_rows = false, .round = 1'000'000, .linked = 0},
      {.agreeing = 1, .drawn = 0},
      {.agreeing = 1'000'000, .drawn = 2},
      {.agreeing = -5, .drawn = 3},
      {.linked = 7},
      {.linked = -7},
  };
  for (const DraftEvidence& one : kCases) {
    EXPECT_GE(evidence_score(one), 0.02);
    EXPECT_LE(evidence_score(one), 0.98);
  }
}

std::vector<DecidedScore> decided(std::size_t count, double score, bool approved) { return {count, DecidedScore{score, approved}}; }

TEST(Calibration, WithoutHistoryIsTheScore) {
  for (const double score : {0.02, 0.5, 0.98}) EXPECT_DOUBLE_EQ(calibrated(score, {}), score);
}

TEST(Calibration, IsDrawnToWhatPeopleDecidedOfSuchScores) {
  EXPECT_GT(calibrated(0.6, decided(5, 0.6, true)), 0.6);
  EXPECT_LT(calibrated(0.6, decided(5, 0.6, false)), 0.6);
  // The more there were, the further.
  double last = 0.6;
  for (const std::size_t count : {1U, 5U, 20U, 100U, 1000U}) {
    const double now = calibrated(0.6, decided(count, 0.6, false));
    EXPECT_LT(now, last) << count;
    last = now;
  }
  EXPECT_NEAR(last, 0, 0.01);
  EXPECT_NEAR(calibrated(0.6, decided(1000, 0.6, true)), 1, 0.01);
  // Ten decisions weigh as much as the score itself.
  EXPECT_NEAR(calibrated(0.6, decided(10, 0.6, false)), 0.3, 1e-9);
}

TEST(Calibration, FarScoresSayNothing) {
  EXPECT_DOUBLE_EQ(calibrated(0.9, decided(1000, 0.9 - kKernel - 0.01, false)), 0.9);
  EXPECT_DOUBLE_EQ(calibrated(0.5, decided(1000, 0.5 + kKernel + 0.01, true)), 0.5);
  const double near = calibrated(0.9, decided(10, 0.88, false)), further = calibrated(0.9, decided(10, 0.8, false));
  EXPECT_LT(near, further);
  EXPECT_LT(further, 0.9);
}

TEST(Calibration, StaysBetweenNeverAndAlways) {
  for (const double score : {0.02, 0.3, 0.98})
    for (const bool approved : {false, true}) {
      const double out = calibrated(score, decided(100'000, score, approved));
      EXPECT_GE(out, 0);
      EXPECT_LE(out, 1);
    }
}

struct Link {
  const char *question, *sql;
  double share;
};

TEST(Linked, IsTheShareOfTheWordsThatTheQueryHas) {
  const std::vector<Link> kCases{
      {"orders", "SELECT count(*) FROM orders", 1},
      {"How many orders are there?", "SELECT count(*) FROM orders", 1},
      {"orders by country", "SELECT count(*) FROM orders", 0.5},
      {"delayed flights", "SELECT * FROM flights WHERE dep_delay > 0", 1},
      {"flights of JetBlue", "SELECT * FROM flights JOIN airlines USING (carrier) WHERE name = 'JetBlue Airways'", 1},
      {"moods", "SELECT count(*) FROM orders", 0},
      {"", "SELECT 1", 1},
  };
  for (const Link& one : kCases) EXPECT_NEAR(linked_share(one.question, one.sql), one.share, 1e-9) << one.question;
}

}  // namespace
}  // namespace sluice
