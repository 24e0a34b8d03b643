#include <algorithm>
#include <array>

#include "base/text.h"
#include "sql/duckdb_tree.h"

namespace sluice {
namespace {

Expr make(ExprKind kind, const Json& node) {
  Expr out;
  out.kind = kind;
  out.location = duckdb_location(node);
  return out;
}

bool takes_lambdas(std::string_view function) {
  static constexpr std::array<std::string_view, 11> kNames{"list_transform", "array_transform", "list_apply",  "array_apply",  "apply", "list_filter",
                                                           "array_filter",   "filter",          "list_reduce", "array_reduce", "reduce"};
  return std::any_of(kNames.begin(), kNames.end(), [&](std::string_view name) { return equals_ignoring_case(name, function); });
}

/// The number in `to_months(CAST(trunc(CAST(3 AS DOUBLE)) AS INTEGER))`, which INTERVAL 3 MONTH becomes.
const Expr* interval_number(const Expr& argument) {
  const Expr* at = &argument;
  for (int unwrapped = 0; unwrapped < 3; ++unwrapped) {
    const bool cast = at->kind == ExprKind::cast && at->args.size() == 1;
    const bool trunc = at->kind == ExprKind::call && at->name == std::vector<std::string>{"trunc"} && at->args.size() == 1 && at->location < 0;
    if (!cast && !trunc) break;
    at = &at->args.front();
  }
  if (at == &argument || at->kind != ExprKind::literal) return nullptr;
  const bool digits = !at->text.empty() && std::all_of(at->text.begin(), at->text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return at->literal == LiteralKind::integer || (at->literal == LiteralKind::text && digits) ? at : nullptr;
}

std::string_view interval_unit(std::string_view function) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kUnits{{{"to_years", "year"},
                                                                                         {"to_months", "month"},
                                                                                         {"to_days", "day"},
                                                                                         {"to_hours", "hour"},
                                                                                         {"to_minutes", "minute"},
                                                                                         {"to_seconds", "second"},
                                                                                         {"to_milliseconds", "millisecond"},
                                                                                         {"to_microseconds", "microsecond"},
                                                                                         {"to_weeks", "week"},
                                                                                         {"to_quarters", "quarter"},
                                                                                         {"to_decades", "decade"},
                                                                                         {"to_centuries", "century"},
                                                                                         {"to_millennia", "millennium"}}};
  for (const auto& [name, unit] : kUnits)
    if (name == function) return unit;
  return "";
}

std::string operator_name(std::string_view sign) {
  if (sign == "~~") return "like";
  if (sign == "!~~") return "not like";
  if (sign == "~~*") return "ilike";
  if (sign == "!~~*") return "not ilike";
  if (sign == "~~~") return "glob";
  return std::string(sign);
}

/// "EXPR_PRECEDING_ROWS" → "? preceding".
std::string edge_words(std::string_view edge) {
  if (edge == "UNBOUNDED_PRECEDING") return "unbounded preceding";
  if (edge == "UNBOUNDED_FOLLOWING") return "unbounded following";
  if (edge.starts_with("CURRENT_ROW_")) return "current row";
  if (edge.starts_with("EXPR_PRECEDING_")) return "? preceding";
  if (edge.starts_with("EXPR_FOLLOWING_")) return "? following";
  return "";
}

}  // namespace

Result<std::vector<Expr>> DuckdbTree::arguments(const Json& list, bool with_lambdas) {
  std::vector<Expr> out;
  if (list.is_null()) return out;
  if (list.as_array() == nullptr) return refuse(StatementClass::other, "a list that Sluice does not know");
  for (const Json& node : *list.as_array()) {
    const bool is_lambda = with_lambdas && node.text("class") == "LAMBDA";
    TRY(Expr value, is_lambda ? lambda(node) : named_expr(node));
    if (value.kind == ExprKind::star) return refuse(StatementClass::other, "a * inside a call, which Sluice does not know; name the columns");
    if (const std::string_view alias = node.text("alias"); !alias.empty()) {
      Expr pair = make_expr(ExprKind::op, value.location);
      pair.name = {"=>"};
      pair.text = alias;
      pair.args.push_back(std::move(value));
      value = std::move(pair);
    }
    out.push_back(std::move(value));
  }
  return out;
}

Result<Expr> DuckdbTree::negation(const Json& node) {
  Expr out = make(ExprKind::logic, node);
  out.name.emplace_back("not");
  TRY(out.args, exprs(node["children"]));
  if (out.args.size() != 1) return refuse(StatementClass::other, "a NOT that Sluice does not know");
  Expr& inner = out.args.front();
  const bool in = inner.kind == ExprKind::in_query && inner.name == std::vector<std::string>{"="};
  if ((in || inner.kind == ExprKind::exists || inner.kind == ExprKind::between) && !inner.negated) {
    Expr folded = std::move(inner);
    folded.negated = true;
    return folded;
  }
  return out;
}

Result<Expr> DuckdbTree::operation(const Json& node) {
  TRY_VOID(known(node, "OPERATOR", {"class", "type", "alias", "query_location", "children"}));
  const std::string_view type = node.text("type");
  if (type == "OPERATOR_NOT") return negation(node);
  Expr out = make(ExprKind::call, node);
  TRY(out.args, exprs(node["children"]));
  const std::size_t count = out.args.size();
  for (const Expr& argument : out.args)
    if (argument.kind == ExprKind::star)
      return refuse(StatementClass::other, "a * inside an expression, which Sluice does not know; name the columns");
  if ((type == "OPERATOR_IS_NULL" || type == "OPERATOR_IS_NOT_NULL") && count == 1) {
    out.kind = ExprKind::is_null;
    out.negated = type == "OPERATOR_IS_NOT_NULL";
  } else if ((type == "COMPARE_IN" || type == "COMPARE_NOT_IN") && count >= 2) {
    out.kind = ExprKind::in_list;
    out.negated = type == "COMPARE_NOT_IN";
  } else if (type == "ARRAY_EXTRACT" && count == 2) {
    out.kind = ExprKind::subscript;
  } else if (type == "ARRAY_SLICE" && count >= 3) {
    out.kind = ExprKind::subscript;
    out.name.emplace_back("slice");
  } else if (type == "STRUCT_EXTRACT" && count == 2 && out.args[1].kind == ExprKind::literal && out.args[1].literal == LiteralKind::text) {
    out.kind = ExprKind::subscript;
    out.text = std::move(out.args[1].text);
    out.args.pop_back();
  } else if (type == "ARRAY_CONSTRUCTOR") {
    out.kind = ExprKind::array;
  } else if (type == "OPERATOR_COALESCE") {
    out.name.emplace_back("coalesce");
  } else if (type == "OPERATOR_NULLIF") {
    out.name.emplace_back("nullif");
  } else if (type == "GROUPING_FUNCTION") {
    out.name.emplace_back("grouping");
  } else if (type == "OPERATOR_TRY") {
    out.name.emplace_back("try");
  } else {
    return refuse(StatementClass::other, "an operator that Sluice does not know (" + std::string(type) + ")");
  }
  return out;
}

Result<Expr> DuckdbTree::function(const Json& node) {
  if (node.flag("export_state")) return refuse(StatementClass::other, "EXPORT_STATE, which Sluice does not know");
  TRY_VOID(known(node, "FUNCTION",
                 {"class", "type", "alias", "query_location", "function_name", "schema", "children", "filter", "order_bys", "distinct", "is_operator",
                  "export_state", "catalog"}));
  Expr out = make(ExprKind::call, node);
  const std::string_view name = node.text("function_name");
  const bool in_main = node.text("schema") == "main" && node.text("catalog").empty();
  TRY(out.args, arguments(node["children"], takes_lambdas(name)));
  out.distinct = node.flag("distinct");
  TRY_VOID(optional_expr(node["filter"], out.filter));
  if (const Json& order = node["order_bys"]; !order.is_null()) {
    TRY_VOID(known(order, "ORDER BY", {"type", "orders"}));
    TRY(out.order_by, sort_keys(order["orders"]));
  }
  const bool plain = !out.distinct && out.filter.empty() && out.order_by.empty();
  if (node.flag("is_operator")) {
    if (!plain || out.args.empty() || out.args.size() > 2 || name.ends_with("__postfix"))
      return refuse(StatementClass::other, "an operator that Sluice does not know (" + std::string(name) + ")");
    out.kind = ExprKind::op;
    out.name.push_back(operator_name(name));
    return out;
  }
  // [1, 2], (1, 2) and {'a': 1} come as calls of main's functions.
  if (in_main && plain && name == "list_value") {
    out.kind = ExprKind::array;
    return out;
  }
  const bool all_named =
      std::all_of(out.args.begin(), out.args.end(), [](const Expr& arg) { return arg.kind == ExprKind::op && arg.name[0] == "=>"; });
  if (in_main && plain &&
      ((name == "row" &&
        std::none_of(out.args.begin(), out.args.end(), [](const Expr& arg) { return arg.kind == ExprKind::op && arg.name[0] == "=>"; })) ||
       (name == "struct_pack" && all_named && !out.args.empty()))) {
    out.kind = ExprKind::row;
    if (name == "row") return out;
    for (Expr& field : out.args) {
      out.name.push_back(std::move(field.text));
      Expr value = std::move(field.args.front());
      field = std::move(value);
    }
    return out;
  }
  if (plain && out.args.size() == 1 && !interval_unit(name).empty()) {
    if (const Expr* number = interval_number(out.args[0])) {
      Expr literal = make_literal(LiteralKind::interval, number->text + " " + std::string(interval_unit(name)));
      literal.location = out.location;
      return literal;
    }
  }
  for (const char* part : {"catalog", "schema", "function_name"})
    if (const std::string_view text = node.text(part); !text.empty()) out.name.emplace_back(text);
  // count(*) is a function of its own in DuckDB's tree.
  if (out.name == std::vector<std::string>{"count_star"} && out.args.empty()) {
    out.name = {"count"};
    out.args.push_back(make_expr(ExprKind::star, out.location));
  }
  return out;
}

Result<Expr> DuckdbTree::window(const Json& node) {
  TRY_VOID(known(node, "WINDOW", {"class",          "type",     "alias",       "query_location", "function_name", "schema",
                                  "catalog",        "children", "partitions",  "orders",         "start",         "end",
                                  "start_expr",     "end_expr", "offset_expr", "default_expr",   "ignore_nulls",  "filter_expr",
                                  "exclude_clause", "distinct", "arg_orders"}));
  Expr out = make(ExprKind::call, node);
  for (const char* part : {"catalog", "schema", "function_name"})
    if (const std::string_view text = node.text(part); !text.empty()) out.name.emplace_back(text);
  TRY(out.args, arguments(node["children"], false));
  TRY_VOID(optional_expr(node["offset_expr"], out.args));
  // lag(x, DEFAULT) without an offset has no spelling.
  if (is_empty(node["offset_expr"]) && !is_empty(node["default_expr"]))
    return refuse(StatementClass::other, "a window function that Sluice does not know");
  TRY_VOID(optional_expr(node["default_expr"], out.args));
  if (out.name == std::vector<std::string>{"count_star"} || (out.name == std::vector<std::string>{"count"} && out.args.empty())) {
    out.name = {"count"};
    out.args.push_back(make_expr(ExprKind::star, out.location));
  }
  out.distinct = node.flag("distinct");
  out.ignore_nulls = node.flag("ignore_nulls");
  TRY_VOID(optional_expr(node["filter_expr"], out.filter));
  TRY(out.order_by, sort_keys(node["arg_orders"]));
  Window over;
  TRY(over.partition_by, exprs(node["partitions"]));
  TRY(over.order_by, sort_keys(node["orders"]));
  TRY_VOID(frame(node, over));
  out.window.push_back(std::move(over));
  return out;
}

Result<> DuckdbTree::frame(const Json& node, Window& out) {
  const std::string_view start = node.text("start"), end = node.text("end"), exclude = node.text("exclude_clause");
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kExcludes{
      {{"NO_OTHER", ""}, {"CURRENT_ROW", " exclude current row"}, {"GROUP", " exclude group"}, {"TIES", " exclude ties"}}};
  const auto* excluded = kExcludes.begin();
  while (excluded != kExcludes.end() && excluded->first != exclude) ++excluded;
  const std::string from = edge_words(start), to = edge_words(end);
  if (from.empty() || to.empty() || excluded == kExcludes.end()) return refuse(StatementClass::other, "a window frame that Sluice does not know");
  const bool by_default = start == "UNBOUNDED_PRECEDING" && end == "CURRENT_ROW_RANGE" && excluded->second.empty();
  if (!by_default) {
    // The unbounded edges don't say their unit; with both unbounded it has no meaning.
    const std::string_view unit = start.starts_with("UNBOUNDED") ? end : start;
    out.frame = unit.ends_with("_RANGE") ? "range" : unit.ends_with("_GROUPS") ? "groups" : "rows";
    out.frame += " between " + from + " and " + to + std::string(excluded->second);
  }
  TRY_VOID(optional_expr(node["start_expr"], out.bounds));
  return optional_expr(node["end_expr"], out.bounds);
}

}  // namespace sluice
