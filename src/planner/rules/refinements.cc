#include <algorithm>

#include "planner/flags.h"
#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

using Way = Change::Way;
using Kind = Change::Kind;

constexpr double kBareNumber = 0.1, kOwned = 0.02, kJoin = 0.03, kNegatedShown = 0.02;
constexpr int kCountMax = 10'000, kYearMin = 1000, kYearMax = 2999;

void make(RuleOutput& out, Change change, double cost = 0) { out.add(Cat::refinement, Refinement{std::move(change)}, cost); }

std::optional<int> count_of(const Item& item) {
  const auto& literal = item.as<plan::Literal>();
  if (literal.type != TypeKind::integer) return std::nullopt;
  const auto count = std::get<std::int64_t>(literal.value);
  return count >= 1 && count <= kCountMax ? std::optional(static_cast<int>(count)) : std::nullopt;
}

// ---- what is changed ----

void condition(RuleOutput& out, Parts parts) { make(out, {.kind = Kind::condition, .condition = parts[0]->as<ConditionPtr>()}); }

/// "the discontinued ones": the word says which rows, and names no column that is to be shown.
bool said_of_rows(const RuleOutput& out, const Item& item) { return item.end < out.words.size() && out.known.lexicon.says_ones(out.words[item.end]); }

/// "from JFK or LGA to LAX in March": what comes after it is said of the same rows, and not of LGA alone.
void conditions(RuleOutput& out, Parts parts) {
  Condition all{.kind = Condition::Kind::all};
  for (const Item* part : parts) {
    const auto& one = part->as<ConditionPtr>();
    if (one->kind != Condition::Kind::value && one->kind != Condition::Kind::any && one->kind != Condition::Kind::period) return;
    const Word& before = out.words[part->begin - (part->begin > 0 ? 1 : 0)];
    const bool placed = one->kind == Condition::Kind::period || out.known.lexicon.says_to(before) || out.known.lexicon.says_from(before);
    if (part != parts.front() && !placed) return;
    all.parts.push_back(one);
  }
  make(out, {.kind = Kind::condition, .condition = condition_of(std::move(all))}, kJoin);
}

/// "only discontinued": which rows, where the column says yes or no of them.
bool says_which(const RuleOutput& out, const Item& item) {
  const auto& list = item.as<std::vector<Quantity>>();
  if (item.begin == 0 || !out.known.lexicon.says_only(out.words[item.begin - 1]) || list.size() != 1) return false;
  const auto flag = [&](const Link& link) { return link.kind == Link::Kind::column && yes_of(out.known, link).has_value(); };
  return !list.front().fn && !list.front().noun.links.empty() && std::ranges::all_of(list.front().noun.links, flag);
}

void quantities(RuleOutput& out, Parts parts) {
  if (said_of_rows(out, *parts[0]) || says_which(out, *parts[0])) return;
  Change change{.kind = Kind::outputs};
  for (const Quantity& one : parts[0]->as<std::vector<Quantity>>()) change.outputs.emplace_back(one);
  make(out, std::move(change));
}
/// "the names of the customers", "the airline": whose they are is said.
void outputs(RuleOutput& out, Parts parts) {
  if (said_of_rows(out, *parts[0])) return;
  const auto& said = parts[0]->as<Outputs>();
  if (said.distinct || said.owner == nullptr || !said.owner->conditions.empty() || said.owner->ranking || said.owner->column >= 0) return;
  make(out, {.kind = Kind::outputs, .outputs = said.list}, kOwned);
}
void group(RuleOutput& out, Parts parts) { make(out, {.kind = Kind::group, .group = parts[0]->as<Group>()}); }
void order(RuleOutput& out, Parts parts) { make(out, {.kind = Kind::order, .order = parts[0]->as<std::vector<Ranking>>()}); }
void ranking(RuleOutput& out, Parts parts) { make(out, {.kind = Kind::ranking, .order = {parts[0]->as<Ranking>()}}); }

/// "by the number of orders": what is ranked or ordered so far stays so.
void by_quantity(RuleOutput& out, Parts parts) {
  const auto& quantity = parts.back()->as<Quantity>();
  if (quantity.kind != Quantity::Kind::everything) make(out, {.kind = Kind::by, .order = {{.by = quantity}}});
}
/// "sorted by the average": of what the question shows
template <bool descending>
void order_by_function(RuleOutput& out, Parts parts) {
  const auto& functions = parts[1]->as<std::vector<plan::Fn>>();
  if (functions.size() != 1) return;
  Quantity shown;
  shown.fn = functions.front();
  make(out, {.kind = Kind::order, .order = {{.by = shown, .descending = descending}}});
}
template <bool descending>
void order_by_count(RuleOutput& out, Parts) {
  make(out, {.kind = Kind::order, .order = {{.by = {.kind = Quantity::Kind::rows}, .descending = descending}}});
}
template <bool descending>
void end(RuleOutput& out, Parts) {
  make(out, {.kind = Kind::end, .order = {{.descending = descending}}});
}
void function(RuleOutput& out, Parts parts) {
  const auto& functions = parts[0]->as<std::vector<plan::Fn>>();
  if (functions.size() == 1) make(out, {.kind = Kind::function, .fn = functions.front()});
}
void count(RuleOutput& out, Parts) { make(out, {.kind = Kind::count}); }
void share(RuleOutput& out, Parts) { make(out, {.kind = Kind::share}); }
void keep_empty(RuleOutput& out, Parts) { make(out, {.kind = Kind::keep_empty}); }

/// "top 5", "bottom 5 by age"
template <bool descending>
void top(RuleOutput& out, Parts parts) {
  Change change{.kind = Kind::limit, .count = count_of(*parts[1]), .ranked = true};
  if (!change.count) return;
  Ranking by{.by = {.kind = Quantity::Kind::everything}, .descending = descending};
  if (parts.size() == 4) by.by = parts.back()->as<Quantity>();
  if (parts.size() == 4 && by.by.kind == Quantity::Kind::everything) return;
  change.order = {std::move(by)};
  make(out, std::move(change));
}
/// "limit 5", "only 5"
void limit(RuleOutput& out, Parts parts) {
  const auto number = count_of(*parts[1]);
  if (!number) return;
  const bool bare = parts[0]->role == Role::just;
  if (bare && *number >= kYearMin && *number <= kYearMax) return;
  make(out, {.kind = Kind::limit, .count = number}, bare ? kBareNumber : 0);
}

// ---- how it is changed ----

template <Way way>
void mark(RuleOutput& out, Parts parts) {
  const bool first = parts[0]->cat == Cat::refinement;
  Refinement all = (first ? parts[0] : parts[1])->as<Refinement>();
  for (Change& change : all) {
    // "just the names instead" says the same twice.
    const bool twice = change.way == Way::only && way == Way::instead;
    if ((change.way != Way::plain && !twice) || (change.kind == Kind::limit && way == Way::remove)) return;
    if (!twice) change.way = way;
  }
  // What negates one thing does not negate the next.
  if (way != Way::add && all.size() > 1) return;
  out.add(Cat::refinement, std::move(all), way == Way::remove ? kNegatedShown : 0);
}
/// "average instead of total"
void in_place_of(RuleOutput& out, Parts parts) {
  const auto &wanted = parts[0]->as<Refinement>(), &old = parts[2]->as<Refinement>();
  if (wanted.size() != 1 || old.size() != 1 || wanted.front().way != Way::plain || old.front().way != Way::plain) return;
  if (wanted.front().kind != old.front().kind) return;
  Change change = wanted.front();
  change.way = Way::instead;
  change.in_place_of = std::make_shared<const Change>(old.front());
  make(out, std::move(change));
}
bool are_values(const Condition& condition) {
  const bool joined = condition.kind == Condition::Kind::all || condition.kind == Condition::Kind::any;
  return condition.kind == Condition::Kind::value ||
         (joined && std::ranges::all_of(condition.parts, [](const auto& one) { return are_values(*one); }));
}
bool are_values(const Change& change) { return change.kind == Kind::condition && are_values(*change.condition); }

/// "by month instead, and only JFK"
void several(RuleOutput& out, Parts parts) {
  Refinement all = parts.front()->as<Refinement>();
  const auto& more = parts.back()->as<Refinement>();
  // "only Germany, France and Spain": one thing, said of all.
  if (parts.size() == 3 && all.size() == 1 && more.size() == 1 && more.front().way == Way::plain && more.front().in_place_of == nullptr &&
      all.front().in_place_of == nullptr && parts[1]->role == Role::comma && are_values(all.front()) && are_values(more.front())) {
    const ConditionPtr joined = condition_of({.kind = Condition::Kind::all, .parts = {all.front().condition, more.front().condition}});
    all.front().condition = joined;
    out.add(Cat::refinement, std::move(all), kJoin);
    return;
  }
  // "A and B" of one kind is for the rules of that kind to say: "only" is said of both.
  if (all.back().kind == more.front().kind && (all.back().way == more.front().way || more.front().way == Way::plain)) return;
  all.insert(all.end(), more.begin(), more.end());
  out.add(Cat::refinement, std::move(all), kJoin);
}

}  // namespace

std::vector<Rule> refinement_rules() {
  const Symbol one = sym(Cat::refinement), quantity = sym(Cat::quantity), literal = sym(Cat::literal), functions = sym(Cat::functions),
               by = role(Role::by), ordered = role(Role::order), counted = role(Role::count);
  std::vector<Rule> rules{{"refining condition", {sym(Cat::condition)}, true, condition},
                          {"refining conditions", {sym(Cat::condition), sym(Cat::condition)}, true, conditions},
                          {"refining 3 conditions", {sym(Cat::condition), sym(Cat::condition), sym(Cat::condition)}, true, conditions},
                          {"refining comparison", {sym(Cat::comparison)}, true, condition},
                          {"refining columns", {sym(Cat::quantities)}, true, quantities},
                          {"refining columns of a set", {sym(Cat::outputs)}, true, outputs},
                          {"refining group", {sym(Cat::group)}, true, group},
                          {"refining order", {sym(Cat::order)}, true, order},
                          {"refining ranking", {sym(Cat::ranking)}, true, ranking},
                          {"by a quantity", {by, quantity}, true, by_quantity},
                          {"ordered by a function", {ordered, functions}, true, order_by_function<false>},
                          {"ordered by a function down", {ordered, functions, role(Role::descending)}, true, order_by_function<true>},
                          {"ordered by count", {ordered, counted}, true, order_by_count<false>},
                          {"ordered by count down", {ordered, counted, role(Role::descending)}, true, order_by_count<true>},
                          {"function", {functions}, true, function},
                          {"how many", {counted}, true, count},
                          {"as percentages", {role(Role::as_share)}, true, share},
                          {"with empty ones", {role(Role::empty_too)}, true, keep_empty},
                          {"top", {role(Role::top), literal}, true, top<true>},
                          {"bottom", {role(Role::bottom), literal}, true, top<false>},
                          {"top by", {role(Role::top), literal, by, quantity}, true, top<true>},
                          {"bottom by", {role(Role::bottom), literal, by, quantity}, true, top<false>},
                          {"limit", {role(Role::limit), literal}, true, limit},
                          {"only so many", {role(Role::just), literal}, true, limit}};
  for (const Role high : {Role::highest, Role::most, Role::latest}) rules.push_back({"high end", {role(high)}, true, end<true>});
  for (const Role low : {Role::lowest, Role::fewest, Role::earliest}) rules.push_back({"low end", {role(low)}, true, end<false>});
  const auto marks = [&](Role said, auto apply) {
    rules.push_back({"mark before", {role(said), one}, true, apply});
    rules.push_back({"mark after", {one, role(said)}, true, apply});
  };
  marks(Role::just, mark<Way::only>);
  marks(Role::also, mark<Way::add>);
  marks(Role::instead, mark<Way::instead>);
  rules.push_back({"and", {role(Role::conjunction), one}, true, mark<Way::add>});
  rules.push_back({"change to", {role(Role::change_to), one}, true, mark<Way::instead>});
  rules.push_back({"leave out", {role(Role::leave_out), one}, true, mark<Way::remove>});
  rules.push_back({"not", {role(Role::negation), one}, true, mark<Way::remove>});
  rules.push_back({"in place of", {one, role(Role::instead_of), one}, true, in_place_of});
  for (const Role sign : {Role::conjunction, Role::comma}) rules.push_back({"several", {one, role(sign), one}, true, several});
  rules.push_back({"several, and", {one, role(Role::comma), role(Role::conjunction), one}, true, several});
  return rules;
}

namespace {

std::vector<Rule> with_refinements(std::vector<Rule> rules) {
  const auto more = refinement_rules();
  rules.insert(rules.end(), more.begin(), more.end());
  return rules;
}

}  // namespace

const std::vector<Rule>& feedback_grammar() {
  static const std::vector<Rule> kRules = with_refinements(grammar());
  return kRules;
}

const std::vector<Rule>& feedback_grammar_with_roles() {
  static const std::vector<Rule> kRules = with_refinements(grammar_with_roles());
  return kRules;
}

}  // namespace sluice::planner
