#include <array>

#include "sql/duckdb_tree.h"
#include "sql/parser.h"

namespace sluice {

Result<Query> DuckdbTree::statement(const Json& node) {
  TRY_VOID(known(node, "SelectStatement", {"node", "named_param_map"}));
  return query(node["node"]);
}

Result<Query> DuckdbTree::query(const Json& node) {
  const Level level(*this);
  if (!level.ok()) return too_deep();
  Query out;
  if (const Json* map = node.find("cte_map")) {
    TRY(out.with, with((*map)["map"]));
  }
  const std::string_view type = node.text("type");
  if (type == "SELECT_NODE") {
    TRY_VOID(select_node(node, out));
  } else if (type == "SET_OPERATION_NODE") {
    TRY_VOID(set_operation(node, out));
  } else if (type == "RECURSIVE_CTE_NODE") {
    TRY_VOID(recursive_cte(node, out));
  } else {
    return refuse(StatementClass::other, "a query that Sluice does not know (" + std::string(type) + ")");
  }
  TRY_VOID(modifiers(node["modifiers"], out));
  return out;
}

Result<Target> DuckdbTree::target(const Json& node) {
  TRY(Expr value, named_expr(node));
  return Target{std::move(value), std::string(node.text("alias"))};
}

Result<> DuckdbTree::select_node(const Json& node, Query& out) {
  if (!is_empty(node["sample"])) return refuse(StatementClass::other, "USING SAMPLE, which Sluice does not know; write TABLESAMPLE after the table");
  TRY_VOID(known(node, "SELECT_NODE",
                 {"type", "modifiers", "cte_map", "select_list", "from_table", "where_clause", "group_expressions", "group_sets",
                  "aggregate_handling", "having", "qualify"}));
  // Left-out empty members would hide an empty grouping set.
  for (const char* member : {"modifiers", "select_list", "from_table", "where_clause", "group_sets", "aggregate_handling", "qualify"})
    if (node.find(member) == nullptr) return refuse(StatementClass::other, "a tree without its member " + std::string(member));
  const auto* list = node["select_list"].as_array();
  if (list == nullptr) return refuse(StatementClass::other, "a SELECT that Sluice does not know");
  for (const Json& item : *list) {
    TRY(Target column, target(item));
    out.targets.push_back(std::move(column));
  }
  if (node["from_table"].text("type") != "EMPTY") {
    TRY(Relation from, relation(node["from_table"]));
    out.from.push_back(std::move(from));
  }
  TRY_VOID(optional_expr(node["where_clause"], out.where));
  TRY_VOID(group_by(node, out));
  TRY_VOID(optional_expr(node["having"], out.having));
  return optional_expr(node["qualify"], out.qualify);
}

Result<> DuckdbTree::group_by(const Json& node, Query& out) {
  TRY(out.group_by, exprs(node["group_expressions"]));
  const std::string_view handling = node.text("aggregate_handling");
  if (handling != "STANDARD_HANDLING" && handling != "FORCE_AGGREGATES")
    return refuse(StatementClass::other, "a GROUP BY that Sluice does not know (" + std::string(handling) + ")");
  out.group_by_all = handling == "FORCE_AGGREGATES";
  const auto* sets = node["group_sets"].as_array();
  if (sets == nullptr) return refuse(StatementClass::other, "a GROUP BY that Sluice does not know");
  for (const Json& set : *sets) {
    std::vector<std::size_t> indexes;
    if (set.as_array() == nullptr) return refuse(StatementClass::other, "a grouping set that Sluice does not know");
    for (const Json& index : *set.as_array()) {
      const auto* number = index.as_int();
      if (number == nullptr || *number < 0 || static_cast<std::size_t>(*number) >= out.group_by.size())
        return refuse(StatementClass::other, "a grouping set that Sluice does not know");
      indexes.push_back(static_cast<std::size_t>(*number));
    }
    out.grouping_sets.push_back(std::move(indexes));
  }
  // One set with everything is a plain GROUP BY.
  if (out.grouping_sets.size() == 1 && !out.group_by.empty() && out.grouping_sets.front().size() == out.group_by.size()) out.grouping_sets.clear();
  return {};
}

Result<> DuckdbTree::set_operation(const Json& node, Query& out) {
  TRY_VOID(known(node, "SET_OPERATION_NODE", {"type", "modifiers", "cte_map", "setop_type", "left", "right", "setop_all"}));
  const std::string_view type = node.text("setop_type");
  // setop_all is true unless it is given.
  const Json& given = node["setop_all"];
  const bool all = given.as_bool() == nullptr || *given.as_bool();
  out.by_name = type == "UNION_BY_NAME";
  if (type == "UNION" || out.by_name) {
    out.set_op = all ? SetOp::union_all : SetOp::union_distinct;
  } else if (type == "INTERSECT") {
    out.set_op = all ? SetOp::intersect_all : SetOp::intersect_distinct;
  } else if (type == "EXCEPT") {
    out.set_op = all ? SetOp::except_all : SetOp::except_distinct;
  } else {
    return refuse(StatementClass::other, "a set operation that Sluice does not know (" + std::string(type) + ")");
  }
  TRY(Query left, query(node["left"]));
  TRY(Query right, query(node["right"]));
  out.operands.push_back(std::move(left));
  out.operands.push_back(std::move(right));
  return {};
}

Result<> DuckdbTree::recursive_cte(const Json& node, Query& out) {
  if (node["key_targets"].size() > 0) return refuse(StatementClass::other, "WITH RECURSIVE … USING KEY, which Sluice does not know");
  TRY_VOID(known(node, "RECURSIVE_CTE_NODE", {"type", "modifiers", "cte_map", "cte_name", "union_all", "left", "right", "aliases"}));
  const Json& given = node["union_all"];
  out.set_op = given.as_bool() == nullptr || *given.as_bool() ? SetOp::union_all : SetOp::union_distinct;
  TRY(Query left, query(node["left"]));
  TRY(Query right, query(node["right"]));
  out.operands.push_back(std::move(left));
  out.operands.push_back(std::move(right));
  return {};
}

Result<std::vector<Cte>> DuckdbTree::with(const Json& map) {
  std::vector<Cte> out;
  if (map.is_null()) return out;
  if (map.as_array() == nullptr) return refuse(StatementClass::other, "a WITH that Sluice does not know");
  for (const Json& entry : *map.as_array()) {
    TRY_VOID(known(entry, "WITH", {"key", "value"}));
    const Json& info = entry["value"];
    if (info["key_targets"].size() > 0) return refuse(StatementClass::other, "WITH RECURSIVE … USING KEY, which Sluice does not know");
    TRY_VOID(known(info, "WITH", {"aliases", "query", "materialized"}));
    Cte cte;
    cte.name = entry.text("key");
    TRY(cte.columns, names(info["aliases"]));
    cte.recursive = info["query"]["node"].text("type") == "RECURSIVE_CTE_NODE";
    const std::string_view materialized = info.text("materialized");
    if (materialized == "CTE_MATERIALIZE_ALWAYS") cte.materialized = true;
    if (materialized == "CTE_MATERIALIZE_NEVER") cte.materialized = false;
    TRY(Query inside, statement(info["query"]));
    cte.query.push_back(std::move(inside));
    out.push_back(std::move(cte));
  }
  return out;
}

Result<> DuckdbTree::modifiers(const Json& list, Query& out) {
  if (list.is_null()) return {};
  if (list.as_array() == nullptr) return refuse(StatementClass::other, "a clause that Sluice does not know");
  static constexpr std::array<std::string_view, 4> kOrder{"DISTINCT_MODIFIER", "ORDER_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER"};
  // They are carried out in the order in which they stand; the tree can only say DISTINCT, then ORDER BY, then one LIMIT.
  std::size_t next = 0;
  for (const Json& modifier : *list.as_array()) {
    const std::string_view type = modifier.text("type");
    std::size_t rank = 0;
    while (rank < kOrder.size() && kOrder.at(rank) != type) ++rank;
    if (rank < next || rank == kOrder.size()) return refuse(StatementClass::other, "a clause that Sluice does not know (" + std::string(type) + ")");
    next = rank < 2 ? rank + 1 : kOrder.size();
    if (rank == 0) {
      TRY_VOID(known(modifier, type, {"type", "distinct_on_targets"}));
      out.distinct = true;
      TRY(out.distinct_on, exprs(modifier["distinct_on_targets"]));
    } else if (rank == 1) {
      TRY_VOID(known(modifier, type, {"type", "orders"}));
      TRY_VOID(order_by(modifier["orders"], out));
    } else {
      TRY_VOID(limit(modifier, out));
    }
  }
  return {};
}

Result<> DuckdbTree::limit(const Json& modifier, Query& out) {
  const std::string_view type = modifier.text("type");
  TRY_VOID(known(modifier, type, {"type", "limit", "offset"}));
  out.limit_percent = type == "LIMIT_PERCENT_MODIFIER";
  TRY_VOID(optional_expr(modifier["limit"], out.limit));
  TRY_VOID(optional_expr(modifier["offset"], out.offset));
  // LIMIT ALL and LIMIT NULL: no limit.
  for (auto* bound : {&out.limit, &out.offset})
    if (!bound->empty() && bound->front().kind == ExprKind::literal && bound->front().literal == LiteralKind::null) bound->clear();
  return {};
}

Result<> DuckdbTree::order_by(const Json& list, Query& out) {
  const auto* keys = list.as_array();
  // ORDER BY ALL is a star with `columns` set and no expression.
  if (keys != nullptr && keys->size() == 1) {
    const Json& only = keys->front()["expression"];
    if (only.text("class") == "STAR" && only.flag("columns") && is_empty(only["expr"]) && only.text("relation_name").empty()) {
      TRY_VOID(known(only, "STAR", {"class", "type", "query_location", "columns"}));
      out.order_by_all = true;
      SortKey key;
      key.value.kind = ExprKind::star;
      key.descending = keys->front().text("type") == "DESCENDING";
      const std::string_view nulls = keys->front().text("null_order");
      if (nulls.starts_with("NULLS")) key.nulls_first = nulls == "NULLS FIRST";
      out.order_by.push_back(std::move(key));
      return {};
    }
  }
  TRY(out.order_by, sort_keys(list));
  return {};
}

Result<std::vector<SortKey>> DuckdbTree::sort_keys(const Json& list) {
  std::vector<SortKey> out;
  if (list.is_null()) return out;
  if (list.as_array() == nullptr) return refuse(StatementClass::other, "an ORDER BY that Sluice does not know");
  for (const Json& node : *list.as_array()) {
    TRY_VOID(known(node, "ORDER BY", {"type", "null_order", "expression"}));
    const std::string_view type = node.text("type"), nulls = node.text("null_order");
    const bool plain = type == "ORDER_DEFAULT" || type == "ASCENDING" || type == "DESCENDING";
    const bool plain_nulls = nulls == "ORDER_DEFAULT" || nulls == "NULLS FIRST" || nulls == "NULLS LAST";
    if (!plain || !plain_nulls) return refuse(StatementClass::other, "an ORDER BY that Sluice does not know (" + std::string(type) + ")");
    SortKey key;
    key.descending = type == "DESCENDING";
    if (nulls != "ORDER_DEFAULT") key.nulls_first = nulls == "NULLS FIRST";
    TRY(key.value, expr(node["expression"]));
    if (key.value.kind == ExprKind::star) return refuse(StatementClass::other, "a * in ORDER BY, which Sluice does not know");
    out.push_back(std::move(key));
  }
  return out;
}

}  // namespace sluice
