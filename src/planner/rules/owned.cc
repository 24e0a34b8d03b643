#include <algorithm>

#include "planner/labels.h"
#include "planner/rows.h"
#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

constexpr double kSaid = 0;

bool is_plain(const Known& known, const Set& set) {
  return set.column < 0 && !set.by_value && known.role(set.table) == nullptr && !set.noun.links.empty() &&
         set.noun.links.front().kind == Link::Kind::table;
}

bool leads(const Known& known, int from, int to) {
  const auto& ways = known.routes(from, to);
  return ways.size() == 1 && ways.front().to_one;
}

/// Whether rows of the table say which belong together, once each, whatever else they say: the products of orders.
bool tells_pairs_apart(const Known& known, int table, int first, int second) {
  const auto& key = known.table(table).primary_key;
  if (!key) return false;
  std::vector<std::string> referring;
  for (const int edge : known.schema.graph.edges_from(table)) {
    const Edge& one = known.schema.graph.edge(edge);
    if (one.to != first && one.to != second) continue;
    for (const auto& [near, far] : one.columns) referring.push_back(near);
  }
  return referring.size() == key->columns.size() && std::ranges::is_permutation(referring, key->columns);
}

/// The table of which each row is one of the pairs; -1 where there is none.
int table_of_pairs(const Known& known, int first, int second) {
  if (leads(known, first, second)) return first;
  if (leads(known, second, first)) return second;
  int pairs = -1;
  const auto links = [&](int table) { return known.is_link(table) || tells_pairs_apart(known, table, first, second); };
  for (int table = 0; table < static_cast<int>(known.real.tables.size()); ++table) {
    if (!links(table) || !leads(known, table, first) || !leads(known, table, second)) continue;
    if (pairs >= 0) return -1;
    pairs = table;
  }
  return pairs;
}

/// Adds the columns by which a person knows the rows; false where there are none.
bool show_names(const Known& known, const Set& set, bool beside, std::vector<Output>& list) {
  const Table& table = known.table(set.table);
  auto names = label_columns(table);
  if (names.empty()) names = key_columns(table);
  for (const std::string& name : names) {
    Quantity one{.noun = set.noun};
    one.noun.links = {{Link::Kind::column, set.table, static_cast<int>(table.find_column(name) - table.columns.data()), 1, ""}};
    one.beside = beside;
    list.emplace_back(std::move(one));
  }
  return !names.empty();
}

/// "their artists"; "with the artist", where each has one.
bool says_whose(const Known& known, const Set& first, const Set& second) {
  const std::size_t at = second.noun.begin;
  if (at == 0) return false;
  if (known.lexicon.says_own(known.words()[at - 1])) return true;
  constexpr std::size_t kWithThe = 2;
  return at >= kWithThe && known.lexicon.does(known.words(), at - 1, Role::glue) && known.lexicon.says_having(known.words()[at - kWithThe]) &&
         !second.noun.plural && second.conditions.empty() && leads(known, first.table, second.table);
}

/// "albums and their artists", "customers and their orders": a row for each two that belong together.
void owned(RuleOutput& out, Parts parts) {
  const auto &first = parts.front()->as<SetPtr>(), &second = parts.back()->as<SetPtr>();
  const Known& known = out.known;
  if (second->noun.begin != parts.back()->begin || second->ranking || !says_whose(known, *first, *second)) return;
  if (!is_plain(known, *first) || !is_plain(known, *second) || first->table == second->table) return;
  if (clause_between(out, *parts.front(), *parts.back())) return;
  const int pairs = table_of_pairs(known, first->table, second->table);
  // The first of some are chosen among rows of theirs alone.
  if (pairs < 0 || (first->ranking && pairs != first->table)) return;
  Set rows = pairs == first->table ? *first : pairs == second->table ? *second : Set{.table = pairs};
  // What is said of the others is said of what the pair's row refers to.
  for (const SetPtr& one : {first, second})
    if (one->table != pairs && !one->conditions.empty()) rows.conditions.push_back(condition_of({.kind = Condition::Kind::member, .set = one}));
  Outputs outputs{.owner = set_of(std::move(rows))};
  // Albums of nobody are albums; orders of nobody are no customer's.
  const bool beside = pairs == first->table;
  if (!show_names(known, *first, false, outputs.list)) return;
  if (first->ranking && first->ranking->by.kind == Quantity::Kind::column && !first->ranking->by.fn) outputs.list.emplace_back(first->ranking->by);
  if (show_names(known, *second, beside, outputs.list)) out.add(Cat::outputs, std::move(outputs), kSaid);
}

/// "names and prices of products with their category": of each the one that it has, beside what is asked for.
void shown_with_theirs(RuleOutput& out, Parts parts) {
  Outputs all = parts.front()->as<Outputs>();
  const auto& theirs = parts.back()->as<SetPtr>();
  const Known& known = out.known;
  if (all.owner == nullptr || !is_plain(known, *all.owner) || !is_plain(known, *theirs) || theirs->noun.begin != parts.back()->begin) return;
  if (theirs->ranking || !theirs->conditions.empty() || !leads(known, all.owner->table, theirs->table)) return;
  if (!says_whose(known, *all.owner, *theirs) || clause_between(out, *parts.front(), *parts.back())) return;
  const bool plain =
      std::ranges::all_of(all.list, [](const Output& output) { return std::holds_alternative<Quantity>(output) && !computed(output); });
  if (plain && show_names(known, *theirs, true, all.list)) out.add(Cat::outputs, std::move(all), kSaid);
}

}  // namespace

std::vector<Rule> owned_rules() {
  const Symbol set = sym(Cat::set);
  return {{"and their", {set, role(Role::conjunction), set}, true, owned},
          {"with their", {set, set}, true, owned},
          {", with their", {set, role(Role::comma), set}, true, owned},
          {"columns with their", {sym(Cat::outputs), set}, true, shown_with_theirs}};
}

}  // namespace sluice::planner
