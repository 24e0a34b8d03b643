#pragma once
#include "planner/known.h"

namespace sluice::planner {

/// The question with "only" said of all rows that it is said of: "customers who bought only Rock tracks" bought some, and none that are not. Of what
/// a row has one of it says nothing more. `asked`: how many words the question has, without what was said later. E0606 where it is not clear what the
/// word is said of.
Result<Query> with_only(const Known& known, const std::vector<Word>& words, std::size_t asked, const Query& query);

}  // namespace sluice::planner
