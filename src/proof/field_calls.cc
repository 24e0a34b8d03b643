#include "proof/field_calls.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

#include "proof/functions.h"

namespace sluice {
namespace {

using Names = std::set<std::string, std::less<>>;

/// Output columns of the functions that may stand in FROM; PostgreSQL has no function of such a name.
constexpr std::array<std::string_view, 3> kFieldsOfOwnFunctions{"key", "value", "ordinality"};

/// Every field, every qualified column and every function in FROM of one statement, whatever its scope: scopes are ignored on the safe side.
class FieldWalk {
 public:
  void query(const Query& query) {
    for (const Cte& cte : query.with) queries(cte.query);
    queries(query.operands);
    for (const Target& target : query.targets) expr(target.value);
    for (const Relation& item : query.from) relation(item);
    for (const auto* list : {&query.distinct_on, &query.where, &query.group_by, &query.having, &query.qualify, &query.limit, &query.offset})
      exprs(*list);
    for (const auto& [name, definition] : query.windows) window(definition);
    keys(query.order_by);
  }

  Names fields{};                                                ///< of (value).field
  std::set<std::pair<std::string, std::string>> columns{};       ///< of relation.column
  std::map<std::string, Names, std::less<>> function_columns{};  ///< by alias: what is a column of every function so called

 private:
  void queries(const std::vector<Query>& list) {
    for (const Query& item : list) query(item);
  }
  void exprs(const std::vector<Expr>& list) {
    for (const Expr& item : list) expr(item);
  }
  void keys(const std::vector<SortKey>& list) {
    for (const SortKey& key : list) expr(key.value);
  }
  void window(const Window& window) {
    exprs(window.partition_by);
    keys(window.order_by);
    exprs(window.bounds);
  }
  void expr(const Expr& expr) {
    if (expr.kind == ExprKind::subscript && !expr.text.empty()) fields.insert(expr.text);
    if (expr.kind == ExprKind::column && expr.name.size() > 1) columns.emplace(expr.name[expr.name.size() - 2], expr.name.back());
    exprs(expr.args);
    queries(expr.query);
    keys(expr.order_by);
    exprs(expr.filter);
    for (const Window& over : expr.window) window(over);
  }
  void relation(const Relation& relation) {
    queries(relation.query);
    exprs(relation.call);
    for (const auto& row : relation.rows) exprs(row);
    for (const Relation& side : relation.sides) this->relation(side);
    exprs(relation.on);
    exprs(relation.sample);
    if (relation.kind == RelationKind::function) note_function(relation);
  }
  void note_function(const Relation& relation) {
    const std::string function = relation.call.empty() || relation.call[0].name.empty() ? "" : relation.call[0].name.back();
    const std::string alias = relation.alias.empty() ? function : relation.alias;
    Names own(relation.column_aliases.begin(), relation.column_aliases.end());
    // The one column of a function goes by the alias, unless a list of columns renames it.
    if (own.empty()) own = {alias};
    const auto [at, first] = function_columns.try_emplace(alias, own);
    if (first) return;
    Names both;
    std::set_intersection(at->second.begin(), at->second.end(), own.begin(), own.end(), std::inserter(both, both.end()));
    at->second = std::move(both);
  }
};

bool contains(const std::vector<std::string>& names, std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); }

/// Whether a call of this name, if it is one, only computes.
bool is_harmless_call(const Catalog& catalog, std::string_view name) {
  if (contains(catalog.user_functions, name)) return false;
  return computes_only(catalog.dialect, name) ||
         std::find(kFieldsOfOwnFunctions.begin(), kFieldsOfOwnFunctions.end(), name) != kFieldsOfOwnFunctions.end();
}

/// Fields of composite columns carry the names of columns; no function of PostgreSQL's that acts is called like one, those of its prefixes apart.
bool is_likely_field(const Catalog& catalog, std::string_view name) {
  if (name.starts_with("pg_") || name.starts_with("lo_") || contains(catalog.user_functions, name)) return false;
  return std::any_of(catalog.tables.begin(), catalog.tables.end(), [&](const Table& table) {
    return std::any_of(table.columns.begin(), table.columns.end(), [&](const Column& column) { return column.name == name; });
  });
}

}  // namespace

std::vector<std::string> possible_field_calls(const Query& query, const Catalog& catalog) {
  if (catalog.dialect != Dialect::postgres) return {};
  FieldWalk walk;
  walk.query(query);
  Names found;
  for (const std::string& field : walk.fields)
    if (!is_harmless_call(catalog, field) && !is_likely_field(catalog, field)) found.insert(field);
  for (const auto& [relation, column] : walk.columns) {
    const auto function = walk.function_columns.find(relation);
    if (function != walk.function_columns.end()) {
      if (!function->second.contains(column) && !is_harmless_call(catalog, column)) found.insert(column);
    } else if (!walk.function_columns.empty() && contains(catalog.user_functions, column)) {
      // A subquery over a function may have columns that are not known here, so that this may be a call for its whole row.
      found.insert(column);
    }
  }
  return {found.begin(), found.end()};
}

}  // namespace sluice
