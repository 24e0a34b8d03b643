#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

/// The neutral syntax tree of a statement that reads, filled by each engine's own parser. It is closed: a converter that meets a node it
/// does not know refuses the statement. Locations are byte offsets into the SQL text, -1 where the parser gives none.
struct Query;

enum class ExprKind : std::uint8_t {
  column,     ///< name = parts: {column} or {table, column} or {schema, table, column}
  star,       ///< * or t.* (name = qualifiers); args = REPLACE expressions, each an op "=>" (DuckDB), excluded = EXCLUDE names (DuckDB)
  literal,    ///< text = value; literal says what it is
  parameter,  ///< text = "$1" or "?"
  call,       ///< name = function parts (lower-cased unless quoted); args; distinct; order_by; filter (0 or 1); window (0 or 1); within_group;
              ///< ignore_nulls; text = the keyword of a call without parentheses (current_date)
  op,     ///< name = {operator}, args = 1 or 2 operands: = <> < <= > >= + - * / % ^ || and like, ilike, similar to, ~, ->, @>, is distinct from, not
          ///< like, collate (text = collation), variadic, => (a named argument: text = its name, one operand) …; {schema, operator} for
          ///< OPERATOR(schema.op)
  logic,  ///< name = {"and" | "or" | "not"}, args
  case_when,  ///< args = [operand?] when, then, …, [else]; see has_operand, has_else
  cast,       ///< args = {value}; text = target type as written; lossy_ok = TRY_CAST
  is_null,    ///< args = {value}; negated
  is_bool,    ///< args = {value}; text = "true" | "false" | "unknown"; negated
  between,    ///< args = {value, low, high}; negated
  in_list,    ///< args = {value, item, …}; negated
  in_query,   ///< args = {value…}, query; negated; name = {operator}: = for IN, others for op ANY / op ALL (all)
  any_of,     ///< value op ANY (array), or op ALL where `all`: args = {value, array}, name = {operator}
  exists,     ///< query; negated
  subquery,   ///< a scalar subquery; query
  array,      ///< ARRAY[…] or [ … ]; args; query for ARRAY(SELECT …)
  row,        ///< (a, b) or struct literal (name = its fields' names, one for each of args); args
  subscript,  ///< args = {value, index}; or a slice: name = {"slice"}, args = {value, from, to[, step]} where an open end is a literal `other` "";
              ///< or a struct field: text = field name, args = {value}
  lambda,     ///< x -> …; args = {body}; excluded = parameter names (DuckDB)
};
enum class LiteralKind : std::uint8_t { null, boolean, integer, decimal, text, interval, other };

struct SortKey;
struct Window;

// Until Query is complete, members that lead to it have no `{}`: clang makes their constructors and destructors where it stands.
struct Expr {
  ExprKind kind = ExprKind::literal;
  std::vector<std::string> name{};
  std::vector<Expr> args;
  std::vector<Query> query;  ///< none or one
  std::string text{};
  LiteralKind literal = LiteralKind::other;
  std::vector<std::string> excluded{};
  std::vector<SortKey> order_by;
  std::vector<Expr> filter;    ///< none or one
  std::vector<Window> window;  ///< none or one
  bool distinct = false, negated = false, all = false, has_operand = false, has_else = false, lossy_ok = false;
  bool within_group = false;  ///< order_by stands in WITHIN GROUP (…)
  bool ignore_nulls = false;
  int location = -1;
};

struct SortKey {
  Expr value;
  bool descending = false;
  std::optional<bool> nulls_first{};  ///< unset: the engine's default
};

struct Window {
  std::string reference{};  ///< a named window
  std::vector<Expr> partition_by;
  std::vector<SortKey> order_by;
  std::string frame{};       ///< as words with ? for each of `bounds`: "rows between ? preceding and current row exclude ties"; "" for the default
  std::vector<Expr> bounds;  ///< expressions in the frame clause
};

enum class RelationKind : std::uint8_t { table, subquery, join, function, values };
enum class JoinKind : std::uint8_t { inner, left, right, full, cross, semi, anti, asof, positional };

/// An element of FROM.
struct Relation {
  RelationKind kind = RelationKind::table;
  std::vector<std::string> name{};  ///< table: {table}, {schema, table} or {database, schema, table}
  std::string alias{};
  std::vector<std::string> column_aliases{};
  bool lateral = false;
  std::vector<Query> query;             ///< subquery
  std::vector<Expr> call;               ///< function: the calls (ROWS FROM may have several)
  std::vector<std::vector<Expr>> rows;  ///< values
  JoinKind join = JoinKind::inner;
  bool natural = false;
  std::vector<Relation> sides;  ///< join: exactly two
  std::vector<Expr> on;         ///< none or one
  std::vector<std::string> using_columns{};
  bool ordinality = false;    ///< function: WITH ORDINALITY
  std::vector<Expr> sample;   ///< expressions of TABLESAMPLE; `sampled` where there is one
  std::string sample_text{};  ///< as words with ? for each of `sample`: "bernoulli (?) repeatable (?)"
  bool sampled = false;
  int location = -1;
};

struct Target {
  Expr value;
  std::string alias{};
};

struct Cte {
  std::string name{};
  std::vector<std::string> columns{};
  std::vector<Query> query;  ///< exactly one
  bool recursive = false;
  std::optional<bool> materialized{};  ///< unset: the engine decides
};

enum class SetOp : std::uint8_t { none, union_all, union_distinct, intersect_all, intersect_distinct, except_all, except_distinct };

/// A SELECT with its WITH, ORDER BY and LIMIT; or a set operation over two.
struct Query {
  std::vector<Cte> with{};
  SetOp set_op = SetOp::none;
  std::vector<Query> operands{};  ///< two for a set operation, then the SELECT's own parts below are empty
  bool by_name = false;           ///< UNION BY NAME (DuckDB)

  bool distinct = false;
  std::vector<Expr> distinct_on{};
  std::vector<Target> targets{};
  std::vector<Relation> from{};  ///< comma-separated
  std::vector<Expr> where{};     ///< none or one
  std::vector<Expr> group_by{};
  std::vector<std::vector<std::size_t>> grouping_sets{};  ///< indexes into group_by; empty: one set with all
  bool group_by_all = false;                              ///< DuckDB
  bool order_by_all = false;                              ///< DuckDB; then order_by holds one key, whose value is a star, for the direction
  std::vector<Expr> having{}, qualify{};                  ///< none or one
  std::vector<std::pair<std::string, Window>> windows;

  std::vector<SortKey> order_by{};
  std::vector<Expr> limit{}, offset{};  ///< none or one
  bool limit_percent = false, with_ties = false;
  int location = -1;
};

/// What a text turns out to be. A bare VALUES list is a SELECT of a star from one relation of kind values. Only `read` has a tree.
enum class StatementClass : std::uint8_t { read, write, ddl, other };

struct Parsed {
  StatementClass statement = StatementClass::other;
  std::string reason{};  ///< why it is not a read: "DELETE inside WITH", "SELECT … FOR UPDATE", "COPY", …; "" for a read
  Query query{};
};

/// Designated initializers would have to name every member of an Expr without `{}`.
inline Expr make_expr(ExprKind kind, int location = -1) {
  Expr out;
  out.kind = kind;
  out.location = location;
  return out;
}
inline Expr make_literal(LiteralKind literal, std::string text) {
  Expr out;
  out.text = std::move(text);
  out.literal = literal;
  return out;
}

}  // namespace sluice
