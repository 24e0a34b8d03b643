#include "app/agent_memory.h"

#include <algorithm>
#include <set>
#include <utility>

#include "app/run_copy.h"
#include "approvals/card.h"

namespace sluice {
namespace {

bool by_person(const ApprovalInfo& approval) { return !approval.decided_by.empty() && !approval.decided_by.starts_with("policy"); }

ApprovedQuestion example_of(const ApprovalInfo& approval, const Card& card) {
  ApprovedQuestion example{.approval = approval.id.text, .question = card.question, .sql = card.sql};
  for (const TableRead& read : card.tables) example.tables.push_back(read.table);
  return example;
}

}  // namespace

Result<AgentMemory> read_agent_memory(Journal& journal, Ledger& ledger, const std::string& connection) {
  constexpr std::string_view kFirstRound = "round[0]/";
  AgentMemory memory;
  std::set<std::pair<std::string, std::string>> counted;  // run and subject
  TRY(const std::vector<ApprovalInfo> decided, journal.approvals({.open_only = false, .limit = kListMax}));
  TRY(const std::vector<std::string> forgotten, ledger.forgotten_examples());
  for (const ApprovalInfo& approval : decided) {
    const auto card = decode<Card>(approval.card);
    if (!card || card->connection != connection || !by_person(approval) || approval.policy == kImportedPolicy) continue;
    const bool approved = approval.status == ApprovalStatus::approved;
    const bool refused = approval.status == ApprovalStatus::rejected || approval.status == ApprovalStatus::refined;
    if (card->score > 0 && (approved || refused) && counted.emplace(approval.run_id.text, approval.subject_hash).second)
      memory.history.push_back({card->score, approved});
    const bool at_once = approval.path.starts_with(kFirstRound);
    if (approved && at_once && !card->question.empty() && !card->sql.empty() && std::ranges::find(forgotten, approval.id.text) == forgotten.end())
      memory.examples.push_back(example_of(approval, *card));
  }
  return memory;
}

}  // namespace sluice
