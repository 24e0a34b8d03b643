#include <gtest/gtest.h>

#include "planner/golden_for_test.h"

namespace sluice {
namespace {

class Shapes : public testing::TestWithParam<const char*> {};

TEST_P(Shapes, AreAnswered) { planner::GoldenFile("shapes/" + std::string(GetParam()) + ".txt").run(); }

INSTANTIATE_TEST_SUITE_P(Planner, Shapes,
                         testing::Values("shares", "pairs", "trends", "group_tops", "group_numbers", "without", "several_counts", "repeated",
                                         "existence", "answer_lists", "remarks", "having", "group_averages", "universal", "archive",
                                         "averages_of_several", "excluded_values", "both", "text_matches", "present", "chronological", "contexts",
                                         "plausible", "differences", "amounts", "second_sentences", "verbs", "trade", "numbers_of_all", "nearest_dates"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace sluice
