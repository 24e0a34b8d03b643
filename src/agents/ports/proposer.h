#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "data/column_values.h"

namespace sluice {

/// A word of the question and what it was taken for.
struct LinkedWord {
  std::string word{}, meaning{};  ///< "carriers" → "table airlines", "JFK" → "flights.origin = 'JFK'"

  static constexpr auto fields() { return std::tuple{Field{"word", &LinkedWord::word}, Field{"meaning", &LinkedWord::meaning}}; }
};

/// A proposed query: SQL in the connection's dialect, and how sure the proposer is.
struct Proposal {
  std::string sql{};
  Json spec{};                ///< the transform spec it was rendered from; null where SQL was written directly
  double confidence = 0;      ///< 0 … 1
  std::string answered_by{};  ///< "built-in", "person", or a model's name
  std::vector<LinkedWord> linked{};
  std::string model_says{};  ///< a model's own explanation; never shown as Sluice's reading

  static constexpr auto fields() {
    return std::tuple{Field{"sql", &Proposal::sql},
                      Field{"spec", &Proposal::spec},
                      Field{"confidence", &Proposal::confidence},
                      Field{"answered_by", &Proposal::answered_by},
                      Field{"linked", &Proposal::linked},
                      Field{"model_says", &Proposal::model_says}};
  }
};

struct ProposalRequest {
  std::string question{};
  std::vector<std::string> feedback{};  ///< a person's refinements and failed checks of earlier rounds, oldest first
  const Catalog& catalog;
  const std::vector<ColumnValues>& values;
};

/// Turns a question into a query. The built-in planner and models' agents are proposers alike; nothing downstream cares which. Any thread.
class Proposer {
 public:
  virtual ~Proposer() = default;
  /// Error{unanswerable} says which word could not be placed and what would help.
  virtual Result<Proposal> propose(const ProposalRequest& request) = 0;
};

}  // namespace sluice
