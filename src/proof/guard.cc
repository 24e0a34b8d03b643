#include "proof/guard.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "proof/each_expr.h"
#include "proof/field_calls.h"
#include "proof/functions.h"

namespace sluice {
namespace {

std::string quoted(const std::string& name) { return "\"" + show_hidden(name, false) + "\""; }

bool contains(const std::vector<std::string>& names, std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); }

/// Schemas in which the engine keeps its own functions.
bool is_own_schema(Dialect dialect, std::string_view schema) {
  return dialect == Dialect::postgres ? schema == "pg_catalog" : schema == "main" || schema == "system" || schema == "pg_catalog";
}

/// "public.mood[]" → "public.mood".
std::string_view element_type(std::string_view type) {
  while (type.ends_with("[]")) type.remove_suffix(2);
  return type;
}

/// `name` is as the tree has it: what was not quoted is lower case.
std::optional<Refusal> refused_function(const std::vector<std::string>& parts, bool in_from, const Catalog& catalog) {
  if (parts.empty()) return Refusal{"a function without a name", "name it"};
  const std::string full = join(parts, ".");
  // DuckDB ignores case everywhere, PostgreSQL's parser has folded what was not quoted.
  const std::string name = catalog.dialect == Dialect::duckdb ? to_lower(parts.back()) : parts.back();
  const bool qualified = parts.size() > 1;
  if (parts.size() > 2 || (qualified && !is_own_schema(catalog.dialect, parts.front())))
    return Refusal{"function " + quoted(full) + " is not one of the engine's own",
                   catalog.dialect == Dialect::duckdb ? "write it without a schema, and a column as its argument: upper(name), not name.upper()"
                                                      : "use the engine's functions only, without a schema"};
  // pg_catalog.lower(…) can't be anybody else's; DuckDB's schemas are everybody's.
  const bool own_for_sure = qualified && catalog.dialect == Dialect::postgres;
  if (!own_for_sure && contains(catalog.user_functions, name))
    return Refusal{"function " + quoted(full) + " was added to this database by somebody, so what it does is not known",
                   catalog.dialect == Dialect::postgres ? "to mean PostgreSQL's own function, write pg_catalog. before its name"
                                                        : "use the engine's own functions"};
  if (in_from ? !makes_rows_only(catalog.dialect, name) : !computes_only(catalog.dialect, name))
    return Refusal{"function " + quoted(full) + (in_from ? " may not be read from" : " is not on the list of functions that only compute"),
                   "functions that read files, reach the network, run SQL, wait, lock, write or tell about the server are refused"};
  return std::nullopt;
}

/// What one expression may not be.
std::optional<Refusal> refused_expr(const Expr& expr, const Catalog& catalog) {
  if (expr.kind == ExprKind::call) return refused_function(expr.name, false, catalog);
  if (expr.kind == ExprKind::cast && !is_plain_type(catalog.dialect, expr.text) && !contains(catalog.user_types, element_type(expr.text)))
    return Refusal{"a cast to " + quoted(expr.text) + " is not allowed", "cast to a plain type such as integer, numeric, text, date or timestamp"};
  return std::nullopt;
}

/// A view that is being looked through, and how deep.
struct Pending {
  TableName name{};
  int depth = 0;
};

}  // namespace

std::vector<Refusal> refused_parts(const Query& query, const Bound& bound, const Catalog& catalog) {
  std::vector<Refusal> out;
  const auto refuse = [&](std::optional<Refusal> refusal) {
    if (refusal && std::find(out.begin(), out.end(), *refusal) == out.end()) out.push_back(*std::move(refusal));
  };
  // The tree itself says what is called and cast; binding adds which calls stand in FROM and which operators are implied.
  for (const FunctionUse& use : bound.functions) refuse(refused_function(use.name, use.in_from, catalog));
  each_expr(query, [&](const Expr& expr) { refuse(refused_expr(expr, catalog)); });
  for (const std::string& field : possible_field_calls(query, catalog))
    refuse(Refusal{quoted(field) + " after a dot may be a call of a function of that name",
                   "select the column by its name, or write a function of PostgreSQL's own as name(value)"});
  // No call of it is in the tree, so nothing can be proven about any query on such a database.
  if (!catalog.shadowing_functions.empty())
    refuse(Refusal{"somebody added a function " + quoted(catalog.shadowing_functions.front()) +
                       " to this database, which the engine calls without its name being written",
                   catalog.dialect == Dialect::postgres ? "drop the cast or operator class that calls it" : "drop or rename that function"});
  for (const TableUse& use : bound.tables)
    if (catalog.dialect == Dialect::postgres && use.name.name.starts_with("pg_"))
      refuse(Refusal{"table " + quoted(use.name.name) + " has a name of the server's own, which PostgreSQL would read instead",
                     "read it through a view of another name"});
  for (const std::string& op : bound.operators) {
    // DuckDB's operators are functions of the operator's name.
    if (contains(catalog.user_operators, op) || (catalog.dialect == Dialect::duckdb && contains(catalog.user_functions, op)))
      refuse(Refusal{"operator " + quoted(op) + " was added to this database by somebody, so what it does is not known",
                     "write it with the engine's own operators or functions"});
    else if (!is_plain_operator(catalog.dialect, op))
      refuse(Refusal{"operator " + quoted(op) + " is not on the list of operators that only compute", "write it with common operators or functions"});
  }
  return out;
}

Result<ViewsRead> look_through_views(const Parser& parser, const Bound& bound, const Catalog& catalog) {
  ViewsRead read;
  std::vector<Pending> pending;
  std::vector<TableName> seen;
  pending.reserve(bound.tables.size());
  for (const TableUse& use : bound.tables) pending.push_back({use.name, 0});
  while (!pending.empty()) {
    const Pending next = pending.back();
    pending.pop_back();
    if (std::find(seen.begin(), seen.end(), next.name) != seen.end()) continue;
    seen.push_back(next.name);
    const Table* table = catalog.find(next.name);
    if (table == nullptr) continue;  // `names` has refused it
    read.tables.push_back(table->name);
    if (!table->unreadable.empty() && next.depth == 0)
      read.refusals.push_back(
          {"table " + quoted(catalog.display(table->name)) + " " + table->unreadable, "`sluice catalog show` lists what may be read"});
    if (table->kind == TableKind::foreign_table)
      read.refusals.push_back({"table " + quoted(catalog.display(table->name)) +
                                   " is foreign (or has foreign parts): reading it runs programs, reads files or asks servers that its owner chose",
                               "ask where the data is, or read a materialized view of it"});
    if (!table->user_code.empty())
      read.refusals.push_back({"reading table " + quoted(catalog.display(table->name)) + " runs functions that somebody added to this database (" +
                                   show_hidden(table->user_code, false) + ")",
                               "read a copy of the table, or drop what runs them"});
    const bool computes = table->kind == TableKind::table && !table->definition.empty();
    if (table->kind != TableKind::view && !computes) continue;
    const std::string what = !computes                              ? "view "
                             : catalog.dialect == Dialect::postgres ? "row-level security of table "
                                                                    : "a generated column of table ";
    const std::string view = what + quoted(catalog.display(table->name));
    const char* instead = !computes                              ? "read the tables below it directly"
                          : catalog.dialect == Dialect::postgres ? "use a login that passes it by (BYPASSRLS), or ask for a view that holds your rows"
                                                                 : "read a copy of the table without it";
    const auto refuse = [&](const std::string& why) { read.refusals.push_back({view + " " + why, instead}); };
    if (next.depth >= kViewDepthMax || seen.size() > kViewsMax) {
      refuse("stands on more views than are looked through");
      continue;
    }
    auto parsed = parser.parse(table->definition);
    if (!parsed && parsed.error().kind != ErrorKind::input && parsed.error().kind != ErrorKind::refused) return std::move(parsed).error();
    if (!parsed || parsed->statement != StatementClass::read) {
      refuse("cannot be looked through: " + (parsed ? parsed->reason : parsed.error().message));
      continue;
    }
    // DuckDB looks up what a view names in the view's own schema first.
    Catalog elsewhere;
    const bool own_path = catalog.dialect == Dialect::duckdb && (catalog.search_path.empty() || catalog.search_path.front() != table->name.schema);
    if (own_path) {
      elsewhere = catalog;
      elsewhere.search_path.insert(elsewhere.search_path.begin(), table->name.schema);
    }
    const Bound inside = bind_names(parsed->query, own_path ? elsewhere : catalog, catalog.dialect);
    for (const UnknownName& unknown : inside.unknown)
      if (unknown.kind == UnknownKind::table) refuse("reads what is not in the catalog: " + unknown.message);
    for (const Refusal& refusal : refused_parts(parsed->query, inside, catalog))
      read.refusals.push_back({view + " is refused: " + refusal.message, computes ? instead : refusal.hint});
    for (const TableUse& use : inside.tables) pending.push_back({use.name, next.depth + 1});
  }
  std::sort(read.tables.begin(), read.tables.end());
  return read;
}

}  // namespace sluice
