#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/conversion.h"

namespace sluice {

/// Converts libpg_query's JSON into the neutral tree. For one statement; knows nothing of statements that don't read except how to name them.
class PostgresTree : public Conversion {
 public:
  explicit PostgresTree(std::string_view sql) : sql_(sql) {}

  /// `select` is the body of a SelectStmt.
  Result<Query> query(const Json& select);
  /// A wrapped node, {"ColumnRef": {…}}.
  Result<Expr> expr(const Json& node);

 private:
  using Converter = Result<Expr> (PostgresTree::*)(const Json&);
  static Converter converter_of(std::string_view kind);

  // Queries (postgres_query.cc).
  Result<> check_select(const Json& select);
  Result<> select_body(const Json& select, Query& out);
  Result<> set_operation(const Json& select, Query& out);
  Result<> order_and_limit(const Json& select, Query& out);
  Result<> distinct(const Json& clause, Query& out);
  Result<Query> wrapped_query(const Json& node);
  Result<std::vector<Cte>> with(const Json& clause);
  Result<Cte> cte(const Json& node, bool recursive);
  Result<Target> target(const Json& node);

  // Grouping (postgres_group.cc).
  using Sets = std::vector<std::vector<std::size_t>>;
  Result<> group_by(const Json& clause, Query& out);
  Result<Sets> grouping_sets(const Json& node, Query& out);
  Result<std::vector<std::size_t>> group_unit(const Json& node, Query& out);

  // FROM (postgres_relation.cc).
  Result<Relation> relation(const Json& node);
  Result<Relation> table(const Json& body);
  Result<Relation> subselect(const Json& body);
  Result<Relation> function(const Json& body);
  Result<Relation> join(const Json& body);
  Result<Relation> sample(const Json& body);
  Result<> alias(const Json& body, Relation& out);
  Result<Relation> values(const Json& lists);

  // Expressions (postgres_expr.cc).
  Result<std::vector<Expr>> exprs(const Json& list);
  Result<std::vector<std::string>> names(const Json& list);
  Result<Expr> column(const Json& body);
  Result<Expr> constant(const Json& body);
  Result<std::string> integer_at(std::int64_t location);
  Result<Expr> parameter(const Json& body);
  Result<Expr> logic(const Json& body);
  Result<Expr> null_test(const Json& body);
  Result<Expr> boolean_test(const Json& body);
  Result<Expr> case_expr(const Json& body);
  Result<Expr> sublink(const Json& body);
  Result<Expr> array(const Json& body);
  Result<Expr> row(const Json& body);
  Result<Expr> indirection(const Json& body);

  // Operators and calls (postgres_operator.cc).
  Result<Expr> operation(const Json& body);
  Result<Expr> between(const Json& body, Expr left, bool negated);
  Result<Expr> in_list(const Json& body, Expr left);
  Result<Expr> call(const Json& body);
  Result<Expr> coalesce(const Json& body);
  Result<Expr> min_max(const Json& body);
  Result<Expr> grouping(const Json& body);
  Result<Expr> value_function(const Json& body);
  Result<Expr> named_argument(const Json& body);
  Result<Expr> collate(const Json& body);
  Result<Expr> cast(const Json& body);
  Result<std::string> type_name(const Json& body);

  // Windows and sort keys (postgres_window.cc).
  Result<std::vector<SortKey>> sort_keys(const Json& list);
  Result<Window> window(const Json& body, bool definition);
  Result<> frame(const Json& body, Window& out);

  std::string_view sql_;
};

/// The only member of a wrapped node: its kind and body; {"", null} for anything else.
std::pair<std::string_view, const Json&> unwrapped(const Json& node);

}  // namespace sluice
