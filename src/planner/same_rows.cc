#include "planner/same_rows.h"

#include <algorithm>

namespace sluice::planner {
namespace {

/// The table whose rows a condition is of, seen from others; -1 where it is of none that it could share.
int table_of(const Condition& condition) {
  using Kind = Condition::Kind;
  if (condition.kind == Kind::value) return condition.value.links.front().table;
  if (condition.kind == Kind::member) return condition.set->column < 0 && !condition.set->ranking ? condition.set->table : -1;
  if (condition.kind != Kind::period && condition.kind != Kind::compare) return -1;
  const bool column = condition.what && condition.what->kind == Quantity::Kind::column && !condition.what->fn && condition.what->of == nullptr;
  return column && !condition.what->noun.links.empty() ? condition.what->noun.links.front().table : -1;
}

/// The last table that both ways have in common and of which there may be many rows; -1 where there is none.
int shared_table(const Known& known, int from, int first, int second) {
  const auto &one = known.routes(from, first), &other = known.routes(from, second);
  if (one.size() != 1 || other.size() != 1) return -1;
  int table = from;
  bool many = false;
  for (std::size_t i = 0; i < std::min(one.front().steps.size(), other.front().steps.size()); ++i) {
    const Step& step = one.front().steps[i];
    if (!(step == other.front().steps[i])) break;
    const Edge& edge = known.schema.graph.edge(step.edge);
    table = step.forward ? edge.to : edge.from;
    many = many || !step.forward;
  }
  return many ? table : -1;
}

/// A period of which no word says by which date.
bool is_plain_period(const Condition& condition) {
  return condition.kind == Condition::Kind::period && condition.what && condition.what->noun.begin == condition.what->noun.end;
}

/// Rows that are named, whatever is said of them, and whether there are none.
struct Named {
  std::optional<Set> set{};
  bool denied = false;
};

Named named_rows(const Condition& condition) {
  const bool denied = condition.kind == Condition::Kind::none && condition.parts.size() == 1;
  const ConditionPtr inner = denied ? condition.parts.front() : std::make_shared<const Condition>(condition);
  if (inner->kind == Condition::Kind::member && inner->set->column < 0 && !inner->set->ranking) return {*inner->set, denied};
  // "dropped" says something of enrollments.
  if (inner->kind == Condition::Kind::value && !inner->value.links.empty())
    return {Set{.table = inner->value.links.front().table, .noun = inner->value, .conditions = {inner}}, denied};
  return {};
}

/// Whether the only way from a table's rows to another's leads through those of a third.
bool leads_through(const Known& known, int from, int to, int passed) {
  if (passed == to || passed == from) return false;
  const auto& ways = known.routes(from, to);
  return ways.size() == 1 && std::ranges::any_of(ways.front().steps, [&](const Step& step) {
           const Edge& edge = known.schema.graph.edge(step.edge);
           return (step.forward ? edge.to : edge.from) == passed;
         });
}

}  // namespace

bool only_glue(const Known& known, std::size_t from, std::size_t to) {
  for (std::size_t at = from; at < to; ++at)
    if (known.lexicon.opens_clause(known.words()[at]) || !known.lexicon.does(known.words(), at, Role::glue)) return false;
  return from <= to;
}

std::vector<ConditionPtr> joined_through(const Known& known, int table, std::vector<ConditionPtr> conditions) {
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    const Named way = named_rows(*conditions[i]);
    if (!way.set || way.set->noun.end == way.set->noun.begin) continue;
    const auto next = std::ranges::find_if(conditions, [&](const ConditionPtr& one) {
      if (one->kind != Condition::Kind::member || one == conditions[i] || one->set->column >= 0) return false;
      return only_glue(known, way.set->noun.end, one->set->noun.begin) && leads_through(known, table, one->set->table, way.set->table);
    });
    if (next == conditions.end()) continue;
    // "who dropped a class": of what leads to it, more is said than that it does.
    if (!way.set->conditions.empty()) {
      Set rows = *way.set;
      rows.conditions.push_back(*next);
      Condition all{
          .kind = Condition::Kind::member, .set = std::make_shared<const Set>(std::move(rows)), .begin = (*next)->begin, .end = (*next)->end};
      *next = std::make_shared<const Condition>(std::move(all));
    }
    if (way.denied) {
      Condition none{.kind = Condition::Kind::none, .parts = {*next}, .begin = (*next)->begin, .end = (*next)->end};
      *next = std::make_shared<const Condition>(std::move(none));
    }
    conditions.erase(conditions.begin() + static_cast<std::ptrdiff_t>(i--));
  }
  return conditions;
}

bool contradict(const Known& known, int table, const std::vector<ConditionPtr>& conditions) {
  return std::ranges::any_of(conditions, [&](const ConditionPtr& one) {
    const Named lacking = named_rows(*one);
    if (!lacking.set || !lacking.denied || !lacking.set->conditions.empty()) return false;
    return std::ranges::any_of(conditions, [&](const ConditionPtr& other) {
      const int reached = table_of(*other);
      return reached >= 0 &&
             (known.base_of(reached) == known.base_of(lacking.set->table) || leads_through(known, table, reached, lacking.set->table));
    });
  });
}

bool say_of_same_rows(const Known& known, int table, std::vector<ConditionPtr>& conditions, const ConditionPtr& one) {
  const int reached = table_of(*one);
  if (reached < 0 || reached == table) return false;
  for (ConditionPtr& other : conditions) {
    if ((one->kind == Condition::Kind::period) == (other->kind == Condition::Kind::period)) continue;
    const int before = table_of(*other);
    const int shared = before < 0 || before == table ? -1 : shared_table(known, table, before, reached);
    if (shared < 0) continue;
    Set rows{.table = shared};
    if (other->kind == Condition::Kind::member && before == shared)
      rows = *other->set;
    else
      rows.conditions.push_back(other);
    if (one->kind == Condition::Kind::member && reached == shared)
      rows.conditions.insert(rows.conditions.end(), one->set->conditions.begin(), one->set->conditions.end());
    else
      rows.conditions.push_back(one);
    Condition both{.kind = Condition::Kind::member, .set = std::make_shared<const Set>(std::move(rows)), .way = other->way};
    both.begin = std::min(other->begin, one->begin);
    both.end = std::max(other->end, one->end);
    other = std::make_shared<const Condition>(std::move(both));
    return true;
  }
  return false;
}

std::pair<SetPtr, std::vector<ConditionPtr>> without_periods_of(const SetPtr& set, int table) {
  if (set->table == table || set->ranking) return {set, {}};
  Set rest = *set;
  std::vector<ConditionPtr> periods;
  std::erase_if(rest.conditions, [&](const ConditionPtr& one) {
    if (!is_plain_period(*one) || table_of(*one) != table) return false;
    periods.push_back(one);
    return true;
  });
  if (periods.empty()) return {set, {}};
  return {std::make_shared<const Set>(std::move(rest)), std::move(periods)};
}

bool is_dated_on_the_way(const Known& known, int from, const Set& set) {
  const auto& ways = known.routes(from, set.table);
  if (ways.size() != 1) return false;
  std::vector<int> passed{from};
  for (const Step& step : ways.front().steps) {
    const Edge& edge = known.schema.graph.edge(step.edge);
    passed.push_back(step.forward ? edge.to : edge.from);
  }
  return std::ranges::any_of(set.conditions, [&](const ConditionPtr& one) {
    const int table = is_plain_period(*one) ? table_of(*one) : -1;
    return table >= 0 && table != set.table && std::ranges::find(passed, table) != passed.end();
  });
}

}  // namespace sluice::planner
