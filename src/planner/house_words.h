#pragma once
#include <map>
#include <optional>
#include <set>

#include "data/catalog.h"
#include "data/column_values.h"
#include "data/glossary.h"
#include "plan/expr.h"
#include "planner/catalog_index.h"
#include "planner/durations.h"

namespace sluice::planner {

/// A column that a table does not have but that is computed of its own: a glossary's measure or condition, or the time between two dates of a row.
struct Computed {
  enum class Kind : std::uint8_t {
    measure,    ///< of many rows: sum(quantity * unit_price)
    condition,  ///< true or false of a row
    duration,
    formula,  ///< a number of a row, which may be of several tables (formula.h)
  } kind = Kind::measure;
  plan::Expr value{};  ///< the source of every column is the table
};

/// What a house's words mean in one catalog: the glossary's terms, and columns that are computed. Immutable after construction; any thread.
struct HouseWords {
  /// The catalog with the computed columns at the end of each table's; for linking words, never for a query.
  Catalog catalog{};
  std::map<std::pair<int, int>, Computed> computed{};
  std::map<int, plan::Expr> filters{};  ///< by table: which of its rows count unless the question says otherwise
  std::map<int, int> dates{};           ///< by table: the column that says when its rows happened
  std::vector<std::pair<std::vector<std::string>, Link>> names{};
  std::vector<NamedDuration> durations{};
  /// Text columns of which every known value is a date such as 1997-01-31, maybe with a time: as text they come in the order of time.
  std::set<std::pair<int, int>> dates_as_text{};
  /// Those of them of which only some values are known: others may be no dates.
  std::set<std::pair<int, int>> sampled_dates{};

  HouseWords(const Catalog& real, const Glossary& glossary, const Lexicon& lexicon);

  /// Finds dates_as_text.
  void look_at(const std::vector<ColumnValues>& values);
  void name_all(CatalogIndex& index) const {
    for (const auto& [pieces, link] : names) index.add_term(pieces, link);
  }
};

/// The expression with all its columns taken from `alias`.
plan::Expr seen_from(plan::Expr expr, const std::string& alias);
/// The names of the columns in it.
std::vector<std::string> columns_in(const plan::Expr& expr);

}  // namespace sluice::planner
