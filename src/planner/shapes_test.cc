#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "base/text.h"
#include "planner/planner.h"
#include "planner/sample_catalogs_for_test.h"

namespace sluice {
namespace {

using planner::SampleCatalog;

std::string answer_text(Proposer& proposer, const SampleCatalog& sample, const std::string& question) {
  const auto answer = proposer.propose({.question = question, .feedback = {}, .catalog = sample.catalog, .values = sample.values});
  if (!answer) return "! " + answer.error().code + " " + answer.error().message;
  return answer->sql;
}

/// A golden file begins with `# catalog`; then come blocks of `? question` and the SQL, or `! code message`. SLUICE_UPDATE_GOLDEN=1 rewrites it for
/// a person to review.
void run_golden(const std::string& shape) {
  const std::map<std::string, SampleCatalog> samples{
      {"flights", planner::flights_catalog()}, {"northwind", planner::northwind_catalog()}, {"chinook", planner::chinook_catalog()}};
  const std::string path = "tests/cases/planner/shapes/" + shape + ".txt";
  std::ifstream in(path);
  ASSERT_TRUE(in) << path;
  std::stringstream whole;
  whole << in.rdbuf();
  const bool update = std::getenv("SLUICE_UPDATE_GOLDEN") != nullptr;
  const auto proposer = make_planner();
  std::string written, question, expected, catalog;
  int asked = 0;
  const auto flush = [&] {
    if (question.empty()) return;
    const auto sample = samples.find(catalog);
    ASSERT_NE(sample, samples.end()) << path << " names no catalog before: " << question;
    const std::string got = answer_text(*proposer, sample->second, question);
    if (!update) {
      EXPECT_EQ(std::string(trim(expected)), got) << path << ": " << question;
    }
    written += "? " + question + "\n" + got + "\n\n";
    question.clear();
    expected.clear();
    ++asked;
  };
  const std::string text = whole.str();
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with("# ")) {
      flush();
      catalog = line.substr(2);
      written += "# " + catalog + "\n\n";
    } else if (line.starts_with("? ")) {
      flush();
      question = line.substr(2);
    } else {
      expected += std::string(line) + "\n";
    }
  }
  flush();
  EXPECT_GT(asked, 0) << path;
  if (update) std::ofstream(path) << written;
}

class Shapes : public testing::TestWithParam<const char*> {};

TEST_P(Shapes, AreAnswered) { run_golden(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Planner, Shapes,
                         testing::Values("shares", "pairs", "trends", "group_tops", "group_numbers", "without", "several_counts", "repeated",
                                         "existence", "having", "group_averages", "universal"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace sluice
