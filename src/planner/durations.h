#pragma once
#include <optional>
#include <string>
#include <vector>

#include "data/catalog.h"
#include "plan/expr.h"
#include "planner/lexicon.h"

namespace sluice::planner {

/// The time between two dates of a row. For the planner it is a column of their table, with a number beyond those of the columns that the catalog
/// has: the number alone says which dates they are, and the unit.
struct Duration {
  int first = 0, last = 0;  ///< columns of the table
  TimeUnit unit = TimeUnit::second;

  bool operator==(const Duration&) const = default;
};

/// The column that the duration is of a table with so many columns, and the other way round.
int number_of(const Duration& duration, std::size_t columns);
Duration duration_of(int number, std::size_t columns);

/// Whether the time between the columns can be told in the unit: that between dates only in days.
bool may_be_told(const Table& table, const Duration& duration);
/// In the unit that is meant where none is said.
Duration in_own_unit(const Table& table, int first, int last);
/// What is computed, and what a query calls it.
plan::Expr value_of(const Table& table, const Duration& duration);
Column column_of(const Table& table, const Duration& duration);

/// Two dates of which one is when something begins and the other when it ends, by their names.
struct NamedDuration {
  int table = 0, first = 0, last = 0;
  std::vector<std::string> of{};        ///< what the names share: "session" of session_start and session_end
  std::vector<const Lasting*> kinds{};  ///< of the lexicon
  bool whole = false;                   ///< it is how long the rows last, and not only something about them
};
/// Those of a table; none where it has a column of its own for how long its rows last. Of columns with several such ends each is one.
std::vector<NamedDuration> named_durations(const Table& table, int id, const Lexicon& lexicon);
/// The pieces of a date column's name without those which only say that it is one.
std::vector<std::string> event_pieces(const std::string& name);

}  // namespace sluice::planner
