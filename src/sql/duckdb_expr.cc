#include <algorithm>
#include <array>

#include "base/text.h"
#include "sql/duckdb_tree.h"
#include "sql/parser.h"

namespace sluice {
namespace {

Expr make(ExprKind kind, const Json& node) {
  Expr out;
  out.kind = kind;
  out.location = duckdb_location(node);
  return out;
}

bool is_boolean(const Json& type) { return type.text("id") == "BOOLEAN"; }

/// TRUE and FALSE come as CAST('t' AS BOOLEAN) without a place of their own.
bool is_boolean_word(const Json& node) {
  const Json& constant = node["child"]["value"];
  return duckdb_location(node) < 0 && is_boolean(node["cast_type"]) && constant["type"].text("id") == "VARCHAR" &&
         (constant.text("value") == "t" || constant.text("value") == "f");
}

/// Words that DuckDB reads as a call of a function unless they are quoted.
bool is_value_keyword(std::string_view name) {
  static constexpr std::array<std::string_view, 5> kWords{"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"};
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) { return equals_ignoring_case(word, name); });
}

}  // namespace

int duckdb_location(const Json& node) {
  // "None" is 2^64-1, which our JSON reads as no integer.
  const std::int64_t at = node.integer("query_location", -1);
  return at >= 0 && at <= static_cast<std::int64_t>(kSqlBytesMax) ? static_cast<int>(at) : -1;
}

DuckdbTree::Converter DuckdbTree::converter_of(std::string_view expression_class) {
  struct Entry {
    std::string_view expression_class;
    Converter convert;
  };
  static constexpr std::array<Entry, 15> kConverters{{{"COLUMN_REF", &DuckdbTree::column},
                                                      {"CONSTANT", &DuckdbTree::constant},
                                                      {"PARAMETER", &DuckdbTree::parameter},
                                                      {"STAR", &DuckdbTree::star},
                                                      {"COMPARISON", &DuckdbTree::comparison},
                                                      {"CONJUNCTION", &DuckdbTree::conjunction},
                                                      {"OPERATOR", &DuckdbTree::operation},
                                                      {"BETWEEN", &DuckdbTree::between},
                                                      {"CASE", &DuckdbTree::case_expr},
                                                      {"CAST", &DuckdbTree::cast},
                                                      {"COLLATE", &DuckdbTree::collate},
                                                      {"FUNCTION", &DuckdbTree::function},
                                                      {"WINDOW", &DuckdbTree::window},
                                                      {"SUBQUERY", &DuckdbTree::subquery_expr},
                                                      {"LAMBDA", &DuckdbTree::arrow}}};
  const auto* found =
      std::find_if(kConverters.begin(), kConverters.end(), [&](const Entry& entry) { return entry.expression_class == expression_class; });
  return found == kConverters.end() ? nullptr : found->convert;
}

Result<Expr> DuckdbTree::named_expr(const Json& node) {
  const Level level(*this);
  if (!level.ok()) return too_deep();
  const std::string_view expression_class = node.text("class");
  const Converter convert = converter_of(expression_class);
  if (convert != nullptr) return (this->*convert)(node);
  if (expression_class == "POSITIONAL_REFERENCE")
    return refuse(StatementClass::other, "a positional reference (#1, or ARRAY(SELECT …)), which Sluice does not know; name the column");
  if (expression_class == "DEFAULT") return refuse(StatementClass::other, "DEFAULT, which has no meaning in a SELECT");
  return refuse(StatementClass::other, "an expression that Sluice does not know (" + std::string(expression_class) + ")");
}

Result<Expr> DuckdbTree::expr(const Json& node) {
  if (!node.text("alias").empty()) return refuse(StatementClass::other, "a name inside an expression (" + std::string(node.text("alias")) + ")");
  return named_expr(node);
}

Result<std::vector<Expr>> DuckdbTree::exprs(const Json& list) {
  std::vector<Expr> out;
  if (list.is_null()) return out;
  if (list.as_array() == nullptr) return refuse(StatementClass::other, "a list that Sluice does not know");
  out.reserve(list.size());
  for (const Json& node : *list.as_array()) {
    TRY(Expr value, expr(node));
    out.push_back(std::move(value));
  }
  return out;
}

Result<std::vector<std::string>> DuckdbTree::names(const Json& list) {
  std::vector<std::string> out;
  if (list.is_null()) return out;
  if (list.as_array() == nullptr) return refuse(StatementClass::other, "a list of names that Sluice does not know");
  for (const Json& name : *list.as_array()) {
    if (name.as_string() == nullptr) return refuse(StatementClass::other, "a list of names that Sluice does not know");
    out.push_back(*name.as_string());
  }
  return out;
}

Result<> DuckdbTree::optional_expr(const Json& node, std::vector<Expr>& out) {
  if (node.is_null()) return {};
  TRY(Expr value, expr(node));
  out.push_back(std::move(value));
  return {};
}

Result<Expr> DuckdbTree::column(const Json& node) {
  TRY_VOID(known(node, "COLUMN_REF", {"class", "type", "alias", "query_location", "column_names"}));
  Expr out = make(ExprKind::column, node);
  TRY(out.name, names(node["column_names"]));
  if (out.name.empty()) return refuse(StatementClass::other, "a column without a name");
  const bool quoted =
      out.location >= 0 && static_cast<std::size_t>(out.location) < sql_.size() && sql_[static_cast<std::size_t>(out.location)] == '"';
  if (out.name.size() == 1 && !quoted && is_value_keyword(out.name[0])) {
    out.kind = ExprKind::call;
    out.name[0] = to_lower(out.name[0]);
    out.text = out.name[0];
  }
  return out;
}

Result<Expr> DuckdbTree::star(const Json& node) {
  if (node.flag("columns")) return refuse(StatementClass::other, "COLUMNS(…), which Sluice does not know; name the columns");
  if (!is_empty(node["rename_list"])) return refuse(StatementClass::other, "* RENAME, which Sluice does not know; name the columns");
  if (!is_empty(node["qualified_exclude_list"]))
    return refuse(StatementClass::other, "EXCLUDE of a qualified column, which Sluice does not know; name the columns");
  TRY_VOID(known(node, "STAR", {"class", "type", "alias", "query_location", "relation_name", "exclude_list", "replace_list"}));
  Expr out = make(ExprKind::star, node);
  if (const std::string_view table = node.text("relation_name"); !table.empty()) out.name.emplace_back(table);
  TRY(out.excluded, names(node["exclude_list"]));
  const auto* replaced = node["replace_list"].as_array();
  if (replaced == nullptr) return out;
  for (const Json& entry : *replaced) {
    TRY_VOID(known(entry, "REPLACE", {"key", "value"}));
    Expr pair = make_expr(ExprKind::op, duckdb_location(entry["value"]));
    pair.name = {"=>"};
    pair.text = entry.text("key");
    TRY(Expr value, named_expr(entry["value"]));
    pair.args.push_back(std::move(value));
    out.args.push_back(std::move(pair));
  }
  return out;
}

Result<Expr> DuckdbTree::parameter(const Json& node) {
  TRY_VOID(known(node, "PARAMETER", {"class", "type", "alias", "query_location", "identifier"}));
  Expr out = make(ExprKind::parameter, node);
  out.text = "$" + std::string(node.text("identifier"));
  return out;
}

Result<Expr> DuckdbTree::comparison(const Json& node) {
  TRY_VOID(known(node, "COMPARISON", {"class", "type", "alias", "query_location", "left", "right"}));
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kOperators{{{"COMPARE_EQUAL", "="},
                                                                                            {"COMPARE_NOTEQUAL", "<>"},
                                                                                            {"COMPARE_LESSTHAN", "<"},
                                                                                            {"COMPARE_LESSTHANOREQUALTO", "<="},
                                                                                            {"COMPARE_GREATERTHAN", ">"},
                                                                                            {"COMPARE_GREATERTHANOREQUALTO", ">="},
                                                                                            {"COMPARE_DISTINCT_FROM", "is distinct from"},
                                                                                            {"COMPARE_NOT_DISTINCT_FROM", "is not distinct from"}}};
  const std::string_view type = node.text("type");
  Expr out = make(ExprKind::op, node);
  for (const auto& [from, name] : kOperators)
    if (from == type) out.name.emplace_back(name);
  if (out.name.empty()) return refuse(StatementClass::other, "a comparison that Sluice does not know (" + std::string(type) + ")");
  // x IS [NOT] TRUE comes as CAST(x AS BOOLEAN) IS [NOT] DISTINCT FROM a boolean constant, which has no other spelling.
  const Json &left = node["left"], &right = node["right"];
  const bool distinct = type == "COMPARE_DISTINCT_FROM" || type == "COMPARE_NOT_DISTINCT_FROM";
  if (distinct && left.text("class") == "CAST" && is_boolean(left["cast_type"]) && !left.flag("try_cast") && right.text("class") == "CONSTANT" &&
      is_boolean(right["value"]["type"]) && !right["value"].flag("is_null")) {
    out.kind = ExprKind::is_bool;
    out.name.clear();
    out.negated = type == "COMPARE_DISTINCT_FROM";
    out.text = right["value"].flag("value") ? "true" : "false";
    TRY_VOID(optional_expr(left["child"], out.args));
    return out;
  }
  TRY_VOID(optional_expr(left, out.args));
  TRY_VOID(optional_expr(right, out.args));
  if (out.args.size() != 2) return refuse(StatementClass::other, "a comparison that Sluice does not know");
  return out;
}

Result<Expr> DuckdbTree::conjunction(const Json& node) {
  TRY_VOID(known(node, "CONJUNCTION", {"class", "type", "alias", "query_location", "children"}));
  const std::string_view type = node.text("type");
  if (type != "CONJUNCTION_AND" && type != "CONJUNCTION_OR")
    return refuse(StatementClass::other, "a logical operator that Sluice does not know (" + std::string(type) + ")");
  Expr out = make(ExprKind::logic, node);
  out.name.emplace_back(type == "CONJUNCTION_AND" ? "and" : "or");
  TRY(out.args, exprs(node["children"]));
  return out;
}

Result<Expr> DuckdbTree::between(const Json& node) {
  TRY_VOID(known(node, "BETWEEN", {"class", "type", "alias", "query_location", "input", "lower", "upper"}));
  if (node.text("type") != "COMPARE_BETWEEN") return refuse(StatementClass::other, "a BETWEEN that Sluice does not know");
  Expr out = make(ExprKind::between, node);
  for (const char* part : {"input", "lower", "upper"}) {
    TRY(Expr value, expr(node[part]));
    out.args.push_back(std::move(value));
  }
  return out;
}

/// CASE x WHEN 1 comes as CASE WHEN x = 1: the tree can't tell the two apart, and they mean the same.
Result<Expr> DuckdbTree::case_expr(const Json& node) {
  TRY_VOID(known(node, "CASE", {"class", "type", "alias", "query_location", "case_checks", "else_expr"}));
  Expr out = make(ExprKind::case_when, node);
  const auto* checks = node["case_checks"].as_array();
  if (checks == nullptr) return refuse(StatementClass::other, "a CASE that Sluice does not know");
  for (const Json& check : *checks) {
    TRY_VOID(known(check, "CASE", {"when_expr", "then_expr"}));
    for (const char* part : {"when_expr", "then_expr"}) {
      TRY(Expr value, expr(check[part]));
      out.args.push_back(std::move(value));
    }
  }
  // A CASE without ELSE gets ELSE NULL at no place.
  const Json& otherwise = node["else_expr"];
  const bool implied = otherwise["value"].flag("is_null") && duckdb_location(otherwise) < 0;
  if (otherwise.is_null() || implied) return out;
  out.has_else = true;
  TRY_VOID(optional_expr(otherwise, out.args));
  return out;
}

Result<Expr> DuckdbTree::cast(const Json& node) {
  TRY_VOID(known(node, "CAST", {"class", "type", "alias", "query_location", "child", "cast_type", "try_cast"}));
  if (node.text("type") != "OPERATOR_CAST") return refuse(StatementClass::other, "a cast that Sluice does not know");
  if (is_boolean_word(node)) {
    Expr word = make(ExprKind::literal, node["child"]);
    word.literal = LiteralKind::boolean;
    word.text = node["child"]["value"].text("value") == "t" ? "true" : "false";
    return word;
  }
  TRY(Expr value, expr(node["child"]));
  TRY(std::string type, type_name(node["cast_type"]));
  const int location = duckdb_location(node);
  // INTERVAL '1 day' stands where its text stands; '1 day'::INTERVAL where the sign does.
  const bool typed_text = (location < 0 || location == value.location) && value.kind == ExprKind::literal && value.literal == LiteralKind::text;
  if (typed_text && type == "INTERVAL" && !node.flag("try_cast")) {
    value.literal = LiteralKind::interval;
    return value;
  }
  Expr out = make(ExprKind::cast, node);
  if (location < 0) out.location = value.location;
  out.text = std::move(type);
  out.lossy_ok = node.flag("try_cast");
  out.args.push_back(std::move(value));
  return out;
}

Result<Expr> DuckdbTree::collate(const Json& node) {
  TRY_VOID(known(node, "COLLATE", {"class", "type", "alias", "query_location", "child", "collation"}));
  Expr out = make(ExprKind::op, node);
  out.name.emplace_back("collate");
  out.text = node.text("collation");
  TRY_VOID(optional_expr(node["child"], out.args));
  return out;
}

/// `a -> b` that is not an argument of a list function: JSON's arrow, or a lambda that DuckDB would not take there.
Result<Expr> DuckdbTree::arrow(const Json& node) {
  TRY_VOID(known(node, "LAMBDA", {"class", "type", "alias", "query_location", "lhs", "expr", "syntax_type"}));
  if (node.text("syntax_type") == "LAMBDA_KEYWORD") return lambda(node);
  Expr out = make(ExprKind::op, node);
  out.name.emplace_back("->");
  TRY_VOID(optional_expr(node["lhs"], out.args));
  TRY_VOID(optional_expr(node["expr"], out.args));
  return out;
}

Result<Expr> DuckdbTree::lambda(const Json& node) {
  TRY_VOID(known(node, "LAMBDA", {"class", "type", "alias", "query_location", "lhs", "expr", "syntax_type"}));
  Expr out = make(ExprKind::lambda, node);
  TRY(Expr parameters, expr(node["lhs"]));
  std::vector<Expr> list;
  if (parameters.kind == ExprKind::row) {
    list = std::move(parameters.args);
  } else {
    list.push_back(std::move(parameters));
  }
  for (Expr& parameter : list) {
    if (parameter.kind != ExprKind::column || parameter.name.size() != 1)
      return refuse(StatementClass::other, "a lambda whose parameters are not names, which Sluice does not know");
    out.excluded.push_back(std::move(parameter.name[0]));
  }
  TRY_VOID(optional_expr(node["expr"], out.args));
  return out;
}

Result<Expr> DuckdbTree::subquery_expr(const Json& node) {
  TRY_VOID(known(node, "SUBQUERY", {"class", "type", "alias", "query_location", "subquery_type", "subquery", "child", "comparison_type"}));
  const std::string_view type = node.text("subquery_type");
  Expr out = make(ExprKind::subquery, node);
  if (type == "EXISTS" || type == "NOT_EXISTS") {
    out.kind = ExprKind::exists;
    out.negated = type == "NOT_EXISTS";
  } else if (type == "ANY") {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kOperators{{{"COMPARE_EQUAL", "="},
                                                                                              {"COMPARE_NOTEQUAL", "<>"},
                                                                                              {"COMPARE_LESSTHAN", "<"},
                                                                                              {"COMPARE_LESSTHANOREQUALTO", "<="},
                                                                                              {"COMPARE_GREATERTHAN", ">"},
                                                                                              {"COMPARE_GREATERTHANOREQUALTO", ">="}}};
    out.kind = ExprKind::in_query;
    for (const auto& [from, name] : kOperators)
      if (from == node.text("comparison_type")) out.name.emplace_back(name);
    if (out.name.empty()) return refuse(StatementClass::other, "an ANY that Sluice does not know");
    TRY(Expr value, expr(node["child"]));
    if (value.kind == ExprKind::row && value.name.empty()) {
      out.args = std::move(value.args);
    } else {
      out.args.push_back(std::move(value));
    }
  } else if (type != "SCALAR") {
    return refuse(StatementClass::other, "a subquery that Sluice does not know (" + std::string(type) + ")");
  }
  TRY(Query inside, statement(node["subquery"]));
  out.query.push_back(std::move(inside));
  return out;
}

}  // namespace sluice
