#include "eval/question_set.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/hash.h"
#include "base/text.h"

namespace sluice::eval {
namespace {

constexpr std::size_t kFingerprintLetters = 16;

Result<> check_rows(const QuestionSet& set, const Question& one) {
  const std::size_t width = one.rows->header.empty() && !one.rows->rows.empty() ? one.rows->rows.front().size() : one.rows->header.size();
  for (const Json& row : one.rows->rows)
    if (row.size() != width)
      return set_error(set.path, one.line, "the rows of question \"" + one.id + "\" are not all of one length",
                       "give every row " + counted(static_cast<std::int64_t>(width), "value") + "; null where there is none");
  if (width == 0)
    return set_error(set.path, one.line, "the rows of question \"" + one.id + "\" have no columns",
                     "for an answer without rows name its columns: `header: [a, b]` and `rows: []`");
  if (!one.columns.empty() && one.rows->header.empty())
    return set_error(set.path, one.line, "question \"" + one.id + "\" has `columns`, and its rows have no names for them", "add `header: [a, b]`");
  return {};
}

Result<> check_question(const QuestionSet& set, const Question& one) {
  const auto wrong = [&](const std::string& what, std::string hint) { return set_error(set.path, one.line, what, std::move(hint)); };
  if (trim(one.question).empty()) return wrong("a question has no text", "write `question: how many orders are there?`");
  const int answers = (one.gold.empty() ? 0 : 1) + (one.rows ? 1 : 0) + (one.unanswerable ? 1 : 0);
  const std::string known = "`gold: SELECT …`, `rows: [[…]]` or `unanswerable: true`";
  if (answers == 0) return wrong("question \"" + one.id + "\" does not say what is right", "add one of " + known);
  if (answers > 1) return wrong("question \"" + one.id + "\" says more than one thing that is right", "keep one of " + known);
  if (one.gold.size() > kGoldsMax || one.columns.size() > kSubsetsMax || one.feedback.size() > kFeedbackMax)
    return wrong("question \"" + one.id + "\" has too long a list", "at most " + std::to_string(kGoldsMax) + " queries, " +
                                                                        std::to_string(kSubsetsMax) + " sets of columns and " +
                                                                        std::to_string(kFeedbackMax) + " refinements are taken");
  if (one.unanswerable && (!one.columns.empty() || one.ordered))
    return wrong("question \"" + one.id + "\" cannot be answered, so that there is nothing to compare", "leave `columns` and `ordered` out");
  return one.rows ? check_rows(set, one) : Result<>();
}

}  // namespace

Error set_error(const std::string& path, int line, const std::string& what, std::string hint) {
  return {ErrorKind::input, "E0850", path + (line > 0 ? " line " + std::to_string(line) : "") + ": " + show_hidden(what, false), std::move(hint), 0};
}

Result<> settle(QuestionSet& set) {
  if (set.questions.empty()) return set_error(set.path, 0, "there is no question in it", "docs/eval.md shows a set");
  if (set.questions.size() > kQuestionsMax)
    return set_error(set.path, 0, "it has " + with_thousands(std::ssize(set.questions)) + " questions",
                     "at most " + with_thousands(static_cast<std::int64_t>(kQuestionsMax)) + " are taken; part it into several files");
  std::map<std::string, int> lines;
  for (std::size_t i = 0; i < set.questions.size(); ++i) {
    Question& one = set.questions[i];
    if (one.id.empty()) one.id = "q" + std::to_string(i + 1);
    if (one.id.size() > kIdBytesMax || one.id.find_first_of(", \n\t") != std::string::npos)
      return set_error(set.path, one.line, "the id \"" + clipped(one.id, 60) + "\" cannot be named in a list",
                       "use at most " + std::to_string(kIdBytesMax) + " letters, digits and signs, without commas and spaces");
    const auto [place, fresh] = lines.emplace(one.id, one.line);
    if (!fresh)
      return set_error(set.path, one.line, "the id \"" + one.id + "\" is that of line " + std::to_string(place->second) + " already",
                       "give each question an id of its own, or none to any");
    TRY_VOID(check_question(set, one));
  }
  return {};
}

Result<> choose(QuestionSet& set, const std::vector<std::string>& ids, std::size_t limit) {
  if (!ids.empty()) {
    std::vector<std::string> known;
    known.reserve(set.questions.size());
    for (const Question& one : set.questions) known.push_back(one.id);
    for (const std::string& id : ids) {
      if (std::ranges::find(known, id) != known.end()) continue;
      const std::string meant = nearest(id, known);
      return Error{ErrorKind::not_found, "E0851",
                   "no question of " + set.path + " has the id \"" + show_hidden(id, false) + "\"" +
                       (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"),
                   "a question without an id is called by its place: q1, q2, …", 0};
    }
    const std::set<std::string> wanted(ids.begin(), ids.end());
    std::erase_if(set.questions, [&](const Question& one) { return !wanted.contains(one.id); });
  }
  if (limit > 0 && set.questions.size() > limit) set.questions.resize(limit);
  return {};
}

std::string asked_text(const Question& question) {
  std::string out(trim(question.definitions));
  if (out.empty()) return question.question;
  if (!out.ends_with('.') && !out.ends_with('!') && !out.ends_with('?')) out += '.';
  return out + " " + question.question;
}

std::string fingerprint(const Question& question) { return sha256_hex(encode(question).dump()).substr(0, kFingerprintLetters); }

}  // namespace sluice::eval
