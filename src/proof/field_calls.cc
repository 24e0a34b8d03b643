#include "proof/field_calls.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

#include "proof/each_expr.h"
#include "proof/functions.h"

namespace sluice {
namespace {

using Names = std::set<std::string, std::less<>>;

/// Output columns of the functions that may stand in FROM; PostgreSQL itself has no function and no type of such a name.
constexpr std::array<std::string_view, 3> kFieldsOfOwnFunctions{"key", "value", "ordinality"};

/// PostgreSQL's functions of one argument that act or tell about the server, beside those whose names begin with pg_, lo_ or binary_upgrade_: a test
/// compares them with the server's own list.
constexpr std::array<std::string_view, 12> kActing{
    "amvalidate", "brin_summarize_new_values", "currval",           "current_setting", "dsnowball_init", "gin_clean_pending_list",
    "nextval",    "plpgsql_inline_handler",    "plpgsql_validator", "setseed",         "ts_stat",        "txid_status"};

bool acts(std::string_view name) {
  return name.starts_with("pg_") || name.starts_with("lo_") || name.starts_with("binary_upgrade_") ||
         std::find(kActing.begin(), kActing.end(), name) != kActing.end();
}

/// Every field, every qualified column and every function in FROM of one statement, whatever its scope: scopes are ignored on the safe side.
struct Fields {
  Names fields{};                                                ///< of (value).field
  std::set<std::pair<std::string, std::string>> columns{};       ///< of relation.column
  std::map<std::string, Names, std::less<>> function_columns{};  ///< by alias: what is a column of every function so called

  void note(const Expr& expr) {
    if (expr.kind == ExprKind::subscript && !expr.text.empty()) fields.insert(expr.text);
    if (expr.kind == ExprKind::column && expr.name.size() > 1) columns.emplace(expr.name[expr.name.size() - 2], expr.name.back());
  }
  void note(const Relation& relation) {
    if (relation.kind != RelationKind::function) return;
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

/// Fields of composite columns often carry the names of columns.
bool is_likely_field(const Catalog& catalog, std::string_view name) {
  if (acts(name) || contains(catalog.user_functions, name)) return false;
  return std::any_of(catalog.tables.begin(), catalog.tables.end(), [&](const Table& table) {
    return std::any_of(table.columns.begin(), table.columns.end(), [&](const Column& column) { return column.name == name; });
  });
}

}  // namespace

std::vector<std::string> possible_field_calls(const Query& query, const Catalog& catalog) {
  if (catalog.dialect != Dialect::postgres) return {};
  Fields used;
  each_expr(query, [&](const Expr& expr) { used.note(expr); }, [&](const Relation& relation) { used.note(relation); });
  Names found;
  for (const std::string& field : used.fields)
    if (!is_harmless_call(catalog, field) && !is_likely_field(catalog, field)) found.insert(field);
  for (const auto& [relation, column] : used.columns) {
    const auto function = used.function_columns.find(relation);
    if (function != used.function_columns.end()) {
      const bool own = function->second.contains(column) && !contains(catalog.user_functions, column);
      if (!own && !is_harmless_call(catalog, column)) found.insert(column);
    } else if (!used.function_columns.empty() && contains(catalog.user_functions, column)) {
      // A subquery over a function may have columns that are not known here, so that this may be a call for its whole row.
      found.insert(column);
    }
  }
  return {found.begin(), found.end()};
}

}  // namespace sluice
