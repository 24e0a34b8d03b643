#pragma once
#include <string>
#include <vector>

#include "data/catalog.h"

namespace sluice::planner {

/// The columns by which a person knows a row: its name or title, or first and last name. None where it has no such column.
std::vector<std::string> label_columns(const Table& table);

/// Whether names of the table's own columns begin with the piece and say no more by it: "rdr" of riders, whose key is rdr_id.
bool is_own_prefix(const Table& table, const std::string& piece);

/// Whether a column's name ends in a word for a code, and the name's other words say what it tells apart: "type_code".
bool is_code(const Column& column);

/// Whether a reference is called as the table is that it leads to: session_id of debate_session. Of others, as "destination", the airports are a
/// choice.
bool named_for(const Column& column, const Table& table);

/// Whether a column carries its table's own name, alone (flights.flight) or as a number (orders.order_number): it says which row, not how much.
bool is_identifier(const Column& column, const Table& table);

}  // namespace sluice::planner
