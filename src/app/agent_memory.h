#pragma once
#include <string>
#include <vector>

#include "agents/confidence.h"
#include "agents/examples.h"
#include "agents/ports/ledger.h"
#include "workflow/ports/journal.h"

namespace sluice {

/// What people decided about earlier questions of a connection, out of the journal's newest decisions (at most kListMax of them).
struct AgentMemory {
  std::vector<ApprovedQuestion>
      examples{};  ///< questions whose first proposal a person approved, but for those that somebody wants forgotten; newest first
  std::vector<DecidedScore> history{};  ///< how sure models' drafts seemed, and whether a person agreed
};

/// A policy's yes says nothing about the meaning of a query, and what was approved after refinements answers more than the question: neither counts.
Result<AgentMemory> read_agent_memory(Journal& journal, Ledger& ledger, const std::string& connection);

}  // namespace sluice
