#include "base/text.h"
#include "sql/parser.h"
#include "sql/postgres_tree.h"

namespace sluice {
namespace {

const Json kNothing;

/// "LCS_FORUPDATE" → "FOR UPDATE".
std::string_view lock_words(std::string_view strength) {
  if (strength == "LCS_FORKEYSHARE") return "FOR KEY SHARE";
  if (strength == "LCS_FORSHARE") return "FOR SHARE";
  if (strength == "LCS_FORNOKEYUPDATE") return "FOR NO KEY UPDATE";
  return "FOR UPDATE";
}

}  // namespace

std::pair<std::string_view, const Json&> unwrapped(const Json& node) {
  const auto* members = node.as_object();
  if (members == nullptr || members->size() != 1) return {"", kNothing};
  return {members->front().first, members->front().second};
}

Result<> PostgresTree::check_select(const Json& select) {
  TRY_VOID(known(select, "SelectStmt", {"distinctClause", "intoClause",   "targetList",  "fromClause", "whereClause", "groupClause", "groupDistinct",
                                        "havingClause",   "windowClause", "valuesLists", "sortClause", "limitOffset", "limitCount",  "limitOption",
                                        "lockingClause",  "withClause",   "op",          "all",        "larg",        "rarg"}));
  if (select.find("intoClause") != nullptr) return refuse(StatementClass::ddl, "SELECT … INTO creates a table");
  if (const Json* locks = select.find("lockingClause")) {
    const auto* list = locks->as_array();
    const std::string_view strength = list != nullptr && !list->empty() ? unwrapped(list->front()).second.text("strength") : "";
    return refuse(StatementClass::write, "SELECT … " + std::string(lock_words(strength)) + " locks rows");
  }
  if (select.flag("groupDistinct")) return refuse(StatementClass::other, "GROUP BY DISTINCT, which Sluice does not know");
  return {};
}

Result<Query> PostgresTree::query(const Json& select) {
  const Level level(*this);
  if (!level.ok()) return too_deep();
  Query out;
  // WITH first: of several reasons to refuse, a write inside WITH is the one to name.
  if (const Json* clause = select.find("withClause")) {
    TRY(out.with, with(*clause));
  }
  TRY_VOID(check_select(select));
  const std::string_view op = select.text("op");
  if (op == "SETOP_NONE") {
    TRY_VOID(select_body(select, out));
  } else {
    TRY_VOID(set_operation(select, out));
  }
  TRY_VOID(order_and_limit(select, out));
  return out;
}

Result<> PostgresTree::set_operation(const Json& select, Query& out) {
  const std::string_view op = select.text("op");
  const bool all = select.flag("all");
  if (op == "SETOP_UNION") {
    out.set_op = all ? SetOp::union_all : SetOp::union_distinct;
  } else if (op == "SETOP_INTERSECT") {
    out.set_op = all ? SetOp::intersect_all : SetOp::intersect_distinct;
  } else if (op == "SETOP_EXCEPT") {
    out.set_op = all ? SetOp::except_all : SetOp::except_distinct;
  } else {
    return refuse(StatementClass::other, "a set operation that Sluice does not know (" + std::string(op) + ")");
  }
  TRY(Query left, query(select["larg"]));
  TRY(Query right, query(select["rarg"]));
  out.operands.push_back(std::move(left));
  out.operands.push_back(std::move(right));
  return {};
}

Result<> PostgresTree::select_body(const Json& select, Query& out) {
  if (const Json* lists = select.find("valuesLists")) {
    TRY(Relation relation, values(*lists));
    out.targets.push_back(Target{make_expr(ExprKind::star), ""});
    out.from.push_back(std::move(relation));
    return {};
  }
  if (const Json* clause = select.find("distinctClause")) TRY_VOID(distinct(*clause, out));
  if (const auto* list = select["targetList"].as_array()) {
    for (const Json& node : *list) {
      TRY(Target item, target(node));
      out.targets.push_back(std::move(item));
    }
  }
  if (const auto* list = select["fromClause"].as_array()) {
    for (const Json& node : *list) {
      TRY(Relation item, relation(node));
      out.from.push_back(std::move(item));
    }
  }
  if (const Json* where = select.find("whereClause")) {
    TRY(Expr value, expr(*where));
    out.where.push_back(std::move(value));
  }
  if (const Json* clause = select.find("groupClause")) TRY_VOID(group_by(*clause, out));
  if (const Json* having = select.find("havingClause")) {
    TRY(Expr value, expr(*having));
    out.having.push_back(std::move(value));
  }
  if (const auto* list = select["windowClause"].as_array()) {
    for (const Json& node : *list) {
      const auto [kind, body] = unwrapped(node);
      if (kind != "WindowDef") return refuse(StatementClass::other, "a WINDOW clause that Sluice does not know");
      TRY(Window item, window(body, true));
      out.windows.emplace_back(std::string(body.text("name")), std::move(item));
    }
  }
  return {};
}

Result<> PostgresTree::distinct(const Json& clause, Query& out) {
  // Plain DISTINCT is a list of one null; DISTINCT ON a list of its expressions.
  const auto* list = clause.as_array();
  if (list == nullptr || list->empty()) return refuse(StatementClass::other, "a DISTINCT that Sluice does not know");
  out.distinct = true;
  if (list->size() == 1 && is_empty(list->front())) return {};
  TRY(out.distinct_on, exprs(clause));
  return {};
}

Result<> PostgresTree::order_and_limit(const Json& select, Query& out) {
  if (const Json* clause = select.find("sortClause")) {
    TRY(out.order_by, sort_keys(*clause));
  }
  // LIMIT ALL and LIMIT NULL are a null constant: no limit.
  const auto bound = [&](const char* member, std::vector<Expr>& into) -> Result<> {
    const Json* node = select.find(member);
    if (node == nullptr) return {};
    TRY(Expr value, expr(*node));
    if (value.kind != ExprKind::literal || value.literal != LiteralKind::null) into.push_back(std::move(value));
    return {};
  };
  TRY_VOID(bound("limitCount", out.limit));
  TRY_VOID(bound("limitOffset", out.offset));
  const std::string_view option = select.text("limitOption");
  if (option != "LIMIT_OPTION_DEFAULT" && option != "LIMIT_OPTION_COUNT" && option != "LIMIT_OPTION_WITH_TIES")
    return refuse(StatementClass::other, "a LIMIT that Sluice does not know (" + std::string(option) + ")");
  out.with_ties = option == "LIMIT_OPTION_WITH_TIES";
  return {};
}

Result<Query> PostgresTree::wrapped_query(const Json& node) {
  const auto [kind, body] = unwrapped(node);
  if (kind != "SelectStmt") return refuse(StatementClass::other, "a subquery that is not a SELECT (" + std::string(kind) + ")");
  return query(body);
}

Result<std::vector<Cte>> PostgresTree::with(const Json& clause) {
  TRY_VOID(known(clause, "WithClause", {"ctes", "recursive", "location"}));
  std::vector<Cte> out;
  const auto* list = clause["ctes"].as_array();
  if (list == nullptr) return refuse(StatementClass::other, "a WITH that Sluice does not know");
  for (const Json& node : *list) {
    TRY(Cte item, cte(node, clause.flag("recursive")));
    out.push_back(std::move(item));
  }
  return out;
}

Result<Cte> PostgresTree::cte(const Json& node, bool recursive) {
  const auto [kind, body] = unwrapped(node);
  if (kind != "CommonTableExpr") return refuse(StatementClass::other, "a WITH that Sluice does not know");
  const auto [inner, statement] = unwrapped(body["ctequery"]);
  for (const std::string_view verb : {"Insert", "Update", "Delete", "Merge"}) {
    if (inner != std::string(verb) + "Stmt") continue;
    std::string words = to_lower(verb);
    for (char& c : words) c = static_cast<char>(c - 'a' + 'A');
    return refuse(StatementClass::write, words + " inside WITH");
  }
  if (body.find("search_clause") != nullptr) return refuse(StatementClass::other, "WITH … SEARCH, which Sluice does not know");
  if (body.find("cycle_clause") != nullptr) return refuse(StatementClass::other, "WITH … CYCLE, which Sluice does not know");
  TRY_VOID(known(body, kind, {"ctename", "aliascolnames", "ctematerialized", "ctequery", "location"}));
  Cte out;
  out.name = body.text("ctename");
  out.recursive = recursive;
  if (const Json* columns = body.find("aliascolnames")) {
    TRY(out.columns, names(*columns));
  }
  const std::string_view materialized = body.text("ctematerialized");
  if (materialized == "CTEMaterializeAlways") out.materialized = true;
  if (materialized == "CTEMaterializeNever") out.materialized = false;
  if (inner != "SelectStmt") return refuse(StatementClass::other, "a statement inside WITH that is not a SELECT (" + std::string(inner) + ")");
  TRY(Query inside, query(statement));
  out.query.push_back(std::move(inside));
  return out;
}

Result<Target> PostgresTree::target(const Json& node) {
  const auto [kind, body] = unwrapped(node);
  if (kind != "ResTarget") return refuse(StatementClass::other, "a part that Sluice does not know (" + std::string(kind) + ")");
  TRY_VOID(known(body, kind, {"name", "val", "location"}));
  TRY(Expr value, expr(body["val"]));
  return Target{std::move(value), std::string(body.text("name"))};
}

}  // namespace sluice
