#pragma once
#include <optional>
#include <vector>

#include "agents/ports/ledger.h"
#include "flows/ask/ask.h"
#include "workflow/engine.h"

namespace sluice {

/// A run as people and programs see it.
struct RunView {
  RunState state{};
  AskInput input{};
  AskStatus status = AskStatus::waiting;
  AskAnswer answer{};                      ///< what is known so far: while it waits, proposal and proof of the current round
  std::optional<ApprovalInfo> approval{};  ///< the open one, else the last one
  Spent models{};                          ///< what its model calls cost so far
};

/// A run in a list.
struct RunSummary {
  RunInfo run{};
  AskStatus status = AskStatus::waiting;
};

/// A list of runs, and why some that should be in it are not: what the journal holds of them cannot be read.
struct RunList {
  std::vector<RunSummary> runs{};
  std::vector<Error> damaged{};
  RunId next{};  ///< the cursor for those before these; "" where there are none
};

}  // namespace sluice
