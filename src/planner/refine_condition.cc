#include <algorithm>
#include <set>

#include "planner/alike.h"
#include "planner/refine_parts.h"
#include "planner/rewrite.h"

namespace sluice::planner {
namespace {

using Kind = Condition::Kind;
using Way = Change::Way;

constexpr double kOfMeasure = 0.02, kOfGroup = 0.05, kAsCheap = 0.1;

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

bool same_place(const Link& a, const Link& b) { return a.table == b.table && a.column == b.column; }

const Link* link_of(const Condition& condition) {
  if (condition.kind == Kind::value) return &condition.value.links.front();
  if (condition.kind == Kind::any || condition.kind == Kind::none) return link_of(*condition.parts.front());
  return condition.what && !condition.what->noun.links.empty() ? &condition.what->noun.links.front() : nullptr;
}

/// Whether a row may have any of them, but only one: values of one column, or months.
bool may_be_of_one_column(const Condition& either) {
  const Condition& first = *either.parts.front();
  const auto like_first = [&](const ConditionPtr& one) {
    return one->kind == first.kind && one->way == first.way && (one->kind == Kind::value || one->period.has_dates() == first.period.has_dates());
  };
  if (!std::ranges::all_of(either.parts, like_first)) return false;
  if (first.kind == Kind::period) return true;
  return std::ranges::any_of(either.parts.front()->value.links, [&](const Link& link) {
    return std::ranges::all_of(either.parts, [&](const ConditionPtr& part) {
      return std::ranges::any_of(part->value.links, [&](const Link& one) { return same_place(one, link); });
    });
  });
}

bool are_of_one_column(const Condition& either) {
  const Link* first = link_of(either);
  return first != nullptr && std::ranges::all_of(either.parts, [&](const ConditionPtr& part) { return same_place(*link_of(*part), *first); });
}

/// "only JFK and LGA": of values of one column a row has either, as in a question. Nothing where it is not clear whether they are of one.
std::optional<std::vector<ConditionPtr>> gathered(const Known& known, const std::vector<ConditionPtr>& parts, int table) {
  std::vector<ConditionPtr> out;
  for (const ConditionPtr& part : parts) {
    Condition either{.kind = Kind::any};
    const auto is_one = [](const ConditionPtr& one) { return one->kind == Kind::value || one->kind == Kind::period; };
    if (!out.empty() && is_one(part)) {
      if (is_one(out.back())) either.parts = {out.back()};
      if (out.back()->kind == Kind::any && std::ranges::all_of(out.back()->parts, is_one)) either.parts = out.back()->parts;
    }
    // "from JFK and LGA": the second is from there too.
    const bool on = part->way == Condition::Way::none && !either.parts.empty() && part->kind == Kind::value;
    Condition same = *part;
    if (on) same.way = either.parts.front()->way;
    either.parts.push_back(on ? made(same) : part);
    if (either.parts.size() < 2 || !may_be_of_one_column(either)) {
      out.push_back(part);
      continue;
    }
    const auto first = resolve(known, out.back(), table), second = resolve(known, part, table);
    const ConditionPtr both = made(either);
    const auto together = resolve(known, both, table);
    if (first.empty() || second.empty() || together.empty()) return std::nullopt;
    const bool one_column = are_of_one_column(*together.front().meaning);
    if (!one_column || together.front().cost > first.front().cost + second.front().cost + kAsCheap) return std::nullopt;
    out.back() = both;
  }
  return out;
}

using Before = std::set<const Condition*>;

/// All conditions of the query.
Before conditions_of(const Query& query) {
  Before out;
  (void)rewrite_conditions(query, [&](const ConditionPtr& one) -> std::optional<ConditionPtr> {
    out.insert(one.get());
    return std::nullopt;
  });
  return out;
}

/// The query with a condition in the place of what was said of the same.
struct Replaced {
  Query query{};
  std::set<const Condition*> old{};  ///< in whose place; none where nothing was said of the same
  bool unclear = false;              ///< it could be said of several columns, or takes back what the same words say
};

/// "only Germany, France and Spain", then "not Spain": what is left of the values.
std::optional<ConditionPtr> without(const Known& known, const Condition& any, const ConditionPtr& denied) {
  if (any.kind != Kind::any || denied->kind != Kind::none) return std::nullopt;
  Condition left = any;
  std::erase_if(left.parts, [&](const ConditionPtr& part) { return in_place_of(known, part, denied).has_value(); });
  if (left.parts.empty() || left.parts.size() == any.parts.size()) return std::nullopt;
  return left.parts.size() == 1 ? left.parts.front() : made(std::move(left));
}

/// `before`: what may be replaced, `old`: only in the place of this.
Replaced replaced(const Known& known, const Query& query, const ConditionPtr& condition, const ConditionPtr& old, Way way, const Before& before) {
  const bool either = way == Way::add;
  Replaced out;
  std::set<std::pair<int, int>> columns;
  out.query = rewrite_conditions(query, [&](const ConditionPtr& one) -> std::optional<ConditionPtr> {
    if (old != nullptr) {
      const auto same = in_place_of(known, one, old);
      if (!same || !say_the_same(*same, one)) return std::nullopt;
    }
    const bool negated = one->kind == Kind::none && condition->kind != Kind::none;
    // "not from JFK", then "LGA instead": not from LGA.
    if (negated && way != Way::plain && way != Way::only) return std::nullopt;
    if (auto rest = without(known, *one, condition)) {
      out.unclear = out.unclear || !before.contains(one.get());
      out.old.insert(one.get());
      return rest;
    }
    auto now = in_place_of(known, one, condition);
    if (!now) return std::nullopt;
    out.unclear = out.unclear || !before.contains(one.get()) || (either && ((*now)->kind == Kind::none || !can_be_either(*one)));
    if (const Link* link = link_of(**now); link != nullptr) columns.insert({link->table, link->column});
    out.old.insert(one.get());
    if (!either) return now;
    Condition any{.kind = Kind::any};
    for (const ConditionPtr& part : {one, *now}) {
      if (part->kind == Kind::any)
        any.parts.insert(any.parts.end(), part->parts.begin(), part->parts.end());
      else
        any.parts.push_back(part);
    }
    return made(std::move(any));
  });
  // A number alone has to say whose it is, and "LGA" whether origin or destination where both were said.
  out.unclear = out.unclear || columns.size() > 1;
  if (condition->kind == Kind::compare && !condition->what && (out.old.size() > 1 || either)) out.unclear = true;
  // "LGA and SFO instead" of JFK to LAX is said of both, and not of the only one that either could be.
  if (condition->kind == Kind::any && !out.old.empty())
    for (const ConditionPtr& part : condition->parts)
      if (replaced(known, query, part, old, way, before).old != out.old) out.unclear = true;
  return out;
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

/// The set that a condition counts, where it says how many there are.
SetPtr counted_by(const Condition& condition) {
  if (condition.kind == Kind::none) return counted_by(*condition.parts.front());
  const bool rows = condition.kind == Kind::compare && condition.what && condition.what->kind == Quantity::Kind::rows;
  return condition.kind == Kind::count ? condition.set : rows ? condition.what->of : nullptr;
}

/// "more than 5 products" where products are counted: said of the groups.
bool counts(const Known& known, const Condition& condition, int table) {
  const SetPtr set = counted_by(condition);
  if (set == nullptr) return false;
  // A column that refers to the table stands for its rows.
  const int edge = set->column < 0 ? -1 : known.schema.graph.edge_of(set->table, known.column(set->table, set->column).name);
  return set->table == table || (edge >= 0 && known.schema.graph.edge(edge).to == table);
}

/// The rows that are counted for each group, with all that is said of them; null where they are not counted, or besides something else.
SetPtr counted_rows(const Query& query) {
  const auto measures = measures_of(query);
  if (query.groups.empty() || query.outputs.owner != nullptr || measures.size() != 1) return nullptr;
  const Quantity& rows = measures.front();
  if (rows.kind != Quantity::Kind::rows || rows.distinct || rows.of == nullptr || rows.of->column >= 0 || rows.of->ranking) return nullptr;
  Set set = *rows.of;
  set.conditions.insert(set.conditions.end(), query.conditions.begin(), query.conditions.end());
  return std::make_shared<const Set>(std::move(set));
}

/// "with more than 5", said of groups of which one number is shown: of that number.
ConditionPtr said_of_number(const Query& query, const Condition& number) {
  const SetPtr rows = counted_rows(query);
  // "only 2013" is no number of rows.
  const bool ordered = number.fn == plan::Fn::gt || number.fn == plan::Fn::ge || number.fn == plan::Fn::lt || number.fn == plan::Fn::le;
  if (rows == nullptr || !ordered) return nullptr;
  Condition out = number;
  out.kind = Kind::count;
  out.set = rows;
  return made(std::move(out));
}

/// "more than 5 products" of products that are restricted counts those that are shown.
ConditionPtr counting_shown(const Query& query, const ConditionPtr& condition) {
  const SetPtr rows = counted_rows(query), set = counted_by(*condition);
  if (rows == nullptr || set == nullptr || !set->conditions.empty() || set->ranking || set->column >= 0) return nullptr;
  Condition out = *condition;
  if (out.kind == Kind::none) {
    const ConditionPtr inner = counting_shown(query, out.parts.front());
    if (inner == nullptr) return nullptr;
    out.parts = {inner};
  } else if (out.kind == Kind::count) {
    out.set = rows;
  } else {
    out.what->of = rows;
  }
  return made(std::move(out));
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

/// Whether the condition tells groups apart, and so does not only say which rows are counted for each.
bool is_of_groups(const Known& known, const Query& query, const Condition& condition) {
  const Link* link = link_of(condition);
  return link == nullptr || std::ranges::any_of(query.groups, [&](const Group& group) {
           const auto* set = std::get_if<SetPtr>(&group.key);
           return set != nullptr && (named_by(known, group) == link->table || ((*set)->table == link->table && (*set)->column == link->column));
         });
}

/// "as percentages", then "only March": of all in March. "only UA" of carriers may leave the others out of the whole or not.
Changed said_of_shares(const Known& known, const Query& query, const ConditionPtr& condition) {
  const auto measures = measures_of(query);
  if (measures.size() != 1 || measures.size() != query.outputs.list.size() || measures.front().of == nullptr) return {};
  const Quantity& share = measures.front();
  if (!share.parts.empty() && share.parts.front().kind == Quantity::Kind::rows) return {};
  Changed out;
  for (const auto& [one, cost] : resolve(known, condition, share.of->table)) {
    if (is_of_groups(known, query, *one)) continue;
    Set set = *share.of;
    set.conditions.push_back(one);
    Query changed = query;
    Quantity now = share;
    now.of = std::make_shared<const Set>(std::move(set));
    for (Quantity& part : now.parts) part.of = now.of;
    changed.outputs.list = {now};
    out.push_back({std::move(changed), cost});
  }
  return out;
}

Changed added(const Known& known, const Query& query, const ConditionPtr& condition) {
  Changed out;
  const int table = main_table(query);
  if (table < 0) return out;
  const auto measures = measures_of(query);
  if (std::ranges::any_of(measures, [](const Quantity& one) { return one.kind == Quantity::Kind::share; }))
    return said_of_shares(known, query, condition);
  if (counts(known, *condition, table)) {
    const ConditionPtr shown = counting_shown(query, condition);
    if (shown != nullptr) return said_of_group(known, query, shown);
    // Counted are all of the group's rows: those that are shown, where nothing more is said of them.
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

Changed one_condition(const Known& known, const Query& query, const Change& change, const ConditionPtr& condition, const Before& before) {
  if (says_nothing(*condition)) return {};
  // "without the name" of a name that is shown: it is the column that is not wanted.
  const Condition* inner = condition->kind == Kind::none && condition->parts.size() == 1 ? condition->parts.front().get() : nullptr;
  if (inner != nullptr && inner->kind == Kind::present && inner->what && is_shown(known, query, *inner->what)) return {};
  const ConditionPtr old = change.in_place_of != nullptr ? change.in_place_of->condition : nullptr;
  Replaced in_place = replaced(known, query, condition, old, change.way, before);
  if (in_place.unclear) return {};
  if (!in_place.old.empty()) return {{std::move(in_place.query), 0}};
  if (change.way == Way::instead) return {};
  if (condition->kind == Kind::compare && !condition->what) {
    const ConditionPtr said = said_of_number(query, *condition);
    return said == nullptr ? Changed{} : said_of_group(known, query, said);
  }
  return added(known, query, condition);
}

}  // namespace

Changed change_condition(const Known& known, const Query& query, const Change& change) {
  ConditionPtr condition = change.condition;
  const int table = main_table(query);
  if (change.way == Way::remove) {
    // "without Germany, France and Spain" leaves out each of them.
    const auto parts = gathered(known, single(condition, table), table);
    if (parts && parts->size() == 1 && parts->front()->kind == Kind::any) condition = parts->front();
    condition = made({.kind = Kind::none, .parts = {condition}});
  }
  const auto all = gathered(known, single(condition, table), table);
  if (!all || all->empty()) return {};
  const Before before = conditions_of(query);
  Changed open{{query, 0}};
  for (const ConditionPtr& one : *all) {
    Changed next;
    for (const auto& [earlier, cost] : open)
      for (auto& [after, more] : one_condition(known, earlier, change, one, before)) next.push_back({std::move(after), cost + more});
    open = std::move(next);
  }
  return open;
}

}  // namespace sluice::planner
