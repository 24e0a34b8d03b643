#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "data/column_values.h"
#include "data/glossary.h"

namespace sluice {

/// A word of the question and what it was taken for.
struct LinkedWord {
  std::string word{}, meaning{};  ///< "carriers" → "table airlines", "JFK" → "flights.origin = 'JFK'"

  bool operator==(const LinkedWord&) const = default;

  static constexpr auto fields() { return std::tuple{Field{"word", &LinkedWord::word}, Field{"meaning", &LinkedWord::meaning}}; }
};

/// A proposed query: SQL in the connection's dialect, and how sure the proposer is. Or, where the question has several meanings, no SQL but one
/// precise question back with the answers to it.
struct Proposal {
  /// What the person may mean, and the refinement that says so to the proposer.
  struct Choice {
    std::string label{}, feedback{};

    bool operator==(const Choice&) const = default;
    static constexpr auto fields() { return std::tuple{Field{"label", &Choice::label}, Field{"feedback", &Choice::feedback}}; }
  };
  static constexpr std::size_t kChoicesMin = 2, kChoicesMax = 5;

  std::string sql{};
  Json spec{};                ///< the transform spec it was rendered from; null where SQL was written directly
  double confidence = 0;      ///< 0 … 1
  double score = 0;           ///< of a model's draft: the evidence for it, which the confidence was calibrated from (agents/confidence.h)
  std::string answered_by{};  ///< "built-in", "person", or a model's name
  std::vector<LinkedWord> linked{};
  std::string model_says{};  ///< a model's own explanation; never shown as Sluice's reading
  std::vector<std::string>
      made_from{};     ///< of a model's draft: how many agreed, which tables it was not shown, which models failed before it; sentences
  std::string asks{};  ///< "\"sales\": the amount of orders, or the number of orders?"
  std::vector<Choice> choices{};

  bool is_question() const { return sql.empty() && !asks.empty(); }

  static constexpr auto fields() {
    return std::tuple{Field{"sql", &Proposal::sql},
                      Field{"spec", &Proposal::spec},
                      Field{"confidence", &Proposal::confidence},
                      Field{"score", &Proposal::score},
                      Field{"answered_by", &Proposal::answered_by},
                      Field{"linked", &Proposal::linked},
                      Field{"model_says", &Proposal::model_says},
                      Field{"made_from", &Proposal::made_from},
                      Field{"asks", &Proposal::asks},
                      Field{"choices", &Proposal::choices}};
  }
};

struct ProposalRequest {
  std::string question{};
  std::vector<std::string> feedback{};  ///< a person's refinements and failed checks of earlier rounds, oldest first
  const Catalog& catalog;
  const std::vector<ColumnValues>& values;
  std::string today{};                     ///< the asker's date, 2013-01-31, for words such as "last month"; "" where it is not known
  const Glossary& glossary = kNoGlossary;  ///< every name in it is in the catalog
  /// The same for the same catalog and values, and for the same glossary, so that what is made of them can be kept; "" where there is none.
  std::string catalog_id{}, glossary_id{};
};

/// Turns a question into a query. The built-in planner and models' agents are proposers alike; nothing downstream cares which. Any thread.
class Proposer {
 public:
  virtual ~Proposer() = default;
  /// Error{unanswerable} says which word could not be placed and what would help.
  virtual Result<Proposal> propose(const ProposalRequest& request) = 0;
};

}  // namespace sluice
