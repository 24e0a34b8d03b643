#pragma once
#include <string>

#include "sql/parser.h"

namespace sluice {

/// What a tree holds, in one line for tables of cases: "tables | columns | calls and operators | literals", each in the order of the tree.
std::string facts_of(const Query& query);

/// A statement in a table of cases: its text, and the facts of its tree, or what it is instead ("write: …", "E0302").
struct StatementCase {
  const char* sql;
  const char* expected;
};
std::string outcome_of(const Parser& parser, std::string_view sql);

}  // namespace sluice
