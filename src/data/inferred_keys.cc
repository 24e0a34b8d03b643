#include "data/inferred_keys.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/text.h"

namespace sluice {
namespace {

constexpr double kShareNamed = 0.5, kShareUnnamed = 0.95;
constexpr std::size_t kValuesLeast = 3;

using ValueSet = std::set<std::string, std::less<>>;

struct Known {
  ValueSet values{};
  bool complete = false;
};
using KnownValues = std::map<std::pair<TableName, std::string>, Known>;

/// Letters and digits only, lower case: CustomerID, customer_id and "customer id" are one name.
std::string plain(std::string_view name) {
  std::string out;
  for (const char c : to_lower(name))
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80) out += c;
  return out;
}

std::string singular(const std::string& word) {
  if (word.ends_with("ies") && word.size() > 4) return word.substr(0, word.size() - 3) + "y";
  for (const char* ending : {"sses", "xes", "ches", "shes"})
    if (word.ends_with(ending)) return word.substr(0, word.size() - 2);
  if (word.ends_with('s') && !word.ends_with("ss") && word.size() > 3) return word.substr(0, word.size() - 1);
  return word;
}

/// Names under which a key says nothing about which table it belongs to.
bool is_general(std::string_view column) {
  static constexpr std::array<std::string_view, 12> kGeneral{"id",    "name", "code", "key",   "number", "no",
                                                             "title", "date", "year", "month", "type",   "status"};
  return std::find(kGeneral.begin(), kGeneral.end(), plain(column)) != kGeneral.end();
}

bool same_kind(const Column& a, const Column& b) {
  return a.type.kind == b.type.kind && (a.type.kind == TypeKind::integer || a.type.kind == TypeKind::text || a.type.kind == TypeKind::uuid);
}

/// customer_id or customerid in customers, in plain letters.
bool named_after(const std::string& plain_column, const std::string& plain_table) {
  return plain_column == plain_table + "id" || plain_column == singular(plain_table) + "id";
}

/// A table's single-column key, which others may refer to.
struct Target {
  const Table* table = nullptr;
  const Column* column = nullptr;
};

class Inference {
 public:
  Inference(Catalog& catalog, std::span<const ColumnValues> values) : catalog_(catalog) {
    for (const ColumnValues& column : values) known_[{column.table, column.column}] = {{column.values.begin(), column.values.end()}, column.complete};
  }

  void run() {
    for (Table& table : catalog_.tables)
      if (!table.primary_key && table.kind != TableKind::view) find_key(table);
    for (const Table& table : catalog_.tables) list_target(table);
    for (Table& table : catalog_.tables)
      for (const Column& column : table.columns)
        if (table.kind != TableKind::view && !refers_already(table, column)) find_target(table, column);
  }

 private:
  const Known* known(const Table& table, const Column& column) const {
    const auto found = known_.find({table.name, column.name});
    return found != known_.end() ? &found->second : nullptr;
  }

  void find_key(Table& table) {
    if (table.columns.empty()) return;
    const Column& first = table.columns.front();
    const bool named = plain(first.name) == "id" || named_after(plain(first.name), plain(table.name.name));
    if (named && (first.type.kind == TypeKind::integer || first.type.kind == TypeKind::text || first.type.kind == TypeKind::uuid)) {
      table.primary_key = Key{{first.name}, KeyOrigin::inferred};
      return;
    }
    constexpr std::size_t kFirst = 2;
    for (std::size_t i = 0; i < std::min(kFirst, table.columns.size()); ++i) {
      const Column& column = table.columns[i];
      const Known* values = known(table, column);
      const bool each_once = values != nullptr && values->complete && table.row_count_exact && table.row_count &&
                             std::cmp_equal(values->values.size(), *table.row_count) && values->values.size() >= kValuesLeast;
      if (column.type.kind != TypeKind::text || !each_once) continue;
      table.primary_key = Key{{column.name}, KeyOrigin::inferred};
      return;
    }
  }

  static bool refers_already(const Table& table, const Column& column) {
    return std::any_of(table.foreign_keys.begin(), table.foreign_keys.end(),
                       [&](const ForeignKey& key) { return std::find(key.columns.begin(), key.columns.end(), column.name) != key.columns.end(); });
  }

  /// The single column of the table's key, or null.
  static const Column* key_column(const Table& table) {
    if (!table.primary_key || table.primary_key->columns.size() != 1) return nullptr;
    return table.find_column(table.primary_key->columns.front());
  }

  /// The share of the column's values that the key has; unset where values are not known of both.
  std::optional<double> share(const Table& table, const Column& column, const Target& target) const {
    const Known *from = known(table, column), *to = known(*target.table, *target.column);
    if (from == nullptr || to == nullptr || from->values.empty() || !to->complete) return std::nullopt;
    const auto there = std::count_if(from->values.begin(), from->values.end(), [&](const std::string& value) { return to->values.contains(value); });
    return static_cast<double>(there) / static_cast<double>(from->values.size());
  }

  /// Under the names by which a column may refer to it, so that a thousand tables need not be compared with each other.
  void list_target(const Table& table) {
    const Column* key = key_column(table);
    if (key == nullptr) return;
    const std::string owner = plain(table.name.name), name = plain(key->name);
    std::set<std::string> names{owner + "id", singular(owner) + "id"};
    if (!is_general(key->name)) names.insert(name);
    for (const std::string& one : names) named_[one].push_back({&table, key});
    const Known* values = known(table, *key);
    if (key->type.kind == TypeKind::text && values != nullptr && values->complete) text_keys_.push_back({&table, key});
  }

  void find_target(Table& table, const Column& column) {
    const Column* own_key = key_column(table);
    if (own_key != nullptr && own_key->name == column.name) return;  // a key that is shared one to one is declared, or a guess too far
    std::vector<Target> targets;
    if (const auto named = named_.find(plain(column.name)); named != named_.end())
      for (const Target& target : named->second)
        if (target.table != &table && same_kind(column, *target.column) && share(table, column, target).value_or(1) >= kShareNamed)
          targets.push_back(target);
    const Known* values = known(table, column);
    const bool told_by_values = targets.empty() && column.type.kind == TypeKind::text && values != nullptr && values->values.size() >= kValuesLeast;
    for (std::size_t i = 0; told_by_values && i < text_keys_.size() && targets.size() < 2; ++i) {
      const Target& target = text_keys_[i];
      if (target.table != &table && share(table, column, target).value_or(0) >= kShareUnnamed) targets.push_back(target);
    }
    if (targets.size() != 1) return;  // none, or nobody knows which
    table.foreign_keys.push_back({{column.name}, targets.front().table->name, {targets.front().column->name}, KeyOrigin::inferred});
  }

  std::map<std::string, std::vector<Target>> named_{};
  std::vector<Target> text_keys_{};
  Catalog& catalog_;
  KnownValues known_{};
};

}  // namespace

void infer_keys(Catalog& catalog, std::span<const ColumnValues> values) { Inference(catalog, values).run(); }

}  // namespace sluice
