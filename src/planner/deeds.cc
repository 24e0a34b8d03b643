#include "planner/deeds.h"

#include <algorithm>
#include <ranges>

#include "planner/measured.h"
#include "planner/resolve.h"
#include "planner/rewrite.h"
#include "planner/verbs.h"

namespace sluice::planner {
namespace {

using Kind = Condition::Kind;

/// Rows, and what is said of them.
struct Said {
  int table = -1, column = -1;
  const Noun& noun;
  const std::vector<ConditionPtr>& conditions;
};

/// Whether the word says what was done: "bought".
bool is_deed(const Known& known, std::size_t at) {
  return known.lexicon.is_sale(known.words()[at]) || known.lexicon.does(known.words(), at, Role::deed);
}

/// Whether the condition is a period, and no word says of which of the table's dates.
bool is_bare_period(const Known& known, const Condition& condition, int table) {
  if (condition.kind != Kind::period) return false;
  // "bicycles from 2020" are of that year.
  if (condition.begin > 0 && condition.begin < known.words().size() &&
      (known.lexicon.says_from(known.words()[condition.begin]) || known.lexicon.says_from(known.words()[condition.begin - 1])))
    return false;
  if (condition.what && condition.what->noun.end > condition.what->noun.begin) return false;
  const auto dates = when_columns(known, table, finest_unit(condition.period), condition.period.has_dates());
  return std::ranges::none_of(dates, [&](const WhenColumn& one) { return one.named && one.link.table == table; });
}

/// The word between two things that says what was done: "bought"; nothing where none does.
std::optional<std::size_t> deed_between(const Known& known, const Noun& first, const Noun& second) {
  for (std::size_t at = first.end; at < second.begin && at < known.words().size(); ++at)
    if (is_deed(known, at)) return at;
  return std::nullopt;
}

/// The rows with a date of their own that stand between two tables, or between the values of a column and a table; -1 where none do.
int deeds_between(const Known& known, const Said& rows, int to) {
  const int from = rows.table;
  const auto& ways = known.routes(from, to);
  if (rows.column >= 0 && !ways.empty() && ways.front().to_one && known.schema.graph.edge_of(from, known.column(from, rows.column).name) >= 0)
    return from;
  if (ways.empty()) return -1;
  for (const Step& step : ways.front().steps) {
    const auto& edge = known.schema.graph.edge(step.edge);
    const int table = step.forward ? edge.to : edge.from;
    if (table == from || table == to) continue;
    const auto dates = when_columns(known, table, Role::none);
    if (!dates.empty() && dates.front().link.table == table) return table;
  }
  return -1;
}

/// The condition with the one period of the deed said of it; null where it has none. `beside`: what is said after it of the rows themselves.
ConditionPtr dated(const Known& known, const Said& rows, const Condition& member, std::vector<ConditionPtr>& beside) {
  const Set& other = *member.set;
  if (other.table == rows.table || other.column >= 0 || other.ranking) return nullptr;
  const auto deed = deed_between(known, rows.noun, other.noun);
  const int table = deed ? deeds_between(known, rows, other.table) : -1;
  if (table < 0) return nullptr;
  const auto inside = [&](const ConditionPtr& one) { return is_bare_period(known, *one, other.table); };
  const auto outside = [&](const ConditionPtr& one) { return one->begin > *deed && is_bare_period(known, *one, rows.table); };
  std::vector<ConditionPtr> periods;
  std::ranges::copy_if(other.conditions, std::back_inserter(periods), inside);
  std::ranges::copy_if(beside, std::back_inserter(periods), outside);
  if (periods.size() != 1) return nullptr;
  Condition then = *periods.front();
  then.what.reset();
  then.unsure_date = false;
  const auto likely = resolve(known, std::make_shared<const Condition>(std::move(then)), table);
  if (likely.empty()) return nullptr;
  std::erase_if(beside, outside);
  Set left = other, done{.table = table};
  std::erase_if(left.conditions, inside);
  Condition belongs = member;
  belongs.set = std::make_shared<const Set>(left);
  if (table == rows.table) {
    beside.push_back(likely.front().meaning);
    return std::make_shared<const Condition>(std::move(belongs));
  }
  done.noun = {.links = {{Link::Kind::table, table, -1, 1, ""}}, .begin = *deed, .end = *deed + 1};
  done.conditions = {likely.front().meaning};
  // Each sale is one of an instrument: that is no more than was said.
  const auto& ways = known.routes(table, other.table);
  if (left.conditions.empty() && !ways.empty() && ways.front().to_one)
    done.noun.end = other.noun.end;
  else
    done.conditions.push_back(std::make_shared<const Condition>(std::move(belongs)));
  return std::make_shared<const Condition>(Condition{.kind = Kind::member, .set = std::make_shared<const Set>(std::move(done))});
}

/// The condition as rows that belong to others: "a Yamaha" is an instrument of that brand. Null for what is said of the rows themselves.
ConditionPtr as_member(const Said& rows, const ConditionPtr& one) {
  if (one->kind == Kind::member) return one;
  if (one->kind != Kind::value || one->value.links.empty() || one->value.links.front().table == rows.table) return nullptr;
  Set of{.table = one->value.links.front().table, .noun = {.begin = one->value.begin, .end = one->value.end}, .conditions = {one}};
  return std::make_shared<const Condition>(Condition{.kind = Kind::member, .set = std::make_shared<const Set>(std::move(of))});
}

std::vector<ConditionPtr> dated(const Known& known, const Said& rows) {
  std::vector<ConditionPtr> out = rows.conditions;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const ConditionPtr one = out[i];
    const bool denied = one->kind == Kind::none && one->parts.size() == 1;
    const ConditionPtr member = as_member(rows, denied ? one->parts.front() : one);
    if (member == nullptr) continue;
    std::vector<ConditionPtr> beside = out;
    ConditionPtr done = dated(known, rows, *member, beside);
    if (done == nullptr) continue;
    if (denied) {
      Condition none = *one;
      none.parts = {std::move(done)};
      done = std::make_shared<const Condition>(std::move(none));
    }
    *std::ranges::find(beside, one) = std::move(done);
    out = std::move(beside);
  }
  return out;
}

/// The table of whose rows everything is computed; -1 where it is several, or not decided yet.
int measured_everywhere(const Query& query) {
  int out = -1;
  for (const Output& output : query.outputs.list) {
    const auto* quantity = std::get_if<Quantity>(&output);
    if (quantity == nullptr) continue;
    const int table = measured_table(*quantity);
    if (table < 0 || (out >= 0 && out != table)) return -1;
    out = table;
  }
  return out;
}

/// "of salespeople who started in 2020": what is said of the rows themselves.
bool clause_before(const Known& known, std::size_t from, std::size_t to) {
  for (std::size_t at = from; at < to && at < known.words().size(); ++at) {
    const Word& word = known.words()[at];
    const bool light = known.lexicon.does(known.words(), at, Role::light);
    if (!known.lexicon.is_sale(word) && (known.lexicon.opens_clause(word) || light || like_verb(word))) return true;
  }
  return false;
}

}  // namespace

Query dated_by_deeds(const Known& known, const Query& query) {
  if (std::ranges::none_of(std::views::iota(std::size_t{0}, known.words().size()), [&](std::size_t at) { return is_deed(known, at); })) return query;
  Query out = rewrite_sets(query, [&](const SetPtr& set) {
    auto conditions = dated(known, {set->table, set->column, set->noun, set->conditions});
    if (conditions == set->conditions) return set;
    Set changed = *set;
    changed.conditions = std::move(conditions);
    return std::make_shared<const Set>(std::move(changed));
  });
  if (const SetPtr rows = asked_of(out); rows != nullptr && !out.conditions.empty())
    out.conditions = dated(known, {rows->table, rows->column, rows->noun, out.conditions});
  return out;
}

Query dated_by_measured(const Known& known, const Query& query) {
  const int measured = measured_everywhere(query);
  if (measured < 0) return query;
  std::vector<ConditionPtr> moved;
  Query out = rewrite_sets(query, [&](const SetPtr& set) {
    if (set->table == measured || set->ranking) return set;
    const auto& ways = known.routes(measured, set->table);
    if (ways.empty() || !ways.front().to_one) return set;
    Set fewer = *set;
    std::erase_if(fewer.conditions, [&](const ConditionPtr& one) {
      if (!is_bare_period(known, *one, fewer.table) || clause_before(known, fewer.noun.end, one->begin)) return false;
      const auto cost_of = [&](int table) {
        const auto dates = when_columns(known, table, finest_unit(one->period), one->period.has_dates());
        return dates.empty() || dates.front().link.table != table ? Known::kUnreachable : dates.front().cost;
      };
      // A value, such as a brand, has no date of its own.
      const bool value = fewer.column >= 0 && cost_of(measured) < Known::kUnreachable;
      if (!value && cost_of(measured) >= cost_of(fewer.table)) return false;
      Condition then = *one;
      then.what.reset();
      moved.push_back(std::make_shared<const Condition>(std::move(then)));
      return true;
    });
    return fewer.conditions.size() < set->conditions.size() ? std::make_shared<const Set>(std::move(fewer)) : set;
  });
  out.conditions.insert(out.conditions.end(), moved.begin(), moved.end());
  return out;
}

}  // namespace sluice::planner
