#include <algorithm>

#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

using Orders = std::vector<Ranking>;

bool says_time(const std::vector<std::string>& name) {
  static constexpr std::string_view kTimes[] = {"year", "date", "time", "on", "at", "month", "day", "start", "end", "birth"};
  return std::ranges::any_of(name, [](const std::string& piece) { return std::ranges::find(kTimes, piece) != std::end(kTimes); });
}

void order(RuleOutput& out, const Item& item, bool descending) {
  const auto& by = item.as<Quantity>();
  if (by.kind != Quantity::Kind::everything) out.add(Cat::order, Orders{{.by = by, .descending = descending}}, 0);
}
/// "products ordered by customers": these did it.
bool says_who(const RuleOutput& out, const Item& said, const Item& by) {
  if (said.role != Role::order || !out.known.lexicon.is_sale(out.words[said.begin]) || by.as<Quantity>().kind != Quantity::Kind::column) return false;
  return std::ranges::any_of(out.known.schema.index.names_at(out.words, by.begin, out.known.lexicon), [&](const Mention& one) {
    return one.end == by.end && one.plural && one.links.front().kind == Link::Kind::table && one.links.front().score == 1;
  });
}
/// "ordered by age"
void last_ascending(RuleOutput& out, Parts parts) {
  if (!says_who(out, *parts.front(), *parts.back())) order(out, *parts.back(), false);
}
/// "ordered by age descending", "by age in descending order"
template <bool descending>
void quantity_then(RuleOutput& out, Parts parts) {
  // "total freight by country, biggest first": the countries are groups; but "orders by freight, descending" has none.
  const auto& by = parts[parts.size() - 2]->as<Quantity>();
  const bool amount = std::ranges::any_of(by.noun.links, [&](const Link& link) { return link.column >= 0 && out.known.is_amount(link); });
  const bool grouped = parts.front()->role == Role::by && !amount && out.words[parts[parts.size() - 2]->end].kind == WordKind::comma;
  if (!grouped) order(out, *parts[parts.size() - 2], descending);
}
/// "in descending order of age", "ordered descending by age"
template <bool descending>
void then_quantity(RuleOutput& out, Parts parts) {
  order(out, *parts.back(), descending);
}
/// "in descending order": by what is shown
template <bool descending>
void alone(RuleOutput& out, Parts) {
  out.add(Cat::order, Orders{{.by = {.kind = Quantity::Kind::everything}, .descending = descending}}, 0.05);
}
/// "oldest first", "from the oldest to the youngest", "most populous first"
void adjective_first(RuleOutput& out, Parts parts) {
  const auto& one = parts[0]->as<Adjective>();
  if (!one.more.links.empty()) out.add(Cat::order, Orders{{.by = {.noun = one.more}, .descending = true}}, 0.03);
  if (!one.less.links.empty()) out.add(Cat::order, Orders{{.by = {.noun = one.less}, .descending = false}}, 0.03);
}
/// "alphabetically": by the first text that is shown
template <bool descending>
void alphabetical(RuleOutput& out, Parts) {
  out.add(Cat::order, Orders{{.by = {.kind = Quantity::Kind::everything, .distinct = true}, .descending = descending}}, 0.02);
}
/// "in chronological order": by when it was
template <bool descending>
void chronological(RuleOutput& out, Parts parts) {
  Quantity by{.kind = Quantity::Kind::everything, .period = Role::day};
  by.noun.begin = parts.front()->begin;
  by.noun.end = parts.back()->end;
  out.add(Cat::order, Orders{{.by = std::move(by), .descending = descending}}, 0.02);
}
/// "chronologically by release year": by when it was, and by nothing else.
template <bool descending>
void chronological_by(RuleOutput& out, Parts parts) {
  Quantity by = parts.back()->as<Quantity>();
  if (by.kind != Quantity::Kind::column || by.fn) return;
  std::erase_if(by.noun.links,
                [&](const Link& link) { return !out.known.column(link).type.is_temporal() && !says_time(name_pieces(out.known.column(link).name)); });
  if (!by.noun.links.empty()) out.add(Cat::order, Orders{{.by = std::move(by), .descending = descending}}, 0);
}
template <bool descending>
void alphabetical_by(RuleOutput& out, Parts parts) {
  order(out, *parts.back(), descending);
}
/// "by age from the oldest to the youngest": said twice
void said_twice(RuleOutput& out, Parts parts) {
  const auto &first = parts[0]->as<Orders>(), &second = parts[1]->as<Orders>();
  if (first.size() != 1 || second.size() != 1) return;
  Orders both = second;
  std::erase_if(both.front().by.noun.links,
                [&](const Link& link) { return std::ranges::find(first.front().by.noun.links, link) == first.front().by.noun.links.end(); });
  if (!both.front().by.noun.links.empty()) out.add(Cat::order, std::move(both), 0.02);
}
/// "ordered by month": groups of months in the order of time
template <bool descending>
void by_unit(RuleOutput& out, Parts parts) {
  chronological<descending>(out, parts);
}
/// "sorted by freight with the largest first": said of what came before; which end of time comes first, only of dates.
template <bool descending, bool time>
void end_first(RuleOutput& out, Parts parts) {
  Orders orders = parts[0]->as<Orders>();
  const Quantity& by = orders.front().by;
  const bool column = by.kind == Quantity::Kind::column && !by.noun.links.empty() && !by.fn;
  const bool dates = (by.kind == Quantity::Kind::everything && by.period) ||
                     (column && std::ranges::all_of(by.noun.links, [&](const Link& link) { return tells_when(out.known, link); }));
  if (orders.size() != 1 || dates != time) return;
  orders.front().descending = descending;
  out.add(Cat::order, std::move(orders), 0);
}

/// "by age and name"
void more(RuleOutput& out, Parts parts) {
  Orders all = parts.front()->as<Orders>();
  all.push_back({.by = parts.back()->as<Quantity>(), .descending = false});
  out.add(Cat::order, std::move(all), 0.05);
}

/// "by year descending and then by name": the second where the first says nothing
void then_order(RuleOutput& out, Parts parts) {
  Orders all = parts.front()->as<Orders>();
  const auto& next = parts.back()->as<Orders>();
  const auto shown = [](const Ranking& one) { return one.by.kind == Quantity::Kind::everything; };
  if (std::ranges::any_of(all, shown) || std::ranges::any_of(next, shown)) return;
  all.insert(all.end(), next.begin(), next.end());
  out.add(Cat::order, std::move(all), 0.02);
}

template <bool descending>
void add_direction(std::vector<Rule>& rules, Role direction) {
  const Symbol order = role(Role::order), quantity = sym(Cat::quantity), by = role(Role::by);
  rules.push_back({"ordered by, direction", {order, quantity, role(direction)}, true, quantity_then<descending>});
  rules.push_back({"by, direction", {by, quantity, role(direction)}, true, quantity_then<descending>});
  rules.push_back({"direction of", {role(direction), quantity}, true, then_quantity<descending>});
  rules.push_back({"ordered direction by", {order, role(direction), quantity}, true, then_quantity<descending>});
  for (const Role unit : {Role::year, Role::quarter, Role::month, Role::week, Role::day})
    rules.push_back({"ordered by a unit, direction", {order, role(unit), role(direction)}, true, by_unit<descending>});
  rules.push_back({"direction", {role(direction)}, true, alone<descending>});
  rules.push_back({"ordered, direction", {order, role(direction)}, true, alone<descending>});
}

}  // namespace

std::vector<Rule> order_rules() {
  std::vector<Rule> rules{
      {"ordered by", {role(Role::order), sym(Cat::quantity)}, true, last_ascending},
      {"adjective first", {sym(Cat::adjective), role(Role::first)}, true, adjective_first},
      {"from adjective to adjective", {sym(Cat::adjective), sym(Cat::adjective)}, true, adjective_first},
      {"alphabetical", {role(Role::alphabetical)}, true, alphabetical<false>},
      {"reverse alphabetical", {role(Role::reverse_alphabetical)}, true, alphabetical<true>},
      {"chronological", {role(Role::chronological)}, true, chronological<false>},
      {"reverse chronological", {role(Role::reverse_chronological)}, true, chronological<true>},
      {"ordered chronologically", {role(Role::order), role(Role::chronological)}, true, chronological<false>},
      {"ordered reverse chronologically", {role(Role::order), role(Role::reverse_chronological)}, true, chronological<true>},
      {"chronological by", {role(Role::chronological), sym(Cat::quantity)}, true, chronological_by<false>},
      {"ordered chronologically by", {role(Role::order), role(Role::chronological), sym(Cat::quantity)}, true, chronological_by<false>},
      {"reverse chronological by", {role(Role::reverse_chronological), sym(Cat::quantity)}, true, chronological_by<true>},
      {"ordered alphabetically", {role(Role::order), role(Role::alphabetical)}, true, alphabetical<false>},
      {"ordered reverse alphabetically", {role(Role::order), role(Role::reverse_alphabetical)}, true, alphabetical<true>},
      {"alphabetical by", {role(Role::alphabetical), sym(Cat::quantity)}, true, alphabetical_by<false>},
      {"reverse alphabetical by", {role(Role::reverse_alphabetical), sym(Cat::quantity)}, true, alphabetical_by<true>},
      {"ordered by, alphabetically", {role(Role::order), sym(Cat::quantity), role(Role::alphabetical)}, true, quantity_then<false>},
      {"by quantity, alphabetically", {role(Role::by), sym(Cat::quantity), role(Role::alphabetical)}, true, quantity_then<false>},
      {"said twice", {sym(Cat::order), sym(Cat::order)}, true, said_twice},
      {"ordered by also", {sym(Cat::order), role(Role::conjunction), sym(Cat::quantity)}, true, more},
      {"and by", {sym(Cat::order), role(Role::conjunction), role(Role::by), sym(Cat::quantity)}, true, more},
      {", by", {sym(Cat::order), role(Role::comma), role(Role::by), sym(Cat::quantity)}, true, more},
      {", and by", {sym(Cat::order), role(Role::comma), role(Role::conjunction), role(Role::by), sym(Cat::quantity)}, true, more},
      {"and then", {sym(Cat::order), role(Role::conjunction), sym(Cat::order)}, true, then_order},
      {", then", {sym(Cat::order), role(Role::comma), sym(Cat::order)}, true, then_order},
      {", and then", {sym(Cat::order), role(Role::comma), role(Role::conjunction), sym(Cat::order)}, true, then_order}};
  for (const Role unit : {Role::year, Role::quarter, Role::month, Role::week, Role::day}) {
    rules.push_back({"ordered by a unit", {role(Role::order), role(unit)}, true, by_unit<false>});
    rules.push_back({"starting from the earliest", {role(Role::order), role(Role::earliest), role(unit)}, true, by_unit<false>});
    rules.push_back({"starting from the latest", {role(Role::order), role(Role::latest), role(unit)}, true, by_unit<true>});
    rules.push_back({"the earliest first", {role(Role::earliest), role(unit), role(Role::first)}, true, by_unit<false>});
    rules.push_back({"the latest first", {role(Role::latest), role(unit), role(Role::first)}, true, by_unit<true>});
  }
  const Symbol order_said = sym(Cat::order), first_said = role(Role::first);
  rules.push_back({"the highest first", {order_said, role(Role::highest), first_said}, true, end_first<true, false>});
  rules.push_back({"the most first", {order_said, role(Role::most), first_said}, true, end_first<true, false>});
  rules.push_back({"the lowest first", {order_said, role(Role::lowest), first_said}, true, end_first<false, false>});
  rules.push_back({"the fewest first", {order_said, role(Role::fewest), first_said}, true, end_first<false, false>});
  rules.push_back({"the latest of dates first", {order_said, role(Role::latest), first_said}, true, end_first<true, true>});
  rules.push_back({"the earliest of dates first", {order_said, role(Role::earliest), first_said}, true, end_first<false, true>});
  add_direction<true>(rules, Role::descending);
  add_direction<false>(rules, Role::ascending);
  return rules;
}

}  // namespace sluice::planner
