#include "sql/parser.h"
#include "sql/postgres_tree.h"

namespace sluice {

Result<Relation> PostgresTree::relation(const Json& node) {
  const Level level(*this);
  if (!level.ok()) return too_deep();
  const auto [kind, body] = unwrapped(node);
  if (kind == "RangeVar") return table(body);
  if (kind == "RangeSubselect") return subselect(body);
  if (kind == "RangeFunction") return function(body);
  if (kind == "JoinExpr") return join(body);
  if (kind == "RangeTableSample") return sample(body);
  if (kind == "RangeTableFunc") return refuse(StatementClass::other, "XMLTABLE in FROM, which Sluice does not know");
  return refuse(StatementClass::other, "a part of FROM that Sluice does not know (" + std::string(kind) + ")");
}

Result<> PostgresTree::alias(const Json& body, Relation& out) {
  const Json* clause = body.find("alias");
  if (clause == nullptr) return {};
  TRY_VOID(known(*clause, "Alias", {"aliasname", "colnames"}));
  out.alias = clause->text("aliasname");
  if (const Json* columns = clause->find("colnames")) {
    TRY(out.column_aliases, names(*columns));
  }
  return {};
}

Result<Relation> PostgresTree::table(const Json& body) {
  TRY_VOID(known(body, "RangeVar", {"catalogname", "schemaname", "relname", "inh", "relpersistence", "alias", "location"}));
  if (!body.flag("inh")) return refuse(StatementClass::other, "FROM ONLY, which Sluice does not know");
  Relation out;
  for (const char* part : {"catalogname", "schemaname", "relname"})
    if (const std::string_view name = body.text(part); !name.empty()) out.name.emplace_back(name);
  out.location = static_cast<int>(body.integer("location", 0));
  TRY_VOID(alias(body, out));
  return out;
}

Result<Relation> PostgresTree::values(const Json& lists) {
  Relation out;
  out.kind = RelationKind::values;
  if (lists.as_array() == nullptr) return refuse(StatementClass::other, "a VALUES that Sluice does not know");
  for (const Json& list : *lists.as_array()) {
    const auto [kind, body] = unwrapped(list);
    if (kind != "List") return refuse(StatementClass::other, "a VALUES that Sluice does not know");
    TRY(auto row, exprs(body["items"]));
    out.rows.push_back(std::move(row));
  }
  return out;
}

Result<Relation> PostgresTree::subselect(const Json& body) {
  TRY_VOID(known(body, "RangeSubselect", {"lateral", "subquery", "alias"}));
  TRY(Query inside, wrapped_query(body["subquery"]));
  Relation out;
  const bool only_values = inside.with.empty() && inside.set_op == SetOp::none && inside.from.size() == 1 &&
                           unwrapped(body["subquery"]).second.find("valuesLists") != nullptr && inside.order_by.empty() && inside.limit.empty() &&
                           inside.offset.empty();
  if (only_values) {
    out = std::move(inside.from.front());
  } else {
    out.kind = RelationKind::subquery;
    out.query.push_back(std::move(inside));
  }
  out.lateral = body.flag("lateral");
  TRY_VOID(alias(body, out));
  return out;
}

Result<Relation> PostgresTree::function(const Json& body) {
  if (body.find("coldeflist") != nullptr)
    return refuse(StatementClass::other, "a function in FROM with a column definition list, which Sluice does not know");
  TRY_VOID(known(body, "RangeFunction", {"lateral", "ordinality", "is_rowsfrom", "functions", "alias"}));
  Relation out;
  out.kind = RelationKind::function;
  out.lateral = body.flag("lateral");
  out.ordinality = body.flag("ordinality");
  const auto* functions = body["functions"].as_array();
  if (functions == nullptr) return refuse(StatementClass::other, "a function in FROM that Sluice does not know");
  for (const Json& function : *functions) {
    // Each is a list of the call and its column definitions (null where there are none).
    const auto* pair = unwrapped(function).second["items"].as_array();
    if (pair == nullptr || pair->size() != 2) return refuse(StatementClass::other, "a function in FROM that Sluice does not know");
    if (!is_empty((*pair)[1])) return refuse(StatementClass::other, "a function in FROM with a column definition list, which Sluice does not know");
    TRY(Expr value, expr((*pair)[0]));
    if (value.kind != ExprKind::call) return refuse(StatementClass::other, "an expression in FROM that is not a function call");
    out.location = out.call.empty() ? value.location : out.location;
    out.call.push_back(std::move(value));
  }
  TRY_VOID(alias(body, out));
  return out;
}

Result<Relation> PostgresTree::join(const Json& body) {
  if (body.find("join_using_alias") != nullptr) return refuse(StatementClass::other, "JOIN … USING (…) AS, which Sluice does not know");
  TRY_VOID(known(body, "JoinExpr", {"jointype", "isNatural", "larg", "rarg", "usingClause", "quals", "alias"}));
  Relation out;
  out.kind = RelationKind::join;
  out.natural = body.flag("isNatural");
  TRY(Relation left, relation(body["larg"]));
  TRY(Relation right, relation(body["rarg"]));
  out.sides.push_back(std::move(left));
  out.sides.push_back(std::move(right));
  if (const Json* columns = body.find("usingClause")) {
    TRY(out.using_columns, names(*columns));
  }
  if (const Json* condition = body.find("quals")) {
    TRY(Expr value, expr(*condition));
    out.on.push_back(std::move(value));
  }
  const std::string_view type = body.text("jointype");
  if (type == "JOIN_LEFT") {
    out.join = JoinKind::left;
  } else if (type == "JOIN_RIGHT") {
    out.join = JoinKind::right;
  } else if (type == "JOIN_FULL") {
    out.join = JoinKind::full;
  } else if (type == "JOIN_INNER") {
    const bool bare = !out.natural && out.using_columns.empty() && out.on.empty();
    out.join = bare ? JoinKind::cross : JoinKind::inner;
  } else {
    return refuse(StatementClass::other, "a join that Sluice does not know (" + std::string(type) + ")");
  }
  TRY_VOID(alias(body, out));
  return out;
}

Result<Relation> PostgresTree::sample(const Json& body) {
  TRY_VOID(known(body, "RangeTableSample", {"relation", "method", "args", "repeatable", "location"}));
  TRY(Relation out, relation(body["relation"]));
  TRY(auto method, names(body["method"]));
  if (method.size() != 1 || (method[0] != "bernoulli" && method[0] != "system"))
    return refuse(StatementClass::other, "TABLESAMPLE by a method that Sluice does not know");
  out.sampled = true;
  TRY(out.sample, exprs(body["args"]));
  out.sample_text = method[0] + " (";
  for (std::size_t i = 0; i < out.sample.size(); ++i) out.sample_text += i == 0 ? "?" : ", ?";
  out.sample_text += ')';
  if (const Json* seed = body.find("repeatable")) {
    TRY(Expr value, expr(*seed));
    out.sample.push_back(std::move(value));
    out.sample_text += " repeatable (?)";
  }
  return out;
}

}  // namespace sluice
