#include "base/text.h"
#include "sql/expr_text.h"

namespace sluice {
namespace {

std::string exprs(const std::vector<Expr>& list) {
  std::string out;
  for (const Expr& expr : list) out += (out.empty() ? "" : ", ") + expr_text(expr);
  return out;
}

std::string_view join_word(const Relation& relation) {
  switch (relation.join) {
    case JoinKind::inner: return "JOIN";
    case JoinKind::left: return "LEFT JOIN";
    case JoinKind::right: return "RIGHT JOIN";
    case JoinKind::full: return "FULL JOIN";
    case JoinKind::cross: return "CROSS JOIN";
    case JoinKind::semi: return "SEMI JOIN";
    case JoinKind::anti: return "ANTI JOIN";
    case JoinKind::asof: return "ASOF JOIN";
    case JoinKind::positional: return "POSITIONAL JOIN";
  }
  return "JOIN";
}

std::string_view set_word(SetOp op) {
  switch (op) {
    case SetOp::none: return "";
    case SetOp::union_all: return "UNION ALL";
    case SetOp::union_distinct: return "UNION";
    case SetOp::intersect_all: return "INTERSECT ALL";
    case SetOp::intersect_distinct: return "INTERSECT";
    case SetOp::except_all: return "EXCEPT ALL";
    case SetOp::except_distinct: return "EXCEPT";
  }
  return "";
}

std::string with_text(const Query& query) {
  std::string out;
  for (const Cte& cte : query.with) {
    out += out.empty() ? (cte.recursive ? "WITH RECURSIVE " : "WITH ") : ", ";
    out += name_text(cte.name);
    if (!cte.columns.empty()) {
      std::string names;
      for (const std::string& column : cte.columns) names += (names.empty() ? "" : ", ") + name_text(column);
      out += "(" + names + ")";
    }
    out += cte.materialized ? (*cte.materialized ? " AS MATERIALIZED (" : " AS NOT MATERIALIZED (") : " AS (";
    out += (cte.query.empty() ? "?" : query_text(cte.query[0])) + ")";
  }
  return out.empty() ? out : out + " ";
}

std::string grouping_text(const Query& query) {
  if (query.group_by_all) return "ALL";
  if (query.grouping_sets.empty()) return exprs(query.group_by);
  std::string out = "GROUPING SETS (";
  for (std::size_t i = 0; i < query.grouping_sets.size(); ++i) {
    std::string set;
    for (const std::size_t index : query.grouping_sets[i])
      set += (set.empty() ? "" : ", ") + (index < query.group_by.size() ? expr_text(query.group_by[index]) : "?");
    out += (i > 0 ? ", (" : "(") + set + ")";
  }
  return out + ")";
}

std::string tail_text(const Query& query) {
  std::string out;
  for (const SortKey& key : query.order_by) {
    out += (out.empty() ? " ORDER BY " : ", ") + (query.order_by_all ? "ALL" : expr_text(key.value)) + (key.descending ? " DESC" : "");
    if (key.nulls_first) out += *key.nulls_first ? " NULLS FIRST" : " NULLS LAST";
  }
  if (query.order_by_all && query.order_by.empty()) out += " ORDER BY ALL";
  if (!query.limit.empty())
    out += " LIMIT " + expr_text(query.limit[0]) + (query.limit_percent ? " PERCENT" : "") + (query.with_ties ? " WITH TIES" : "");
  if (!query.offset.empty()) out += " OFFSET " + expr_text(query.offset[0]);
  return out;
}

std::string select_text(const Query& query) {
  std::string out = "SELECT ";
  if (!query.distinct_on.empty()) {
    out += "DISTINCT ON (" + exprs(query.distinct_on) + ") ";
  } else if (query.distinct) {
    out += "DISTINCT ";
  }
  std::string targets;
  for (const Target& target : query.targets)
    targets += (targets.empty() ? "" : ", ") + expr_text(target.value) + (target.alias.empty() ? "" : " AS " + name_text(target.alias));
  out += targets;
  std::string from;
  for (const Relation& relation : query.from) from += (from.empty() ? " FROM " : ", ") + relation_text(relation);
  out += from;
  if (!query.where.empty()) out += " WHERE " + expr_text(query.where[0]);
  if (!query.group_by.empty() || query.group_by_all || !query.grouping_sets.empty()) out += " GROUP BY " + grouping_text(query);
  if (!query.having.empty()) out += " HAVING " + expr_text(query.having[0]);
  if (!query.qualify.empty()) out += " QUALIFY " + expr_text(query.qualify[0]);
  std::string windows;
  for (const auto& [name, window] : query.windows) windows += (windows.empty() ? " WINDOW " : ", ") + name_text(name) + " AS " + window_text(window);
  return out + windows;
}

std::string join_text(const Relation& relation) {
  if (relation.sides.size() != 2) return "?";
  const bool nested = relation.sides[1].kind == RelationKind::join && relation.sides[1].alias.empty();
  const std::string right = relation_text(relation.sides[1]);
  std::string out = relation_text(relation.sides[0]) + (relation.natural ? " NATURAL " : " ") + std::string(join_word(relation)) + " " +
                    (nested ? "(" + right + ")" : right);
  if (!relation.on.empty()) out += " ON " + expr_text(relation.on[0]);
  std::string columns;
  for (const std::string& column : relation.using_columns) columns += (columns.empty() ? "" : ", ") + name_text(column);
  return columns.empty() ? out : out + " USING (" + columns + ")";
}

std::string values_text(const Relation& relation) {
  std::string out;
  for (const std::vector<Expr>& row : relation.rows) out += (out.empty() ? "VALUES (" : ", (") + exprs(row) + ")";
  return out;
}

}  // namespace

std::string relation_text(const Relation& relation) {
  std::string out;
  switch (relation.kind) {
    case RelationKind::table: out = names_text(relation.name); break;
    case RelationKind::subquery: out = "(" + (relation.query.empty() ? "?" : query_text(relation.query[0])) + ")"; break;
    case RelationKind::join: out = relation.alias.empty() ? join_text(relation) : "(" + join_text(relation) + ")"; break;
    case RelationKind::function: out = relation.call.size() == 1 ? expr_text(relation.call[0]) : "ROWS FROM (" + exprs(relation.call) + ")"; break;
    case RelationKind::values: out = "(" + values_text(relation) + ")"; break;
  }
  if (relation.lateral && relation.kind != RelationKind::table) out = "LATERAL " + out;
  if (relation.ordinality) out += " WITH ORDINALITY";
  std::string columns;
  for (const std::string& column : relation.column_aliases) columns += (columns.empty() ? "" : ", ") + name_text(column);
  if (!relation.alias.empty() || !columns.empty()) out += " AS " + name_text(relation.alias) + (columns.empty() ? "" : "(" + columns + ")");
  if (relation.sampled) out += " TABLESAMPLE " + frame_text(show_hidden(relation.sample_text, false), relation.sample);
  return out;
}

std::string query_text(const Query& query) {
  std::string out = with_text(query);
  if (query.set_op == SetOp::none) {
    out += select_text(query);
  } else {
    for (std::size_t i = 0; i < query.operands.size(); ++i)
      out +=
          (i > 0 ? " " + std::string(set_word(query.set_op)) + (query.by_name ? " BY NAME " : " ") : "") + "(" + query_text(query.operands[i]) + ")";
  }
  return out + tail_text(query);
}

}  // namespace sluice
