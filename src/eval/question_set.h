#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec.h"

namespace sluice::eval {

/// Rows that somebody wrote down instead of a query that gives them.
struct GivenRows {
  std::vector<std::string> header{};  ///< the columns' names; may be empty where nothing refers to them
  std::vector<Json> rows{};           ///< an array each, all of one length

  bool operator==(const GivenRows&) const = default;
  static constexpr auto fields() { return std::tuple{Field{"header", &GivenRows::header}, Field{"rows", &GivenRows::rows}}; }
};

/// A question and what is right for it: one of several queries, rows, or that the data cannot answer it.
struct Question {
  std::string id{}, question{};
  std::string on{};           ///< the connection; "" for the one that the whole set is asked on
  std::string definitions{};  ///< text that is given along with the question
  std::vector<std::string> gold{};
  std::optional<GivenRows> rows{};
  std::optional<bool> ordered{};  ///< unset: where the gold query has an ORDER BY of its own
  bool unanswerable = false;
  std::vector<std::vector<std::string>> columns{};  ///< subsets of the gold's columns that are enough
  std::vector<std::string> feedback{};              ///< refinements that are given with the question
  int line = 0;                                     ///< where it begins in its file

  static constexpr auto fields() {
    return std::tuple{Field{"id", &Question::id},           Field{"question", &Question::question},
                      Field{"on", &Question::on},           Field{"definitions", &Question::definitions},
                      Field{"gold", &Question::gold},       Field{"rows", &Question::rows},
                      Field{"ordered", &Question::ordered}, Field{"unanswerable", &Question::unanswerable},
                      Field{"columns", &Question::columns}, Field{"feedback", &Question::feedback}};
  }
};

/// Questions with known answers.
struct QuestionSet {
  std::string path{};  ///< of the file, for messages
  std::vector<Question> questions{};
};

inline constexpr std::size_t kQuestionsMax = 10'000;
inline constexpr std::size_t kGoldsMax = 50, kSubsetsMax = 50, kFeedbackMax = 20;
inline constexpr std::size_t kIdBytesMax = 100;

/// E0850 with the file and the line.
Error set_error(const std::string& path, int line, const std::string& what, std::string hint);

/// Gives a name ("q3") to each question that has none, and checks what holds for a set from whatever file: every question has a text and exactly one
/// of gold, rows and unanswerable; no id occurs twice. E0850.
Result<> settle(QuestionSet& set);

/// Only the questions with these ids, in the set's order (all, where none is named), and of them the first `limit` (0: all). E0851, with "did you
/// mean", for an id that no question has.
Result<> choose(QuestionSet& set, const std::vector<std::string>& ids, std::size_t limit);

/// What is asked: the definitions, each sentence ended, and the question.
std::string asked_text(const Question& question);

/// The same exactly where question and gold are the same: whether a verdict of another day can be compared.
std::string fingerprint(const Question& question);

}  // namespace sluice::eval
