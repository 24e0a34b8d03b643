#include "planner/rules/arithmetic.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace sluice::planner {
namespace {

using plan::Fn;
using Kind = Quantity::Kind;

constexpr double kSaid = 0, kOfMembers = 0.02;
constexpr std::size_t kMeaningsMax = 4;

struct Operation {
  Role role = Role::plus;
  Fn fn = Fn::add;
  bool binds = false;  ///< before sums and differences
};
constexpr std::array<Operation, 4> kOperations{
    {{Role::plus, Fn::add, false}, {Role::minus, Fn::subtract, false}, {Role::times, Fn::multiply, true}, {Role::divided, Fn::divide, true}}};

const Operation* operation_at(const RuleOutput& out, std::size_t at) {
  const auto found = std::ranges::find_if(kOperations, [&](const Operation& one) { return out.known.lexicon.does(out.words, at, one.role); });
  return found == kOperations.end() ? nullptr : found;
}

bool is_sign(const Word& word) { return word.lower.size() == 1 && (word.lower[0] < 'a' || word.lower[0] > 'z'); }

/// Whether the operation at `at` is the one that the words [begin, end) do last: the outermost, after those that bind closer, from left to right.
/// "A minus B divided by C", said in words without a comma, is not clear, and none is.
bool is_last_done(const RuleOutput& out, std::size_t begin, std::size_t end, std::size_t at) {
  constexpr int kDepth = 16, kComma = 4, kBinds = 2;
  const auto rank = [&](std::size_t i, const Operation& one) {
    const bool comma = i > 0 && out.words[i - 1].kind == WordKind::comma;
    return out.words[i].depth * kDepth + (one.binds ? kBinds : 0) - (comma ? kComma : 0);
  };
  const Operation* own = operation_at(out, at);
  if (own == nullptr) return false;
  const int last = rank(at, *own);
  for (std::size_t i = begin; i < end; ++i) {
    if (out.words[i].depth < out.words[at].depth) return false;
    const Operation* other = i == at ? nullptr : operation_at(out, i);
    if (other == nullptr) continue;
    const int done = rank(i, *other);
    if (done < last || (done == last && i > at)) return false;
    const bool mixed = other->binds != own->binds && out.words[i].depth == out.words[at].depth && done - last <= kBinds;
    if (mixed && !(is_sign(out.words[i]) && is_sign(out.words[at]))) return false;
  }
  return true;
}

/// A number of each row of a table.
struct RowNumber {
  int table = 0;
  Formula formula{};
  std::string name{};
  double cost = 0;
};

/// What an operation is done with: one of these.
struct Operand {
  std::vector<RowNumber> rows{};
  std::optional<Quantity> measure{};
  std::optional<plan::Literal> number{};
};

RowNumber number_of(const Known& known, const Link& link) { return {link.table, formula_of(known, link), known.column(link).name, cost_of(link)}; }

/// Whether a set is said only for whose the number is: "the price of each sale".
bool says_whose(const SetPtr& set) { return set == nullptr || (set->column < 0 && set->conditions.empty() && !set->ranking); }

std::optional<Operand> operand_of(const RuleOutput& out, const Item& item) {
  if (item.cat == Cat::literal) {
    const auto& literal = item.as<plan::Literal>();
    if (literal.type != TypeKind::integer && literal.type != TypeKind::decimal) return std::nullopt;
    return Operand{.number = literal};
  }
  const auto& quantity = item.as<Quantity>();
  if (quantity.over || quantity.trend != Quantity::Trend::none || quantity.period || quantity.distinct) return std::nullopt;
  if (quantity.kind == Kind::rows || (quantity.kind == Kind::column && quantity.fn) || is_made_of_others(quantity))
    return Operand{.measure = quantity};
  if (quantity.kind != Kind::column || !says_whose(quantity.of)) return std::nullopt;
  Operand operand;
  for (const Link& link : quantity.noun.links)
    if (out.known.is_amount(link) && operand.rows.size() < kMeaningsMax) operand.rows.push_back(number_of(out.known, link));
  return operand.rows.empty() ? std::nullopt : std::optional(std::move(operand));
}

/// The numbers of two rows as one of the row that the other belongs to; nothing where neither belongs to the other.
std::optional<RowNumber> together(const Known& known, Fn fn, const RowNumber& first, const RowNumber& second) {
  const auto home = home_of_both(known, first.table, second.table);
  if (!home) return std::nullopt;
  return RowNumber{.table = home->first,
                   .formula = {.kind = Formula::Kind::call, .fn = fn, .parts = {first.formula, second.formula}},
                   .name = name_of_operation(fn, first.name, second.name),
                   .cost = first.cost + second.cost + home->second};
}

RowNumber with_number(Fn fn, const RowNumber& row, const plan::Literal& number, bool first) {
  const Formula literal{.kind = Formula::Kind::number, .number = number};
  RowNumber made = row;
  made.formula = {.kind = Formula::Kind::call, .fn = fn};
  made.formula.parts = first ? std::vector{literal, row.formula} : std::vector{row.formula, literal};
  return made;
}

/// "the sum of all payments received": those of each row of a table; nothing where they do not belong to its rows.
std::optional<RowNumber> members_of(const Known& known, const Quantity& measure, const Link& link, int table) {
  const bool counted = measure.kind == Kind::rows;
  if (!counted && (measure.kind != Kind::column || measure.fn != Fn::sum || known.is_computed(link, Computed::Kind::measure))) return std::nullopt;
  const auto& ways = known.routes(link.table, table);
  if (link.table == table || ways.size() != 1 || ways.front().steps.size() != 1 || !ways.front().to_one) return std::nullopt;
  Formula formula{.kind = Formula::Kind::members, .link = {link.kind, link.table, link.column, 1, ""}, .fn = Fn::sum};
  if (measure.of != nullptr) {
    if (measure.of->table != link.table || measure.of->ranking || measure.of->column >= 0) return std::nullopt;
    Set some = *measure.of;
    // "… for the sale": that they belong to it.
    std::erase_if(some.conditions,
                  [&](const ConditionPtr& one) { return one->kind == Condition::Kind::member && one->set->table == table && says_whose(one->set); });
    if (!some.conditions.empty()) formula.of = set_of(std::move(some));
  }
  return RowNumber{table, std::move(formula), counted ? known.called(link.table) : known.column(link).name, cost_of(link) + kOfMembers};
}

std::vector<RowNumber> members_of_each(const Known& known, const Quantity& measure, const std::vector<RowNumber>& rows) {
  std::vector<Link> links = measure.noun.links;
  if (measure.kind == Kind::rows && measure.of != nullptr) links = {{Link::Kind::table, measure.of->table, -1, 1, ""}};
  std::vector<RowNumber> out;
  for (const RowNumber& row : rows)
    for (const Link& link : links)
      if (auto one = members_of(known, measure, link, row.table); one && out.size() < kMeaningsMax) out.push_back(*std::move(one));
  return out;
}

/// The number of a row, by each of its likeliest meanings.
void add_of_rows(RuleOutput& out, std::vector<RowNumber> all, std::size_t begin, std::size_t end, double cost) {
  std::ranges::stable_sort(all, {}, &RowNumber::cost);
  if (all.size() > kMeaningsMax) all.resize(kMeaningsMax);
  const std::string term = term_of(out.words, begin, end);
  Quantity quantity{.noun = {.begin = begin, .end = end}};
  for (RowNumber& one : all)
    quantity.noun.links.push_back(
        link_to(out.known, one.table, std::move(one.formula), term.empty() ? one.name : term, TypeKind::floating, one.cost));
  if (!quantity.noun.links.empty()) out.add(Cat::quantity, std::move(quantity), cost);
}

/// A number made of two that are each computed of many rows, or of one of those and a number.
void add_of_measures(RuleOutput& out, Fn fn, const Operand& first, const Operand& second, std::size_t begin, std::size_t end) {
  const auto part = [](const Operand& one) { return one.measure ? *one.measure : Quantity{.kind = Kind::number, .number = *one.number}; };
  Quantity made{.kind = fn == Fn::divide ? Kind::ratio : fn == Fn::subtract ? Kind::difference : Kind::arithmetic};
  made.op = fn;
  made.parts = {part(first), part(second)};
  made.of = first.measure ? first.measure->of : second.measure->of;
  made.label = term_of(out.words, begin, end);
  out.add(Cat::quantity, std::move(made), kSaid);
}

/// "list price plus purchase cost": as likely a list of two; of one row's amounts the sum is what the word says.
double cost_of_sum(const RuleOutput& out, Fn fn, const Item& left, const Item& right) {
  constexpr double kSum = -0.05;
  return fn == Fn::add && left.end < right.begin && !is_sign(out.words[left.end]) ? kSum : 0;
}

void operate(RuleOutput& out, Fn fn, const Item& left, const Item& right, std::size_t begin, std::size_t end, double cost = kSaid) {
  auto first = operand_of(out, left), second = operand_of(out, right);
  if (!first || !second || (first->number && second->number)) return;
  if (first->measure && !second->rows.empty()) first = Operand{.rows = members_of_each(out.known, *first->measure, second->rows)};
  if (second->measure && !first->rows.empty()) second = Operand{.rows = members_of_each(out.known, *second->measure, first->rows)};
  if (first->measure || second->measure) {
    if ((first->measure || first->number) && (second->measure || second->number)) add_of_measures(out, fn, *first, *second, begin, end);
    return;
  }
  std::vector<RowNumber> all;
  for (const RowNumber& one : first->rows) {
    if (second->number) all.push_back(with_number(fn, one, *second->number, false));
    for (const RowNumber& other : second->rows)
      if (auto both = together(out.known, fn, one, other); both && !(one.formula == other.formula)) all.push_back(*std::move(both));
  }
  if (first->number)
    for (const RowNumber& one : second->rows) all.push_back(with_number(fn, one, *first->number, true));
  add_of_rows(out, std::move(all), begin, end, cost + cost_of_sum(out, fn, left, right));
}

/// "paid orders / orders in Germany": what follows is said of both.
bool says_more(const Quantity& number) {
  return number.of != nullptr &&
         std::ranges::any_of(number.of->conditions, [&](const ConditionPtr& one) { return one->begin >= number.of->noun.end; });
}

/// "sale price minus cost", "(total revenue - total cost) / total revenue"
template <std::size_t operation>
void operated(RuleOutput& out, Parts parts) {
  const std::size_t begin = parts.front()->begin, end = parts.back()->end;
  if (!is_last_done(out, begin, end, parts[1]->begin)) return;
  if (parts.back()->cat == Cat::quantity && says_more(parts.back()->as<Quantity>())) return;
  operate(out, kOperations[operation].fn, *parts.front(), *parts.back(), begin, end);
}

/// "the difference between list price and sale price", "the ratio of sale price to list price", of each row.
template <Kind kind>
void of_each_row(RuleOutput& out, Parts parts) {
  const auto plain = [](const Item& item) { return item.as<Quantity>().kind == Kind::column && !item.as<Quantity>().fn; };
  if (!plain(*parts[1]) || !plain(*parts[3])) return;
  operate(out, kind == Kind::ratio ? Fn::divide : Fn::subtract, *parts[1], *parts[3], parts.front()->begin, parts.back()->end);
}

/// "the discount as a percentage of the list price"
void as_percentage(RuleOutput& out, Parts parts) {
  const std::size_t begin = parts.front()->begin, end = parts.back()->end;
  for (std::size_t i = begin; i < end; ++i)
    if (operation_at(out, i) != nullptr && out.words[i].depth <= out.words[parts[1]->begin].depth) return;  // of all of it, or of its last part
  auto first = operand_of(out, *parts.front()), second = operand_of(out, *parts.back());
  if (!first || !second) return;
  if (first->measure && second->measure) {
    Quantity times{.kind = Kind::arithmetic, .of = first->measure->of};
    times.op = Fn::multiply;
    times.parts = {{.kind = Kind::number, .number = hundred()}, *first->measure};
    Quantity made{.kind = Kind::ratio, .of = first->measure->of, .parts = {std::move(times), *second->measure}};
    made.label = "percentage";
    return out.add(Cat::quantity, std::move(made), kSaid);
  }
  std::vector<RowNumber> all;
  for (const RowNumber& one : first->rows)
    for (const RowNumber& other : second->rows)
      if (auto both = together(out.known, Fn::divide, with_number(Fn::multiply, one, hundred(), true), other); both) {
        both->name = "percentage";
        all.push_back(*std::move(both));
      }
  add_of_rows(out, std::move(all), begin, end, kSaid);
}

/// "sale price minus the sum of all payments received for the sale": whose payments they are.
template <std::size_t operation>
void operated_of_its_row(RuleOutput& out, Parts parts) {
  const auto& number = parts[2]->as<Quantity>();
  const auto& set = parts[3]->as<SetPtr>();
  if (!says_whose(set) || out.gap_before(3) == 0 || set->noun.plural || (number.kind != Kind::rows && !number.fn)) return;
  const std::size_t begin = parts.front()->begin, end = parts.back()->end;
  auto row = operand_of(out, *parts[0]);
  if (!row || !is_last_done(out, begin, end, parts[1]->begin)) return;
  std::erase_if(row->rows, [&](const RowNumber& one) { return one.table != set->table; });
  std::vector<RowNumber> all;
  for (const RowNumber& one : row->rows)
    for (const RowNumber& members : members_of_each(out.known, number, {one}))
      if (auto both = together(out.known, kOperations[operation].fn, one, members); both) all.push_back(*std::move(both));
  add_of_rows(out, std::move(all), begin, end, kSaid);
}

/// Whether the words are one side of an operation.
bool is_side(const RuleOutput& out, std::size_t begin, std::size_t end) {
  return (begin > 0 && operation_at(out, begin - 1) != nullptr) || (end < out.words.size() && operation_at(out, end) != nullptr);
}

/// "(revenue - total cost of the instruments sold)": beside what comes of each sale, that of the instrument of each, however often it was sold.
void of_things_sold(RuleOutput& out, Parts parts) {
  const auto& functions = parts[0]->as<std::vector<Fn>>();
  const auto& number = parts[1]->as<Quantity>();
  const Set& set = *parts[2]->as<SetPtr>();
  if (number.kind != Kind::column || number.fn || functions.size() != 1 || number.of != nullptr || set.column >= 0 || set.ranking) return;
  if (set.conditions.size() != 1 || !is_side(out, parts[0]->begin, parts[2]->end)) return;
  const Condition& sold = *set.conditions.front();
  if (sold.kind != Condition::Kind::member || !says_whose(sold.set)) return;
  const auto home = home_of_both(out.known, sold.set->table, set.table);
  const bool pieces = std::ranges::any_of(out.known.table(sold.set->table).columns,
                                          [&](const Column& one) { return out.known.lexicon.says_quantity(name_pieces(one.name)); });
  if (!home || home->first != sold.set->table || pieces) return;
  Quantity of_deals{.noun = number.noun, .fn = functions.front()};
  of_deals.noun.links.clear();
  for (const Link& link : number.noun.links) {
    if (link.table != set.table || !out.known.is_amount(link)) continue;
    RowNumber one = number_of(out.known, link);
    of_deals.noun.links.push_back(link_to(out.known, home->first, std::move(one.formula), one.name, TypeKind::floating, one.cost));
  }
  if (!of_deals.noun.links.empty()) out.add(Cat::quantity, std::move(of_deals), kOfMembers);
}

}  // namespace

std::optional<std::pair<int, double>> home_of_both(const Known& known, int first, int second) {
  const auto leads = [&](int from, int to) {
    const auto& ways = known.routes(from, to);
    return from == to || (ways.size() == 1 && ways.front().to_one);
  };
  if (leads(first, second)) return std::pair{first, known.distance(first, second)};
  if (leads(second, first)) return std::pair{second, known.distance(second, first)};
  return std::nullopt;
}

Formula formula_of(const Known& known, const Link& link) {
  if (const FormulaColumn* formula = known.formula(link); formula != nullptr) return formula->formula;
  return {.link = {Link::Kind::column, link.table, link.column, 1, ""}};
}

Link link_to(const Known& known, int table, Formula formula, std::string name, TypeKind type, double cost) {
  constexpr double kScoreMin = 0.1;
  const Link exact{Link::Kind::column, 0, -1, 0, ""};
  const double score = std::max(kScoreMin, 1 - cost / cost_of(exact));
  return {Link::Kind::column, table, known.formulas->add(table, std::move(formula), std::move(name), type), score, ""};
}

std::string name_of_operation(Fn fn, const std::string& first, const std::string& second) {
  constexpr std::pair<Fn, std::string_view> kNames[] = {
      {Fn::add, "_plus_"}, {Fn::subtract, "_minus_"}, {Fn::multiply, "_times_"}, {Fn::divide, "_per_"}};
  const auto name = std::ranges::find(kNames, fn, &std::pair<Fn, std::string_view>::first);
  return first + std::string(name == std::end(kNames) ? "_and_" : name->second) + second;
}

std::string term_of(const std::vector<Word>& words, std::size_t begin, std::size_t end) {
  const std::string& term = words[begin].term;
  for (std::size_t i = begin; i < end; ++i)
    if (words[i].term != term) return "";
  return term;
}

bool may_be_added_up(const RuleOutput& out, const Item& functions, const Item& item, Fn fn) {
  const auto& quantity = item.as<Quantity>();
  for (const Link& link : quantity.noun.links) {
    const FormulaColumn* formula = out.known.formula(link);
    if (formula == nullptr || formula->formula.kind != Formula::Kind::call) continue;
    if (out.words[item.begin].depth > out.words[functions.begin].depth) continue;
    const Fn done = formula->formula.fn;
    // A number that is taken from a sum is not taken from each.
    const bool number = std::ranges::any_of(formula->formula.parts, [](const Formula& part) { return part.kind == Formula::Kind::number; });
    const bool linear = (done == Fn::add || done == Fn::subtract) && (fn != Fn::sum || !number);
    if (!(linear && (fn == Fn::sum || fn == Fn::avg)) && !(done == Fn::multiply && fn == Fn::sum)) return false;
  }
  return true;
}

std::vector<Rule> arithmetic_said(const std::vector<Item>& items) {
  static const std::vector<Rule> kArithmetic = arithmetic_rules(), kComparisons = column_comparison_rules();
  const auto said = [&](const Symbol& one) {
    return one.cat != Cat::role || std::ranges::any_of(items, [&](const Item& item) { return item.cat == Cat::role && item.role == one.role; });
  };
  std::vector<Rule> all;
  const bool operates = std::ranges::any_of(kOperations, [&](const Operation& one) { return said(role(one.role)); });
  for (const auto* rules : {&kArithmetic, &kComparisons})
    for (const Rule& rule : *rules) {
      const bool named = std::ranges::any_of(rule.pattern, [](const Symbol& one) { return one.cat == Cat::role; });
      if (named ? std::ranges::all_of(rule.pattern, said) : operates) all.push_back(rule);
    }
  return all;
}

std::vector<Rule> arithmetic_rules() {
  const Symbol quantity = sym(Cat::quantity), literal = sym(Cat::literal), then = role(Role::conjunction), set = sym(Cat::set);
  std::vector<Rule> rules{{"difference of each row", {role(Role::difference), quantity, then, quantity}, true, of_each_row<Kind::difference>},
                          {"ratio of each row", {role(Role::ratio), quantity, role(Role::up_to), quantity}, true, of_each_row<Kind::ratio>},
                          {"as a percentage of", {quantity, role(Role::percent_of), quantity}, true, as_percentage},
                          {"number of things sold", {sym(Cat::functions), quantity, set}, true, of_things_sold}};
  const auto add = [&]<std::size_t one>() {
    const Symbol operation = role(kOperations[one].role);
    for (const auto& [first, second] : {std::pair{quantity, quantity}, {quantity, literal}, {literal, quantity}})
      rules.push_back({"operation", {first, operation, second}, true, operated<one>});
    rules.push_back({"operation for a row", {quantity, operation, quantity, set}, true, operated_of_its_row<one>});
  };
  add.template operator()<0>();
  add.template operator()<1>();
  add.template operator()<2>();
  add.template operator()<3>();
  return rules;
}

}  // namespace sluice::planner
