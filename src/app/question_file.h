#pragma once
#include <string>
#include <string_view>

#include "eval/question_set.h"

namespace sluice {

/// A set of questions from a YAML (JSON is YAML too) or, where `path` ends in .csv, a CSV file: docs/eval.md. E0701 and E0706 for what is no YAML,
/// E0850 for what is no set, each with the line.
Result<eval::QuestionSet> parse_question_set(std::string_view text, const std::string& path);

/// The same from the file. E0709 where it can't be read.
Result<eval::QuestionSet> read_question_set(const std::string& path);

}  // namespace sluice
