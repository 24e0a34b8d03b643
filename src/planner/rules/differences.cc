#include <algorithm>
#include <set>

#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

using Kind = Quantity::Kind;

constexpr double kSaid = 0.02;
constexpr std::size_t kTablesMax = 4;

/// Which values of which column a condition wants; null where it says something else.
const Link* column_of(const Condition& condition) {
  if (condition.kind == Condition::Kind::value) return &condition.value.links.front();
  return condition.kind == Condition::Kind::period && condition.what ? &condition.what->noun.links.front() : nullptr;
}

/// Two groups are told by one column, or two times by one date.
bool tell_groups(const Condition& first, const Condition& second) {
  const Link *one = column_of(first), *other = column_of(second);
  return one != nullptr && other != nullptr && first.kind == second.kind && one->table == other->table && one->column == other->column;
}

struct Two {
  ConditionPtr first{}, second{};
  double cost = 0;
};
/// The two conditions as rows of the table fulfil them; the likeliest where both say the same kind of thing.
std::optional<Two> settle_two(const RuleOutput& out, const ConditionPtr& first, const ConditionPtr& second, int table, bool settled) {
  std::optional<Two> best;
  using Ways = std::vector<Likely<ConditionPtr>>;
  for (const auto& [one, cost] : settled ? Ways{{first, 0}} : resolve(out.known, first, table))
    for (const auto& [other, more] : resolve(out.known, second, table))
      if (tell_groups(*one, *other) && (!best || cost + more < best->cost)) best = Two{one, other, cost + more};
  return best;
}

/// The number, of those rows only.
Quantity restricted(const Quantity& number, const Set& rows, const ConditionPtr& to) {
  Set set = rows;
  set.conditions.push_back(to);
  Quantity one = number;
  one.of = set_of(std::move(set));
  return one;
}

/// Which of two conditions is said of the rows already.
enum class Settled : std::uint8_t { none, first, second };

void add_of_rows(RuleOutput& out, const Quantity& number, const Set& rows, const ConditionPtr& first, const ConditionPtr& second, double cost,
                 Settled settled = Settled::none) {
  auto two = settled == Settled::second ? settle_two(out, second, first, rows.table, true)
                                        : settle_two(out, first, second, rows.table, settled == Settled::first);
  if (!two) return;
  if (settled == Settled::second) std::swap(two->first, two->second);
  Quantity difference{.kind = Kind::difference};
  difference.parts = {restricted(number, rows, two->first), restricted(number, rows, two->second)};
  difference.of = difference.parts.front().of;
  out.add(Cat::quantity, std::move(difference), kSaid + cost + two->cost);
}

/// The number of the first group less that of the second.
void add_difference(RuleOutput& out, const Item& item, const ConditionPtr& first, const ConditionPtr& second) {
  if (item.cat == Cat::set) {
    const auto& set = item.as<SetPtr>();
    if (!set->ranking && set->column < 0) add_of_rows(out, {.kind = Kind::rows}, *set, first, second, 0);
    return;
  }
  const auto& number = item.as<Quantity>();
  if (number.kind == Kind::rows && number.of != nullptr && number.of->column < 0 && !number.of->ranking)
    return add_of_rows(out, number, *number.of, first, second, 0);
  if (number.kind != Kind::column || !number.fn || number.over || number.of != nullptr) return;
  std::set<int> tables;
  for (const Link& link : number.noun.links) {
    if (tables.size() == kTablesMax || !out.known.is_amount(link) || !tables.insert(link.table).second) continue;
    Quantity one = number;
    one.noun.links = {link};
    // Which delay is meant only the person knows.
    constexpr double kEqual = 0.02;
    for (const Link& other : number.noun.links)
      if (other.table == link.table && other.column != link.column && out.known.is_amount(other) && other.score + kEqual >= link.score) {
        one.rivals.push_back(number);
        one.rivals.back().noun.links = {other};
      }
    add_of_rows(out, one, {.table = link.table}, first, second, cost_of(link));
  }
}

/// "difference in average delay between JFK and LGA", "how much higher is … at JFK than at LGA"
template <bool turned>
void between_groups(RuleOutput& out, Parts parts) {
  const ConditionPtr *first = nullptr, *second = nullptr;
  const Item* number = nullptr;
  for (const Item* part : parts) {
    if (part->cat == Cat::condition) (first == nullptr ? first : second) = &part->as<ConditionPtr>();
    if (part->cat == Cat::quantity || part->cat == Cat::set) number = part;
  }
  if (second == nullptr || number == nullptr) return;
  add_difference(out, *number, turned ? *second : *first, turned ? *first : *second);
}

/// "difference between flights from JFK and from LGA", "how many more flights left from JFK than from LGA": the first is said of the rows already.
template <bool turned>
void of_set(RuleOutput& out, Parts parts) {
  Set rows = *parts[1]->as<SetPtr>();
  if (rows.ranking || rows.column >= 0 || rows.conditions.empty()) return;
  const ConditionPtr first = rows.conditions.back(), &second = parts.back()->as<ConditionPtr>();
  rows.conditions.pop_back();
  add_of_rows(out, {.kind = Kind::rows}, rows, turned ? second : first, turned ? first : second, 0, turned ? Settled::second : Settled::first);
}

/// "how many more customers than suppliers are there"
template <bool turned>
void of_sets(RuleOutput& out, Parts parts) {
  const auto &first = parts[1]->as<SetPtr>(), &second = parts.back()->as<SetPtr>();
  const auto rows = [](const SetPtr& set) { return !set->ranking && set->column < 0 && !set->by_value; };
  if (!rows(first) || !rows(second) || first->table == second->table) return;
  Quantity difference{.kind = Kind::difference, .of = turned ? second : first};
  for (const SetPtr& set : {difference.of, turned ? first : second}) difference.parts.push_back({.kind = Kind::rows, .of = set});
  out.add(Cat::quantity, std::move(difference), kSaid);
}

template <bool turned>
void add_compared(std::vector<Rule>& rules, Role many, Role much, Role comparison) {
  const Symbol set = sym(Cat::set), quantity = sym(Cat::quantity), condition = sym(Cat::condition), than = role(Role::than);
  rules.push_back({"how many more", {role(many), set, than, condition}, true, of_set<turned>});
  rules.push_back({"how many more of two", {role(many), set, than, set}, true, of_sets<turned>});
  rules.push_back({"how much more", {role(much), quantity, condition, than, condition}, true, between_groups<turned>});
  rules.push_back({"by how much", {role(Role::by_how_much), quantity, condition, role(comparison), condition}, true, between_groups<turned>});
}

}  // namespace

std::vector<Rule> difference_rules() {
  const Symbol set = sym(Cat::set), quantity = sym(Cat::quantity), condition = sym(Cat::condition), then = role(Role::conjunction),
               between = role(Role::between), difference = role(Role::difference);
  std::vector<Rule> rules{{"difference in, between", {difference, quantity, between, condition, then, condition}, true, between_groups<false>},
                          {"difference in rows, between", {difference, set, between, condition, then, condition}, true, between_groups<false>},
                          {"difference of groups", {difference, quantity, condition, then, condition}, true, between_groups<false>},
                          {"difference of rows", {difference, set, then, condition}, true, of_set<false>}};
  add_compared<false>(rules, Role::how_many_more, Role::how_much_more, Role::greater);
  add_compared<true>(rules, Role::how_many_fewer, Role::how_much_less, Role::less);
  return rules;
}

}  // namespace sluice::planner
