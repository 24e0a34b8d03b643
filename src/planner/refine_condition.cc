#include <algorithm>

#include "planner/alike.h"
#include "planner/refine_parts.h"
#include "planner/rewrite.h"

namespace sluice::planner {
namespace {

using Kind = Condition::Kind;
using Way = Change::Way;

constexpr double kOfMeasure = 0.02, kOfGroup = 0.05;

ConditionPtr made(Condition condition) { return std::make_shared<const Condition>(std::move(condition)); }

/// "flights from JFK", said of flights: that they are from JFK. "from JFK in March" is two things.
std::vector<ConditionPtr> single(const ConditionPtr& condition, int table) {
  std::vector<ConditionPtr> out;
  if (condition->kind == Kind::all) {
    for (const ConditionPtr& part : condition->parts) {
      const auto inner = single(part, table);
      out.insert(out.end(), inner.begin(), inner.end());
    }
    return out;
  }
  const bool own = condition->kind == Kind::member && condition->set->table == table && condition->set->column < 0 && !condition->set->ranking;
  if (own) return condition->set->conditions;
  return {condition};
}

/// "only customers" of orders says nothing of them that is not so.
bool says_nothing(const Condition& condition) {
  return condition.kind == Kind::member && condition.set->conditions.empty() && !condition.set->ranking;
}

bool can_be_either(const Condition& one) {
  return one.kind == Kind::value || one.kind == Kind::period || one.kind == Kind::compare || one.kind == Kind::any;
}

/// The query with the condition in the place of what was said of the same; nothing where nothing was. `old`: only in the place of this.
std::optional<Query> replaced(const Known& known, const Query& query, const ConditionPtr& condition, const ConditionPtr& old, Way way) {
  const bool either = way == Way::add;
  bool found = false, clash = false;
  std::size_t count = 0;
  Query out = rewrite_conditions(query, [&](const ConditionPtr& one) -> std::optional<ConditionPtr> {
    if (old != nullptr) {
      const auto same = in_place_of(known, one, old);
      if (!same || !say_the_same(*same, one)) return std::nullopt;
    }
    const bool negated = one->kind == Kind::none && condition->kind != Kind::none;
    // "not from JFK", then "LGA instead": not from LGA.
    if (negated && way != Way::plain && way != Way::only) return std::nullopt;
    const auto now = in_place_of(known, one, condition);
    if (!now) return std::nullopt;
    clash = clash || (either && ((*now)->kind == Kind::none || !can_be_either(*one)));
    found = true;
    ++count;
    if (!either) return *now;
    Condition any{.kind = Kind::any};
    for (const ConditionPtr& part : {one, *now}) {
      if (part->kind == Kind::any)
        any.parts.insert(any.parts.end(), part->parts.begin(), part->parts.end());
      else
        any.parts.push_back(part);
    }
    return made(std::move(any));
  });
  // A number alone has to say whose it is.
  if (condition->kind == Kind::compare && !condition->what && (count != 1 || either)) return std::nullopt;
  return found && !clash ? std::optional(std::move(out)) : std::nullopt;
}

/// The condition said of the rows that are counted or added up for what is shown: "from JFK" of the flights by which carriers are ranked.
Changed said_of_measures(const Known& known, const Query& query, const ConditionPtr& condition) {
  Query out = query;
  double cost = kOfMeasure;
  bool found = false, failed = false;
  const auto restrict = [&](Quantity& one) {
    if (!is_measure(one)) return;
    int table = one.of != nullptr ? one.of->table : -1;
    if (table < 0 && one.kind == Quantity::Kind::column && !one.noun.links.empty()) table = one.noun.links.front().table;
    if (table < 0) {
      failed = true;
      return;
    }
    const auto likely = resolve(known, condition, table);
    if (likely.empty()) {
      failed = true;
      return;
    }
    Set set = one.of != nullptr ? *one.of : Set{.table = table};
    set.conditions.push_back(likely.front().meaning);
    one.of = std::make_shared<const Set>(std::move(set));
    if (!found) cost += likely.front().cost;
    found = true;
  };
  for (Output& output : out.outputs.list)
    if (auto* quantity = std::get_if<Quantity>(&output)) restrict(*quantity);
  for (Ranking& one : out.order) restrict(one.by);
  out = with_ranking(out, [&](Ranking& one) { restrict(one.by); });
  if (!found || failed) return {};
  return {{std::move(out), cost}};
}

/// "more than 5 products" where products are counted: said of the groups.
bool counts(const Known& known, const Condition& condition, int table) {
  if (condition.kind == Kind::none) return counts(known, *condition.parts.front(), table);
  const bool rows = condition.kind == Kind::compare && condition.what && condition.what->kind == Quantity::Kind::rows;
  const SetPtr set = condition.kind == Kind::count ? condition.set : rows ? condition.what->of : nullptr;
  if (set == nullptr) return false;
  // A column that refers to the table stands for its rows.
  const int edge = set->column < 0 ? -1 : known.schema.graph.edge_of(set->table, known.column(set->table, set->column).name);
  return set->table == table || (edge >= 0 && known.schema.graph.edge(edge).to == table);
}

Changed said_of_group(const Known& known, const Query& query, const ConditionPtr& condition) {
  Changed out;
  const auto* head = query.groups.size() == 1 ? std::get_if<SetPtr>(&query.groups.front().key) : nullptr;
  if (head == nullptr) return out;
  for (const auto& [one, cost] : resolve(known, condition, (*head)->table)) {
    Query longer = query;
    Set set = **head;
    set.conditions.push_back(one);
    longer.groups.front().key = std::make_shared<const Set>(std::move(set));
    out.push_back({std::move(longer), cost + kOfGroup});
  }
  return out;
}

Changed added(const Known& known, const Query& query, const ConditionPtr& condition) {
  Changed out;
  const int table = main_table(query);
  if (table < 0) return out;
  if (counts(known, *condition, table)) {
    // Counted are all of the group's rows: those that are shown, where nothing more is said of them.
    const auto measures = measures_of(query);
    const bool bare = query.conditions.empty() &&
                      std::ranges::all_of(measures, [](const Quantity& one) { return one.of == nullptr || one.of->conditions.empty(); });
    const bool owned = query.outputs.owner != nullptr && !query.outputs.owner->conditions.empty();
    return bare && !owned ? said_of_group(known, query, condition) : out;
  }
  for (const auto& [one, cost] : resolve(known, condition, table)) {
    Query longer = query;
    longer.conditions.push_back(one);
    out.push_back({std::move(longer), cost});
  }
  if (query.outputs.owner != nullptr)
    for (auto& one : said_of_measures(known, query, condition)) out.push_back(std::move(one));
  return out.empty() ? said_of_group(known, query, condition) : out;
}

Changed one_condition(const Known& known, const Query& query, const Change& change, const ConditionPtr& condition) {
  if (says_nothing(*condition)) return {};
  // "without the name" of a name that is shown: it is the column that is not wanted.
  const Condition* inner = condition->kind == Kind::none && condition->parts.size() == 1 ? condition->parts.front().get() : nullptr;
  if (inner != nullptr && inner->kind == Kind::present && inner->what && is_shown(known, query, *inner->what)) return {};
  const ConditionPtr old = change.in_place_of != nullptr ? change.in_place_of->condition : nullptr;
  if (auto in_place = replaced(known, query, condition, old, change.way)) return {{*std::move(in_place), 0}};
  if (change.way == Way::instead) return {};
  return added(known, query, condition);
}

}  // namespace

Changed change_condition(const Known& known, const Query& query, const Change& change) {
  ConditionPtr condition = change.condition;
  if (change.way == Way::remove) condition = made({.kind = Kind::none, .parts = {condition}});
  const int table = main_table(query);
  Changed open{{query, 0}};
  for (const ConditionPtr& one : single(condition, table)) {
    Changed next;
    for (const auto& [before, cost] : open)
      for (auto& [after, more] : one_condition(known, before, change, one)) next.push_back({std::move(after), cost + more});
    open = std::move(next);
  }
  return single(condition, table).empty() ? Changed{} : open;
}

}  // namespace sluice::planner
