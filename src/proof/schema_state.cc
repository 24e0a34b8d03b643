#include "proof/schema_state.h"

#include <algorithm>
#include <tuple>

#include "base/hash.h"
#include "base/text.h"

namespace sluice {
namespace {

/// Of names that are in the first list and not in the second, so many are said.
constexpr std::size_t kSaidMax = 3;

void say_missing(const char* what, const char* how, const std::vector<std::string>& from, const std::vector<std::string>& in,
                 std::vector<std::string>& out) {
  std::size_t missing = 0;
  for (const std::string& name : from) {
    if (std::find(in.begin(), in.end(), name) != in.end()) continue;
    if (missing++ < kSaidMax) out.push_back(std::string(what) + " \"" + show_hidden(name, false) + "\" was " + how);
  }
  if (missing > kSaidMax) out.push_back(std::to_string(missing - kSaidMax) + " more " + what + "s were " + how);
}

}  // namespace

std::string schema_fingerprint(const Catalog& catalog, std::span<const TableName> tables) {
  Json leads = Json::array();
  std::vector<TableName> sorted(tables.begin(), tables.end());
  std::sort(sorted.begin(), sorted.end());
  for (const TableName& name : sorted) {
    const Table* found = catalog.find("", name.name);
    leads.push(found != nullptr ? encode(found->name) : Json());
  }
  // `fingerprint` would take an empty list for "all". A name that no table has leaves the functions and operators that users added.
  if (sorted.empty()) sorted.emplace_back();
  const std::string of_tables = fingerprint(catalog, sorted);
  return sha256_hex(Json::array().push(of_tables).push(std::move(leads)).dump());
}

std::vector<TableName> with_shadows(std::span<const TableName> tables, const Catalog& catalog) {
  std::vector<TableName> out(tables.begin(), tables.end());
  for (const TableName& name : tables)
    for (const std::string& schema : catalog.search_path) out.push_back({schema, name.name});
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::vector<std::string> schema_changes(const Catalog& before, const Catalog& now, std::span<const TableName> tables) {
  std::vector<std::string> out;
  using Names = std::vector<std::string>;
  for (const auto& [what, then, today] : {std::tuple<const char*, const Names&, const Names&>{"function", before.user_functions, now.user_functions},
                                          {"operator", before.user_operators, now.user_operators},
                                          {"type", before.user_types, now.user_types}}) {
    say_missing(what, "added", today, then, out);
    say_missing(what, "dropped", then, today, out);
  }
  for (const TableName& name : tables) {
    const Table *old_table = before.find(name), *new_table = now.find(name);
    const std::string table = "table \"" + show_hidden(name.name, false) + "\"";
    if (old_table == nullptr && new_table == nullptr) continue;
    if (old_table == nullptr || new_table == nullptr) {
      out.push_back(table + (new_table == nullptr ? " is gone" : " is new"));
      continue;
    }
    if (old_table->kind != new_table->kind) out.push_back(table + " is now a " + std::string(enum_name(new_table->kind)));
    if (old_table->definition != new_table->definition) out.push_back(table + " is defined differently");
    if (old_table->user_code != new_table->user_code) out.push_back(table + " runs other functions when it is read");
    for (const Column& column : old_table->columns) {
      const Column* still = new_table->find_column(column.name);
      const std::string named = "column \"" + show_hidden(column.name, false) + "\" of " + table;
      if (still == nullptr) out.push_back(named + " is gone");
      if (still != nullptr && still->type != column.type) out.push_back(named + " is now " + still->type.native);
    }
    for (const Column& column : new_table->columns)
      if (old_table->find_column(column.name) == nullptr) out.push_back("column \"" + show_hidden(column.name, false) + "\" of " + table + " is new");
  }
  return out;
}

}  // namespace sluice
