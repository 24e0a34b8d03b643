#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "data/catalog.h"
#include "sql/select_facts.h"
#include "sql/tree.h"

namespace sluice {

/// A base table's (or view's) column, by which lineage is told.
struct BaseColumn {
  TableName table{};
  std::string column{};

  auto operator<=>(const BaseColumn&) const = default;
};

/// A table or view of the catalog that the query names, once however often it does.
struct TableUse {
  TableName name{};
  std::vector<std::string> aliases{};  ///< as the query calls it, in order of appearance, each once
  std::vector<std::string> columns{};  ///< every column used anywhere in the query; sorted, each once
  int location = -1;                   ///< of the first mention
};

/// One place where FROM names a base table: what `sampled_sql` replaces.
struct TableMention {
  TableName name{};
  std::string alias{};  ///< "" where the query gives none
  int location = -1;
  bool sampled = false;  ///< under a TABLESAMPLE
};

struct FunctionUse {
  std::vector<std::string> name{};  ///< as in the tree: lower-cased unless quoted, with the schema where written
  bool aggregate = false;           ///< a known aggregate called without OVER; false also where nothing is known of the function
  bool windowed = false;
  bool in_from = false;  ///< called as a relation
  std::size_t arguments = 0;
  int location = -1;
};

struct LiteralUse {
  LiteralKind kind = LiteralKind::other;
  std::string text{};
  int location = -1;
};

enum class UnknownKind : std::uint8_t {
  table,
  column,
  ambiguous,  ///< a column name that several relations have
  window,     ///< OVER a window that is not defined
  position,   ///< ORDER BY 9 or GROUP BY 9 beyond the select list
  shape,      ///< relations or set operations that don't fit: an alias twice, too many column aliases, different column counts, nesting too deep
};

/// Something that the query names and that isn't there (or isn't the only one). `message` is for people and for a proposer's feedback.
struct UnknownName {
  UnknownKind kind = UnknownKind::column;
  std::string name{};  ///< as written, parts joined by dots
  int location = -1;
  std::string suggestion{};  ///< the name that was probably meant; "" for none
  std::string message{};     ///< `table "custmers" is not in connection "shop"; did you mean "customers"?`
};

struct OutputColumn {
  std::string name{};
  Type type{};                        ///< `unknown` where it takes the engine to say
  std::vector<BaseColumn> lineage{};  ///< base columns that the value is computed from; sorted, each once
};

/// Every name in a query and what it means in a catalog.
struct Bound {
  std::vector<TableUse> tables{};  ///< sorted by name
  std::vector<TableMention> mentions{};
  std::vector<FunctionUse> functions{};  ///< every call anywhere: targets, FROM, filters, windows, frame bounds, LIMIT, subqueries
  std::set<std::string> operators{};     ///< as in the tree, lower case
  std::set<std::string> cast_types{};    ///< as written, lower case
  std::vector<LiteralUse> literals{};
  std::vector<UnknownName> unknown{};    ///< empty: every table and column was found
  std::vector<OutputColumn> output{};    ///< complete unless a star stands over something unknown
  std::vector<SelectFacts> selects{};    ///< one for each SELECT, innermost first; the last is the outermost
  bool reads_all_columns = false;        ///< a star or a whole-row reference over a base table
  bool names_system_columns = false;     ///< PostgreSQL's ctid, xmin, tableoid…; DuckDB's rowid
  bool names_columns_by_schema = false;  ///< some expression says schema.table.column
};

/// Bounds on what one query may ask of the binding; beyond them it is reported as a `shape` and bound no further.
inline constexpr std::size_t kRelationsMax = 1'000;       ///< in one FROM
inline constexpr std::size_t kOutputColumnsMax = 10'000;  ///< of one SELECT
inline constexpr std::size_t kBindWorkMax = 20'000'000;   ///< names looked at, over the whole query
inline constexpr std::size_t kUnknownReportedMax = 50;    ///< later ones are left out

/// Resolves every table, column, function and window of a query by SQL's rules of scope: WITH (recursive too), subqueries, LATERAL, correlation,
/// aliases, USING and NATURAL, set operations, output names and positions. PostgreSQL's names match exactly (its parser has folded them), DuckDB's
/// ignoring case. Fails closed: what can't be resolved is in `unknown`. Any thread.
Bound bind_names(const Query& query, const Catalog& catalog, Dialect dialect);

/// Whether the function (lower case, without schema) makes several rows of one where it stands in a select list: unnest, generate_series….
bool is_row_maker(std::string_view function, Dialect dialect);

/// Whether the name (lower case, without schema) is one of the engines' common aggregates.
bool is_known_aggregate(std::string_view function);

}  // namespace sluice
