#include "planner/name_prefixes.h"

#include <algorithm>

#include "planner/words.h"

namespace sluice::planner {
namespace {

/// Fewer names may begin alike by chance.
constexpr std::size_t kNamesMin = 3;

using Pieces = std::vector<std::string>;

Pieces shared(const std::vector<Pieces>& names) {
  if (names.size() < kNamesMin) return {};
  std::size_t count = names.front().size();
  for (const Pieces& name : names) {
    const auto differs = std::ranges::mismatch(name, names.front()).in1;
    count = std::min({count, static_cast<std::size_t>(differs - name.begin()), name.size() - 1});
  }
  return {names.front().begin(), names.front().begin() + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace

bool is_in_key(const Table& table, const std::string& column) {
  const auto has = [&](const auto& key) { return std::ranges::find(key.columns, column) != key.columns.end(); };
  return (table.primary_key && has(*table.primary_key)) || std::ranges::any_of(table.foreign_keys, has);
}

std::vector<std::string> shared_by_tables(const Catalog& catalog) {
  std::vector<Pieces> names;
  for (const Table& table : catalog.tables)
    if (auto pieces = name_pieces(table.name.name); !pieces.empty()) names.push_back(std::move(pieces));
  return shared(names);
}

std::vector<std::string> shared_by_columns(const Table& table) {
  std::vector<Pieces> names;
  for (const Column& column : table.columns)
    if (auto pieces = name_pieces(column.name); !pieces.empty() && !is_in_key(table, column.name)) names.push_back(std::move(pieces));
  return shared(names);
}

}  // namespace sluice::planner
