#pragma once
#include "agents/ports/proposer.h"
#include "planner/known.h"

namespace sluice::planner {

/// The one question to ask back where two columns fit the words of a question equally well, with the feedback that says either; nothing where
/// every column is told. E0603 where there are two, and no feedback could say which.
Result<std::optional<Proposal>> ask_back(const Known& known, const std::vector<Word>& words, const Query& query);

}  // namespace sluice::planner
