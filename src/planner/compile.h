#pragma once
#include "planner/resolve.h"
#include "planner/rows.h"

namespace sluice::planner {

/// How many of the first are shown where the question asks for several and does not say how many.
inline constexpr int kTopDefault = 10;

/// The readings of a question in which every column, and whose it is, is decided; likeliest first, at most a few.
std::vector<Likely<Query>> settle(const Known& known, const Query& query);

/// The query that a settled question asks for. Errors: E0603, E0604, E0605, E0606.
Result<plan::SpecDraft> compile(const Known& known, const Query& query, Guesses& guesses);

/// Whether "name" is a first and a last name, which tell a person only together.
bool is_whole_name(const Known& known, const Quantity& quantity);

}  // namespace sluice::planner
