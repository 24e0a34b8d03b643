#include "planner/persons.h"

#include <algorithm>

#include "planner/labels.h"
#include "planner/shape_error.h"

namespace sluice::planner {
namespace {

bool are_persons(const Known& known, int id) {
  const Table& table = known.table(id);
  const auto pieces = name_pieces(table.name.name);
  // A customer's orders are no customers, and club members with no name of their own only link others.
  if (!pieces.empty() && known.lexicon.names_person(pieces.back())) return table.foreign_keys.empty() || !label_columns(table).empty();
  const auto named = [&](const std::vector<std::string>& name) {
    return std::ranges::any_of(table.columns, [&](const Column& column) { return name_pieces(column.name) == name; });
  };
  return named({"full", "name"}) || (named({"first", "name"}) && named({"last", "name"}));
}

}  // namespace

bool asks_who(const Known& known) {
  const auto& words = known.words();
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (known.lexicon.asks_who(words[i])) return true;
    const auto phrases = known.lexicon.phrases_at(words, i);
    if (std::ranges::none_of(phrases, [](const auto& one) { return one.role == Role::glue; })) return false;
  }
  return false;
}

Result<int> persons_of(const Known& known, int table) {
  if (are_persons(known, table)) return table;
  int found = -1;
  double nearest = Known::kUnreachable;
  bool several = false;
  for (int other = 0; other < static_cast<int>(known.real.tables.size()); ++other) {
    if (other == table || !are_persons(known, other)) continue;
    const auto& ways = known.routes(table, other);
    if (ways.empty() || !ways.front().to_one) continue;
    const double far = known.distance(table, other);
    if (far > nearest) continue;
    const bool same = ways.size() > 1 && ways[1].steps.size() == ways.front().steps.size() && known.preferred(ways) == nullptr;
    several = same || far == nearest;
    nearest = far;
    found = other;
  }
  if (several) return shape_error("the question asks for a person, and the rows belong to several", "name the table of those who are meant");
  return found;
}

}  // namespace sluice::planner
