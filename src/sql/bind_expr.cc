#include <algorithm>
#include <array>

#include "base/text.h"
#include "sql/binder.h"
#include "sql/infer_type.h"
#include "sql/parser.h"

namespace sluice {
namespace {

constexpr std::array<std::string_view, 17> kRowMakers{"unnest",
                                                      "generate_series",
                                                      "generate_subscripts",
                                                      "json_array_elements",
                                                      "json_array_elements_text",
                                                      "json_each",
                                                      "json_each_text",
                                                      "json_object_keys",
                                                      "jsonb_array_elements",
                                                      "jsonb_array_elements_text",
                                                      "jsonb_each",
                                                      "jsonb_each_text",
                                                      "jsonb_object_keys",
                                                      "jsonb_path_query",
                                                      "jsonb_path_query_tz",
                                                      "regexp_split_to_table",
                                                      "string_to_table"};

constexpr std::array<std::string_view, 74> kAggregates{"any_value",
                                                       "approx_count_distinct",
                                                       "approx_quantile",
                                                       "approx_top_k",
                                                       "arbitrary",
                                                       "arg_max",
                                                       "arg_min",
                                                       "array_agg",
                                                       "avg",
                                                       "bit_and",
                                                       "bit_or",
                                                       "bit_xor",
                                                       "bitstring_agg",
                                                       "bool_and",
                                                       "bool_or",
                                                       "corr",
                                                       "count",
                                                       "count_if",
                                                       "count_star",
                                                       "covar_pop",
                                                       "covar_samp",
                                                       "entropy",
                                                       "every",
                                                       "favg",
                                                       "first",
                                                       "fsum",
                                                       "geomean",
                                                       "group_concat",
                                                       "histogram",
                                                       "json_agg",
                                                       "json_group_array",
                                                       "json_group_object",
                                                       "json_object_agg",
                                                       "jsonb_agg",
                                                       "jsonb_object_agg",
                                                       "kahan_sum",
                                                       "kurtosis",
                                                       "last",
                                                       "list",
                                                       "listagg",
                                                       "mad",
                                                       "max",
                                                       "max_by",
                                                       "mean",
                                                       "median",
                                                       "min",
                                                       "min_by",
                                                       "mode",
                                                       "percentile_cont",
                                                       "percentile_disc",
                                                       "product",
                                                       "quantile",
                                                       "quantile_cont",
                                                       "quantile_disc",
                                                       "range_agg",
                                                       "regr_avgx",
                                                       "regr_avgy",
                                                       "regr_count",
                                                       "regr_intercept",
                                                       "regr_r2",
                                                       "regr_slope",
                                                       "reservoir_quantile",
                                                       "sem",
                                                       "skewness",
                                                       "stddev",
                                                       "stddev_pop",
                                                       "stddev_samp",
                                                       "string_agg",
                                                       "sum",
                                                       "var_pop",
                                                       "var_samp",
                                                       "variance",
                                                       "weighted_avg",
                                                       "xmlagg"};
static_assert(std::is_sorted(kAggregates.begin(), kAggregates.end()), "looked up by binary search");

/// Operators that a form of SQL uses without naming them: a user's own operator may stand behind.
void add_implied_operators(const Expr& expr, std::set<std::string>& operators) {
  const auto says = [&](std::string_view word) { return !expr.name.empty() && expr.name[0].find(word) != std::string::npos; };
  if (expr.kind == ExprKind::in_list) operators.insert(expr.negated ? "<>" : "=");
  if (expr.kind == ExprKind::between) operators.insert({"<=", ">="});
  if (expr.kind == ExprKind::any_of && !expr.name.empty()) operators.insert(to_lower(expr.name.back()));
  if (expr.kind == ExprKind::case_when && expr.has_operand) operators.insert("=");
  if (expr.kind == ExprKind::call && says("nullif")) operators.insert("=");
  if (expr.kind != ExprKind::op) return;
  if (says("distinct")) operators.insert("=");
  if (says("ilike")) {
    operators.insert({"~~*", "!~~*"});
  } else if (says("like")) {
    operators.insert({"~~", "!~~"});
  }
  if (says("similar")) operators.insert({"~", "!~"});
}

bool is_null_literal(const Expr& expr) { return expr.kind == ExprKind::literal && expr.literal == LiteralKind::null; }

bool is_plain_star(const Expr& expr) { return expr.kind == ExprKind::star && expr.name.empty() && expr.args.empty() && expr.excluded.empty(); }

}  // namespace

bool is_row_maker(std::string_view function, Dialect dialect) {
  // In DuckDB it only tells whether there is a match.
  if (function == "regexp_matches") return dialect == Dialect::postgres;
  return std::find(kRowMakers.begin(), kRowMakers.end(), function) != kRowMakers.end();
}

bool is_known_aggregate(std::string_view function) { return std::binary_search(kAggregates.begin(), kAggregates.end(), function); }

Typed Binder::bind_expr(const Expr& expr, const Scope& scope) {
  // Parsers bound the depth of their trees; a tree made otherwise must not overflow the stack either.
  if (depth_ >= kTreeDepthMax * 2) {
    report(UnknownKind::shape, "", expr.location, "",
           "the query is nested more than " + std::to_string(kTreeDepthMax * 2) + " levels deep; simplify it");
    return {};
  }
  ++depth_;
  Typed value = bind_kind(expr, scope);
  --depth_;
  return value;
}

Typed Binder::bind_all(const std::vector<Expr>& args, const Scope& scope) {
  Typed all;
  for (const Expr& arg : args) add_lineage(all.lineage, bind_expr(arg, scope).lineage);
  return all;
}

Typed Binder::bind_kind(const Expr& expr, const Scope& scope) {
  add_implied_operators(expr, bound_.operators);
  const Type boolean{TypeKind::boolean, ""};
  switch (expr.kind) {
    case ExprKind::column: return resolve(expr, scope);
    case ExprKind::star: return bind_star(expr, scope);
    case ExprKind::literal: bound_.literals.push_back({expr.literal, expr.text, expr.location}); return {literal_type(expr.literal), {}};
    case ExprKind::parameter:
      report(UnknownKind::shape, "", expr.location, "", "parameter " + expr.text + " has no value; write values in the places of parameters");
      return {};
    case ExprKind::call: return bind_call(expr, scope, false);
    case ExprKind::op: return bind_op(expr, scope);
    case ExprKind::case_when: return bind_case(expr, scope);
    case ExprKind::cast: {
      bound_.cast_types.insert(to_lower(expr.text));
      return {type_named(expr.text), bind_all(expr.args, scope).lineage};
    }
    case ExprKind::logic:
    case ExprKind::is_null:
    case ExprKind::is_bool:
    case ExprKind::between:
    case ExprKind::any_of:
    case ExprKind::in_list: return {boolean, bind_all(expr.args, scope).lineage};
    case ExprKind::in_query:
    case ExprKind::exists:
    case ExprKind::subquery: return bind_query_expr(expr, scope);
    case ExprKind::array: {
      Typed value = bind_all(expr.args, scope);
      for (const Query& query : expr.query)
        for (const OutputColumn& column : bind_query(query, &scope).output) add_lineage(value.lineage, column.lineage);
      value.type = {TypeKind::list, ""};
      return value;
    }
    case ExprKind::row: return {{TypeKind::structure, ""}, bind_all(expr.args, scope).lineage};
    case ExprKind::subscript: return bind_all(expr.args, scope);
    case ExprKind::lambda: {
      const Scope inner{&scope, scope.frame, {}, nullptr, AliasRule::none, expr.excluded};
      return bind_all(expr.args, inner);
    }
  }
  return {};
}

Typed Binder::bind_op(const Expr& expr, const Scope& scope) {
  Typed value;
  std::vector<Type> types;
  const std::string op = expr.name.empty() ? "" : to_lower(expr.name.back());
  const bool computes = op != "=>" && op != "variadic" && op != "collate";
  if (computes) bound_.operators.insert(op);
  // A schema other than the engine's own is told apart: OPERATOR(sales.+).
  if (computes && expr.name.size() > 1 && expr.name[0] != "pg_catalog") bound_.operators.insert(join(expr.name, "."));
  for (const Expr& arg : expr.args) {
    Typed bound = bind_expr(arg, scope);
    types.push_back(std::move(bound.type));
    add_lineage(value.lineage, bound.lineage);
  }
  if (is_comparison(op) && std::any_of(expr.args.begin(), expr.args.end(), is_null_literal))
    scope.frame->facts.comparisons_with_null.push_back(expr.location);
  value.type = !computes && !types.empty() ? types[0] : operator_type(op, types);
  return value;
}

Typed Binder::bind_case(const Expr& expr, const Scope& scope) {
  Typed value{{TypeKind::unknown, "null"}, {}};
  std::size_t position = 0;
  for (std::size_t i = 0; i < expr.args.size(); ++i) {
    const std::size_t mark = scope.frame->touched.size();
    const Typed part = bind_expr(expr.args[i], scope);
    add_lineage(value.lineage, part.lineage);
    const bool is_operand = expr.has_operand && i == 0;
    const bool is_else = expr.has_else && i + 1 == expr.args.size();
    const bool is_then = !is_operand && position++ % 2 == 1;
    if (is_then || is_else)
      value.type = common_type(value.type, part.type);
    else
      scope.frame->chosen_by.emplace_back(mark, scope.frame->touched.size());
  }
  return value;
}

Typed Binder::bind_query_expr(const Expr& expr, const Scope& scope) {
  Typed value = bind_all(expr.args, scope);
  if (expr.kind == ExprKind::in_query && !expr.name.empty()) bound_.operators.insert(to_lower(expr.name.back()));
  value.type = {TypeKind::boolean, ""};
  if (expr.query.empty()) return value;
  const Shape shape = bind_query(expr.query[0], &scope);
  for (const OutputColumn& column : shape.output) add_lineage(value.lineage, column.lineage);
  if (expr.kind == ExprKind::exists || shape.open) return value;
  const std::size_t wanted = expr.kind == ExprKind::subquery ? 1 : expr.args.size() == 1 && expr.args[0].kind == ExprKind::row ? 0 : expr.args.size();
  if (wanted != 0 && shape.output.size() != wanted)
    report(UnknownKind::shape, "subquery", expr.location, "",
           "a subquery used as a value gives " + std::to_string(shape.output.size()) + " columns where " + std::to_string(wanted) +
               (wanted == 1 ? " is" : " are") + " needed");
  if (expr.kind == ExprKind::subquery && shape.output.size() == 1) value.type = shape.output[0].type;
  return value;
}

/// A star as a value or an argument: every column that it stands for.
Typed Binder::bind_star(const Expr& expr, const Scope& scope) {
  Shape shape;
  expand_star(expr, scope, shape);
  Typed value;
  for (const OutputColumn& column : shape.output) add_lineage(value.lineage, column.lineage);
  return value;
}

Typed Binder::bind_call(const Expr& expr, const Scope& scope, bool in_from) {
  const std::string function = expr.name.empty() ? "" : to_lower(expr.name.back());
  const bool aggregate = is_known_aggregate(function) && expr.window.empty() && !in_from;
  bound_.functions.push_back({expr.name, aggregate, !expr.window.empty(), in_from, expr.args.size(), expr.location});
  if (!in_from && is_row_maker(function, dialect_)) scope.frame->makes_rows = true;
  const std::size_t mark = scope.frame->touched.size();
  Typed value;
  Type first;
  for (const Expr& arg : expr.args) {
    if (is_plain_star(arg) && function == "count") continue;  // counts rows, reads no column
    Typed bound = bind_expr(arg, scope);
    if (&arg == expr.args.data()) first = std::move(bound.type);
    add_lineage(value.lineage, bound.lineage);
  }
  // WITHIN GROUP (ORDER BY x) says what is aggregated; an ORDER BY among the arguments only says in which order.
  if (expr.within_group) bind_keys(expr.order_by, scope);
  if (aggregate) note_aggregate(expr, function, *scope.frame, mark);
  if (!expr.within_group) bind_keys(expr.order_by, scope);
  for (const Expr& filter : expr.filter) bind_expr(filter, scope);
  for (const Window& window : expr.window) bind_window(window, scope);
  const bool ranks = function == "row_number" || function == "rank" || function == "dense_rank" || function == "ntile";
  const bool shifts = function == "lag" || function == "lead" || function == "first_value" || function == "last_value" || function == "nth_value";
  if (is_known_aggregate(function)) {
    value.type = aggregate_type(function, first, dialect_);
  } else if (!expr.window.empty() && ranks) {
    value.type = {TypeKind::integer, ""};
  } else if ((!expr.window.empty() && shifts) || function == "coalesce" || function == "nullif") {
    value.type = std::move(first);
  }
  return value;
}

void Binder::note_aggregate(const Expr& expr, const std::string& function, SelectFrame& frame, std::size_t mark) {
  AggregateFact fact{.function = function, .distinct = expr.distinct, .location = expr.location};
  const auto only_chooses = [&](std::size_t i) {
    return std::any_of(frame.chosen_by.begin(), frame.chosen_by.end(), [&](const auto& range) { return range.first <= i && i < range.second; });
  };
  for (std::size_t i = mark; i < frame.touched.size(); ++i)
    if (!only_chooses(i)) fact.arguments.push_back(frame.touched[i]);
  std::sort(fact.arguments.begin(), fact.arguments.end());
  fact.arguments.erase(std::unique(fact.arguments.begin(), fact.arguments.end()), fact.arguments.end());
  fact.star = fact.arguments.empty();
  frame.facts.aggregates.push_back(std::move(fact));
}

void Binder::bind_keys(const std::vector<SortKey>& keys, const Scope& scope) {
  for (const SortKey& key : keys) bind_expr(key.value, scope);
}

void Binder::bind_window(const Window& window, const Scope& scope) {
  if (!window.reference.empty()) {
    bool found = false;
    for (const auto& [name, definition] : scope.frame->query->windows) found = found || same(name, window.reference);
    if (!found)
      report(UnknownKind::window, window.reference, -1, "",
             "window \"" + show_hidden(window.reference, false) + "\" is not defined in the WINDOW clause of its SELECT");
  }
  for (const Expr& expr : window.partition_by) bind_expr(expr, scope);
  bind_keys(window.order_by, scope);
  for (const Expr& expr : window.bounds) bind_expr(expr, scope);
}

}  // namespace sluice
