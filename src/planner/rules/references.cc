#include "planner/rules/rules.h"
#include "planner/windows.h"

namespace sluice::planner {
namespace {

using Trend = Quantity::Trend;
using Kind = Quantity::Kind;

constexpr double kSaid = 0, kBare = 0.1;

/// "the previous month", "the month before"
template <Role unit>
void before(RuleOutput& out, Parts) {
  out.add(Cat::reference, Quantity{.kind = Kind::window, .period = unit}, 0);
}
/// "compared to the previous month"
void against(RuleOutput& out, Parts parts) {
  Quantity reference = parts[1]->as<Quantity>();
  if (reference.kind != Kind::window) return;
  reference.distinct = true;
  out.add(Cat::reference, std::move(reference), 0);
}
/// Whether it is said that something is compared with it: "the change last month" is that of one month.
bool is_against(const Item& item) { return item.as<Quantity>().distinct; }

/// Says of what periods a window is told; `distinct`: these are groups, without more words ("MoM").
void said_of(RuleOutput& out, Quantity window, const std::optional<Role>& unit, bool groups) {
  if (!is_change(window) || (window.period && unit && window.period != unit)) return;
  if (unit) window.period = unit;
  window.distinct = window.distinct || groups;
  out.add(Cat::quantity, std::move(window), kSaid);
}

/// "the change in freight from the previous month"
void compared(RuleOutput& out, Parts parts) {
  if (is_against(*parts[1])) said_of(out, parts[0]->as<Quantity>(), parts[1]->as<Quantity>().period, false);
}

/// "the difference to the month before"
void difference(RuleOutput& out, Parts parts) {
  // "growth (difference) compared to …": says how the growth is meant, and asks for nothing more.
  if (is_against(*parts[1]) && !out.words[parts[0]->begin].aside)
    out.add(Cat::quantity, Quantity{.kind = Kind::window, .period = parts[1]->as<Quantity>().period, .trend = Trend::change}, kBare);
}
/// "the difference in freight to the month before"
void difference_of(RuleOutput& out, Parts parts) {
  auto window = window_of(out, parts[1]->as<Quantity>(), Trend::change);
  if (window && is_against(*parts[2])) said_of(out, *std::move(window), parts[2]->as<Quantity>().period, false);
}

/// "the month over month change"
template <Role unit>
void over_unit(RuleOutput& out, Parts parts) {
  said_of(out, parts[1]->as<Quantity>(), unit, true);
}
/// "MoM change"
void over_before(RuleOutput& out, Parts parts) {
  static constexpr Role kUnits[] = {Role::week, Role::month, Role::quarter, Role::year};
  const auto place = std::get<std::int64_t>(parts[0]->as<plan::Literal>().value);
  said_of(out, parts[1]->as<Quantity>(), kUnits[static_cast<std::size_t>(place)], true);
}
/// "growth of freight MoM"
void then_over_before(RuleOutput& out, Parts parts) {
  const Item* turned[] = {parts[1], parts[0]};
  over_before(out, turned);
}

template <Role unit>
void add_unit(std::vector<Rule>& rules, Role each) {
  rules.push_back({"the previous", {role(Role::relative_last), role(unit)}, false, before<unit>});
  rules.push_back({"the one before", {role(unit), role(Role::before_last)}, false, before<unit>});
  rules.push_back({"unit over unit", {role(each), sym(Cat::quantity)}, true, over_unit<unit>});
}

}  // namespace

std::vector<Rule> reference_rules() {
  const Symbol quantity = sym(Cat::quantity), reference = sym(Cat::reference), difference_said = role(Role::difference);
  std::vector<Rule> rules{{"against", {role(Role::against), reference}, true, against},
                          {"compared", {quantity, reference}, true, compared},
                          {"difference to", {difference_said, reference}, true, difference},
                          {"difference of, to", {difference_said, quantity, reference}, true, difference_of},
                          {"MoM", {role(Role::over_before), quantity}, true, over_before},
                          {"then MoM", {quantity, role(Role::over_before)}, false, then_over_before}};
  add_unit<Role::day>(rules, Role::per_day);
  add_unit<Role::week>(rules, Role::weekly);
  add_unit<Role::month>(rules, Role::monthly);
  add_unit<Role::quarter>(rules, Role::quarterly);
  add_unit<Role::year>(rules, Role::yearly);
  return rules;
}

}  // namespace sluice::planner
