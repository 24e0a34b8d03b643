#pragma once
#include "plan/spec.h"
#include "planner/known.h"

namespace sluice::planner {

/// E0606 where something is said to be sold or bought, the catalog has rows that record it, and the query passes them over: "which suppliers sold
/// the most products" does not ask how many they have.
Result<> check_trade_path(const Known& known, const std::vector<Word>& words, const Query& query, const plan::SpecDraft& draft);

}  // namespace sluice::planner
