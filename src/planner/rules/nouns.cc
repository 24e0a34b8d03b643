#include <algorithm>

#include "planner/labels.h"
#include "planner/rules/rules.h"
#include "planner/verbs.h"

namespace sluice::planner {
namespace {

/// Rows are asked for more often by the name of their table than by that of a column.
constexpr double kByColumn = 0.15, kAdjunct = 0.05, kAdjunctFar = 0.1, kByReference = 0.12, kTurned = 0.35, kColumnOf = 0.05, kNamed = 0.9,
                 kTotalOfMany = 0.1;
constexpr std::size_t kSetsMax = 6;

/// "60 minutes": a number of them, not the column of that name.
bool is_unit(const RuleOutput& out, const Noun& noun) {
  // But "10 days between order and shipping" are told by a column.
  if (noun.end > noun.begin + 1 && out.known.is_duration(noun.links.front())) return false;
  return noun.begin > 0 && out.words[noun.begin - 1].kind == WordKind::number && out.known.lexicon.is_measure(out.words[noun.begin]);
}

void noun_as_set(RuleOutput& out, Parts parts) {
  const Noun& noun = parts[0]->as<Noun>();
  if (is_unit(out, noun)) return;
  std::size_t made = 0;
  // "names of papers" are those of each, and not the different ones there are.
  const bool turned = noun.end > noun.begin + 2 && out.known.lexicon.says_of(out.words[noun.begin + 1]);
  for (const Link& link : noun.links) {
    if (made++ == kSetsMax) return;
    // What is computed of many rows is no thing, nor is what is true of one.
    if (out.known.is_computed(link, Computed::Kind::measure) || out.known.is_computed(link, Computed::Kind::condition)) continue;
    Noun one = noun;
    one.links = {link};
    const bool column = link.kind == Link::Kind::column;
    // A column that refers to a thing is mostly called by the thing's name; "type code" is no type.
    const bool code = column && link.score >= kNamed && is_code(out.known.column(link));
    if (const int edge = column && !code ? out.known.schema.graph.edge_of(link.table, out.known.column(link).name) : -1; edge >= 0) {
      const int to = out.known.schema.graph.edge(edge).to;
      Noun referred = one;
      if (named_for(out.known.column(link), out.known.table(to))) referred.links = {{Link::Kind::table, to, -1, link.score, ""}};
      out.add(Cat::set, set_of({.table = to, .noun = std::move(referred)}), cost_of(link) + kByReference);
    }
    out.add(Cat::set, set_of({.table = link.table, .column = column ? link.column : -1, .noun = std::move(one)}),
            cost_of(link) + (column ? turned ? kTurned : kByColumn : 0));
  }
}

void noun_as_quantity(RuleOutput& out, Parts parts) {
  Noun noun = parts[0]->as<Noun>();
  if (is_unit(out, noun)) return;
  Noun measure = noun;
  std::erase_if(measure.links, [&](const Link& link) { return !out.known.is_computed(link, Computed::Kind::measure); });
  if (!measure.links.empty()) out.add(Cat::quantity, Quantity{.noun = std::move(measure), .fn = plan::Fn::sum}, 0);
  std::erase_if(noun.links, [&](const Link& link) {
    return link.kind != Link::Kind::column || out.known.is_computed(link, Computed::Kind::measure) ||
           out.known.is_computed(link, Computed::Kind::condition);
  });
  if (noun.links.empty()) return;
  out.add(Cat::quantity, Quantity{.noun = noun}, 0);
  // "customers by total amount": where a row's own amount is called so, those of many are added up.
  if (!says_total(out, noun.begin)) return;
  std::erase_if(noun.links, [&](const Link& link) { return !out.known.is_amount(link); });
  if (!noun.links.empty()) out.add(Cat::quantity, Quantity{.noun = std::move(noun), .fn = plan::Fn::sum}, kTotalOfMany);
}

/// Whether the rows' name stands right before what follows, or they are said to own it: "airports in the American timezone" have no such column.
bool ends_in_name(const RuleOutput& out, const Item& rows) { return rows.as<SetPtr>()->noun.end == rows.end || out.words[rows.end - 1U].owns; }

/// "singer names", "the student's age"
void set_quantity(RuleOutput& out, Parts parts) {
  const auto& set = parts[0]->as<SetPtr>();
  const auto& bare = parts[1]->as<Quantity>();
  if (!ends_in_name(out, *parts[0])) return;
  if (bare.of != nullptr || bare.kind != Quantity::Kind::column || is_unit(out, bare.noun)) return;
  if (is_of_other_role(out, *set, bare.noun.begin)) return;
  for (auto& [quantity, cost] : resolve(out.known, bare, set->table)) {
    quantity.of = set;
    out.add(Cat::quantity, std::move(quantity), cost);
  }
}

/// "physician's first and last name"
void set_quantities(RuleOutput& out, Parts parts) {
  const auto& set = parts[0]->as<SetPtr>();
  auto list = parts[1]->as<std::vector<Quantity>>();
  const bool shared = list.size() == 2 && list.front().noun.end == list.front().noun.begin + 1 && list.back().noun.end < parts[1]->end;
  if (!shared || !ends_in_name(out, *parts[0])) return;
  double cost = 0;
  for (Quantity& one : list) {
    if (one.of != nullptr || one.fn || one.kind != Quantity::Kind::column) return;
    const auto likely = resolve(out.known, one, set->table);
    if (likely.empty()) return;
    one = likely.front().meaning;
    one.of = set;
    cost += likely.front().cost;
  }
  out.add(Cat::quantities, std::move(list), cost);
}

/// "transaction statuses": values of a column of certain rows
void set_column(RuleOutput& out, Parts parts) {
  const auto& set = parts[0]->as<SetPtr>();
  if (!ends_in_name(out, *parts[0])) return;
  if (set->column >= 0 || set->ranking || is_unit(out, parts[1]->as<Noun>())) return;
  if (is_of_other_role(out, *set, parts[1]->begin)) return;
  // "each product's price": of several that cost the same, too.
  const std::size_t begin = parts[0]->begin;
  if (begin > 0 && out.words[parts[0]->end - 1U].owns && out.known.lexicon.does(out.words, begin - 1, Role::per)) return;
  for (const Link& link : parts[1]->as<Noun>().links) {
    if (link.kind != Link::Kind::column || link.table != set->table) continue;
    Set values{.table = link.table, .column = link.column, .noun = parts[1]->as<Noun>(), .conditions = set->conditions};
    values.noun.links = {link};
    out.add(Cat::set, set_of(std::move(values)), cost_of(link) + kColumnOf);
  }
}

/// "car models": the first noun says nothing that the second does not.
void adjunct(RuleOutput& out, Parts parts) {
  const auto& first = parts[0]->as<SetPtr>();
  const auto& second = parts[1]->as<SetPtr>();
  if (!first->conditions.empty() || first->ranking || first->column >= 0 || first->by_value) return;
  if (out.words[parts[0]->end - 1U].owns) return;                // "each order's customer": of each
  if (out.words[parts[1]->begin].lower.ends_with("ed")) return;  // "products ordered by …" are products
  if (out.known.role(first->table) != nullptr || out.known.role(second->table) != nullptr) return;
  const double far = out.known.distance(first->table, second->table);
  // "returned products" are those that there are returns of.
  if (like_verb(out.words[parts[0]->begin])) {
    // What "returning customers" do is not said.
    if (!out.words[parts[0]->begin].lower.ends_with("ed")) return;
    if (far >= Known::kUnreachable || second->column >= 0 || first->table == second->table) return;
    Set longer = *second;
    longer.conditions.push_back(condition_of({.kind = Condition::Kind::member, .set = first}));
    return out.add(Cat::set, set_of(std::move(longer)), kAdjunct + std::min(far, kAdjunctFar));
  }
  if (far < Known::kUnreachable) out.add(Cat::set, second, kAdjunct + std::min(far, kAdjunctFar));
}

void distinct_set(RuleOutput& out, Parts parts) {
  Set set = *parts[1]->as<SetPtr>();
  set.distinct = true;
  out.add(Cat::set, set_of(std::move(set)), 0);
}

}  // namespace

bool says_total(const RuleOutput& out, std::size_t at) {
  return std::ranges::any_of(out.known.lexicon.phrases_at(out.words, at), [](const auto& one) { return one.role == Role::sum; });
}

std::vector<Rule> noun_rules() {
  return {{"noun as set", {sym(Cat::noun)}, true, noun_as_set},
          {"noun as quantity", {sym(Cat::noun)}, true, noun_as_quantity},
          {"quantity of the set before", {sym(Cat::set), sym(Cat::quantity)}, false, set_quantity},
          {"list of the set before", {sym(Cat::set), sym(Cat::quantities)}, false, set_quantities},
          {"column of the set before", {sym(Cat::set), sym(Cat::noun)}, false, set_column},
          {"adjunct", {sym(Cat::set), sym(Cat::set)}, false, adjunct},
          {"distinct set", {role(Role::distinct), sym(Cat::set)}, true, distinct_set}};
}

}  // namespace sluice::planner
