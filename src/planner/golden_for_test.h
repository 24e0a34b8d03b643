#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "base/text.h"
#include "planner/planner.h"
#include "planner/sample_catalogs_for_test.h"

namespace sluice::planner {

/// Asks the questions of a golden file: blocks `? question` and the SQL, or `! code message`; SLUICE_UPDATE_GOLDEN=1 rewrites it for a person to
/// review.
inline void run_golden(const std::string& file, const SampleCatalog& sample, const std::string& today, const Glossary& glossary = kNoGlossary) {
  const std::string path = "tests/cases/planner/" + file;
  std::stringstream whole;
  {
    std::ifstream in(path);
    ASSERT_TRUE(in) << path;
    whole << in.rdbuf();
  }
  const bool update = std::getenv("SLUICE_UPDATE_GOLDEN") != nullptr;
  const auto proposer = make_planner();
  std::string written, question, expected;
  int asked = 0;
  const auto flush = [&] {
    if (question.empty()) return;
    const auto answer =
        proposer->propose({.question = question, .catalog = sample.catalog, .values = sample.values, .today = today, .glossary = glossary});
    std::string got = answer ? answer->sql : "! " + answer.error().code + " " + answer.error().message;
    if (answer && answer->is_question()) {
      got = "! asks " + answer->asks;
      for (const Proposal::Choice& one : answer->choices) got += " [" + one.label + "]";
    }
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
    if (line.starts_with("? ")) {
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

}  // namespace sluice::planner
