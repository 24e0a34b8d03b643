#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sql/conversion.h"

namespace sluice {

/// Converts DuckDB's JSON (json_serialize_sql, all fields present) into the neutral tree. For one statement.
class DuckdbTree : public Conversion {
 public:
  explicit DuckdbTree(std::string_view sql) : sql_(sql) {}

  /// `node` is a QueryNode.
  Result<Query> query(const Json& node);
  /// An expression where a name of its own (alias) would have no meaning.
  Result<Expr> expr(const Json& node);

 private:
  /// An expression whose alias, if any, the caller reads.
  Result<Expr> named_expr(const Json& node);

  using Converter = Result<Expr> (DuckdbTree::*)(const Json&);
  static Converter converter_of(std::string_view expression_class);

  // Queries (duckdb_query.cc).
  Result<> select_node(const Json& node, Query& out);
  Result<> set_operation(const Json& node, Query& out);
  Result<> recursive_cte(const Json& node, Query& out);
  Result<> group_by(const Json& node, Query& out);
  Result<> modifiers(const Json& list, Query& out);
  Result<> limit(const Json& modifier, Query& out);
  Result<std::vector<Cte>> with(const Json& map);
  Result<std::vector<SortKey>> sort_keys(const Json& list);
  Result<> order_by(const Json& list, Query& out);
  Result<Query> statement(const Json& node);
  Result<Target> target(const Json& node);

  // FROM (duckdb_relation.cc).
  Result<Relation> relation(const Json& node);
  Result<Relation> table(const Json& node);
  Result<Relation> join(const Json& node);
  Result<Relation> subquery(const Json& node);
  Result<Relation> table_function(const Json& node);
  Result<Relation> values(const Json& node);
  Result<> sample(const Json& node, Relation& out);

  // Expressions (duckdb_expr.cc).
  Result<std::vector<Expr>> exprs(const Json& list);
  Result<std::vector<std::string>> names(const Json& list);
  Result<> optional_expr(const Json& node, std::vector<Expr>& out);
  Result<Expr> column(const Json& node);
  Result<Expr> star(const Json& node);
  Result<Expr> parameter(const Json& node);
  Result<Expr> comparison(const Json& node);
  Result<Expr> conjunction(const Json& node);
  Result<Expr> between(const Json& node);
  Result<Expr> case_expr(const Json& node);
  Result<Expr> cast(const Json& node);
  Result<Expr> collate(const Json& node);
  Result<Expr> lambda(const Json& node);
  Result<Expr> arrow(const Json& node);
  Result<Expr> subquery_expr(const Json& node);

  // Calls and operators (duckdb_call.cc).
  Result<Expr> operation(const Json& node);
  Result<Expr> negation(const Json& node);
  Result<Expr> function(const Json& node);
  Result<Expr> window(const Json& node);
  Result<std::vector<Expr>> arguments(const Json& node, bool takes_lambdas);
  Result<> frame(const Json& node, Window& out);

  // Constants and types (duckdb_constant.cc).
  Result<Expr> constant(const Json& node);
  Result<Expr> value(const Json& value, int location);
  Result<std::string> number_at(int location);
  Result<std::string> type_name(const Json& type);
  Result<std::string> composite_type(std::string_view id, const Json& info);

  std::string_view sql_;
};

/// The byte offset of a node, -1 where DuckDB gives none.
int duckdb_location(const Json& node);
/// `name` as DuckDB reads it back: quoted unless it is plain.
std::string duckdb_quoted(std::string_view name);

}  // namespace sluice
