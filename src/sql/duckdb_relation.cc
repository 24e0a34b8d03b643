#include <array>

#include "base/text.h"
#include "sql/duckdb_tree.h"
#include "sql/parser.h"

namespace sluice {

Result<Relation> DuckdbTree::relation(const Json& node) {
  const Level level(*this);
  if (!level.ok()) return too_deep();
  struct Entry {
    std::string_view type;
    Result<Relation> (DuckdbTree::*convert)(const Json&);
  };
  static constexpr std::array<Entry, 5> kConverters{{{"BASE_TABLE", &DuckdbTree::table},
                                                     {"JOIN", &DuckdbTree::join},
                                                     {"SUBQUERY", &DuckdbTree::subquery},
                                                     {"TABLE_FUNCTION", &DuckdbTree::table_function},
                                                     {"EXPRESSION_LIST", &DuckdbTree::values}}};
  const std::string_view type = node.text("type");
  for (const Entry& entry : kConverters) {
    if (entry.type != type) continue;
    TRY(Relation out, (this->*entry.convert)(node));
    TRY_VOID(sample(node["sample"], out));
    return out;
  }
  if (type == "SHOW_REF") {
    const std::string_view show = node.text("show_type");
    return refuse(StatementClass::other, show == "SUMMARY"    ? "SUMMARIZE, which Sluice does not know; profile the table instead"
                                         : show == "DESCRIBE" ? "DESCRIBE reads the catalog, not data; use `sluice catalog show`"
                                                              : "SHOW reads the catalog, not data; use `sluice catalog show`");
  }
  if (type == "PIVOT")
    return refuse(StatementClass::other, node["unpivot_names"].size() > 0 ? "UNPIVOT, which Sluice does not know; write UNION ALL"
                                                                          : "PIVOT, which Sluice does not know; write aggregates with FILTER");
  return refuse(StatementClass::other, "a part of FROM that Sluice does not know (" + std::string(type) + ")");
}

Result<Relation> DuckdbTree::table(const Json& node) {
  if (!is_empty(node["at_clause"])) return refuse(StatementClass::other, "AT (VERSION or TIMESTAMP), which Sluice does not know");
  TRY_VOID(
      known(node, "BASE_TABLE", {"type", "alias", "sample", "query_location", "schema_name", "table_name", "column_name_alias", "catalog_name"}));
  Relation out;
  for (const char* part : {"catalog_name", "schema_name", "table_name"})
    if (const std::string_view name = node.text(part); !name.empty()) out.name.emplace_back(name);
  if (node.text("table_name").empty()) return refuse(StatementClass::other, "a table without a name");
  out.alias = node.text("alias");
  out.location = duckdb_location(node);
  TRY(out.column_aliases, names(node["column_name_alias"]));
  return out;
}

Result<Relation> DuckdbTree::join(const Json& node) {
  TRY_VOID(
      known(node, "JOIN",
            {"type", "alias", "sample", "query_location", "left", "right", "condition", "join_type", "ref_type", "using_columns", "is_implicit"}));
  Relation out;
  out.kind = RelationKind::join;
  out.alias = node.text("alias");
  out.location = duckdb_location(node);
  TRY(Relation left, relation(node["left"]));
  TRY(Relation right, relation(node["right"]));
  out.sides.push_back(std::move(left));
  out.sides.push_back(std::move(right));
  TRY_VOID(optional_expr(node["condition"], out.on));
  TRY(out.using_columns, names(node["using_columns"]));
  static constexpr std::array<std::pair<std::string_view, JoinKind>, 7> kKinds{{{"INNER", JoinKind::inner},
                                                                                {"LEFT", JoinKind::left},
                                                                                {"RIGHT", JoinKind::right},
                                                                                {"FULL", JoinKind::full},
                                                                                {"OUTER", JoinKind::full},
                                                                                {"SEMI", JoinKind::semi},
                                                                                {"ANTI", JoinKind::anti}}};
  const std::string_view kind = node.text("join_type"), ref = node.text("ref_type");
  const auto unknown = [&] {
    return refuse(StatementClass::other, "a join that Sluice does not know (" + std::string(ref) + " " + std::string(kind) + ")");
  };
  const auto* found = kKinds.begin();
  while (found != kKinds.end() && found->first != kind) ++found;
  if (found == kKinds.end()) return unknown();
  out.join = found->second;
  out.natural = ref == "NATURAL";
  if (ref == "REGULAR" || ref == "NATURAL") return out;
  // The tree has no side for the others: an outer ASOF join, for one, cannot be said.
  if (out.join != JoinKind::inner) return unknown();
  if (ref == "CROSS") {
    out.join = JoinKind::cross;
  } else if (ref == "ASOF") {
    out.join = JoinKind::asof;
  } else if (ref == "POSITIONAL") {
    out.join = JoinKind::positional;
  } else {
    return unknown();
  }
  return out;
}

Result<Relation> DuckdbTree::values(const Json& node) {
  TRY_VOID(known(node, "EXPRESSION_LIST", {"type", "alias", "sample", "query_location", "values"}));
  Relation out;
  out.kind = RelationKind::values;
  out.location = duckdb_location(node);
  // DuckDB's own name for a list that has none.
  if (node.text("alias") != "valueslist") out.alias = node.text("alias");
  const auto* rows = node["values"].as_array();
  if (rows == nullptr) return refuse(StatementClass::other, "a VALUES that Sluice does not know");
  for (const Json& row : *rows) {
    TRY(auto items, exprs(row));
    out.rows.push_back(std::move(items));
  }
  return out;
}

Result<Relation> DuckdbTree::subquery(const Json& node) {
  TRY_VOID(known(node, "SUBQUERY", {"type", "alias", "sample", "query_location", "subquery", "column_name_alias"}));
  TRY(Query inside, statement(node["subquery"]));
  const Json& select = node["subquery"]["node"];
  const bool only_values = select.text("type") == "SELECT_NODE" && select["from_table"].text("type") == "EXPRESSION_LIST" &&
                           select["select_list"].size() == 1 && duckdb_location((*select["select_list"].as_array())[0]) < 0 &&
                           inside.targets[0].value.kind == ExprKind::star && select["modifiers"].size() == 0 && inside.with.empty() &&
                           inside.where.empty() && inside.from[0].alias.empty() && !inside.from[0].sampled;
  Relation out;
  if (only_values) {
    out = std::move(inside.from.front());
  } else {
    out.kind = RelationKind::subquery;
    out.query.push_back(std::move(inside));
  }
  out.alias = node.text("alias");
  out.location = duckdb_location(node);
  TRY(out.column_aliases, names(node["column_name_alias"]));
  return out;
}

Result<Relation> DuckdbTree::table_function(const Json& node) {
  TRY_VOID(known(node, "TABLE_FUNCTION", {"type", "alias", "sample", "query_location", "function", "column_name_alias", "with_ordinality"}));
  const std::string_view ordinality = node.text("with_ordinality");
  if (!ordinality.empty() && ordinality != "WITHOUT_ORDINALITY" && ordinality != "WITH_ORDINALITY")
    return refuse(StatementClass::other, "a function in FROM that Sluice does not know");
  Relation out;
  out.kind = RelationKind::function;
  out.ordinality = ordinality == "WITH_ORDINALITY";
  out.alias = node.text("alias");
  out.location = duckdb_location(node);
  TRY(out.column_aliases, names(node["column_name_alias"]));
  TRY(Expr call, expr(node["function"]));
  if (call.kind != ExprKind::call) return refuse(StatementClass::other, "an expression in FROM that is not a function call");
  // f(header = true): a comparison with a bare name is a named argument here.
  for (Expr& argument : call.args) {
    const bool named = argument.kind == ExprKind::op && argument.name == std::vector<std::string>{"="} && argument.args.size() == 2 &&
                       argument.args[0].kind == ExprKind::column && argument.args[0].name.size() == 1;
    if (!named) continue;
    Expr pair = make_expr(ExprKind::op, argument.location);
    pair.name = {"=>"};
    pair.text = argument.args[0].name[0];
    pair.args.push_back(std::move(argument.args[1]));
    argument = std::move(pair);
  }
  out.call.push_back(std::move(call));
  return out;
}

Result<> DuckdbTree::sample(const Json& node, Relation& out) {
  if (is_empty(node)) return {};
  TRY_VOID(known(node, "SampleOptions", {"sample_size", "is_percentage", "method", "seed"}));
  const std::string method = to_lower(node.text("method"));
  if (method != "system" && method != "bernoulli" && method != "reservoir")
    return refuse(StatementClass::other, "TABLESAMPLE by a method that Sluice does not know");
  TRY(Expr size, value(node["sample_size"], -1));
  out.sampled = true;
  out.sample.push_back(std::move(size));
  out.sample_text = method + (node.flag("is_percentage") ? " (? percent)" : " (? rows)");
  const std::int64_t seed = node.integer("seed", -1);
  if (seed >= 0) {
    out.sample.push_back(make_literal(LiteralKind::integer, std::to_string(seed)));
    out.sample_text += " repeatable (?)";
  }
  return {};
}

}  // namespace sluice
