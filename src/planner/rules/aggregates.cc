#include <algorithm>
#include <ranges>

#include "planner/rules/arithmetic.h"
#include "planner/trade.h"

namespace sluice::planner {
namespace {

using plan::Fn;
using Functions = std::vector<Fn>;

constexpr double kColumnInstead = 0.1, kSuperlativeAsAggregate = 0.12, kCountAlone = 0.15, kHowMuch = 0.1, kOfRows = 0.02, kEachSum = 0.15,
                 kNumberCounted = 0.3, kAllTogether = 0.12, kIsCount = 0.8, kAddedUp = 0.6;

/// Whether the column holds numbers of something, which are more together: seats, goals.
bool adds_up(const Known& known, const Link& link) {
  return known.is_amount(link) && (known.is_duration(link) || known.lexicon.adds_up(name_pieces(known.column(link).name)));
}

/// "the total amount of payments" is that of their amounts, where they have any.
bool says_amount(const RuleOutput& out, std::size_t begin, const Set& set) {
  constexpr std::size_t kFar = 3;
  for (std::size_t i = begin; i < out.words.size() && i < begin + kFar; ++i) {
    if (out.words[i].stem != "amount") continue;
    const auto names = out.known.schema.index.columns_like("amount"), short_ones = out.known.schema.index.columns_like("amt");
    const auto has = [&](const Link& link) { return link.table == set.table && out.known.is_amount(link); };
    return std::ranges::any_of(names, has) || std::ranges::any_of(short_ones, has);
  }
  return false;
}

template <Fn fn>
void function(RuleOutput& out, Parts) {
  out.add(Cat::functions, Functions{fn}, 0);
}

/// "the highest age" as a number
template <Fn fn>
void superlative_function(RuleOutput& out, Parts) {
  out.add(Cat::functions, Functions{fn}, kSuperlativeAsAggregate);
}

void join_functions(RuleOutput& out, Parts parts) {
  Functions all = parts.front()->as<Functions>();
  const auto& more = parts.back()->as<Functions>();
  all.insert(all.end(), more.begin(), more.end());
  // "first and last" are no superlatives of a row.
  out.add(Cat::functions, std::move(all), -kSuperlativeAsAggregate / 2);
}

/// "total revenue": a measure of the glossary is one already.
bool is_measure_of(const Known& known, const Quantity& quantity, const Functions& functions) {
  if (!quantity.fn || quantity.noun.links.size() != 1 || functions.size() != 1) return false;
  const Computed* computed = known.computed(quantity.noun.links.front());
  const auto* call = computed == nullptr ? nullptr : std::get_if<plan::Call>(&computed->value.node);
  return call != nullptr && call->fn == functions.front();
}

/// "average, minimum and maximum age"
void aggregate(RuleOutput& out, Parts parts) {
  const auto& functions = parts[0]->as<Functions>();
  const auto& quantity = parts.back()->as<Quantity>();
  const bool is_sum = quantity.fn == Fn::sum && functions == Functions{Fn::sum};  // "total revenue"
  if (is_sum || is_measure_of(out.known, quantity, functions)) return out.add(Cat::quantity, quantity, 0);
  if (quantity.fn || quantity.kind != Quantity::Kind::column) return;
  if (of_time(out, *parts[0]) && out.known.lexicon.is_measure(out.words[quantity.noun.begin])) return;  // "the last hour"
  std::vector<Quantity> all;
  Quantity ordered = quantity;
  std::erase_if(ordered.noun.links, [&](const Link& link) {
    const Column& column = out.known.column(link);
    return out.known.is_key(link) || (!column.type.is_numeric() && !column.type.is_temporal());
  });
  // "the latest balance" is no largest one.
  if (of_time(out, *parts[0])) std::erase_if(ordered.noun.links, [&](const Link& link) { return !tells_when(out.known, link); });
  if (ordered.noun.links.empty()) return;
  // The number of orders is not that of an order.
  constexpr double kNamed = 0.9;
  const double named = parts.size() == 3 ? 2 : kNamed;
  std::erase_if(ordered.noun.links, [&](const Link& link) { return out.known.is_key(link) && link.score < named; });
  if (ordered.noun.links.empty()) return;
  for (const Fn fn : functions) {
    if (!may_be_added_up(out, *parts[0], *parts.back(), fn)) return;
    Quantity one = ordered;
    one.fn = fn;
    one.distinct = false;
    all.push_back(std::move(one));
  }
  if (all.size() == 1)
    out.add(Cat::quantity, std::move(all.front()), 0);
  else
    out.add(Cat::quantities, std::move(all), 0);
}

/// "the highest number of listeners" as a number, where a column holds numbers of them.
template <Fn fn>
void highest_number(RuleOutput& out, Parts parts) {
  Quantity quantity = parts[1]->as<Quantity>();
  if (quantity.fn || quantity.kind != Quantity::Kind::column || parts[0]->end < parts[0]->begin + 3) return;
  std::erase_if(quantity.noun.links, [&](const Link& link) { return !out.known.is_amount(link); });
  if (quantity.noun.links.empty()) return;
  quantity.fn = fn;
  out.add(Cat::quantity, std::move(quantity), kSuperlativeAsAggregate);
}

/// "average of arrival delay and departure delay": of each.
void aggregate_list(RuleOutput& out, Parts parts) {
  const auto& functions = parts[0]->as<Functions>();
  const auto arithmetic = [](Fn fn) { return fn == Fn::avg || fn == Fn::sum || fn == Fn::median; };
  if (!std::ranges::all_of(functions, arithmetic)) return;
  std::vector<Quantity> all;
  for (Quantity one : parts[1]->as<std::vector<Quantity>>()) {
    if (one.fn || one.kind != Quantity::Kind::column || one.of != nullptr) return;
    std::erase_if(one.noun.links, [&](const Link& link) { return !out.known.is_amount(link); });
    if (one.noun.links.empty()) return;
    one.distinct = false;
    for (const Fn fn : functions) {
      one.fn = fn;
      all.push_back(one);
    }
  }
  // "total quantity and unit price per product": a price is one of the product's.
  const bool sums = std::ranges::find(functions, Fn::sum) != functions.end();
  if (all.size() > functions.size()) out.add(Cat::quantities, std::move(all), sums ? kEachSum : 0);
}

/// "how much freight was shipped": all of it, unless of one row; "altogether": all of it.
void how_much(RuleOutput& out, Parts parts) {
  Quantity quantity = parts.back()->as<Quantity>();
  if (is_measure_of(out.known, quantity, {Fn::sum})) return out.add(Cat::quantity, quantity, 0);
  if (quantity.fn || quantity.kind != Quantity::Kind::column) return;
  std::erase_if(quantity.noun.links, [&](const Link& link) { return !out.known.column(link).type.is_numeric() || out.known.is_key(link); });
  if (quantity.noun.links.empty()) return;
  // Of what adds up the sum is meant: of a single row it is the same.
  const bool adds = out.known.says_altogether() || adds_up(out.known, quantity.noun.links.front());
  if (!adds) out.add(Cat::quantity, quantity, 0);
  quantity.fn = Fn::sum;
  out.add(Cat::quantity, std::move(quantity), adds ? kHowMuch / 2 : kHowMuch);
}

/// "number of singers", "how many different countries"
void count_set(RuleOutput& out, Parts parts) {
  const auto& set = parts.back()->as<SetPtr>();
  if (set->ranking || says_amount(out, parts.front()->begin, *set)) return;
  const Link column{Link::Kind::column, set->table, set->column, 1, ""};
  const bool number = set->column >= 0 && !set->distinct && out.known.column(column).type.is_numeric();
  if (number && adds_up(out.known, column)) return;
  out.add(Cat::quantity, Quantity{.kind = Quantity::Kind::rows, .distinct = set->distinct || set->column >= 0, .of = set},
          number ? kNumberCounted : 0);
}

/// "order count"
void count_after(RuleOutput& out, Parts parts) {
  const auto& set = parts[0]->as<SetPtr>();
  if (set->ranking || set->column >= 0 || set->by_value) return;
  out.add(Cat::quantity, Quantity{.kind = Quantity::Kind::rows, .of = set}, 0);
}

/// Whether a number for each person is asked for right there: "per guest".
bool per_person(const RuleOutput& out, std::size_t at) {
  return std::ranges::any_of(out.known.lexicon.phrases_at(out.words, at), [&](const auto& one) {
    const std::size_t next = at + one.words;
    return one.role == Role::per && next < out.words.size() && out.known.lexicon.names_person(out.words[next].stem);
  });
}

/// "average number of nights per guest": of all the nights of each.
void aggregate_numbers(RuleOutput& out, Parts parts) {
  const auto& quantity = parts.back()->as<Quantity>();
  const bool lasts = quantity.kind == Quantity::Kind::column && !quantity.fn && !quantity.noun.links.empty() &&
                     quantity.noun.end == quantity.noun.begin + 1 && out.known.is_duration(quantity.noun.links.front());
  if (!lasts || parts[0]->as<Functions>() != Functions{Fn::avg} || !per_person(out, parts.back()->end)) return aggregate(out, parts);
  Quantity all = quantity;
  all.fn = Fn::sum;
  all.over = Fn::avg;
  out.add(Cat::quantity, std::move(all), 0);
}

/// "how many cylinders does the car have": a column that is a number of things already.
void count_in_column(RuleOutput& out, Parts parts) {
  Quantity quantity = parts[1]->as<Quantity>();
  if (quantity.fn || quantity.kind != Quantity::Kind::column || quantity.of != nullptr || quantity.distinct) return;
  // The number of transactions is not sbTransactionAmount.
  std::erase_if(quantity.noun.links, [&](const Link& link) {
    // The number of payments is no payment_amount.
    const bool money = out.known.lexicon.fits_unit(name_pieces(out.known.column(link).name), {}, "dollar") && link.score < 1;
    return !out.known.column(link).type.is_numeric() || out.known.is_key(link) || link.score < kIsCount || money;
  });
  if (quantity.noun.links.empty()) return;
  // "how many seats are there" is asked of no single row.
  const std::size_t end = parts[1]->end;
  const auto& front = quantity.noun.links.front();
  const bool dealt = out.known.lexicon.says_quantity(name_pieces(out.known.column(front).name)) && is_dealt_after(out.known, out.words, end - 1);
  const bool of_none = dealt || end >= out.words.size() || out.words[end].kind == WordKind::stop ||
                       std::ranges::any_of(out.known.lexicon.phrases_at(out.words, end), [](const auto& one) { return one.role == Role::existence; });
  // "the total number of docks" of many stations adds theirs up, unless that is what the column is called.
  const auto pieces = name_pieces(out.known.column(quantity.noun.links.front()).name);
  const auto said = std::views::iota(parts[0]->begin, parts[0]->end);
  const bool total =
      std::ranges::find(pieces, "total") == pieces.end() && std::ranges::any_of(said, [&](std::size_t at) { return says_total(out, at); });
  if (!of_none) out.add(Cat::quantity, quantity, kColumnInstead + (total ? kAddedUp : 0));
  // "number of seats per manufacturer": those of all rows together.
  std::erase_if(quantity.noun.links, [&](const Link& link) { return total ? !out.known.is_amount(link) : !adds_up(out.known, link); });
  if (quantity.noun.links.empty()) return;
  quantity.fn = Fn::sum;
  out.add(Cat::quantity, std::move(quantity), total ? kColumnInstead : kAllTogether);
}

void distinct_quantity(RuleOutput& out, Parts parts) {
  Quantity quantity = parts[1]->as<Quantity>();
  quantity.distinct = true;
  out.add(Cat::quantity, std::move(quantity), 0);
}

/// "… and the count": of what was counted before.
void the_count(RuleOutput& out, Parts parts) {
  const std::size_t end = parts[0]->end;
  const bool last = end >= out.words.size() || out.words[end].kind == WordKind::stop || out.words[end].kind == WordKind::comma ||
                    std::ranges::any_of(out.known.lexicon.phrases_at(out.words, end), [](const auto& one) {
                      return one.role == Role::conjunction || one.role == Role::descending || one.role == Role::ascending || one.role == Role::per ||
                             one.role == Role::by;
                    });
  if (last) out.add(Cat::quantity, Quantity{.kind = Quantity::Kind::rows}, kCountAlone);
}

bool says_of_between(const RuleOutput& out, const Item& first, const Item& second) {
  const auto gap = std::span(out.words).subspan(first.end, second.begin - first.end);
  return std::ranges::any_of(gap, [&](const Word& word) { return out.known.lexicon.says_of(word); });
}

/// "total number of singers", "total singers"
void sum_of_set(RuleOutput& out, Parts parts) {
  const bool counted = parts.size() == 3;
  if (!counted && parts[0]->end - parts[0]->begin > 1) return;  // "the total amount of a customer" is no number of them
  const Set& set = *parts.back()->as<SetPtr>();
  // "the total of invoices" is what they come to.
  // "total pledged" is no number of pledges.
  if (!counted && !set.noun.plural) return;
  if (!counted && says_of_between(out, *parts.front(), *parts.back())) return;
  // "total payments": how many there are, or their amounts? (trade.cc asks back)
  const auto is_amount = [&](std::size_t c) {
    const Link link{Link::Kind::column, set.table, static_cast<int>(c), 1, ""};
    return out.known.is_amount(link) && out.known.lexicon.is_whole_of_deal(name_pieces(out.known.column(link).name));
  };
  const auto columns = std::views::iota(std::size_t{0}, out.known.real_columns(set.table));
  if (!counted && set.column < 0 && std::ranges::any_of(columns, is_amount)) return;
  if (parts[0]->as<Functions>() == Functions{Fn::sum} && (counted || parts.back()->as<SetPtr>()->column < 0)) count_set(out, parts);
}

/// The aggregate of only those rows; of a column of theirs.
void add_of_rows(RuleOutput& out, const Quantity& quantity, const SetPtr& rows, double cost) {
  const bool plain = quantity.kind == Quantity::Kind::column && quantity.fn && quantity.of == nullptr && quantity.rivals.empty();
  if (!plain || rows->conditions.empty() || rows->ranking || rows->column >= 0) return;
  Quantity some = quantity;
  std::erase_if(some.noun.links, [&](const Link& link) { return link.table != rows->table; });
  if (some.noun.links.empty()) return;
  some.of = rows;
  out.add(Cat::quantity, std::move(some), cost);
}

/// "total amount on paid invoices"
void of_rows(RuleOutput& out, Parts parts) {
  if (out.gap_before(1) == 1 && out.known.lexicon.says_on(out.words[parts[1]->begin - 1U])) {
    add_of_rows(out, parts[0]->as<Quantity>(), parts[1]->as<SetPtr>(), kOfRows);
  }
}

/// "total paid amount": the amount of those rows whose status says so.
void of_valued_rows(RuleOutput& out, Parts parts) {
  const auto& functions = parts[0]->as<Functions>();
  Quantity quantity = parts[2]->as<Quantity>();
  if (quantity.fn || functions.size() != 1) return;
  quantity.fn = functions.front();
  std::erase_if(quantity.noun.links, [&](const Link& one) { return !out.known.is_amount(one); });
  for (const Link& link : parts[1]->as<Noun>().links) {
    Condition condition{.kind = Condition::Kind::value, .value = parts[1]->as<Noun>()};
    condition.value.links = {link};
    condition.begin = parts[1]->begin;
    condition.end = parts[1]->end;
    add_of_rows(out, quantity, set_of({.table = link.table, .conditions = {condition_of(std::move(condition))}}), cost_of(link) + kOfRows);
  }
}

}  // namespace

bool of_time(const RuleOutput& out, const Item& item) {
  const auto phrases = out.known.lexicon.phrases_at(out.words, item.begin);
  return std::ranges::any_of(phrases, [](const auto& one) { return one.role == Role::latest || one.role == Role::earliest; });
}

bool tells_when(const Known& known, const Link& link) {
  const Column& column = known.column(link);
  return column.type.is_temporal() || known.is_date_as_text(link) || known.lexicon.tells_when(name_pieces(column.name));
}

std::vector<Rule> aggregate_rules() {
  const Symbol functions = sym(Cat::functions), set = sym(Cat::set), quantity = sym(Cat::quantity), count = role(Role::count);
  return {{"average", {role(Role::average)}, true, function<Fn::avg>},
          {"sum", {role(Role::sum)}, true, function<Fn::sum>},
          {"median", {role(Role::median)}, true, function<Fn::median>},
          {"minimum", {role(Role::minimum)}, true, function<Fn::min>},
          {"maximum", {role(Role::maximum)}, true, function<Fn::max>},
          {"functions and", {functions, role(Role::conjunction), functions}, true, join_functions},
          {"functions,", {functions, role(Role::comma), functions}, true, join_functions},
          {"functions, and", {functions, role(Role::comma), role(Role::conjunction), functions}, true, join_functions},
          {"aggregate", {functions, quantity}, true, aggregate},
          {"aggregate of some rows", {quantity, set}, true, of_rows},
          {"aggregate of valued rows", {functions, sym(Cat::value), quantity}, false, of_valued_rows},
          {"aggregate of a list", {functions, sym(Cat::quantities)}, true, aggregate_list},
          {"how much", {role(Role::how_much), quantity}, true, how_much},
          {"aggregate of numbers", {functions, count, quantity}, true, aggregate_numbers},
          {"highest number", {role(Role::most), quantity}, true, highest_number<Fn::max>},
          {"lowest number", {role(Role::fewest), quantity}, true, highest_number<Fn::min>},
          {"count", {count, set}, true, count_set},
          {"count after", {set, role(Role::tally)}, false, count_after},
          {"sum of a count", {functions, count, set}, true, sum_of_set},
          {"sum as count", {functions, set}, true, sum_of_set},
          {"count in a column", {count, quantity}, true, count_in_column},
          {"highest", {role(Role::highest)}, true, superlative_function<Fn::max>},
          {"lowest", {role(Role::lowest)}, true, superlative_function<Fn::min>},
          {"latest", {role(Role::latest)}, true, superlative_function<Fn::max>},
          {"earliest", {role(Role::earliest)}, true, superlative_function<Fn::min>},
          {"the count", {count}, true, the_count},
          {"distinct quantity", {role(Role::distinct), quantity}, true, distinct_quantity}};
}

}  // namespace sluice::planner
