#pragma once
#include "planner/known.h"

namespace sluice::planner {

/// Feedback that says one of several meanings, for the choices of a question that is asked back (Proposal::Choice). Each names table and column, and
/// read as feedback it means what it was made of.

/// "total orders freight", "number of orders"; "" for what has no such words.
std::string say(const Known& known, const Quantity& quantity);
/// The same as a person reads it: "total invoice.total".
std::string label_of(const Known& known, const Quantity& quantity);
/// "number of orders instead": this is what is shown.
std::string choose_shown(const Known& known, const Quantity& quantity);
/// "by number of orders instead": this is what rows are ranked by.
std::string choose_ranking(const Known& known, const Quantity& quantity);
/// "per orders ship country instead"
std::string choose_group(const Known& known, const Group& group);
/// "flights dep delay > 60 instead": of this column, what was compared.
std::string choose_condition(const Known& known, const Condition& condition, const Quantity& what);
/// "customers country 'Germany'": the column that has the value.
std::string choose_value(const Known& known, const Link& value);

}  // namespace sluice::planner
