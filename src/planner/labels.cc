#include "planner/labels.h"

#include <algorithm>
#include <array>

#include "data/key_names.h"
#include "planner/words.h"

namespace sluice::planner {

namespace {

/// Whether the name's first word names something beside the rows, of which other columns tell more: ship_name beside ship_city and ship_country.
bool is_of_other(const Table& table, const std::vector<std::string>& name, const std::vector<std::string>& own) {
  if (name.size() < 2 || std::ranges::find(own, name.front()) != own.end() || is_own_prefix(table, name.front())) return false;
  return std::ranges::count_if(table.columns, [&](const Column& column) { return name_pieces(column.name).front() == name.front(); }) > 2;
}

}  // namespace

bool is_own_prefix(const Table& table, const std::string& piece) {
  if (!table.primary_key || table.primary_key->columns.size() != 1) return false;
  const std::string& key = table.primary_key->columns.front();
  const bool reference = std::ranges::any_of(table.foreign_keys, [&](const ForeignKey& one) { return one.columns == table.primary_key->columns; });
  const auto pieces = name_pieces(key);
  return !reference && pieces.size() == 2 && pieces.front() == piece && key_names::ending_of(key_names::read_column(key)) != key_names::Ending::none;
}

std::vector<std::string> label_columns(const Table& table) {
  std::string named, first, last;
  auto own = name_pieces(table.name.name);
  constexpr std::array<std::string_view, 5> kRows{"list", "data", "info", "table", "detail"};
  if (own.size() > 1 && std::ranges::find(kRows, own.back()) != kRows.end()) own.pop_back();
  // Rows that are rows of another table too are known by its names: a skater by that of the person, and not by the coach's.
  const bool subtype =
      table.primary_key && std::ranges::any_of(table.foreign_keys, [&](const ForeignKey& key) { return key.columns == table.primary_key->columns; });
  const Column* titled = nullptr;
  for (const Column& column : table.columns) {
    if (column.type.kind != TypeKind::text) continue;
    const auto pieces = name_pieces(column.name);
    if (pieces.empty()) continue;
    if (pieces.size() == 1 && pieces[0] == "name") return {column.name};
    if (pieces.size() == 2 && pieces[1] == "name") {
      if (pieces[0] == "first") first = column.name;
      if (pieces[0] == "last") last = column.name;
    }
    const bool ends_in_name = pieces.back() == "name" || pieces.back() == "nm";
    // "product_name" of products, else the first name there is: "company_name" of customers.
    if (ends_in_name && pieces[0] != "first" && pieces[0] != "last" && !is_of_other(table, pieces, own)) {
      const bool better = (!own.empty() && pieces[0] == own.back()) || is_own_prefix(table, pieces[0]);
      if ((named.empty() && !subtype) || better) named = column.name;
    }
    if ((titled == nullptr || pieces.size() == 1) && (pieces.back() == "title" || pieces.back() == "description" || pieces.back() == "label"))
      titled = &column;
  }
  if (!first.empty() && !last.empty()) return {first, last};
  // "continent" of continents
  for (const Column& column : table.columns)
    if (named.empty() && column.type.kind == TypeKind::text && name_pieces(column.name) == own) named = column.name;
  if (!named.empty()) return {named};
  if (titled != nullptr) return {titled->name};
  return {};
}

bool is_code(const Column& column) {
  constexpr std::array<std::string_view, 6> kCodes{"id", "code", "key", "no", "number", "num"};
  const auto pieces = name_pieces(column.name);
  return !pieces.empty() && std::ranges::find(kCodes, pieces.back()) != kCodes.end();
}

bool named_for(const Column& column, const Table& table) {
  const auto own = name_pieces(table.name.name);
  return std::ranges::any_of(name_pieces(column.name), [&](const std::string& piece) { return std::ranges::find(own, piece) != own.end(); });
}

bool is_identifier(const Column& column, const Table& table) {
  constexpr std::array<std::string_view, 6> kEndings{"id", "number", "no", "num", "nbr", "code"};
  auto pieces = name_pieces(column.name);
  const auto own = name_pieces(table.name.name);
  if (pieces.size() == own.size() + 1 && std::ranges::find(kEndings, pieces.back()) != kEndings.end()) pieces.pop_back();
  return !own.empty() && pieces == own;
}

}  // namespace sluice::planner
