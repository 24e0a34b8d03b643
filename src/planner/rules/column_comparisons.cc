#include <algorithm>

#include "planner/rules/arithmetic.h"
#include "planner/verbs.h"

namespace sluice::planner {
namespace {

using plan::Fn;
using Kind = Quantity::Kind;

constexpr double kSaid = 0.02;
constexpr std::size_t kMeaningsMax = 3;

bool is_column_of_rows(const Quantity& quantity) {
  const bool whose = quantity.of == nullptr || (quantity.of->column < 0 && quantity.of->conditions.empty() && !quantity.of->ranking);
  return quantity.kind == Kind::column && !quantity.fn && !quantity.over && !quantity.distinct && !quantity.period && whose;
}

bool is_date(const Known& known, const Link& link) { return known.column(link).type.is_temporal() || known.is_date_as_text(link); }

/// Whether values of both may be compared so: amounts, dates of one kind, and whether any are the same.
bool compare_alike(const Known& known, Fn fn, const Link& first, const Link& second) {
  if (known.is_key(first) || known.is_key(second) || (first.table == second.table && first.column == second.column)) return false;
  const TypeKind one = known.column(first).type.kind, other = known.column(second).type.kind;
  if (known.is_amount(first) || known.is_amount(second)) return known.is_amount(first) && known.is_amount(second);
  const bool dates = is_date(known, first) && is_date(known, second) && one == other;
  return dates || (one == other && (fn == Fn::eq || fn == Fn::ne));
}

/// Adds the condition that the first column of a row, or of what it belongs to, compares so with the second.
void add_compared(RuleOutput& out, Fn fn, const std::vector<Link>& first, const std::vector<Link>& second, std::size_t begin, std::size_t end,
                  double cost) {
  // "less than the minimum salary of the job with id CONC": that of another row.
  if (end < out.words.size() && out.known.lexicon.says_of(out.words[end])) return;
  Quantity compared{.noun = {.begin = begin, .end = end}};
  for (const Link& one : first)
    for (const Link& other : second) {
      if (one.kind != Link::Kind::column || other.kind != Link::Kind::column || !compare_alike(out.known, fn, one, other)) continue;
      const auto home = home_of_both(out.known, one.table, other.table);
      if (!home) continue;
      Formula formula{.kind = Formula::Kind::call, .fn = fn, .parts = {formula_of(out.known, one), formula_of(out.known, other)}};
      compared.noun.links.push_back(link_to(out.known, home->first, std::move(formula),
                                            name_of_operation(fn, out.known.column(one).name, out.known.column(other).name), TypeKind::boolean,
                                            cost_of(one) + cost_of(other) + home->second));
    }
  std::ranges::stable_sort(compared.noun.links, std::ranges::greater{}, &Link::score);
  if (compared.noun.links.size() > kMeaningsMax) compared.noun.links.resize(kMeaningsMax);
  if (compared.noun.links.empty()) return;
  Condition condition{.what = std::move(compared), .operands = {{TypeKind::boolean, Value{true}}}};
  condition.begin = begin;
  condition.end = end;
  out.add(Cat::condition, condition_of(std::move(condition)), cost);
}

/// "whose list price is above their purchase cost", "where the shipped date is after the required date"
template <Fn fn>
void two_columns(RuleOutput& out, Parts parts) {
  const auto &first = parts.front()->as<Quantity>(), &second = parts.back()->as<Quantity>();
  if (is_column_of_rows(first) && is_column_of_rows(second))
    add_compared(out, fn, first.noun.links, second.noun.links, parts.front()->begin, parts.back()->end, kSaid);
}

/// The columns of what a deal about rows of the table, or a row that is one, was closed at: "sale_price".
std::vector<Link> prices_of_deals(const Known& known, int table) {
  std::vector<Link> out;
  for (int t = 0; t < static_cast<int>(known.real.tables.size()); ++t) {
    const auto leads = [&] {
      const auto& ways = known.routes(t, table);
      return t == table || (ways.size() == 1 && ways.front().to_one);
    };
    for (int c = 0; c < static_cast<int>(known.real_columns(t)); ++c) {
      const Link link{Link::Kind::column, t, c, 1, ""};
      const auto name = name_pieces(known.column(link).name);
      if (name.size() == 2 && known.is_amount(link) && known.lexicon.is_price_of_deal(name) && leads()) out.push_back(link);
    }
  }
  return out;
}

/// Whether the word before says that something was sold.
bool follows_sale(const RuleOutput& out, std::size_t at) { return at > 0 && out.known.lexicon.is_sale(out.words[at - 1]); }

/// "sold for less than their list price", "went for more than the list price", "sold below list price"
template <Fn fn>
void price_of_sale(RuleOutput& out, Parts parts) {
  if (parts.size() == 2 && !follows_sale(out, parts[0]->begin)) return;
  const auto& second = parts.back()->as<Quantity>();
  if (!is_column_of_rows(second)) return;
  for (const Link& link : second.noun.links) {
    if (link.kind != Link::Kind::column) continue;
    const auto prices = prices_of_deals(out.known, link.table);
    // Which of several is meant nobody knows.
    if (prices.size() == 1) return add_compared(out, fn, prices, {link}, parts.front()->begin, parts.back()->end, kSaid);
  }
}

/// "shipped after the required date"
template <Fn fn>
void event_and_date(RuleOutput& out, Parts parts) {
  const auto& second = parts.back()->as<Quantity>();
  if (is_column_of_rows(second))
    add_compared(out, fn, parts.front()->as<Noun>().links, second.noun.links, parts.front()->begin, parts.back()->end, kSaid);
}

/// "payments made after their due date": the date of the rows that have the other.
template <Fn fn>
void rows_and_date(RuleOutput& out, Parts parts) {
  const auto& second = parts.back()->as<Quantity>();
  if (!is_column_of_rows(second)) return;
  const std::size_t begin = parts[0]->begin;
  // "payments made after …" says no more than "payments after …".
  const bool says_when = begin > 0 && !out.known.lexicon.does(out.words, begin - 1U, Role::light);
  if (says_when && like_verb(out.words[begin - 1U]) && dates_of_event(out.known, out.words, begin - 1U).links.empty()) return;
  const Noun event = says_when ? dates_of_event(out.known, out.words, begin - 1U) : Noun{};
  for (const Link& link : second.noun.links) {
    if (link.kind != Link::Kind::column || !is_date(out.known, link)) continue;
    auto dates = when_columns(out.known, link.table, Role::none);
    std::erase_if(dates, [&](const WhenColumn& one) {
      return one.link.table != link.table || one.link.column == link.column || one.number || !compare_alike(out.known, fn, one.link, link);
    });
    if (dates.empty() || (dates.size() > 1 && dates[1].cost <= dates[0].cost)) return;
    const Link& own = dates.front().link;
    const auto same = [&](const Link& one) { return one.table == own.table && one.column == own.column; };
    if (!event.links.empty() && std::ranges::none_of(event.links, same)) return;  // "shipped": that is when
    return add_compared(out, fn, {own}, {link}, parts.front()->begin, parts.back()->end, kSaid);
  }
}

template <Fn fn>
void add_rules(std::vector<Rule>& rules, Role said) {
  const Symbol quantity = sym(Cat::quantity);
  rules.push_back({"two columns", {quantity, role(said), quantity}, true, two_columns<fn>});
  rules.push_back({"price of a sale", {role(Role::sold_for), role(said), quantity}, true, price_of_sale<fn>});
  rules.push_back({"price of a sale, sold", {role(said), quantity}, true, price_of_sale<fn>});
}

/// Whether a condition is said of a column of the table: "sold in 2026".
bool is_said_of(const Condition& one, int table) {
  const Noun* noun = one.kind == Condition::Kind::value ? &one.value : one.what ? &one.what->noun : nullptr;
  return noun != nullptr && !noun->links.empty() && noun->links.front().table == table;
}

/// "share of the instruments sold in 2026 that went for less than their list price": of the sales, where these are what is compared.
void share_of_compared(RuleOutput& out, Parts parts) {
  const auto& condition = parts.back()->as<ConditionPtr>();
  const Set& set = *parts[1]->as<SetPtr>();
  if (condition->kind != Condition::Kind::compare || !condition->what || set.ranking || set.column >= 0) return;
  for (const Link& link : condition->what->noun.links) {
    const FormulaColumn* formula = out.known.formula(link);
    if (formula == nullptr || formula->column.type.kind != TypeKind::boolean) continue;
    Set whole = set;
    if (link.table != set.table) {
      const auto& ways = out.known.routes(link.table, set.table);
      if (ways.size() != 1 || !ways.front().to_one) continue;
      whole = {.table = link.table, .noun = {.begin = set.noun.begin, .end = set.noun.end}};
      bool said = false;
      for (const ConditionPtr& one : set.conditions) {
        const bool deals = one->kind == Condition::Kind::member && one->set->table == link.table && one->set->column < 0 && !one->set->ranking;
        said = said || deals || is_said_of(*one, link.table);
        if (deals)
          whole.conditions.insert(whole.conditions.end(), one->set->conditions.begin(), one->set->conditions.end());
        else
          whole.conditions.push_back(one);
      }
      if (!said) continue;
    }
    Condition one = *condition;
    one.what->noun.links = {link};
    Quantity share{.kind = Kind::share, .of = set_of(whole)};
    share.parts = {{.kind = Kind::rows, .of = set_of({.table = whole.table, .conditions = {condition_of(std::move(one))}})}};
    return out.add(Cat::quantity, std::move(share), kSaid);
  }
}

}  // namespace

std::vector<Rule> column_comparison_rules() {
  const Symbol quantity = sym(Cat::quantity), event = sym(Cat::event);
  std::vector<Rule> rules{{"event after a date", {event, role(Role::after), quantity}, true, event_and_date<Fn::gt>},
                          {"event before a date", {event, role(Role::before), quantity}, true, event_and_date<Fn::lt>},
                          {"after a date", {role(Role::after), quantity}, true, rows_and_date<Fn::gt>},
                          {"before a date", {role(Role::before), quantity}, true, rows_and_date<Fn::lt>},
                          {"column after a date", {quantity, role(Role::after), quantity}, true, two_columns<Fn::gt>},
                          {"column before a date", {quantity, role(Role::before), quantity}, true, two_columns<Fn::lt>},
                          {"the same as", {quantity, role(Role::same_as), quantity}, true, two_columns<Fn::eq>},
                          {"other than", {quantity, role(Role::unequal), quantity}, true, two_columns<Fn::ne>},
                          {"share of compared", {role(Role::percentage), sym(Cat::set), sym(Cat::condition)}, true, share_of_compared}};
  add_rules<Fn::gt>(rules, Role::greater);
  add_rules<Fn::lt>(rules, Role::less);
  add_rules<Fn::ge>(rules, Role::at_least);
  add_rules<Fn::le>(rules, Role::at_most);
  return rules;
}

}  // namespace sluice::planner
