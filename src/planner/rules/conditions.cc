#include <algorithm>

#include "planner/flags.h"
#include "planner/labels.h"
#include "planner/measured.h"
#include "planner/rules/rules.h"
#include "planner/same_rows.h"
#include "planner/verbs.h"

namespace sluice::planner {
namespace {

using plan::Fn;
using plan::Literal;

constexpr double kReversed = 0.05, kAdjective = 0.02, kAfter = 0.03, kFlag = 0.03, kFar = 0.08, kFarClause = 0.3, kSurely = 0.9;

/// The comparison said of a quantity; through a "not".
ConditionPtr said_of(const Condition& comparison, const Quantity& quantity) {
  Condition condition = comparison;
  if (!comparison.parts.empty()) {
    for (ConditionPtr& part : condition.parts) part = said_of(*part, quantity);
  } else {
    condition.what = quantity;
  }
  return condition_of(std::move(condition));
}

bool can_be_compared(const Quantity& quantity) { return quantity.kind != Quantity::Kind::everything; }

/// "whose age is above 20"
void quantity_comparison(RuleOutput& out, Parts parts) {
  Quantity quantity = parts[0]->as<Quantity>();
  const auto& comparison = *parts[1]->as<ConditionPtr>();
  // "bicycles from 2020": several have no one number.
  if (quantity.noun.plural && !quantity.fn && quantity.kind == Quantity::Kind::column && comparison.fn == Fn::eq && comparison.operands.size() == 1) {
    std::erase_if(quantity.noun.links, [&](const Link& link) { return out.known.is_key(link); });
    if (quantity.noun.links.empty()) return;
  }
  // "days with more than 1000 flights": flights are counted.
  const auto counted = out.known.schema.index.names_at(out.words, parts[1]->end, out.known.lexicon);
  const bool rows = std::ranges::any_of(counted, [](const Mention& one) { return one.links.front().kind == Link::Kind::table && one.plural; });
  if (rows && !comparison.operands.empty() && comparison.operands.back().type == TypeKind::integer) return;
  if (can_be_compared(quantity)) out.add(Cat::condition, said_of(comparison, quantity), 0);
}

/// "above age 20", "a greater weight than 10"
template <Fn fn>
void reversed(RuleOutput& out, Parts parts) {
  const auto& quantity = parts[1]->as<Quantity>();
  if (!can_be_compared(quantity)) return;
  out.add(Cat::condition, said_of({.fn = fn, .operands = {parts.back()->as<Literal>()}}, quantity), kReversed);
}

/// "more than 4 cylinders", "4 cylinders"
void number_before(RuleOutput& out, Parts parts) {
  Quantity quantity = parts[1]->as<Quantity>();
  if (quantity.fn || quantity.kind != Quantity::Kind::column) return;
  // "over 60 minutes" says the unit of something else.
  const bool unit = quantity.noun.end == quantity.noun.begin + 1 || !out.known.is_duration(quantity.noun.links.front());
  if (unit && out.known.lexicon.is_measure(out.words[quantity.noun.begin])) return;
  const auto& comparison = *parts[0]->as<ConditionPtr>();
  if (comparison.operands.empty() || comparison.operands.front().type == TypeKind::text) return;
  std::erase_if(quantity.noun.links, [&](const Link& link) { return !out.known.column(link).type.is_numeric() || out.known.is_key(link); });
  if (!quantity.noun.links.empty()) out.add(Cat::condition, said_of(comparison, quantity), kReversed);
}

/// "without a release year"
void without_quantity(RuleOutput& out, Parts parts) {
  Quantity quantity = parts[1]->as<Quantity>();
  if (quantity.fn || quantity.kind != Quantity::Kind::column) return;
  // "not in countries of customers" is none of those, and not without a country.
  if (parts[1]->begin > parts[0]->end && out.known.lexicon.says_within(out.words[parts[1]->begin - 1U])) return;
  // "not discontinued", of a column that has a value in every row, says what the value is, and not that there is none.
  // Nor is "never ordered" said of an order's key, or "no bands" of a column that says yes or no.
  std::erase_if(quantity.noun.links, [&](const Link& link) {
    const auto& key = out.known.table(link.table).primary_key;
    const bool own_key = key && std::ranges::find(key->columns, out.known.column(link).name) != key->columns.end();
    // "never ordered" is no number of units on order.
    const bool says_number = link.score < kSurely && like_verb(out.words[quantity.noun.begin]) && out.known.column(link).type.is_numeric();
    // "no stock" is 0 of it, or not known: nobody says which.
    if (out.known.is_amount(link) && out.known.lexicon.adds_up(name_pieces(out.known.column(link).name))) return true;
    // "without a profit", which is computed: it is not missing, but not above 0.
    return out.known.formula(link) != nullptr || !out.known.column(link).nullable || own_key || says_number || yes_of(out.known, link);
  });
  if (quantity.noun.links.empty()) return;
  // "without flights" is said of rows, though a column is called so too.
  const auto names = out.known.schema.index.names_at(out.words, quantity.noun.begin, out.known.lexicon);
  if (std::ranges::any_of(names, [](const Mention& mention) { return mention.links.front().kind == Link::Kind::table; })) return;
  // "without reporting to Fuller": somebody is named whom they don't refer to.
  const std::size_t end = parts[1]->end;
  const bool verb = out.words[quantity.noun.begin].lower.ends_with("ing");
  if (verb && end < out.words.size() && out.words[end].kind != WordKind::stop && out.words[end].kind != WordKind::comma) return;
  const ConditionPtr present = condition_of({.kind = Condition::Kind::present, .what = quantity});
  out.add(Cat::condition, condition_of({.kind = Condition::Kind::none, .parts = {present}}), kReversed);
}

/// "a song with 'Hey' in its name": the song's name, where a column is called so.
std::vector<Link> links_with_owner(const RuleOutput& out, std::size_t begin, const Noun& noun) {
  constexpr std::size_t kBack = 3;
  constexpr double kNamed = 0.85;
  for (std::size_t i = begin; i > 0 && begin - i < kBack; --i) {
    const std::vector<Word> name{out.words[i - 1], out.words[noun.begin]};
    for (const Mention& mention : out.known.schema.index.names_at(name, 0, out.known.lexicon)) {
      const Link& link = mention.links.front();
      if (mention.end == name.size() && link.kind == Link::Kind::column && link.score >= kNamed) return mention.links;
    }
    const auto phrases = out.known.lexicon.phrases_at(out.words, i - 1);
    if (std::ranges::none_of(phrases, [](const auto& one) { return is_filler(one.role); })) break;
  }
  return noun.links;
}

/// "'land' in their name", "containing 'land' in the name"
void inside(RuleOutput& out, Parts parts) {
  Quantity quantity = parts.back()->as<Quantity>();
  if (quantity.fn || quantity.kind != Quantity::Kind::column) return;
  quantity.noun.links = links_with_owner(out, parts.front()->begin, quantity.noun);
  std::erase_if(quantity.noun.links, [](const Link& link) { return link.kind != Link::Kind::column; });
  std::erase_if(quantity.noun.links, [&](const Link& link) { return out.known.column(link).type.kind != TypeKind::text; });
  if (quantity.noun.links.empty()) return;
  if (parts[0]->cat == Cat::comparison) {
    const auto& said = *parts[0]->as<ConditionPtr>();
    const Condition& one = said.parts.empty() ? said : *said.parts.front();
    const bool matches = one.fn == Fn::contains || one.fn == Fn::starts_with || one.fn == Fn::ends_with;
    if (one.kind == Condition::Kind::compare && matches) out.add(Cat::condition, said_of(said, quantity), 0);
    return;
  }
  std::vector<ConditionPtr> all;
  Condition::Kind kind = Condition::Kind::all;
  for (const Item* part : parts) {
    if (part->cat == Cat::role && part->role == Role::either_or) kind = Condition::Kind::any;
    if (part->cat != Cat::literal) continue;
    if (part->as<Literal>().type != TypeKind::text) return;
    all.push_back(said_of({.fn = Fn::contains, .operands = {part->as<Literal>()}}, quantity));
  }
  out.add(Cat::condition, all.size() == 1 ? all.front() : condition_of({.kind = kind, .parts = all}), 0);
}

/// "whose name has 'land' in it"
void inside_it(RuleOutput& out, Parts parts) {
  const auto& quantity = parts[0]->as<Quantity>();
  const auto& literal = parts[1]->as<Literal>();
  if (quantity.fn || quantity.kind != Quantity::Kind::column || literal.type != TypeKind::text) return;
  out.add(Cat::condition, said_of({.fn = Fn::contains, .operands = {literal}}, quantity), 0);
}

/// "each device that is known": values that there are.
void values_that_are_known(RuleOutput& out, Parts parts) {
  const Set& set = *parts[0]->as<SetPtr>();
  if (set.column < 0) return;
  Quantity what{.noun = set.noun};
  what.noun.links = {{Link::Kind::column, set.table, set.column, 1, ""}};
  Set longer = set;
  longer.conditions.push_back(condition_of({.kind = Condition::Kind::present, .what = std::move(what)}));
  out.add(Cat::set, set_of(std::move(longer)), 0);
}

/// "a song with the word 'Hey' in its name": what has it is told by more.
bool more_is_said(const RuleOutput& out, std::size_t at) {
  using enum Role;
  constexpr Role kMore[] = {contains, starts, ends, equal, unequal, greater, less, at_least, at_most, between, owning, inside};
  if (at >= out.words.size() || out.words[at].kind == WordKind::stop) return false;
  if (out.words[at].kind == WordKind::number || out.words[at].kind == WordKind::quoted) return true;
  const bool quoted = at + 1 < out.words.size() && out.words[at + 1].kind == WordKind::quoted;
  return std::ranges::any_of(out.known.lexicon.phrases_at(out.words, at), [&](const auto& one) {
    return std::ranges::find(kMore, one.role) != std::end(kMore) && (one.role != inside || quoted);
  });
}

/// "customers that had a fax": it is not missing.
void owning(RuleOutput& out, Parts parts) {
  const auto& set = parts[0]->as<SetPtr>();
  if (more_is_said(out, parts.back()->end)) return;
  std::vector<ConditionPtr> all;
  for (const Item* part : parts) {
    if (part->cat != Cat::quantity) continue;
    Quantity quantity = part->as<Quantity>();
    if (quantity.fn || quantity.kind != Quantity::Kind::column || quantity.of != nullptr || some_of(out, quantity)) return;
    // "that had an order" is said of rows.
    const auto rows = [&](const Mention& mention) { return mention.links.front().kind == Link::Kind::table && mention.end >= quantity.noun.end; };
    if (std::ranges::any_of(out.known.schema.index.names_at(out.words, quantity.noun.begin, out.known.lexicon), rows)) return;
    // What says "no" is there all the same.
    const auto says_no = [&](const Link& link) {
      static constexpr const char* kNo[] = {"F", "N", "false", "False", "FALSE", "no", "No", "NO", "f", "n", "0"};
      return out.known.formula(link) != nullptr || out.known.column(link).type.kind == TypeKind::boolean ||
             std::ranges::any_of(kNo, [&](const char* no) { return out.known.schema.index.has_value(link, no); });
    };
    std::erase_if(quantity.noun.links, [&](const Link& link) { return link.table != set->table || says_no(link); });
    if (quantity.noun.links.empty()) return;
    all.push_back(condition_of({.kind = Condition::Kind::present, .what = std::move(quantity)}));
  }
  restrict_set(out, *set, all.size() == 1 ? all.front() : condition_of({.kind = Condition::Kind::all, .parts = all}), kAdjective);
}

Fn turned(Fn fn) { return fn == Fn::gt ? Fn::lt : fn == Fn::lt ? Fn::gt : fn == Fn::ge ? Fn::le : fn == Fn::le ? Fn::ge : fn; }

/// "older than 40": not what was built before the year 40.
Adjective fitting(const RuleOutput& out, Adjective adjective, const Literal& literal) {
  constexpr std::int64_t kYearMin = 1000;
  const auto* number = std::get_if<std::int64_t>(&literal.value);
  if (number == nullptr || *number >= kYearMin) return adjective;
  const auto is_year = [&](const Link& link) { return name_pieces(out.known.column(link).name).back() == "year"; };
  std::erase_if(adjective.more.links, is_year);
  std::erase_if(adjective.less.links, is_year);
  return adjective;
}

void compare_adjective(RuleOutput& out, const Adjective& said, Fn fn, const Literal& literal, double cost) {
  const Adjective adjective = fitting(out, said, literal);
  if (!adjective.more.links.empty()) out.add(Cat::condition, said_of({.fn = fn, .operands = {literal}}, {.noun = adjective.more}), cost);
  if (!adjective.less.links.empty()) out.add(Cat::condition, said_of({.fn = turned(fn), .operands = {literal}}, {.noun = adjective.less}), cost);
}

/// "older than 20"
void adjective_comparison(RuleOutput& out, Parts parts) {
  if (out.words[parts[0]->begin].lower.ends_with("st")) return;  // "the oldest 3" are three
  compare_adjective(out, parts[0]->as<Adjective>(), Fn::gt, parts.back()->as<Literal>(), kAdjective);
}
/// "3 years old"; but "the 3 oldest" are three
void adjective_measure(RuleOutput& out, Parts parts) {
  if (out.words[parts.back()->begin].lower.ends_with("st")) return;
  compare_adjective(out, parts.back()->as<Adjective>(), Fn::eq, parts[0]->as<Literal>(), kAdjective);
}

/// "capital" cities, "official" languages: a column that only says yes or no.
void flag(RuleOutput& out, Parts parts) {
  for (const Link& link : parts[0]->as<Noun>().links) {
    if (link.kind != Link::Kind::column) continue;
    const auto yes = yes_of(out.known, link);
    if (!yes) continue;
    Noun noun = parts[0]->as<Noun>();
    noun.links = {link};
    Condition condition{.what = Quantity{.noun = noun}, .operands = {*yes}};
    const ConditionPtr said = condition_of(std::move(condition));
    // A word of the glossary for rows of which something is true is sure; it may be all that is said of them: "bulk orders".
    const bool of_house = out.known.is_computed(link, Computed::Kind::condition);
    out.add(Cat::condition, said, of_house ? 0 : kFlag);
    if (of_house) out.add(Cat::set, set_of({.table = link.table, .noun = std::move(noun), .conditions = {said}, .by_value = true}), kFlag);
  }
}

/// "singers older than 20"
void set_condition(RuleOutput& out, Parts parts) {
  const Set& set = *parts[0]->as<SetPtr>();
  if (request_between(out, *parts[0], *parts.back())) return;
  // What follows "students who have a cat" is said of the cat first.
  const Condition* last = set.conditions.empty() ? nullptr : set.conditions.back().get();
  while (last != nullptr && !last->parts.empty() && last->kind != Condition::Kind::none) last = last->parts.back().get();
  const bool far = last != nullptr && last->kind == Condition::Kind::member;
  // "a cat that is 3": the cat is.
  const bool of_several = parts.back()->as<ConditionPtr>()->kind == Condition::Kind::both;
  const bool clause = !of_several && is_clause_of_inner(out, set, parts[0]->end, parts.back()->begin);
  restrict_set(out, set, parts.back()->as<ConditionPtr>(), (out.gap_before(1) == 0 ? kAfter : 0.01) + (clause ? kFarClause : far ? kFar : 0));
}
/// "4 cylinder cars"
void condition_set(RuleOutput& out, Parts parts) {
  const auto& condition = parts[0]->as<ConditionPtr>();
  const bool column = condition->what && condition->what->kind == Quantity::Kind::column && !condition->what->fn;
  const bool of_house = column && out.known.is_computed(condition->what->noun.links.front(), Computed::Kind::condition);
  if (condition->kind == Condition::Kind::compare && column) restrict_set(out, *parts[1]->as<SetPtr>(), condition, of_house ? 0 : kReversed);
}

/// "names of planes", which have none: not those of the airlines that fly them.
bool names_others(const RuleOutput& out, const Set& set, const Condition& condition) {
  const std::size_t end = set.noun.end;
  if (set.column < 0 || condition.kind != Condition::Kind::member || condition.set->table == set.table) return false;
  if (end != set.noun.begin + 1 || end >= out.words.size() || !out.known.lexicon.says_of(out.words[end])) return false;
  const auto labels = label_columns(out.known.table(set.table));
  const Link column{Link::Kind::column, set.table, set.column, 1, ""};
  if (std::ranges::find(labels, out.known.column(column).name) == labels.end() && !out.known.is_key(column)) return false;
  const auto& ways = out.known.routes(condition.set->table, set.table);
  return !ways.empty() && !ways.front().to_one;
}

/// Whether the condition says of the set's own column how much of it there is: none, or some.
bool is_amount_of(const Set& set, const Condition& condition) {
  if (!condition.what || condition.what->kind != Quantity::Kind::column || condition.what->fn || condition.operands.size() != 1) return false;
  const auto* number = std::get_if<std::int64_t>(&condition.operands.front().value);
  return number != nullptr && *number == 0 &&
         std::ranges::any_of(condition.what->noun.links, [&](const Link& link) { return link.table == set.table && link.column == set.column; });
}

/// "employees in 2020" are none of the orders' employees: who says so means no orders.
bool is_when_of_others(const RuleOutput& out, const Set& set, const Condition& condition) {
  if (set.column < 0 || condition.kind != Condition::Kind::period || condition.what) return false;
  const int edge = out.known.schema.graph.edge_of(set.table, out.known.column(set.table, set.column).name);
  if (edge < 0) return false;
  const auto exact = [&](const Link& link) {
    return link.kind == Link::Kind::table && link.score == 1 && link.table == out.known.schema.graph.edge(edge).to;
  };
  return std::ranges::any_of(out.known.schema.index.names_at(out.words, set.noun.begin, out.known.lexicon),
                             [&](const Mention& one) { return std::ranges::any_of(one.links, exact); });
}

}  // namespace

bool denies_period(const std::vector<ConditionPtr>& conditions, const ConditionPtr& condition) {
  const auto said = [](const ConditionPtr& one) { return one->kind == Condition::Kind::period; };
  const auto denied = [&](const ConditionPtr& one) { return one->kind == Condition::Kind::none && said(one->parts.front()); };
  return (denied(condition) && std::ranges::any_of(conditions, said)) || (said(condition) && std::ranges::any_of(conditions, denied));
}

bool is_said_of_inner(const Known& known, const Set& set, const Condition& period) {
  if (period.kind != Condition::Kind::period || period.what || set.conditions.empty()) return false;
  const Condition* last = set.conditions.back().get();
  while (!last->parts.empty()) last = last->parts.back().get();
  const bool related = last->kind == Condition::Kind::member || last->kind == Condition::Kind::count;
  if (!related || last->set->noun.end == 0 || last->set->noun.end > period.begin || last->set->noun.begin < set.noun.end) return false;
  const auto dates = when_columns(known, last->set->table, finest_unit(period.period), period.period.has_dates());
  return !dates.empty() && dates.front().link.table == last->set->table;
}

bool is_clause_of_inner(const RuleOutput& out, const Set& set, std::size_t end, std::size_t begin) {
  if (set.conditions.empty() || end >= begin || !out.known.lexicon.opens_clause(out.words[end])) return false;
  const Condition* last = set.conditions.back().get();
  while (!last->parts.empty() && last->kind != Condition::Kind::none) last = last->parts.back().get();
  // "a cat who" is none: persons are meant.
  const int inner = last->kind == Condition::Kind::member  ? last->set->table
                    : last->kind == Condition::Kind::value ? last->value.links.front().table
                                                           : -1;
  const auto person = [&](const std::string& piece) { return out.known.lexicon.names_person(piece); };
  if (inner < 0 || (out.known.lexicon.asks_who(out.words[end]) && std::ranges::none_of(name_pieces(out.known.table(inner).name.name), person)))
    return false;
  if (last->kind == Condition::Kind::member) return true;
  // "a cat" may be a value of what they have.
  if (set.table < 0 || inner == set.table) return false;
  const auto& ways = out.known.routes(set.table, inner);
  return !ways.empty() && !ways.front().to_one;
}

void restrict_set(RuleOutput& out, const Set& set, const ConditionPtr& condition, double cost) {
  if (is_said_of_inner(out.known, set, *condition) || is_when_of_others(out, set, *condition)) return;
  // "units that are in stock" are more than the rows that have any.
  if (set.column >= 0 && condition->kind == Condition::Kind::compare && is_amount_of(set, *condition)) return;
  if (denies_period(set.conditions, condition) || names_others(out, set, *condition)) return;
  // Papers that nobody reviewed are not among those that reviews are of.
  if (set.column >= 0 && condition->kind == Condition::Kind::none) {
    const int edge = out.known.schema.graph.edge_of(set.table, out.known.column(set.table, set.column).name);
    if (edge >= 0 && named_for(out.known.column(set.table, set.column), out.known.table(out.known.schema.graph.edge(edge).to))) return;
  }
  // "the most common title in the job history" is counted there, not among the titles.
  const bool common = set.column >= 0 && set.ranking && set.ranking->by.kind == Quantity::Kind::rows;
  if (common && condition->kind == Condition::Kind::member && condition->set->table != set.table) return;
  // "merchants by total amount of payments in 2023": the payments were then.
  const int measured = set.ranking && condition->kind == Condition::Kind::period && !condition->what ? measured_table(set.ranking->by) : -1;
  if (measured >= 0 && measured != set.table) {
    for (const auto& [one, more] : resolve(out.known, condition, measured)) {
      Set longer = set;
      longer.ranking->by = restricted_to(set.ranking->by, measured, {one});
      out.add(Cat::set, set_of(std::move(longer)), cost + more);
    }
    return;
  }
  // "countries by total amount for transactions of this year": the same transactions.
  if (set.ranking && condition->kind == Condition::Kind::member && condition->set->table != set.table && !condition->set->ranking &&
      condition->set->column < 0 && measured_table(set.ranking->by) == condition->set->table) {
    Set longer = set;
    longer.ranking->by = restricted_to(set.ranking->by, condition->set->table, condition->set->conditions);
    return out.add(Cat::set, set_of(std::move(longer)), cost);
  }
  for (const auto& [one, more] : resolve(out.known, condition, set.table)) {
    Set longer = set;
    if (!say_of_same_rows(out.known, set.table, longer.conditions, one)) longer.conditions.push_back(one);
    out.add(Cat::set, set_of(std::move(longer)), cost + more);
  }
}

std::vector<Rule> condition_rules() {
  const Symbol quantity = sym(Cat::quantity), literal = sym(Cat::literal), comparison = sym(Cat::comparison), set = sym(Cat::set),
               condition = sym(Cat::condition), adjective = sym(Cat::adjective);
  return {{"quantity comparison", {quantity, comparison}, true, quantity_comparison},
          {"greater quantity", {role(Role::greater), quantity, literal}, true, reversed<Fn::gt>},
          {"less quantity", {role(Role::less), quantity, literal}, true, reversed<Fn::lt>},
          {"more quantity than", {role(Role::more), quantity, literal}, true, reversed<Fn::gt>},
          {"fewer quantity than", {role(Role::fewer), quantity, literal}, true, reversed<Fn::lt>},
          {"at least quantity", {role(Role::at_least), quantity, literal}, true, reversed<Fn::ge>},
          {"at most quantity", {role(Role::at_most), quantity, literal}, true, reversed<Fn::le>},
          {"number before", {comparison, quantity}, true, number_before},
          {"without a quantity", {role(Role::negation), quantity}, true, without_quantity},
          {"adjective comparison", {adjective, literal}, true, adjective_comparison},
          {"adjective measure", {literal, adjective}, true, adjective_measure},
          {"adjective measure in years", {literal, role(Role::year), adjective}, true, adjective_measure},
          {"set condition", {set, condition}, true, set_condition},
          {"set, condition", {set, role(Role::comma), condition}, true, set_condition},
          {"inside", {literal, role(Role::inside), quantity}, true, inside},
          {"inside or", {literal, role(Role::either_or), literal, role(Role::inside), quantity}, true, inside},
          {"inside and", {literal, role(Role::conjunction), literal, role(Role::inside), quantity}, true, inside},
          {"contained inside", {comparison, role(Role::inside), quantity}, true, inside},
          {"inside it", {quantity, literal, role(Role::inside_it)}, true, inside_it},
          {"owning and", {set, role(Role::owning), quantity, role(Role::conjunction), quantity}, true, owning},
          {"owning", {set, role(Role::owning), quantity}, true, owning},
          {"values that are known", {set, role(Role::known)}, true, values_that_are_known},
          {"flag", {sym(Cat::noun)}, true, flag},
          {"condition set", {condition, set}, false, condition_set}};
}

}  // namespace sluice::planner
