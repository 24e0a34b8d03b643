#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "planner/golden_for_test.h"

namespace sluice {
namespace {

/// The golden files of shapes, without their ending.
std::vector<std::string> shapes() {
  std::vector<std::string> out;
  for (const auto& file : std::filesystem::directory_iterator("tests/cases/planner/shapes")) out.push_back(file.path().stem());
  std::ranges::sort(out);
  return out;
}

class Shapes : public testing::TestWithParam<std::string> {};

TEST_P(Shapes, AreAnswered) { planner::GoldenFile("shapes/" + GetParam() + ".txt").run(); }

TEST(Current, LeavesOutWhatIsToCome) { planner::GoldenFile("current.txt", planner::broker_catalog(), "2026-11-21").run(); }

INSTANTIATE_TEST_SUITE_P(Planner, Shapes, testing::ValuesIn(shapes()), [](const auto& one) { return one.param; });

}  // namespace
}  // namespace sluice
