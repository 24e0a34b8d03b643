#pragma once
#include <vector>

#include "data/glossary.h"
#include "planner/words.h"

namespace sluice::planner {

/// The words of a question, with what the glossary defines in other words spelled out: "STR by month" is read as "number of paid orders divided by
/// number of orders by month". A definition may use others, to a depth of three.
std::vector<Word> spelled_out(std::vector<Word> words, const std::vector<GlossaryDefinition>& definitions);

}  // namespace sluice::planner
