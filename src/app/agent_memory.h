#pragma once
#include <string>

#include "agents/ports/ledger.h"
#include "flows/ask/memory.h"
#include "workflow/ports/journal.h"

namespace sluice {

/// Out of the journal's newest decisions (at most kListMax of them). A policy's yes says nothing about the meaning of a query, and what was approved
/// after refinements answers more than the question: neither counts, nor what came with an imported run. A proposal that a run showed again counts
/// once, by what was said of it last.
Result<AgentMemory> read_agent_memory(Journal& journal, Ledger& ledger, const std::string& connection);

}  // namespace sluice
