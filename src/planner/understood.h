#pragma once
#include "agents/ports/proposer.h"
#include "plan/spec.h"
#include "planner/known.h"

namespace sluice::planner {

/// What the words of a question were taken for, in their order: so that a person sees what was understood.
std::vector<LinkedWord> understood(const Known& known, const std::vector<Word>& words, const Query& query);

/// The names and values that a question speaks of, wherever it does.
std::vector<Noun> nouns_of(const Known& known, const std::vector<Word>& words, const Query& query);

/// What a question says of when something happened, wherever it does, with the dates that were decided on.
std::vector<Condition> periods_of(const Known& known, const std::vector<Word>& words, const Query& query);

/// Whether all that was understood made it into the query: nothing that a question says may get lost. E0606 names the words that did.
Result<> check_used(const Known& known, const std::vector<Word>& words, const Query& query, const plan::SpecDraft& draft);

}  // namespace sluice::planner
