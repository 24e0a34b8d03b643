#pragma once
#include "planner/rows.h"

namespace sluice::planner {

/// Whether the place's row is among those that the set's ranking chooses.
Result<plan::Expr> ranked_member(const Known& known, const Set& set, const Place& place, Guesses& guesses);
/// The value of a quantity of the row that its set's ranking chooses.
Result<plan::SpecDraft> ranked_value(const Known& known, const Quantity& quantity, Guesses& guesses);
/// "more than 3 concerts": by the number of the set's rows that belong to the place's row.
Result<plan::Expr> counted_member(const Known& known, const Condition& condition, const Place& place, Guesses& guesses);
/// "whose total amount is above 100": by an aggregate of rows that belong to the place's row.
Result<plan::Expr> aggregate_compared(const Known& known, const Condition& condition, const Place& place, Guesses& guesses);
/// "above the average of their category": by the average of the rows that share the place's row's group.
Result<plan::Expr> beyond_group_average(const Known& known, const Condition& condition, const Place& place, Guesses& guesses);

}  // namespace sluice::planner
