#pragma once
#include <functional>

#include "planner/resolve.h"

namespace sluice::planner {

/// How a query may look after one change; none where the change does not fit it.
using Changed = std::vector<Likely<Query>>;

Changed change_condition(const Known& known, const Query& query, const Change& change);
/// Columns, aggregates and counts that are shown.
Changed change_shown(const Known& known, const Query& query, const Change& change);
/// Groups, orders, rankings and limits.
Changed change_arranged(const Known& known, const Query& query, const Change& change);

bool is_measure(const Quantity& quantity);
bool is_measure(const Output& output);
std::vector<Quantity> measures_of(const Query& query);
/// The rows that the question is about: those it shows, else those it counts or adds up; -1 where there are none.
int main_table(const Query& query);
/// Whether the query shows a column that the quantity may be.
bool is_shown(const Known& known, const Query& query, const Quantity& quantity);
/// The ranking that chooses what is shown, wherever it is said; null where there is none.
const Ranking* ranking_of(const Query& query);
/// The query with every ranking changed.
Query with_ranking(const Query& query, const std::function<void(Ranking&)>& change);
/// The table whose rows tell the group's apart: the one that its column refers to, or its own; -1 where there is none.
int named_by(const Known& known, const Group& group);
/// The quantity, decided as the query's own tables suggest.
std::optional<Likely<Quantity>> decided(const Known& known, const Query& query, const Quantity& quantity);

}  // namespace sluice::planner
