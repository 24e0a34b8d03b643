#include "app/agent_memory.h"

#include <algorithm>

namespace sluice {
namespace {

bool by_person(const ApprovalInfo& approval) { return !approval.decided_by.empty() && !approval.decided_by.starts_with("policy"); }

std::vector<TableName> tables_of(const Json& card) {
  std::vector<TableName> names;
  const auto reads = decode<std::vector<TableRead>>(card["tables"]);
  if (!reads) return names;
  for (const TableRead& read : *reads) names.push_back(read.table);
  return names;
}

double number_at(const Json& card, std::string_view key) {
  const double* value = card[key].as_double();
  return value == nullptr ? 0 : *value;
}

}  // namespace

Result<AgentMemory> read_agent_memory(Journal& journal, Ledger& ledger, const std::string& connection) {
  constexpr std::string_view kFirstRound = "round[0]/";
  AgentMemory memory;
  TRY(const std::vector<ApprovalInfo> decided, journal.approvals({.open_only = false, .limit = kListMax}));
  TRY(const std::vector<std::string> forgotten, ledger.forgotten_examples());
  for (const ApprovalInfo& approval : decided) {
    const Json& card = approval.card;
    if (card.text("connection") != connection || !by_person(approval)) continue;
    const bool approved = approval.status == ApprovalStatus::approved;
    const bool refused = approval.status == ApprovalStatus::rejected || approval.status == ApprovalStatus::refined;
    if (const double score = number_at(card, "score"); score > 0 && (approved || refused)) memory.history.push_back({score, approved});
    const std::string question(card.text("question")), sql(card.text("sql"));
    const bool at_once = approval.path.starts_with(kFirstRound);
    if (approved && at_once && !question.empty() && !sql.empty() && std::ranges::find(forgotten, approval.id.text) == forgotten.end())
      memory.examples.push_back({approval.id.text, question, sql, tables_of(card)});
  }
  return memory;
}

}  // namespace sluice
