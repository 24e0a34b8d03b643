#include <algorithm>

#include "planner/labels.h"
#include "planner/refine_parts.h"
#include "planner/rewrite.h"
#include "planner/rows.h"

namespace sluice::planner {
namespace {

using Way = Change::Way;
using Kind = Quantity::Kind;
using Outputs = std::vector<Output>;

SetPtr made(Set set) { return std::make_shared<const Set>(std::move(set)); }

bool same_column(const Quantity& a, const Quantity& b) {
  const auto link = [](const Quantity& one) { return one.noun.links.empty() ? nullptr : &one.noun.links.front(); };
  const Link *first = link(a), *second = link(b);
  return first != nullptr && second != nullptr && first->table == second->table && first->column == second->column;
}
bool same(const Quantity& a, const Quantity& b) {
  if (a.kind != b.kind || a.fn != b.fn) return false;
  if (a.kind == Kind::rows) return a.of != nullptr && b.of != nullptr && a.of->table == b.of->table && a.of->column == b.of->column;
  return same_column(a, b);
}

/// The outputs, decided; nothing where one cannot be.
std::optional<Likely<Outputs>> all_decided(const Known& known, const Query& query, const Outputs& wanted) {
  Likely<Outputs> out;
  for (const Output& one : wanted) {
    if (const auto* set = std::get_if<SetPtr>(&one)) {
      const double far = known.distance(main_table(query), (*set)->table);
      if (far >= Known::kUnreachable) return std::nullopt;
      out.cost += far;
      out.meaning.push_back(one);
      continue;
    }
    const auto likely = decided(known, query, std::get<Quantity>(one));
    if (!likely) return std::nullopt;
    out.cost += likely->cost;
    out.meaning.emplace_back(likely->meaning);
  }
  return out;
}

/// The columns of a table that stand for its rows where nothing else is asked for; those that the outputs show of it.
std::vector<Quantity> columns_shown(const Known& known, const Query& query, int table) {
  const Table& one = known.table(table);
  auto labels = label_columns(one);
  // Beside something else, and where it is asked which rows there are, the key alone tells rows without a name apart.
  const SetPtr& owner = query.outputs.owner;
  const bool ranked = owner != nullptr && owner->ranking && is_measure(owner->ranking->by);
  if (labels.empty() && (!query.groups.empty() || ranked || query.outputs.list.size() > 1 || known.asks_which())) labels = key_columns(one);
  std::vector<Quantity> out;
  for (int c = 0; c < static_cast<int>(known.real_columns(table)); ++c) {
    const bool shown = labels.empty() || std::ranges::find(labels, one.columns[static_cast<std::size_t>(c)].name) != labels.end();
    if (shown) out.push_back({.noun = {.links = {{Link::Kind::column, table, c, 1, ""}}}});
  }
  return out;
}

/// Groups that the question does not list are shown too: said in so many words before a column is shown beside them.
void name_heads(Query& query) {
  Outputs heads;
  for (const Group& group : query.groups) {
    const auto* set = std::get_if<SetPtr>(&group.key);
    if (set == nullptr) continue;
    const bool listed = std::ranges::any_of(query.outputs.list, [&](const Output& output) { return !is_measure(output); });
    if (!listed) heads.emplace_back(*set);
  }
  query.outputs.list.insert(query.outputs.list.begin(), heads.begin(), heads.end());
}

/// Whether each row, or each group, has one of the column, so that showing it leaves rows and groups as they are.
bool one_each(const Known& known, const Query& query, const Output& output) {
  const auto* quantity = std::get_if<Quantity>(&output);
  if (quantity != nullptr && quantity->kind == Kind::everything) return query.groups.empty();
  const int table = quantity != nullptr ? quantity->noun.links.front().table : std::get<SetPtr>(output)->table;
  const auto leads = [&](int from) {
    const auto& ways = known.routes(from, table);
    return from == table || (!ways.empty() && ways.front().to_one);
  };
  if (query.groups.empty()) return query.outputs.owner != nullptr && leads(query.outputs.owner->table);
  return std::ranges::any_of(query.groups, [&](const Group& group) {
    const int named = named_by(known, group);
    return named >= 0 && leads(named);
  });
}

/// What a query shows of its rows without being told is told: beside more columns less would be shown of them.
void tell_shown(const Known& known, Query& query) {
  if (query.outputs.list.size() != 1 || !query.groups.empty()) return;
  const auto* shown = std::get_if<SetPtr>(&query.outputs.list.front());
  if (shown == nullptr || *shown != query.outputs.owner) return;
  const Set& set = **shown;
  const std::optional<Ranking> ranking = set.ranking;
  const int table = set.table;
  if (set.column < 0 && !ranking && label_columns(known.table(table)).empty() && !known.asks_which()) {
    const auto columns = columns_shown(known, query, table);
    query.outputs.list.clear();
    for (const Quantity& one : columns) query.outputs.list.emplace_back(one);
  }
  // How much each of several has belongs to the answer.
  if (ranking && ranking->count.value_or(1) > 1) query.outputs.list.emplace_back(ranking->by);
}

Changed added(const Known& known, const Query& query, const Outputs& wanted) {
  auto likely = all_decided(known, query, wanted);
  if (!likely) return {};
  std::erase_if(likely->meaning, [&](const Output& one) {
    const auto* column = std::get_if<Quantity>(&one);
    return column != nullptr && column->kind == Kind::column && !column->fn && is_shown(known, query, *column);
  });
  if (likely->meaning.empty()) return {};
  // "also the category" of products: what it is called.
  for (std::size_t i = likely->meaning.size(); i-- > 0;) {
    const auto* set = std::get_if<SetPtr>(&likely->meaning[i]);
    if (set == nullptr || (*set)->column >= 0 || !(*set)->conditions.empty() || known.role((*set)->table) != nullptr || !query.groups.empty())
      continue;
    Outputs columns;
    for (const std::string& name : label_columns(known.table((*set)->table))) {
      const Table& of = known.table((*set)->table);
      columns.emplace_back(
          Quantity{.noun = {.links = {{Link::Kind::column, (*set)->table, static_cast<int>(of.find_column(name) - of.columns.data()), 1, ""}},
                            .begin = (*set)->noun.begin,
                            .end = (*set)->noun.end}});
    }
    if (columns.empty()) continue;
    likely->meaning.erase(likely->meaning.begin() + static_cast<std::ptrdiff_t>(i));
    likely->meaning.insert(likely->meaning.begin() + static_cast<std::ptrdiff_t>(i), columns.begin(), columns.end());
  }
  for (Output& one : likely->meaning)
    if (auto* column = std::get_if<Quantity>(&one); column != nullptr && column->kind == Kind::column && !column->fn) column->beside = true;
  Query out = query;
  tell_shown(known, out);
  // Beside what is only counted or added up as a whole, a column would make groups of its own.
  const bool total = query.groups.empty() && std::ranges::all_of(query.outputs.list, [](const Output& one) { return is_measure(one); });
  const bool plain = std::ranges::any_of(likely->meaning, [](const Output& one) { return !is_measure(one); });
  if (total && plain) return {};
  if (!std::ranges::all_of(likely->meaning, [&](const Output& one) { return is_measure(one) || one_each(known, query, one); })) return {};
  if (plain) name_heads(out);
  const bool measured = std::ranges::any_of(likely->meaning, [](const Output& one) { return is_measure(one); });
  const SetPtr& owner = query.outputs.owner;
  const bool ranked = owner != nullptr && owner->ranking && is_measure(owner->ranking->by);
  // What is added up of the rows that are counted is added up of no others.
  const auto counted = measures_of(query);
  for (Output& one : likely->meaning) {
    auto* number = std::get_if<Quantity>(&one);
    if (number == nullptr || !is_measure(*number) || (number->kind != Kind::rows && number->kind != Kind::column)) continue;
    const int home = number->of != nullptr ? number->of->table : number->noun.links.front().table;
    const bool bare = number->of == nullptr || (number->of->conditions.empty() && !number->of->ranking && number->of->column < 0);
    const auto before =
        std::ranges::find_if(counted, [&](const Quantity& two) { return two.of != nullptr && two.of->table == home && two.of->column < 0; });
    if (bare && before != counted.end()) number->of = before->of;
  }
  if (measured && !total && query.groups.empty() && measures_of(query).empty() && (owner == nullptr || (owner->column >= 0 && !ranked))) return {};
  out.outputs.list.insert(out.outputs.list.end(), likely->meaning.begin(), likely->meaning.end());
  return {{std::move(out), likely->cost}};
}

Changed only(const Known& known, const Query& query, const Outputs& wanted) {
  const auto likely = all_decided(known, query, wanted);
  if (!likely) return {};
  const auto count = std::ranges::count_if(likely->meaning, [](const Output& one) { return is_measure(one); });
  const bool measured = !measures_of(query).empty();
  // "just the names" of numbers per group leaves the numbers out, which are what was asked for.
  if (measured != (count > 0) || (count > 0 && !std::cmp_equal(count, likely->meaning.size()))) return {};
  // "only managers" of employees are those who are, and not the manager of each.
  const auto is_role = [&](const Output& one) {
    const auto* set = std::get_if<SetPtr>(&one);
    return set != nullptr && known.role((*set)->table) != nullptr;
  };
  if (std::ranges::any_of(likely->meaning, is_role)) return {};
  Query out = query;
  out.outputs.list = likely->meaning;
  for (Output& one : out.outputs.list)
    for (const Output& before : query.outputs.list)
      if (is_measure(one) && is_measure(before) && same(std::get<Quantity>(one), std::get<Quantity>(before))) one = before;
  return {{std::move(out), likely->cost}};
}

bool fits(const Known& known, plan::Fn fn, const Quantity& of) {
  if (of.kind != Kind::column || of.noun.links.empty()) return false;
  const Type& type = known.column(of.noun.links.front()).type;
  return type.is_numeric() || (type.is_temporal() && (fn == plan::Fn::min || fn == plan::Fn::max));
}

/// A number in the place of the one that is shown; a column in the place of the one that is.
Changed exchanged(const Known& known, const Query& query, const Outputs& wanted, const Change* old) {
  if (wanted.size() != 1) return {};
  const auto likely = all_decided(known, query, wanted);
  if (!likely) return {};
  Output now = likely->meaning.front();
  // "departure delay" where the average arrival delay is shown: its average.
  const auto measures = measures_of(query);
  const bool numbers =
      measures.size() == 1 && measures.front().fn && std::ranges::all_of(query.outputs.list, [](const Output& one) { return is_measure(one); });
  if (auto* column = std::get_if<Quantity>(&now);
      column != nullptr && numbers && old == nullptr && fits(known, *measures.front().fn, *column) && !column->fn)
    column->fn = measures.front().fn;
  const auto before = old == nullptr ? std::nullopt : all_decided(known, query, old->outputs);
  if (old != nullptr && !before) return {};
  if (before && before->meaning.size() != 1) return {};
  const auto meant = [&](const Output& one) {
    if (is_measure(one) != is_measure(now)) return false;
    if (!before) return true;
    const auto *shown = std::get_if<Quantity>(&one), *said = std::get_if<Quantity>(&before->meaning.front());
    return shown != nullptr && said != nullptr && same(*shown, *said);
  };
  const auto count = std::ranges::count_if(query.outputs.list, meant);
  Query out = query;
  if (count == 1) {
    Quantity was{};
    if (const auto* quantity = std::get_if<Quantity>(&*std::ranges::find_if(query.outputs.list, meant))) was = *quantity;
    Output put = now;
    // What was said of the rows that are counted is said of the new number's rows too.
    if (auto* quantity = std::get_if<Quantity>(&put); quantity != nullptr && is_measure(now) && was.of != nullptr && !was.of->conditions.empty()) {
      const int home = quantity->of != nullptr ? quantity->of->table : quantity->noun.links.front().table;
      if (home != was.of->table || (quantity->of != nullptr && !quantity->of->conditions.empty())) return {};
      Set set = quantity->of != nullptr ? *quantity->of : Set{.table = home};
      set.conditions = was.of->conditions;
      quantity->of = made(std::move(set));
    }
    *std::ranges::find_if(out.outputs.list, meant) = put;
    if (is_measure(now))
      for (Ranking& one : out.order)
        if (same(one.by, was)) one.by = std::get<Quantity>(put);
    if (!is_measure(now) && !out.groups.empty()) return {};
    return {{std::move(out), likely->cost}};
  }
  // Rows were asked for, a number of them is wanted now.
  if (count == 0 && is_measure(now) && !before && measures_of(query).empty() && query.groups.empty() && ranking_of(query) == nullptr &&
      !query.limit) {
    out.outputs.list = {now};
    out.outputs.distinct = false;
    out.order.clear();
    return {{std::move(out), likely->cost}};
  }
  return {};
}

/// What a set or "everything" shows, but for some columns.
std::optional<Outputs> spelled_out(const Known& known, const Query& query, const Output& output) {
  const auto* set = std::get_if<SetPtr>(&output);
  const auto* quantity = std::get_if<Quantity>(&output);
  if (quantity != nullptr && quantity->kind != Kind::everything) return Outputs{output};
  const int table = set != nullptr ? (*set)->table : main_table(query);
  if (table < 0) return std::nullopt;
  Outputs out;
  if (set != nullptr && (*set)->column >= 0) {
    out.emplace_back(Quantity{.noun = {.links = {{Link::Kind::column, table, (*set)->column, 1, ""}}}});
  } else if (set != nullptr) {
    for (Quantity& one : columns_shown(known, query, table)) out.emplace_back(std::move(one));
  } else {
    for (int c = 0; c < static_cast<int>(known.table(table).columns.size()); ++c)
      out.emplace_back(Quantity{.noun = {.links = {{Link::Kind::column, table, c, 1, ""}}}});
  }
  return out;
}

Changed removed(const Known& known, const Query& query, const Outputs& unwanted) {
  const auto likely = all_decided(known, query, unwanted);
  if (!likely) return {};
  Query out = query;
  for (const Output& one : likely->meaning) {
    const auto* what = std::get_if<Quantity>(&one);
    if (what == nullptr) return {};
    Outputs left;
    bool found = false;
    for (const Output& shown : out.outputs.list) {
      const auto columns = spelled_out(known, out, shown);
      if (!columns) return {};
      const auto is = [&](const Output& column) { return same(std::get<Quantity>(column), *what); };
      if (std::ranges::none_of(*columns, is)) {
        left.push_back(shown);
        continue;
      }
      found = true;
      for (const Output& column : *columns)
        if (!is(column)) left.push_back(column);
    }
    if (!found || left.empty()) return {};
    out.outputs.list = std::move(left);
  }
  return {{std::move(out), likely->cost}};
}

/// "average instead of total"
Changed function(const Known& known, const Query& query, const Change& change) {
  const plan::Fn fn = *change.fn;
  const auto meant = [&](const Quantity& one) { return one.fn && (change.in_place_of == nullptr || one.fn == change.in_place_of->fn); };
  Query out = query;
  int found = 0;
  bool failed = false;
  const auto set = [&](Quantity& one) {
    if (!meant(one)) return;
    ++found;
    failed = failed || !fits(known, fn, one);
    one.fn = fn;
  };
  if (change.way == Way::add || change.way == Way::remove || change.way == Way::plain) {
    const auto measures = measures_of(query);
    if (change.way != Way::add || measures.size() != 1 || !measures.front().fn || !fits(known, fn, measures.front())) return {};
    if (measures.front().fn == fn) return {};  // it is shown
    Quantity more = measures.front();
    more.fn = fn;
    out.outputs.list.emplace_back(std::move(more));
    return {{std::move(out), 0}};
  }
  for (Output& output : out.outputs.list)
    if (auto* quantity = std::get_if<Quantity>(&output)) set(*quantity);
  for (Ranking& one : out.order) set(one.by);
  out = with_ranking(out, [&](Ranking& one) { set(one.by); });
  if (failed) return {};
  if (found > 0) return {{std::move(out), 0}};
  // "ages of singers", then "the average instead"
  if (out.outputs.list.size() != 1 || !query.groups.empty() || ranking_of(query) != nullptr || query.limit || change.in_place_of != nullptr)
    return {};
  auto* plain = std::get_if<Quantity>(&out.outputs.list.front());
  if (plain == nullptr || plain->distinct || !fits(known, fn, *plain)) return {};
  plain->fn = fn;
  out.outputs.distinct = false;
  out.order.clear();
  return {{std::move(out), 0}};
}

/// "how many instead": of what was listed or added up
Changed count(const Query& query, const Change& change) {
  if (change.way == Way::add || change.way == Way::remove || ranking_of(query) != nullptr || query.limit) return {};
  Query out = query;
  SetPtr of = query.outputs.owner;
  const auto measures = measures_of(query);
  if (measures.size() == 1 && measures.front().of != nullptr && (of == nullptr || !query.groups.empty())) of = measures.front().of;
  const auto* plain = query.outputs.list.size() == 1 ? std::get_if<Quantity>(&query.outputs.list.front()) : nullptr;
  if (plain != nullptr && !is_measure(*plain) && plain->kind == Kind::column && (plain->distinct || query.outputs.distinct)) {
    const Link& link = plain->noun.links.front();
    if (of != nullptr && of->table != link.table) return {};
    of = made(
        {.table = link.table, .column = link.column, .conditions = of == nullptr ? std::vector<ConditionPtr>{} : of->conditions, .distinct = true});
  }
  if (of == nullptr || of->ranking) return {};
  Quantity rows{.kind = Kind::rows, .distinct = of->column >= 0, .of = of};
  const auto is_count = [](const Quantity& one) { return one.kind == Kind::rows; };
  if (std::ranges::any_of(measures, is_count)) return {};
  out.outputs = {.list = {rows}};
  out.order.clear();
  return {{std::move(out), 0}};
}

/// The number as a part of all of them; nothing where it does not add up. What is said of the rows is said of the whole too.
std::optional<Quantity> share_of(const Query& query, const Quantity& number) {
  const bool rows = number.kind == Kind::rows;
  if ((!rows && number.fn != plan::Fn::sum) || number.distinct) return std::nullopt;
  const SetPtr& owner = query.outputs.owner;
  SetPtr of = number.of != nullptr ? number.of : owner;
  // What was said of the rows at first is said of them still.
  if (owner != nullptr && owner != of && (!owner->conditions.empty() || owner->ranking)) {
    if (owner->table != of->table || owner->ranking) return std::nullopt;
    Set set = *of;
    for (const ConditionPtr& one : owner->conditions)
      if (std::ranges::find(set.conditions, one) == set.conditions.end()) set.conditions.push_back(one);
    of = made(std::move(set));
  }
  const bool restricted = !query.conditions.empty() || (of != nullptr && !of->conditions.empty());
  if (of != nullptr && (of->ranking || of->column >= 0)) return std::nullopt;
  if (restricted) {
    if (of == nullptr) return std::nullopt;
    Set set = *of;
    set.conditions.insert(set.conditions.end(), query.conditions.begin(), query.conditions.end());
    of = made(std::move(set));
  }
  Quantity out{.kind = Kind::share, .of = of};
  if (!rows) {
    out.parts = {number};
    if (of != nullptr) out.parts.front().of = of;
  }
  return out;
}

/// "as percentages": each number as a part of all of them
Changed share(const Query& query) {
  const bool listed = std::ranges::any_of(query.outputs.list, [](const Output& one) { return !is_measure(one); });
  if (query.groups.empty() && !listed) return {};
  const bool owned = query.outputs.owner != nullptr && (!query.outputs.owner->conditions.empty() || query.outputs.owner->ranking);
  if (listed && (owned || !query.conditions.empty())) return {};
  Query out = query;
  bool found = false;
  for (Output& output : out.outputs.list) {
    if (!is_measure(output)) continue;
    const auto one = share_of(query, std::get<Quantity>(output));
    if (!one) return {};
    output = *one;
    found = true;
  }
  if (!found) return {};
  if (listed) return {{std::move(out), 0}};
  // A query with an owner of its own says it of that one again.
  out.conditions.clear();
  out.outputs.owner = nullptr;
  return {{std::move(out), 0}};
}

}  // namespace

namespace {

/// "flights.dep_delay", said to a question about which of two columns is meant: that one.
Changed chosen(const Query& query, const Outputs& wanted) {
  const auto* said = wanted.size() == 1 ? std::get_if<Quantity>(&wanted.front()) : nullptr;
  if (said == nullptr || said->kind != Kind::column || said->fn || said->noun.links.size() != 1) return {};
  const Link& link = said->noun.links.front();
  const auto is = [&](const Link& one) { return one.table == link.table && one.column == link.column; };
  bool found = false;
  const auto is_column = [&](const Quantity& one) { return one.kind == Kind::column && !one.noun.links.empty() && is(one.noun.links.front()); };
  const auto decide = [&](Quantity& one) {
    if (one.rivals.empty() || (!is_column(one) && std::ranges::none_of(one.rivals, is_column))) return;
    const auto other = std::ranges::find_if(one.rivals, is_column);
    if (!is_column(one)) one = Quantity(*other);
    one.rivals.clear();
    found = true;
  };
  Query out = with_ranking(query, [&](Ranking& one) { decide(one.by); });
  for (Output& output : out.outputs.list)
    if (auto* quantity = std::get_if<Quantity>(&output)) decide(*quantity);
  for (Ranking& one : out.order) decide(one.by);
  out = rewrite_conditions(out, [&](const ConditionPtr& one) -> std::optional<ConditionPtr> {
    if (!one->what || one->what->rivals.empty()) return std::nullopt;
    Condition decided = *one;
    decide(*decided.what);
    return std::make_shared<const Condition>(std::move(decided));
  });
  return found ? Changed{{std::move(out), 0}} : Changed{};
}

}  // namespace

bool is_shown(const Known& known, const Query& query, const Quantity& quantity) {
  return std::ranges::any_of(query.outputs.list, [&](const Output& output) {
    const auto columns = spelled_out(known, query, output);
    return columns && std::ranges::any_of(*columns, [&](const Output& column) {
             return std::ranges::any_of(quantity.noun.links,
                                        [&](const Link& link) { return same_column(std::get<Quantity>(column), {.noun = {.links = {link}}}); });
           });
  });
}

Changed change_shown(const Known& known, const Query& query, const Change& change) {
  if (change.kind == Change::Kind::function) return function(known, query, change);
  if (change.kind == Change::Kind::count) return count(query, change);
  if (change.kind == Change::Kind::share) return change.way == Way::remove ? Changed{} : share(query);
  if (change.way == Way::plain || change.way == Way::only || change.way == Way::instead)
    if (auto one = chosen(query, change.outputs); !one.empty()) return one;
  switch (change.way) {
    case Way::add: return added(known, query, change.outputs);
    case Way::only: return only(known, query, change.outputs);
    case Way::instead: return exchanged(known, query, change.outputs, change.in_place_of.get());
    case Way::remove: return removed(known, query, change.outputs);
    case Way::plain: return {};  // more of it, or nothing else?
  }
  return {};
}

}  // namespace sluice::planner
