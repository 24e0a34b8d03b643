#pragma once
#include <string_view>

#include "data/type.h"

namespace sluice {

/// The allowlists: what only computes from its arguments (and the clock). Deny by default: a function that reads files, talks to the network, runs
/// SQL given as text, sleeps, locks, signals, writes, changes or reads settings, or reads other sessions' data or the server's state isn't on them.
/// The names are in functions_postgres.txt and functions_duckdb.txt, derived from the engines' own lists and reviewed by hand.

/// A function or aggregate by its name, lower case, without schema.
bool computes_only(Dialect dialect, std::string_view function);
/// A function that may stand in FROM.
bool makes_rows_only(Dialect dialect, std::string_view function);
/// An operator as the tree names it ("+", "like", "->>").
bool is_plain_operator(Dialect dialect, std::string_view op);
/// The target of a cast as written: "integer", "numeric(10,2)", "int[]", `"pg_catalog"."int4"`. False for catalog look-ups (regclass and its
/// kin) and for types that users made.
bool is_plain_type(Dialect dialect, std::string_view type);

}  // namespace sluice
