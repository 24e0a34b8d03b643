#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "planner/planner.h"
#include "planner/sample_catalogs_for_test.h"

namespace sluice::planner {

/// What a golden file holds of an answer: its SQL, what is asked back with the choices, or why there is none.
inline std::string golden_text(const Result<Proposal>& answer) {
  if (!answer) return "! " + answer.error().code + " " + answer.error().message;
  if (!answer->is_question()) return answer->sql;
  std::string out = "! asks " + answer->asks;
  for (const Proposal::Choice& one : answer->choices) out += " [" + one.label + "]";
  return out;
}

/// A golden file: blocks of `? question`, lines of `+ feedback`, and the answer's golden_text(); `# flights` names the catalog of those that follow,
/// where the file is not about one. SLUICE_UPDATE_GOLDEN=1 rewrites it for a person to review.
class GoldenFile {
 public:
  explicit GoldenFile(const std::string& file) : path_("tests/cases/planner/" + file) {}
  GoldenFile(const std::string& file, SampleCatalog sample, std::string today = "", Glossary glossary = {})
      : path_("tests/cases/planner/" + file), samples_{{"", std::move(sample)}}, today_(std::move(today)), glossary_(std::move(glossary)) {}

  void run() {
    std::ifstream in(path_);
    ASSERT_TRUE(in) << path_;
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("# ")) {
        flush();
        catalog_ = line.substr(2);
        written_ += line + "\n\n";
      } else if (line.starts_with("? ")) {
        flush();
        question_ = line.substr(2);
      } else if (line.starts_with("+ ")) {
        feedback_.emplace_back(line.substr(2));
      } else {
        expected_ += line + "\n";
      }
    }
    in.close();
    flush();
    EXPECT_GT(asked_, 0) << path_;
    if (update_) std::ofstream(path_) << written_;
  }

 private:
  void flush() {
    if (question_.empty()) return;
    const auto sample = samples_.find(catalog_);
    ASSERT_NE(sample, samples_.end()) << path_ << " names no catalog before: " << question_;
    const std::string got = golden_text(proposer_->propose({.question = question_,
                                                            .feedback = feedback_,
                                                            .catalog = sample->second.catalog,
                                                            .values = sample->second.values,
                                                            .today = today_,
                                                            .glossary = glossary_}));
    std::string asked = "? " + question_ + "\n";
    for (const std::string& one : feedback_) asked += "+ " + one + "\n";
    if (!update_) {
      EXPECT_EQ(std::string(trim(expected_)), got) << path_ << ": " << asked;
    }
    written_ += asked + got + "\n\n";
    ++asked_;
    question_.clear();
    feedback_.clear();
    expected_.clear();
  }

  const std::string path_;
  const std::map<std::string, SampleCatalog> samples_{
      {"flights", flights_catalog()}, {"northwind", northwind_catalog()}, {"chinook", chinook_catalog()}, {"archive", archive_catalog()},
      {"company", company_catalog()}, {"league", league_catalog()},       {"broker", broker_catalog()},   {"rental", rental_catalog()},
      {"cellar", cellar_catalog()},   {"hotel", hotel_catalog()},         {"clinic", clinic_catalog()},   {"showroom", showroom_catalog()},
      {"gym", gym_catalog()}};
  const std::string today_{};
  const Glossary glossary_{};
  const bool update_ = std::getenv("SLUICE_UPDATE_GOLDEN") != nullptr;
  const std::unique_ptr<Proposer> proposer_ = make_planner();
  std::string written_{}, question_{}, expected_{}, catalog_{};
  std::vector<std::string> feedback_{};
  int asked_ = 0;
};

}  // namespace sluice::planner
