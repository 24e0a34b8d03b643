#include <array>

#include "sql/postgres_tree.h"

namespace sluice {
namespace {

Expr make(ExprKind kind, const Json& body) {
  Expr out;
  out.kind = kind;
  out.location = static_cast<int>(body.integer("location", 0));
  return out;
}

/// The keyword operators, whose kind says more than the operator's sign.
const char* keyword_of(std::string_view kind, std::string_view sign) {
  const bool negated = sign.starts_with('!');
  if (kind == "AEXPR_LIKE") return negated ? "not like" : "like";
  if (kind == "AEXPR_ILIKE") return negated ? "not ilike" : "ilike";
  if (kind == "AEXPR_SIMILAR") return negated ? "not similar to" : "similar to";
  if (kind == "AEXPR_DISTINCT") return "is distinct from";
  if (kind == "AEXPR_NOT_DISTINCT") return "is not distinct from";
  return nullptr;
}

}  // namespace

Result<Expr> PostgresTree::operation(const Json& body) {
  TRY_VOID(known(body, "A_Expr", {"kind", "name", "lexpr", "rexpr", "location"}));
  const std::string_view kind = body.text("kind");
  TRY(auto op, names(body["name"]));
  if (op.empty()) return refuse(StatementClass::other, "an operator that Sluice does not know");
  Expr out = make(ExprKind::op, body);
  if (const Json* left = body.find("lexpr")) {
    TRY(Expr value, expr(*left));
    if (kind == "AEXPR_BETWEEN" || kind == "AEXPR_NOT_BETWEEN") return between(body, std::move(value), kind == "AEXPR_NOT_BETWEEN");
    if (kind == "AEXPR_IN") return in_list(body, std::move(value));
    out.args.push_back(std::move(value));
  }
  if (kind == "AEXPR_BETWEEN_SYM" || kind == "AEXPR_NOT_BETWEEN_SYM")
    return refuse(StatementClass::other, "BETWEEN SYMMETRIC, which Sluice does not know");
  TRY(Expr right, expr(body["rexpr"]));
  out.args.push_back(std::move(right));
  if (const char* keyword = keyword_of(kind, op.back())) {
    out.name.emplace_back(keyword);
  } else if (kind == "AEXPR_NULLIF") {
    out.kind = ExprKind::call;
    out.name.emplace_back("nullif");
  } else if (kind == "AEXPR_OP_ANY" || kind == "AEXPR_OP_ALL") {
    out.kind = ExprKind::any_of;
    out.all = kind == "AEXPR_OP_ALL";
    out.name = std::move(op);
  } else if (kind == "AEXPR_OP") {
    out.name = std::move(op);
  } else {
    return refuse(StatementClass::other, "an operator that Sluice does not know (" + std::string(kind) + ")");
  }
  return out;
}

Result<Expr> PostgresTree::between(const Json& body, Expr left, bool negated) {
  TRY(auto bounds, exprs(unwrapped(body["rexpr"]).second["items"]));
  if (bounds.size() != 2) return refuse(StatementClass::other, "a BETWEEN that Sluice does not know");
  Expr out = make(ExprKind::between, body);
  out.negated = negated;
  out.args.push_back(std::move(left));
  for (Expr& bound : bounds) out.args.push_back(std::move(bound));
  return out;
}

Result<Expr> PostgresTree::in_list(const Json& body, Expr left) {
  TRY(auto op, names(body["name"]));
  if (op.size() != 1 || (op[0] != "=" && op[0] != "<>")) return refuse(StatementClass::other, "an IN that Sluice does not know");
  Expr out = make(ExprKind::in_list, body);
  out.negated = op[0] == "<>";
  out.args.push_back(std::move(left));
  TRY(auto items, exprs(unwrapped(body["rexpr"]).second["items"]));
  for (Expr& item : items) out.args.push_back(std::move(item));
  return out;
}

Result<Expr> PostgresTree::call(const Json& body) {
  TRY_VOID(known(body, "FuncCall",
                 {"funcname", "args", "agg_order", "agg_filter", "over", "agg_within_group", "agg_star", "agg_distinct", "func_variadic",
                  "funcformat", "location"}));
  Expr out = make(ExprKind::call, body);
  TRY(out.name, names(body["funcname"]));
  TRY(out.args, exprs(body["args"]));
  if (body.flag("agg_star")) out.args.push_back(make_expr(ExprKind::star, out.location));
  if (body.flag("func_variadic")) {
    if (out.args.empty()) return refuse(StatementClass::other, "a VARIADIC that Sluice does not know");
    Expr spread = make_expr(ExprKind::op, out.args.back().location);
    spread.name = {"variadic"};
    spread.args.push_back(std::move(out.args.back()));
    out.args.back() = std::move(spread);
  }
  out.distinct = body.flag("agg_distinct");
  out.within_group = body.flag("agg_within_group");
  if (const Json* keys = body.find("agg_order")) {
    TRY(out.order_by, sort_keys(*keys));
  }
  if (const Json* condition = body.find("agg_filter")) {
    TRY(Expr value, expr(*condition));
    out.filter.push_back(std::move(value));
  }
  if (const Json* over = body.find("over")) {
    TRY(Window value, window(*over, false));
    out.window.push_back(std::move(value));
  }
  return out;
}

Result<Expr> PostgresTree::coalesce(const Json& body) {
  TRY_VOID(known(body, "CoalesceExpr", {"args", "location"}));
  Expr out = make(ExprKind::call, body);
  out.name.emplace_back("coalesce");
  TRY(out.args, exprs(body["args"]));
  return out;
}

Result<Expr> PostgresTree::min_max(const Json& body) {
  TRY_VOID(known(body, "MinMaxExpr", {"op", "args", "location"}));
  const std::string_view op = body.text("op");
  if (op != "IS_GREATEST" && op != "IS_LEAST") return refuse(StatementClass::other, "a function that Sluice does not know (" + std::string(op) + ")");
  Expr out = make(ExprKind::call, body);
  out.name.emplace_back(op == "IS_GREATEST" ? "greatest" : "least");
  TRY(out.args, exprs(body["args"]));
  return out;
}

Result<Expr> PostgresTree::grouping(const Json& body) {
  TRY_VOID(known(body, "GroupingFunc", {"args", "location"}));
  Expr out = make(ExprKind::call, body);
  out.name.emplace_back("grouping");
  TRY(out.args, exprs(body["args"]));
  return out;
}

Result<Expr> PostgresTree::value_function(const Json& body) {
  TRY_VOID(known(body, "SQLValueFunction", {"op", "typmod", "location"}));
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 15> kNames{{{"SVFOP_CURRENT_DATE", "current_date"},
                                                                                         {"SVFOP_CURRENT_TIME", "current_time"},
                                                                                         {"SVFOP_CURRENT_TIME_N", "current_time"},
                                                                                         {"SVFOP_CURRENT_TIMESTAMP", "current_timestamp"},
                                                                                         {"SVFOP_CURRENT_TIMESTAMP_N", "current_timestamp"},
                                                                                         {"SVFOP_LOCALTIME", "localtime"},
                                                                                         {"SVFOP_LOCALTIME_N", "localtime"},
                                                                                         {"SVFOP_LOCALTIMESTAMP", "localtimestamp"},
                                                                                         {"SVFOP_LOCALTIMESTAMP_N", "localtimestamp"},
                                                                                         {"SVFOP_CURRENT_ROLE", "current_role"},
                                                                                         {"SVFOP_CURRENT_USER", "current_user"},
                                                                                         {"SVFOP_USER", "user"},
                                                                                         {"SVFOP_SESSION_USER", "session_user"},
                                                                                         {"SVFOP_CURRENT_CATALOG", "current_catalog"},
                                                                                         {"SVFOP_CURRENT_SCHEMA", "current_schema"}}};
  const std::string_view op = body.text("op");
  for (const auto& [from, name] : kNames) {
    if (from != op) continue;
    Expr out = make(ExprKind::call, body);
    out.name.emplace_back(name);
    out.text = name;
    if (op.ends_with("_N")) {
      Expr precision = make_literal(LiteralKind::integer, std::to_string(body.integer("typmod")));
      out.args.push_back(std::move(precision));
    }
    return out;
  }
  return refuse(StatementClass::other, "a function that Sluice does not know (" + std::string(op) + ")");
}

Result<Expr> PostgresTree::named_argument(const Json& body) {
  TRY_VOID(known(body, "NamedArgExpr", {"arg", "name", "argnumber", "location"}));
  Expr out = make(ExprKind::op, body);
  out.name.emplace_back("=>");
  out.text = body.text("name");
  TRY(Expr value, expr(body["arg"]));
  out.args.push_back(std::move(value));
  return out;
}

Result<Expr> PostgresTree::collate(const Json& body) {
  TRY_VOID(known(body, "CollateClause", {"arg", "collname", "location"}));
  TRY(auto collation, names(body["collname"]));
  Expr out = make(ExprKind::op, body);
  out.name.emplace_back("collate");
  for (const std::string& part : collation) {
    if (part.find('"') != std::string::npos) return refuse(StatementClass::other, "a collation with a quote in its name");
    out.text += (out.text.empty() ? "\"" : ".\"") + part + "\"";
  }
  TRY(Expr value, expr(body["arg"]));
  out.args.push_back(std::move(value));
  return out;
}

}  // namespace sluice
