#include <algorithm>
#include <utility>

#include "planner/labels.h"
#include "planner/lexical.h"
#include "planner/measured.h"
#include "planner/rules/rules.h"
#include "planner/same_rows.h"

namespace sluice::planner {
namespace {

constexpr double kNoOwner = 0.15, kHighCondition = 0.12, kHighMember = 0.15, kOutputAfter = 0.05, kContext = 0.05, kContextUnmarked = 0.4,
                 kMixed = 0.1, kForEach = 0.05, kAnotherGroup = 0.02, kWith = 0.15, kBeside = 0.25, kOwnedMix = 0.15, kBareFirst = 0.4,
                 kOfValues = 0.9;

/// Of the values of a column, "the release year" is that of song_release_year beside song_name.
std::vector<Likely<Quantity>> resolve_of(const RuleOutput& out, const Quantity& quantity, const Set& set) {
  auto likely = resolve(out.known, quantity, set.table);
  if (set.column < 0 || quantity.kind != Quantity::Kind::column) return likely;
  // "the code of the most common payment method", "the description of its type"
  const int edge = out.known.schema.graph.edge_of(set.table, out.known.column(set.table, set.column).name);
  for (const Link& link : quantity.noun.links) {
    const bool own = link.table == set.table && link.column == set.column;
    const bool referred = edge >= 0 && link.table == out.known.schema.graph.edge(edge).to && !out.known.is_key(link);
    if (link.kind != Link::Kind::column || (!own && !referred)) continue;
    Quantity one = quantity;
    one.noun.links = {link};
    one.noun.links.front().score = std::max(link.score, kOfValues);
    return resolve(out.known, one, set.table);
  }
  const auto own = name_pieces(out.known.column(set.table, set.column).name);
  Quantity near = quantity;
  std::erase_if(near.noun.links, [&](const Link& link) {
    if (link.kind != Link::Kind::column || link.table != set.table) return true;
    const auto pieces = name_pieces(out.known.column(link).name);
    return pieces.size() < 2 || own.empty() || pieces.front() != own.front();
  });
  if (near.noun.links.empty()) return likely;
  auto nearer = resolve(out.known, near, set.table);
  for (auto& one : nearer) one.cost = std::max(0.0, one.cost - kBeside);
  return nearer.empty() ? likely : nearer;
}

/// "In which years …": the different ones there are.
bool asked_for_values(const RuleOutput& out, const Item& list) {
  const auto& quantities = list.as<std::vector<Quantity>>();
  return list.begin > 0 && out.known.lexicon.asks_which(out.words[list.begin - 1]) && quantities.size() == 1 && !quantities.front().fn &&
         quantities.front().kind == Quantity::Kind::column;
}

/// "members with a fine", where fines are of loans and loans of members: the members that some of these rows refer to, each once. Null where what
/// is named are no such rows.
SetPtr referred_by(const Known& known, const SetPtr& rows) {
  constexpr double kNamed = 0.9;
  const auto compares = [](const ConditionPtr& one) { return one->kind == Condition::Kind::compare; };
  if (rows->column < 0 || rows->ranking || rows->by_value || rows->conditions.empty() || rows->noun.links.empty()) return nullptr;
  if (!std::ranges::all_of(rows->conditions, compares)) return nullptr;
  const Column& column = known.column(rows->table, rows->column);
  const int edge = known.schema.graph.edge_of(rows->table, column.name);
  if (edge < 0 || !is_code(column) || rows->noun.links.front().score >= kNamed) return nullptr;
  const int to = known.schema.graph.edge(edge).to;
  if (to == rows->table || !named_for(column, known.table(to))) return nullptr;
  Set of = *rows;
  of.column = -1;
  of.noun = {};
  Set out{.table = to, .noun = rows->noun, .distinct = rows->distinct};
  out.noun.links = {{Link::Kind::table, to, -1, rows->noun.links.front().score, ""}};
  out.conditions = {condition_of({.kind = Condition::Kind::member, .set = set_of(std::move(of))})};
  return set_of(std::move(out));
}

/// "names and ages of singers": each column as one of theirs.
void outputs_of_set(RuleOutput& out, Parts parts) {
  SetPtr set = parts.back()->as<SetPtr>();
  if (is_shown_with(out, parts.back()->begin)) return;
  if (const auto all = all_before(out, parts.back()->begin); all && parts.back()->begin >= parts.front()->end && follows_verb(out, *all)) return;
  Outputs outputs{.distinct = parts.size() == 3 || asked_for_values(out, *parts[parts.size() - 2])};
  double cost = 0;
  for (const Quantity& quantity : parts[parts.size() - 2]->as<std::vector<Quantity>>()) {
    const auto likely = resolve_of(out, quantity, *set);
    if (likely.empty()) return;
    cost += likely.front().cost;
    outputs.list.emplace_back(likely.front().meaning);
  }
  // "how many orders did customers from Germany place in 1997": the orders were placed then.
  if (auto* one = outputs.list.size() == 1 ? std::get_if<Quantity>(&outputs.list.front()) : nullptr; one != nullptr)
    if (const int table = measured_table(*one); table >= 0) {
      const auto [rest, periods] = without_periods_of(set, table);
      if (!periods.empty()) *one = restricted_to(*one, table, periods);
      set = rest;
    }
  if (const SetPtr those = referred_by(out.known, set); those != nullptr) {
    const auto theirs = [&](const Output& output) {
      const auto* one = std::get_if<Quantity>(&output);
      return one != nullptr && one->kind == Quantity::Kind::column && !one->fn && one->noun.links.front().table == those->table;
    };
    if (std::ranges::all_of(outputs.list, theirs)) set = those;
  }
  outputs.owner = set;
  out.add(Cat::outputs, std::move(outputs), cost);
}

/// "the title and the average rating of episodes": the rating is theirs, the title of what it is averaged for.
void mixed_outputs(RuleOutput& out, Parts parts) {
  const auto& set = parts.back()->as<SetPtr>();
  Outputs outputs;
  double cost = kMixed;
  bool plain = false, measured = false;
  for (const Quantity& quantity : parts.front()->as<std::vector<Quantity>>()) {
    if (!quantity.fn) {
      plain = true;
      outputs.list.emplace_back(quantity);
      continue;
    }
    const auto likely = resolve(out.known, quantity, set->table);
    if (likely.empty()) return;
    cost += likely.front().cost;
    Quantity one = likely.front().meaning;
    one.of = set;
    outputs.list.emplace_back(std::move(one));
    measured = true;
  }
  if (plain && measured) out.add(Cat::outputs, std::move(outputs), cost);
}

/// "countries with their populations": the rows, and more of them.
void set_with_outputs(RuleOutput& out, Parts parts) {
  if (out.gap_before(1) == 0 && !out.words[parts[1]->begin].aside) return;
  if (clause_between(out, *parts[0], *parts[1]) || asked_between(out, *parts[0], *parts[1])) return;
  if (all_before(out, parts[1]->begin)) return;  // "products in all categories"
  const auto& set = parts[0]->as<SetPtr>();
  // "products with units on order" have some.
  if (std::ranges::any_of(parts[1]->as<std::vector<Quantity>>(), [&](const Quantity& one) { return some_of(out, one).has_value(); })) return;
  // "users (ID and name)" are shown by these alone.
  const bool aside = out.words[parts[1]->begin].aside && out.words[parts[1]->end - 1U].aside;
  Outputs outputs{.list = {set}, .owner = set};
  if (aside) outputs.list.clear();
  double cost = aside ? 0 : kWith;
  for (const Quantity& quantity : parts[1]->as<std::vector<Quantity>>()) {
    // "the order with the highest freight" is one of them.
    const bool own = out.known.lexicon.says_own(out.words[parts[1]->begin - 1U]);
    if (!aside && !own && (quantity.fn == plan::Fn::max || quantity.fn == plan::Fn::min)) return;
    const auto likely = resolve(out.known, quantity, set->table);
    if (likely.empty()) return;
    cost += likely.front().cost;
    outputs.list.emplace_back(likely.front().meaning);
  }
  out.add(Cat::outputs, std::move(outputs), cost);
}

/// "the teachers' first and last names"
void set_before_outputs(RuleOutput& out, Parts parts) {
  const Item* turned[] = {parts[1], parts[0]};
  if (parts[1]->as<std::vector<Quantity>>().size() > 1) outputs_of_set(out, turned);
}

void outputs_alone(RuleOutput& out, Parts parts) {
  Outputs outputs{.distinct = parts.size() == 2};
  for (const Quantity& quantity : parts.back()->as<std::vector<Quantity>>()) {
    outputs.list.emplace_back(quantity);
    if (quantity.of != nullptr && quantity.kind == Quantity::Kind::column && !quantity.fn && outputs.owner == nullptr) outputs.owner = quantity.of;
  }
  out.add(Cat::outputs, std::move(outputs), kNoOwner);
}

void set_as_outputs(RuleOutput& out, Parts parts) {
  SetPtr set = parts[0]->as<SetPtr>();
  // "Who reports to Fuller?" does not ask for him.
  const std::size_t begin = parts[0]->begin;
  if (begin == 1 && set->noun.begin == begin && out.known.lexicon.asks_who(out.words[0]) && is_role_verb(out, *parts[0])) return;
  if (SetPtr those = referred_by(out.known, set); those != nullptr) set = std::move(those);
  out.add(Cat::outputs, Outputs{.list = {set}, .owner = set, .distinct = set->distinct}, 0);
}

/// "the title of each game and the name of its studio": the one leads to the other, whose columns they are.
void of_either(RuleOutput& out, const Outputs& first, const Outputs& second) {
  const auto leads = [&](const Outputs& from, const Outputs& to) {
    const auto& ways = out.known.routes(from.owner->table, to.owner->table);
    return ways.size() == 1 && ways.front().to_one && to.owner->conditions.empty() && !to.owner->ranking && to.owner->column < 0;
  };
  const bool forward = leads(first, second);
  if (!forward && !leads(second, first)) return;
  Outputs all = first;
  all.owner = forward ? first.owner : second.owner;
  all.list.insert(all.list.end(), second.list.begin(), second.list.end());
  const auto plain = [](const Output& output) { return std::holds_alternative<Quantity>(output) && !computed(output); };
  if (all.owner->column < 0 && !all.distinct && std::ranges::all_of(all.list, plain)) out.add(Cat::outputs, std::move(all), kOutputAfter);
}

/// "customers and their orders", where the one only stands for a column of the other: both are meant (owned.cc).
bool owns_second(const RuleOutput& out, const Outputs& first, const Outputs& second) {
  if (first.list.size() != 1 || second.list.size() != 1) return false;
  const auto *one = std::get_if<SetPtr>(&first.list.front()), *other = std::get_if<SetPtr>(&second.list.front());
  if (one == nullptr || other == nullptr || (*other)->noun.begin == 0) return false;
  if (!out.known.lexicon.says_own(out.words[(*other)->noun.begin - 1])) return false;
  const auto stands_for_rows = [&](const Set& set) {
    const int edge = set.column < 0 ? -1 : out.known.schema.graph.edge_of(set.table, out.known.column(set.table, set.column).name);
    return edge >= 0 && named_for(out.known.column(set.table, set.column), out.known.table(out.known.schema.graph.edge(edge).to));
  };
  const bool role = out.known.role((*one)->table) != nullptr || out.known.role((*other)->table) != nullptr;
  return !role && (stands_for_rows(**one) || stands_for_rows(**other));
}

/// "names of concerts and the number of singers in each": two lists, the owner of either.
void joined(RuleOutput& out, Parts parts) {
  Outputs all = parts.front()->as<Outputs>();
  const auto& more = parts.back()->as<Outputs>();
  if (owns_second(out, all, more)) return;
  if (all.owner != nullptr && more.owner != nullptr && all.owner->table != more.owner->table) return of_either(out, all, more);
  // What is said of the second must not get lost, nor be said of the first.
  const auto said = [](const SetPtr& set) { return set != nullptr && (!set->conditions.empty() || set->ranking); };
  if (said(more.owner) && all.owner != nullptr && all.owner != more.owner && (said(all.owner) || std::holds_alternative<SetPtr>(more.list.front())))
    return;
  bool bare = std::holds_alternative<SetPtr>(all.list.front());
  // "For channels from the USA, …": they are spoken of, not asked for.
  if (bare && parts.front()->begin > 0 && out.known.lexicon.opens_context(out.words[parts.front()->begin - 1])) return;
  all.list.insert(all.list.end(), more.list.begin(), more.list.end());
  // "What major is every student, and how old are they?" asks for a row each.
  all.distinct = all.distinct && more.distinct;
  // "and their counts": of what the ones before are ranked or told by.
  for (Output& output : all.list) {
    auto* quantity = std::get_if<Quantity>(&output);
    if (quantity == nullptr || quantity->kind != Quantity::Kind::rows || quantity->of != nullptr || all.owner == nullptr) continue;
    if (!all.owner->ranking || all.owner->ranking->by.kind != Quantity::Kind::rows) return;
    *quantity = all.owner->ranking->by;
    bare = false;
  }
  if (all.owner == nullptr || (more.owner != nullptr && all.owner->conditions.empty() && !all.owner->ranking))
    all.owner = more.owner != nullptr ? more.owner : all.owner;
  out.add(Cat::outputs, std::move(all), kOutputAfter + (bare ? kBareFirst : 0));
}

void question(RuleOutput& out, Parts parts) { out.add(Cat::query, Query{.outputs = parts[0]->as<Outputs>()}, 0); }

const Query& query_in(Parts parts) { return (parts.front()->cat == Cat::query ? parts.front() : parts.back())->as<Query>(); }

/// "For every series, its title": that of the series is shown, and not that of something else's rows.
bool takes_from(const RuleOutput& out, const Query& query, const Set& head) {
  const SetPtr& owner = query.outputs.owner;
  return owner != nullptr && owner->table != head.table && std::ranges::any_of(query.outputs.list, [&](const Output& output) {
           const auto* quantity = std::get_if<Quantity>(&output);
           return quantity != nullptr && quantity->noun.begin > 0 && out.known.lexicon.says_own(out.words[quantity->noun.begin - 1]);
         });
}

void with_group(RuleOutput& out, Parts parts) {
  Query query = query_in(parts);
  if (parts.front()->cat == Cat::group)
    if (const auto* head = std::get_if<SetPtr>(&parts.front()->as<Group>().key); head != nullptr && takes_from(out, query, **head)) return;
  query.groups.push_back((parts.front()->cat == Cat::group ? parts.front() : parts.back())->as<Group>());
  out.add(Cat::query, std::move(query), 0);
}
/// "per origin and month", "per origin and carrier"
void with_another_group(RuleOutput& out, Parts parts) {
  Query query = parts[0]->as<Query>();
  const auto& set = parts.back()->as<SetPtr>();
  if (query.groups.empty() || set->ranking || !set->conditions.empty() || set->column < 0) return;
  query.groups.push_back({.key = set});
  out.add(Cat::query, std::move(query), kAnotherGroup);
}
void with_order(RuleOutput& out, Parts parts) {
  Query query = query_in(parts);
  if (!query.order.empty()) return;
  query.order = (parts.front()->cat == Cat::order ? parts.front() : parts.back())->as<std::vector<Ranking>>();
  out.add(Cat::query, std::move(query), 0);
}
/// "Order the bicycles by list price": all of them.
void order_outputs(RuleOutput& out, Parts parts) {
  const auto& by = parts.back()->as<Quantity>();
  const bool begins =
      std::none_of(out.words.begin(), out.words.begin() + parts.front()->begin, [](const Word& word) { return word.kind == WordKind::stop; });
  if (by.kind != Quantity::Kind::column || by.fn || !begins || !begins_order(out.known, out.words)) return;
  out.add(Cat::query, Query{.outputs = parts.front()->as<Outputs>(), .order = {{.by = by, .descending = false}}}, 0);
}
/// "… per month? Order the results by month."
void order_sentence(RuleOutput& out, Parts parts) {
  const auto phrases = out.known.lexicon.phrases_at(out.words, parts.back()->begin);
  if (std::ranges::any_of(phrases, [](const auto& one) { return one.role == Role::order; })) with_order(out, parts);
}
void with_condition(RuleOutput& out, Parts parts) {
  Query query = query_in(parts);
  const auto& said = (parts.front()->cat == Cat::condition ? parts.front() : parts.back())->as<ConditionPtr>();
  // "the 3 cheapest products, with the supplier", "orders with the names of their customers": these are asked for, and no suppliers.
  const std::size_t then = parts.size() == 3 ? parts[1]->end : parts.front()->end;
  const bool asks_of = parts.size() == 3 || said->kind == Condition::Kind::member;
  if (parts.front()->cat == Cat::condition && asks_of && then < parts.back()->begin && out.known.lexicon.says_having(out.words[then])) return;
  if (denies_period(query.conditions, said) || (query.outputs.owner != nullptr && denies_period(query.outputs.owner->conditions, said))) return;
  const auto inner = [&](const SetPtr& set) { return set != nullptr && is_said_of_inner(out.known, *set, *said); };
  if (inner(query.outputs.owner)) return;
  if (parts.front()->cat == Cat::query && said->kind != Condition::Kind::both) {
    Set all = query.outputs.owner == nullptr ? Set{} : *query.outputs.owner;
    all.conditions.insert(all.conditions.end(), query.conditions.begin(), query.conditions.end());
    if (is_clause_of_inner(out, all, parts.front()->end, parts.back()->begin)) return;
  }
  for (const Output& output : query.outputs.list)
    if (const auto* quantity = std::get_if<Quantity>(&output); quantity != nullptr && inner(quantity->of)) return;
  query.conditions.push_back(said);
  const bool before = parts.front()->cat == Cat::condition;
  const auto& condition = *(before ? parts.front() : parts.back())->as<ConditionPtr>();
  const bool member = condition.kind == Condition::Kind::member;
  const bool marked = parts.size() == 3 || condition.kind == Condition::Kind::period;
  out.add(Cat::query, std::move(query), !before ? kHighCondition + (member ? kHighMember : 0) : marked ? kContext : kContextUnmarked);
}
/// "For airlines with 15 or more flights, the name and the average price": per airline.
void for_each(RuleOutput& out, Parts parts) {
  Query query = parts.back()->as<Query>();
  const auto measured = [](const Output& output) {
    const auto* quantity = std::get_if<Quantity>(&output);
    return quantity != nullptr && (quantity->fn || quantity->kind == Quantity::Kind::rows);
  };
  const auto count = std::ranges::count_if(query.outputs.list, measured);
  if (count == 0 || std::cmp_equal(count, query.outputs.list.size()) || !query.groups.empty()) return;
  query.groups.push_back({.key = parts.front()->as<SetPtr>()});
  if (takes_from(out, query, *parts.front()->as<SetPtr>())) return;
  const double owned = query.outputs.owner == nullptr ? 0 : kOwnedMix;
  out.add(Cat::query, std::move(query), kForEach + owned);
}
/// "each country and the number of its channels"
void each_and(RuleOutput& out, Parts parts) {
  Query query{.outputs = parts.back()->as<Outputs>()};
  query.groups.push_back(parts.front()->as<Group>());
  out.add(Cat::query, std::move(query), 0);
}
void keep_empty(RuleOutput& out, Parts parts) {
  Query query = parts[0]->as<Query>();
  query.keep_empty = true;
  out.add(Cat::query, std::move(query), 0);
}

}  // namespace

std::vector<Rule> question_rules() {
  const Symbol query = sym(Cat::query), outputs = sym(Cat::outputs), list = sym(Cat::quantities), set = sym(Cat::set), group = sym(Cat::group),
               order = sym(Cat::order), condition = sym(Cat::condition), comma = role(Role::comma), then = role(Role::conjunction);
  return {{"of a set", {list, set}, true, outputs_of_set},
          {"mixed", {list, set}, true, mixed_outputs},
          {"with them", {set, list}, true, set_with_outputs},
          {"before them", {set, list}, false, set_before_outputs},
          {"alone", {list}, true, outputs_alone},
          {"a set", {set}, true, set_as_outputs},
          {"and", {outputs, then, outputs}, true, joined},
          {", and", {outputs, comma, then, outputs}, true, joined},
          {",", {outputs, comma, outputs}, true, joined},
          {"question", {outputs}, true, question},
          {"per", {query, group}, true, with_group},
          {"and per", {query, then, group}, true, with_group},
          {"per and", {query, then, set}, true, with_another_group},
          {"per, question", {group, query}, true, with_group},
          {"ordered", {query, order}, true, with_order},
          {"and order", {query, then, order}, true, with_order},
          {". Order", {query, role(Role::stop), order}, true, order_sentence},
          {"order, question", {order, query}, true, with_order},
          {"order outputs by", {outputs, role(Role::by), sym(Cat::quantity)}, true, order_outputs},
          {"with a condition", {query, condition}, true, with_condition},
          {"condition question", {condition, query}, true, with_condition},
          {"condition, question", {condition, comma, query}, true, with_condition},
          {"for each, question", {set, comma, query}, true, for_each},
          {"each and", {group, then, outputs}, true, each_and},
          {"each with", {group, outputs}, true, each_and},
          {"including empty", {query, role(Role::empty_too)}, true, keep_empty}};
}

const std::vector<Rule>& grammar() {
  static const std::vector<Rule> kRules = [] {
    std::vector<Rule> all;
    for (const auto& rules :
         {noun_rules(),    value_rules(),        aggregate_rules(), list_rules(),       comparison_rules(),      condition_rules(),
          average_rules(), relation_rules(),     logic_rules(),     period_rules(),     relative_period_rules(), when_rules(),
          ranking_rules(), group_rules(),        order_rules(),     question_rules(),   share_rules(),           pair_rules(),
          trend_rules(),   group_number_rules(), group_top_rules(), state_rules(),      repeated_rules(),        existence_rules(),
          amount_rules(),  answer_list_rules(),  remark_rules(),    difference_rules(), context_rules(),         further_number_rules(),
          owned_rules(),   duration_rules()})
      all.insert(all.end(), rules.begin(), rules.end());
    return all;
  }();
  return kRules;
}

const std::vector<Rule>& window_grammar() {
  static const std::vector<Rule> kRules = [] {
    std::vector<Rule> all;
    for (const auto& rules : {change_rules(), reference_rules(), rank_rules(), beside_rules()}) all.insert(all.end(), rules.begin(), rules.end());
    return all;
  }();
  return kRules;
}

const std::vector<Rule>& grammar_with_roles() {
  static const std::vector<Rule> kRules = [] {
    std::vector<Rule> all = grammar();
    const auto more = role_rules();
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }();
  return kRules;
}

}  // namespace sluice::planner
