#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/catalog.h"
#include "sql/tree.h"

namespace sluice {

/// One element of a SELECT's FROM. `SelectFacts` refers to it by its index.
struct RelationFact {
  std::string alias{};               ///< the name by which columns are qualified; "" for an unnamed subquery
  std::optional<TableName> table{};  ///< set for a base table or view; unset for what is derived or unknown
  RelationKind kind = RelationKind::table;
  bool at_most_one_row = false;          ///< derived by an aggregate without GROUP BY, LIMIT 1, a SELECT without FROM, or one row of VALUES
  std::vector<std::string> unique_by{};  ///< derived: output columns in which no two rows agree, where the query says so (GROUP BY, DISTINCT)
  std::vector<std::size_t> joins{};      ///< of a join that has a name, `(a JOIN b …) AS j`: what it joins
  int location = -1;
};

/// A column of one of the SELECT's relations.
struct RelationColumn {
  std::size_t relation = 0;
  std::string column{};

  auto operator<=>(const RelationColumn&) const = default;
};

/// `left = right` between plain columns of two different relations, required by ON, USING, NATURAL or a conjunct of WHERE.
struct ColumnEquality {
  RelationColumn left{}, right{};
  int location = -1;
};

struct AggregateFact {
  std::string function{};                   ///< lower case, without schema
  std::vector<RelationColumn> arguments{};  ///< every column of this SELECT's relations that gives a value to the arguments, sorted, each once
  bool distinct = false;
  bool star = false;  ///< over rows, not over values: count(*), count(1), count(CASE WHEN x > 1 THEN 1 END)
  int location = -1;
};

/// What one SELECT's shape says about how rows multiply: material for warnings (cartesian products, fan-out, `= NULL`). Facts, no judgement.
struct SelectFacts {
  std::vector<RelationFact> relations{};
  std::vector<ColumnEquality> equalities{};
  /// Pairs of relations tied by any other condition (a.x < b.y, lower(a.x) = b.y, an OR over both), by LATERAL, by a POSITIONAL join (row by row),
  /// or as a named join and what it joins. first < second.
  std::vector<std::pair<std::size_t, std::size_t>> links{};
  /// Relations joined by a written CROSS JOIN or a POSITIONAL join: the author meant it. The right side's first relation.
  std::vector<std::size_t> cross_joined{};
  std::vector<AggregateFact> aggregates{};
  std::vector<int> comparisons_with_null{};  ///< locations of `= NULL`, `<> NULL`, `< NULL`…, wherever in this SELECT
  bool has_group_by = false, has_distinct = false, has_limit = false, has_order_by = false;
  int location = -1;
};

}  // namespace sluice
