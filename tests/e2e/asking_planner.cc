// A planner for tests/e2e/test_choices.py: whoever asks for sales is asked back what of, until a refinement says it.
#include "planner/planner.h"

namespace sluice {
namespace {

class AskingPlanner final : public Proposer {
 public:
  Result<Proposal> propose(const ProposalRequest& request) override {
    std::string sql;
    for (const std::string& feedback : request.feedback) {
      if (feedback == "sum of freight") sql = "SELECT round(sum(freight)) AS freight FROM orders";
      if (feedback == "number of orders") sql = "SELECT count(*) AS n FROM orders";
    }
    if (!sql.empty()) return Proposal{.sql = sql, .confidence = 0.9, .answered_by = "built-in"};
    if (!request.feedback.empty())
      return Error{ErrorKind::unanswerable, "E0602", "\"" + request.feedback.back() + "\" is not known", "say it in another way", 0};
    return Proposal{.answered_by = "built-in",
                    .asks = "\"sales\": what was charged for freight, or the number of orders?",
                    .choices = {{"what was charged for freight", "sum of freight"}, {"the number of orders", "number of orders"}}};
  }
};

}  // namespace

std::unique_ptr<Proposer> make_planner() { return std::make_unique<AskingPlanner>(); }

}  // namespace sluice
