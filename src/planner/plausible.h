#pragma once
#include "planner/understood.h"

namespace sluice::planner {

/// Whether a person may have meant the question so: it doesn't answer with what it says itself, nor is a value beside another one of another column
/// where both could be of one. E0606 says what is odd.
Result<> check_plausible(const Known& known, const std::vector<Word>& words, const Query& query, const plan::SpecDraft& draft);

}  // namespace sluice::planner
