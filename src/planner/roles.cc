#include "planner/roles.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "planner/lexicon.h"
#include "planner/words.h"

namespace sluice::planner {
namespace {

using Pieces = std::vector<std::string>;

/// Below 1, so that "team" is no "home team".
constexpr double kNamed = 0.99;
constexpr std::size_t kRolesMax = 512;

/// Endings of keys that say how a thing is told, not which role it has.
constexpr std::string_view kTechnical[] = {"id", "code", "key", "no", "number", "num", "nbr", "fk", "sk", "iata", "icao", "faa", "ref"};

bool ends_with(const Pieces& pieces, const Pieces& ending) {
  return pieces.size() >= ending.size() && std::equal(ending.rbegin(), ending.rend(), pieces.rbegin());
}

bool starts_with(const Pieces& pieces, const Pieces& beginning) {
  return pieces.size() >= beginning.size() && std::equal(beginning.begin(), beginning.end(), pieces.begin());
}

/// What a key's name says beside the table that it refers to: "home" of home_team_id, "origin" of origin.
Pieces role_words(const std::string& column, const Pieces& table) {
  Pieces pieces = name_pieces(column);
  while (pieces.size() > 1 && std::ranges::find(kTechnical, pieces.back()) != std::end(kTechnical)) pieces.pop_back();
  if (ends_with(pieces, table)) return {pieces.begin(), pieces.end() - static_cast<std::ptrdiff_t>(table.size())};
  if (starts_with(pieces, table)) return {pieces.begin() + static_cast<std::ptrdiff_t>(table.size()), pieces.end()};
  const std::string& thing = table.back();
  if (pieces.back() == thing) pieces.pop_back();
  // "hometeam"
  if (pieces.size() == 1 && pieces[0].size() > thing.size() && pieces[0].ends_with(thing)) pieces[0].resize(pieces[0].size() - thing.size());
  return pieces;
}

Pieces joined(Pieces first, const Pieces& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

Roles::Roles(Catalog& catalog, const Lexicon& lexicon) : tables_(static_cast<int>(catalog.tables.size())) {
  std::map<TableName, int> places;
  for (int t = 0; t < tables_; ++t) places[catalog.tables[static_cast<std::size_t>(t)].name] = t;
  // How many keys lead from one table to another.
  std::map<std::pair<int, int>, int> keys;
  const auto each_key = [&](auto&& visit) {
    for (int t = 0; t < tables_; ++t) {
      const auto& all = catalog.tables[static_cast<std::size_t>(t)].foreign_keys;
      for (std::size_t k = 0; k < all.size(); ++k)
        if (const auto target = places.find(all[k].target); target != places.end() && all[k].columns.size() == 1) visit(t, k, target->second);
    }
  };
  each_key([&](int from, std::size_t, int to) { ++keys[{from, to}]; });
  each_key([&](int from, std::size_t key, int to) {
    if (from == to || keys[{from, to}] > 1) add(catalog, from, key, to, lexicon);
  });
  for (const RoleTable& role : all_) catalog.tables.push_back(Table(catalog.tables[static_cast<std::size_t>(role.base)]));
}

void Roles::add(const Catalog& catalog, int from, std::size_t key, int base, const Lexicon& lexicon) {
  const Table &owner = catalog.tables[static_cast<std::size_t>(from)], &target = catalog.tables[static_cast<std::size_t>(base)];
  const Pieces thing = name_pieces(target.name.name);
  if (thing.empty() || all_.size() >= kRolesMax) return;
  const Pieces said = role_words(owner.foreign_keys[key].columns.front(), thing);
  if (said.empty()) return;
  const Lexicon::RoleWords words = lexicon.role_words(said);
  const bool is_code = name_pieces(owner.foreign_keys[key].columns.front()) == said;
  RoleTable role{.base = base, .from = from, .key = key, .verbs = words.verbs};
  for (const Pieces& name : words.names) {
    role.names.push_back(joined(name, thing));
    if (thing.size() > 1) role.names.push_back(joined(name, {thing.back()}));
    // A code such as "origin" is asked for as it is; and "from" names nothing alone.
    if ((!is_code || role.of_itself()) && !lexicon.is_phrase(join(name, " "))) role.names.push_back(name);
  }
  role.alias = join(role.of_itself() ? words.names.front() : joined(said, thing), "_");
  all_.push_back(role);
  if (!role.of_itself()) return;
  RoleTable other{.base = base, .from = from, .key = key, .referring = true};
  other.names = words.referring;
  if (!words.referring.empty()) {
    for (const Pieces& name : words.referring) other.names.push_back(joined(name, thing));
    for (const Pieces& name : words.referring)
      if (name.size() == 1) other.names.push_back({name.front() + thing.back()});
  }
  other.alias = words.referring.empty() ? "of_" + role.alias : join(words.referring.front(), "_");
  all_.push_back(std::move(other));
}

void Roles::name_all(CatalogIndex& index) const {
  for (std::size_t i = 0; i < all_.size(); ++i) {
    const Link link{Link::Kind::table, number(i), -1, 0, ""};
    for (const auto& list : {all_[i].names, all_[i].verbs})
      for (const Pieces& name : list) {
        index.add_term(name, link, kNamed);
        // Where a column is called so too, its words run together are found first.
        if (name.size() > 1) index.add_term({join(name, "")}, link);
      }
  }
}

}  // namespace sluice::planner
