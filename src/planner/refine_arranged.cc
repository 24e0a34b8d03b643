#include <algorithm>

#include "planner/refine_parts.h"
#include "planner/rewrite.h"

namespace sluice::planner {
namespace {

using Way = Change::Way;
using Kind = Quantity::Kind;

constexpr double kUnsureDate = 0.3, kCloseDate = 0.05, kOrdered = 0.02;

bool plain_output(const Output& one) { return !is_measure(one); }

/// The group, decided as in a question.
std::optional<Likely<Group>> decided_group(const Known& known, const Query& query, const Group& group) {
  const int table = main_table(query);
  if (table < 0) return std::nullopt;
  Likely<Group> out{group, 0};
  if (const auto* set = std::get_if<SetPtr>(&group.key)) {
    out.cost = known.distance(table, (*set)->table);
    return out.cost < Known::kUnreachable ? std::optional(std::move(out)) : std::nullopt;
  }
  auto& period = std::get<Quantity>(out.meaning.key);
  if (!period.noun.links.empty()) {
    const auto likely = resolve(known, period, table);
    if (likely.empty()) return std::nullopt;
    period = likely.front().meaning;
    out.cost = likely.front().cost;
    return out;
  }
  const auto columns = when_columns(known, table, period.period.value_or(Role::none));
  if (columns.empty()) return std::nullopt;
  period.noun.links = {columns.front().link};
  out.cost = columns.front().cost + (columns.size() > 1 && columns[1].cost < columns[0].cost + kCloseDate ? kUnsureDate : 0);
  return out;
}

bool same_group(const Group& a, const Group& b) {
  const auto *first = std::get_if<SetPtr>(&a.key), *second = std::get_if<SetPtr>(&b.key);
  if ((first == nullptr) != (second == nullptr)) return false;
  if (first != nullptr) return (*first)->table == (*second)->table && (*first)->column == (*second)->column;
  return std::get<Quantity>(a.key).period == std::get<Quantity>(b.key).period;
}

/// "by name" of carriers that are shown with their names: the same groups again.
bool names(const Known& known, const Group& group, const Group& other) {
  const auto* set = std::get_if<SetPtr>(&other.key);
  return set != nullptr && (*set)->table == named_by(known, group);
}

/// What was shown of groups and ordered by them goes with them.
void drop_heads(Query& query) {
  std::erase_if(query.outputs.list, plain_output);
  std::erase_if(query.order, [](const Ranking& one) { return !is_measure(one.by) && one.by.kind != Kind::everything; });
}

bool said_of_groups(const Query& query) {
  return std::ranges::any_of(query.groups, [](const Group& group) {
    const auto* set = std::get_if<SetPtr>(&group.key);
    return set != nullptr && (!(*set)->conditions.empty() || (*set)->ranking);
  });
}

/// "which carriers had the highest average delay", then "by month instead": which months had.
std::optional<Query> without_ranked_owner(const Query& query) {
  const SetPtr owner = query.outputs.owner;
  if (owner == nullptr || !owner->ranking || !is_measure(owner->ranking->by) || owner->ranking->skip > 0 || !owner->conditions.empty())
    return std::nullopt;
  if (!query.groups.empty() || !query.conditions.empty() || !query.order.empty()) return std::nullopt;
  const Ranking& ranking = *owner->ranking;
  Query out = query;
  Quantity by = ranking.by;
  if (by.of == nullptr) by.of = std::make_shared<const Set>(Set{.table = by.noun.links.front().table});
  out.outputs = {.list = {by}};
  out.order = {{.by = by, .descending = ranking.descending}};
  out.limit = ranking.count.value_or(1);
  return out;
}

Changed change_group(const Known& known, const Query& query, const Change& change) {
  const auto likely = decided_group(known, query, *change.group);
  if (!likely) return {};
  Query out = query;
  const bool measured = !measures_of(query).empty();
  if (change.way == Way::remove) {
    const auto found = std::ranges::find_if(out.groups, [&](const Group& one) { return same_group(one, likely->meaning); });
    if (found == out.groups.end() || said_of_groups(query) || std::ranges::any_of(query.outputs.list, plain_output) || query.limit) return {};
    out.groups.erase(found);
    drop_heads(out);
    return {{std::move(out), likely->cost}};
  }
  if (change.way == Way::plain || change.way == Way::add) {
    // Rows that are chosen by rank, or numbers that stand beside each row, have no groups besides.
    const bool rows =
        !measured && query.groups.empty() && query.outputs.list.size() == 1 && std::holds_alternative<SetPtr>(query.outputs.list.front());
    if (ranking_of(query) != nullptr || query.limit || (!measured && !rows)) return {};
    if (measured && std::ranges::any_of(query.outputs.list, plain_output) && query.groups.empty()) return {};
    if (std::ranges::any_of(out.groups, [&](const Group& one) { return same_group(one, likely->meaning) || names(known, one, likely->meaning); }))
      return {};
    out.groups.push_back(likely->meaning);
    return {{std::move(out), likely->cost}};
  }
  if (auto turned = without_ranked_owner(query); turned && change.in_place_of == nullptr) {
    const auto again = decided_group(known, *turned, *change.group);
    if (!again) return {};
    turned->groups = {again->meaning};
    return {{*std::move(turned), again->cost}};
  }
  if (ranking_of(query) != nullptr || said_of_groups(query) || !measured) return {};
  drop_heads(out);
  if (change.in_place_of != nullptr && query.groups.size() > 1) {
    const auto old = std::ranges::find_if(out.groups, [&](const Group& one) { return same_group(one, *change.in_place_of->group); });
    if (old == out.groups.end()) return {};
    *old = likely->meaning;
  } else if (query.groups.size() > 1 && change.way != Way::only) {
    return {};  // which of them?
  } else {
    if (change.in_place_of != nullptr && (query.groups.empty() || !same_group(query.groups.front(), *change.in_place_of->group))) return {};
    if (query.groups.empty() && std::ranges::none_of(query.outputs.list, plain_output)) return {};
    out.groups = {likely->meaning};
  }
  return {{std::move(out), likely->cost}};
}

/// What is ordered by, decided: a number that the question shows by its function alone ("the average").
std::optional<Likely<Quantity>> decided_order(const Known& known, const Query& query, const Quantity& by) {
  if (by.kind == Kind::everything) return Likely<Quantity>{by, 0};
  if (by.fn && by.noun.links.empty()) {
    std::optional<Likely<Quantity>> out;
    for (const Quantity& one : measures_of(query))
      if (one.fn == by.fn) {
        if (out) return std::nullopt;
        out = Likely<Quantity>{one, 0};
      }
    return out;
  }
  auto likely = decided(known, query, by);
  if (!likely) return likely;
  // "the number of flights" is that of the flights that are counted.
  for (const Quantity& one : measures_of(query))
    if (one.kind == Kind::rows && likely->meaning.kind == Kind::rows && likely->meaning.of->table == one.of->table &&
        likely->meaning.of->conditions.empty())
      return Likely<Quantity>{one, likely->cost};
  // A column of numbers that the question adds up is meant as it is shown.
  for (const Quantity& one : measures_of(query)) {
    const bool same = !likely->meaning.fn && likely->meaning.kind == Kind::column && one.kind == Kind::column &&
                      one.noun.links.front().column == likely->meaning.noun.links.front().column &&
                      one.noun.links.front().table == likely->meaning.noun.links.front().table;
    if (same) return Likely<Quantity>{one, likely->cost};
  }
  return likely;
}

bool is_total(const Query& query) { return query.groups.empty() && std::ranges::none_of(query.outputs.list, plain_output); }

Changed change_order(const Known& known, const Query& query, const Change& change) {
  // An order beside a choice by rank would only break its ties.
  if (change.way == Way::remove || ranking_of(query) != nullptr || query.limit || is_total(query)) return {};
  Query out = query;
  double cost = 0;
  const bool direction = change.order.size() == 1 && change.order.front().by.kind == Kind::everything && !change.order.front().by.distinct;
  if (direction && !query.order.empty()) {
    for (Ranking& one : out.order) one.descending = change.order.front().descending;
    return {{std::move(out), cost}};
  }
  if (change.way != Way::add) out.order.clear();
  for (Ranking one : change.order) {
    auto by = decided_order(known, query, one.by);
    if (!by) return {};
    cost += by->cost;
    if (is_measure(by->meaning) && measures_of(query).empty() && query.groups.empty()) return {};
    one.by = by->meaning;
    out.order.push_back(std::move(one));
  }
  return {{std::move(out), cost}};
}

/// "by the number of orders": what chooses or orders rows is another.
Changed change_by(const Known& known, const Query& query, const Change& change) {
  if (change.way == Way::add || change.way == Way::remove) return {};
  const auto by = decided_order(known, query, change.order.front().by);
  if (!by) return {};
  const Ranking* ranking = ranking_of(query);
  if (ranking != nullptr) {
    // "by month" of carriers that are chosen by an average means their groups.
    if (is_measure(ranking->by) != is_measure(by->meaning)) return {};
    Quantity now = by->meaning;
    // Rows are ranked by what is said of those that were counted before.
    if (ranking->by.of != nullptr && !ranking->by.of->conditions.empty() && is_measure(now)) {
      if (now.of != nullptr && now.of->table != ranking->by.of->table) return {};
      now.of = ranking->by.of;
    }
    Query out = with_ranking(query, [&](Ranking& one) { one.by = now; });
    return {{std::move(out), by->cost}};
  }
  if (query.order.size() != 1 || is_measure(query.order.front().by) != is_measure(by->meaning) ||
      (is_measure(by->meaning) && measures_of(query).empty()))
    return {};
  Query out = query;
  out.order.front().by = by->meaning;
  return {{std::move(out), by->cost + kOrdered}};
}

/// "the youngest", "the 3 with the highest capacity"
Changed change_ranking(const Known& known, const Query& query, const Change& change) {
  const SetPtr owner = query.outputs.owner;
  if (change.way == Way::add || change.way == Way::remove || owner == nullptr || !query.groups.empty() || !measures_of(query).empty() || query.limit)
    return {};
  if (!query.order.empty() && !owner->ranking) return {};
  Changed out;
  for (auto& [ranking, cost] : resolve(known, change.order.front(), owner->table)) {
    if (owner->ranking && !ranking.count) ranking.count = owner->ranking->count;
    Query one = rewrite_sets(query, [&](const SetPtr& set) {
      const bool own = set->table == owner->table && set->column == owner->column && set->conditions == owner->conditions;
      if (!own) return set;
      Set ranked = *set;
      ranked.ranking = ranking;
      return std::make_shared<const Set>(std::move(ranked));
    });
    out.push_back({std::move(one), cost});
  }
  return out;
}

/// "the lowest instead"
Changed change_end(const Query& query, const Change& change) {
  if (change.way != Way::instead) return {};
  const bool descending = change.order.front().descending;
  if (ranking_of(query) != nullptr) return {{with_ranking(query, [&](Ranking& one) { one.descending = descending; }), 0}};
  Query out = query;
  if (out.order.size() == 1) {
    out.order.front().descending = descending;
    return {{std::move(out), 0}};
  }
  return {};
}

Changed change_limit(const Known& known, const Query& query, const Change& change) {
  const Ranking* ranking = ranking_of(query);
  Query out = query;
  if (!change.ranked) {
    if (is_total(query)) return {};
    if (ranking != nullptr) return {{with_ranking(query, [&](Ranking& one) { one.count = change.count; }), 0}};
    out.limit = change.count;
    return {{std::move(out), 0}};
  }
  const Ranking& asked = change.order.front();
  const bool by = asked.by.kind != Kind::everything;
  if (is_total(query)) return {};
  if (ranking != nullptr) {
    if (by) return {};
    return {{with_ranking(query,
                          [&](Ranking& one) {
                            one.count = change.count;
                            if (!asked.descending) one.descending = false;
                          }),
             0}};
  }
  double cost = 0;
  if (by) {
    const auto what = decided_order(known, query, asked.by);
    if (!what || (is_measure(what->meaning) && measures_of(query).empty())) return {};
    out.order = {{.by = what->meaning, .descending = asked.descending}};
    cost = what->cost;
  } else if (query.order.empty()) {
    const auto measures = measures_of(query);
    // Groups with names are shown with what there is most of first, by the first of their numbers; but the first of months may be the earliest.
    const auto is_named = [&](const Group& group) {
      const auto* set = std::get_if<SetPtr>(&group.key);
      return set != nullptr && ((*set)->column < 0 || known.column((*set)->table, (*set)->column).type.kind == TypeKind::text);
    };
    if (measures.empty() || query.groups.empty() || (measures.size() > 1 && !std::ranges::any_of(query.groups, is_named))) return {};
    out.order = {{.by = measures.front(), .descending = asked.descending}};
  } else if (!asked.descending || (is_measure(query.order.front().by) && !query.order.front().descending)) {
    return {};  // the last of an order, shown in which? And are the top ones those that it puts first?
  }
  out.limit = change.count;
  return {{std::move(out), cost}};
}

}  // namespace

Changed change_arranged(const Known& known, const Query& query, const Change& change) {
  switch (change.kind) {
    case Change::Kind::group: return change_group(known, query, change);
    case Change::Kind::order: return change_order(known, query, change);
    case Change::Kind::by: return change_by(known, query, change);
    case Change::Kind::ranking: return change_ranking(known, query, change);
    case Change::Kind::end: return change_end(query, change);
    case Change::Kind::limit: return change_limit(known, query, change);
    case Change::Kind::keep_empty: {
      const bool beside = query.outputs.owner != nullptr && !measures_of(query).empty() && std::ranges::any_of(query.outputs.list, plain_output);
      if (change.way == Way::remove || (query.groups.empty() && !beside)) return {};
      Query out = query;
      out.keep_empty = true;
      return {{std::move(out), 0}};
    }
    default: return {};
  }
}

}  // namespace sluice::planner
