#include "proof/guard.h"

#include <algorithm>

#include "base/text.h"
#include "proof/functions.h"

namespace sluice {
namespace {

std::string quoted(const std::string& name) { return "\"" + show_hidden(name, false) + "\""; }

bool contains(const std::vector<std::string>& names, std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); }

/// Schemas in which the engine keeps its own functions.
bool is_own_schema(Dialect dialect, std::string_view schema) {
  return dialect == Dialect::postgres ? schema == "pg_catalog" : schema == "main" || schema == "system" || schema == "pg_catalog";
}

std::optional<Refusal> refused_function(const FunctionUse& use, const Catalog& catalog) {
  if (use.name.empty()) return Refusal{"a function without a name", "name it"};
  const std::string full = join(use.name, ".");
  // DuckDB ignores case everywhere, PostgreSQL's parser has folded what was not quoted.
  const std::string name = catalog.dialect == Dialect::duckdb ? to_lower(use.name.back()) : use.name.back();
  const bool qualified = use.name.size() > 1;
  if (use.name.size() > 2 || (qualified && !is_own_schema(catalog.dialect, use.name.front())))
    return Refusal{"function " + quoted(full) + " is not one of the engine's own", "use the engine's functions only, without a schema"};
  if (contains(catalog.user_functions, name))
    return Refusal{"function " + quoted(full) + " was added to this database by somebody, so what it does is not known",
                   "use the engine's own functions; a call that only names one of these is refused too"};
  if (use.in_from ? !makes_rows_only(catalog.dialect, name) : !computes_only(catalog.dialect, name))
    return Refusal{"function " + quoted(full) + (use.in_from ? " may not be read from" : " is not on the list of functions that only compute"),
                   "functions that read files, reach the network, run SQL, wait, lock, write or tell about the server are refused"};
  return std::nullopt;
}

/// A view that is being looked through, and how deep.
struct Pending {
  TableName name{};
  int depth = 0;
};

}  // namespace

std::vector<Refusal> refused_parts(const Query&, const Bound& bound, const Catalog& catalog) {
  std::vector<Refusal> out;
  for (const FunctionUse& use : bound.functions)
    if (auto refusal = refused_function(use, catalog); refusal && std::find(out.begin(), out.end(), *refusal) == out.end())
      out.push_back(*std::move(refusal));
  for (const TableUse& use : bound.tables)
    if (catalog.dialect == Dialect::postgres && use.name.name.starts_with("pg_"))
      out.push_back({"table " + quoted(use.name.name) + " has a name of the server's own, which PostgreSQL would read instead",
                     "read it through a view of another name"});
  for (const std::string& op : bound.operators) {
    if (contains(catalog.user_operators, op))
      out.push_back({"operator " + quoted(op) + " was added to this database by somebody, so what it does is not known",
                     "write it with the engine's own operators or functions"});
    else if (!is_plain_operator(catalog.dialect, op))
      out.push_back({"operator " + quoted(op) + " is not on the list of operators that only compute", "write it with common operators or functions"});
  }
  for (const std::string& type : bound.cast_types)
    if (!is_plain_type(catalog.dialect, type))
      out.push_back({"a cast to " + quoted(type) + " is not allowed", "cast to a plain type such as integer, numeric, text, date or timestamp"});
  return out;
}

Result<ViewsRead> look_through_views(const Parser& parser, const Bound& bound, const Catalog& catalog) {
  ViewsRead read;
  std::vector<Pending> pending;
  std::vector<TableName> seen;
  for (const TableUse& use : bound.tables) pending.push_back({use.name, 0});
  while (!pending.empty()) {
    const Pending next = pending.back();
    pending.pop_back();
    if (std::find(seen.begin(), seen.end(), next.name) != seen.end()) continue;
    seen.push_back(next.name);
    const Table* table = catalog.find(next.name);
    if (table == nullptr) continue;  // `names` has refused it
    read.tables.push_back(table->name);
    if (table->kind != TableKind::view) continue;
    const std::string view = "view " + quoted(catalog.display(table->name));
    const auto refuse = [&](const std::string& why) { read.refusals.push_back({view + " " + why, "read the tables below it directly"}); };
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
    const Bound inside = bind_names(parsed->query, catalog, catalog.dialect);
    for (const UnknownName& unknown : inside.unknown)
      if (unknown.kind == UnknownKind::table) refuse("reads what is not in the catalog: " + unknown.message);
    for (const Refusal& refusal : refused_parts(parsed->query, inside, catalog))
      read.refusals.push_back({view + " is refused: " + refusal.message, refusal.hint});
    for (const TableUse& use : inside.tables) pending.push_back({use.name, next.depth + 1});
  }
  std::sort(read.tables.begin(), read.tables.end());
  return read;
}

}  // namespace sluice
