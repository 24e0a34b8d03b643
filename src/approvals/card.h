#pragma once
#include <string>
#include <vector>

#include "approvals/policy.h"
#include "proof/check.h"
#include "proof/limits.h"

namespace sluice {

/// A word of the question and what it was taken for.
struct UnderstoodWord {
  std::string word{}, meaning{};

  static constexpr auto fields() { return std::tuple{Field{"word", &UnderstoodWord::word}, Field{"meaning", &UnderstoodWord::meaning}}; }
};

/// Who proposed, how sure they were, and what they say of it.
struct ProposedBy {
  std::string name{};  ///< "built-in", "person", or a model's name
  double confidence = 0;
  double score = 0;  ///< what the confidence was calibrated from; 0: nothing
  std::vector<UnderstoodWord> understood{};
  std::string model_says{};              ///< a model's own explanation: shown as such, if at all
  std::vector<std::string> made_from{};  ///< what Sluice knows of how the draft came about
};

/// One answer to a question back: what the person reads, and the refinement that it stands for.
struct CardChoice {
  std::string label{}, feedback{};

  static constexpr auto fields() { return std::tuple{Field{"label", &CardChoice::label}, Field{"feedback", &CardChoice::feedback}}; }
};

/// What a person is shown before deciding, made by Sluice from the parsed statement and its proof. It is kept beside the approval; every
/// face (terminal, later page and chat) renders it from there.
struct Card {
  std::string act{};  ///< what the yes does: "Run on shop (reads 3 tables, about 12 MB)"
  std::string connection{}, question{}, sql{};
  std::string notice{};         ///< why there is another round: a refinement that could not be placed, data that changed
  std::string unproven_edit{};  ///< a person's text that did not pass its proof and led to this card: what `edit` opens
  std::vector<UnderstoodWord> understood{};
  std::vector<std::string> reading{};
  std::vector<TableRead> tables{};
  Estimate estimate{};
  Ceiling ceiling{};
  std::int64_t result_rows_max = 0;  ///< at more rows fetching the result fails; 0: not recorded
  std::vector<Check> checks{};
  SampleRows sample{};
  double confidence = 0, score = 0;
  std::string answered_by{}, model_says{};
  std::vector<std::string> made_from{};
  std::string asks{};  ///< a question back, which a choice answers: there is no SQL yet
  std::vector<CardChoice> choices{};

  static constexpr auto fields() {
    return std::tuple{Field{"act", &Card::act},
                      Field{"connection", &Card::connection},
                      Field{"question", &Card::question},
                      Field{"sql", &Card::sql},
                      Field{"notice", &Card::notice},
                      Field{"unproven_edit", &Card::unproven_edit},
                      Field{"understood", &Card::understood},
                      Field{"reading", &Card::reading},
                      Field{"tables", &Card::tables},
                      Field{"estimate", &Card::estimate},
                      Field{"ceiling", &Card::ceiling},
                      Field{"result_rows_max", &Card::result_rows_max},
                      Field{"checks", &Card::checks},
                      Field{"sample", &Card::sample},
                      Field{"confidence", &Card::confidence},
                      Field{"score", &Card::score},
                      Field{"answered_by", &Card::answered_by},
                      Field{"model_says", &Card::model_says},
                      Field{"made_from", &Card::made_from},
                      Field{"asks", &Card::asks},
                      Field{"choices", &Card::choices}};
  }
};

struct CardInput {
  const std::string &connection, &question, &sql, &notice, &unproven_edit;
  const ProposedBy& by;
  const Proof& proof;
  const Ceiling& ceiling;
  std::int64_t result_rows_max = 0;
};
Card make_card(const CardInput& input);

struct QuestionInput {
  const std::string &connection, &question, &asks, &notice, &unproven_edit, &answered_by;
  std::vector<CardChoice> choices{};
};
Card make_question_card(QuestionInput input);

/// The request for a decision on a proof that holds: the card, the policy's word, the time-out.
ApprovalRequest approval_request(const Card& card, const ApprovalPolicy& policy, const Proof& proof, std::int64_t timeout_ms);
/// The request for an answer: no policy gives one.
ApprovalRequest question_request(const Card& card, std::int64_t timeout_ms);

struct CardStyle {
  bool color = false;
  int width = 100;
  bool brief = false;  ///< for what a policy approved: SQL, reading and remarkable checks only
};
/// The card as text for a terminal; hidden characters are shown, nothing in it can move the cursor. `card` as it came from the journal.
std::string card_text(const Json& card, const CardStyle& style);
/// SQL as cards show it: in lines that begin two columns in, with nothing hidden in it.
std::string sql_text(const std::string& sql, bool color);
/// The same for a page: its lines, from the first column on, each an array of tokens ["keyword", "SELECT"]. What is no token is "plain"; kinds are
/// those of sql/format.h, with "write" for a word that writes.
Json shown_sql(const std::string& sql);
/// The card with every member, also those that the journal leaves out; null where there is none that can be read.
Json whole_card(const Json& card);
/// Its `act`, or "" where there is no card.
std::string card_act(const Json& card);
/// What was asked, for lists: the question, or the SQL that somebody wrote, in one line of at most 200 columns.
std::string card_text(const Json& card);
/// The answers to choose from; none where the card asks for a yes.
std::vector<CardChoice> card_choices(const Json& card);
/// Answers as numbered lines.
std::string choices_text(const std::vector<CardChoice>& choices);
/// Checks as lines, failed and warning first.
std::string checks_text(const std::vector<Check>& checks, bool color);

}  // namespace sluice
