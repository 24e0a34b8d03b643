#include "planner/compile.h"
#include "planner/rules/ranked_by.h"

namespace sluice::planner {
namespace {

constexpr double kSaid = 0.02;
constexpr std::int64_t kCountMax = 10'000;

void add(RuleOutput& out, const Set& set, const Ranking& ranking, const Group& group) {
  if (set.ranking) return;
  const auto& links = ranking.by.noun.links;
  if (ranking.by.kind == Quantity::Kind::column && !ranking.by.fn && links.size() > 1) {
    for (const Link& link : links) {
      Ranking one = ranking;
      one.by.noun.links = {link};
      add(out, set, one, group);
    }
    return;
  }
  // "top 2 customers in each country by freight": by that of all their orders.
  if (ranking.by.kind == Quantity::Kind::column && !ranking.by.fn && !links.empty() && has_several(out.known, set, links.front())) {
    if (!out.known.is_amount(links.front())) return;
    Ranking together = ranking;
    together.by = of_all(out.known, ranking.by);
    return add(out, set, together, group);
  }
  for (auto& [one, cost] : resolve(out.known, ranking, set.table)) {
    Set ranked = set;
    ranked.ranking = std::move(one);
    const SetPtr owner = set_of(std::move(ranked));
    out.add(Cat::query, Query{.outputs = {.list = {owner}, .owner = owner}, .groups = {group}}, kSaid + cost);
  }
}

/// "top 3 products in each category by price", "top product of each category by price"
template <bool descending>
void top_each_by(RuleOutput& out, Parts parts) {
  const bool counted = parts.size() == 6;
  Quantity by = parts.back()->as<Quantity>();
  std::erase_if(by.noun.links, [&](const Link& link) { return out.known.is_key(link); });
  if (by.kind == Quantity::Kind::everything || (by.kind == Quantity::Kind::column && by.noun.links.empty())) return;
  Ranking ranking{.by = by, .descending = descending};
  if (counted) {
    const auto& literal = parts[1]->as<plan::Literal>();
    const auto* count = std::get_if<std::int64_t>(&literal.value);
    if (literal.type != TypeKind::integer || *count < 1 || *count > kCountMax) return;
    ranking.count = static_cast<int>(*count);
  }
  add(out, *parts[counted ? 2 : 1]->as<SetPtr>(), ranking, parts[counted ? 3 : 2]->as<Group>());
}

/// "top 2 destinations per origin": values, by how many rows there are of each.
template <bool descending>
void top_each(RuleOutput& out, Parts parts) {
  const Set& set = *parts[2]->as<SetPtr>();
  const auto& literal = parts[1]->as<plan::Literal>();
  const auto* count = std::get_if<std::int64_t>(&literal.value);
  constexpr double kNamed = 0.9;  // "products" are no mentions of products
  if (set.column < 0 || set.noun.links.front().score < kNamed || set.ranking || count == nullptr || *count < 1 || *count > kCountMax) return;
  const auto& key = out.known.table(set.table).primary_key;
  if (key && key->columns.size() == 1 && key->columns.front() == out.known.column(set.table, set.column).name) return;  // one row of each
  const bool text = out.known.column(set.table, set.column).type.kind == TypeKind::text;
  if (!text && out.known.schema.graph.edge_of(set.table, out.known.column(set.table, set.column).name) < 0) return;
  Ranking ranking{.by = {.kind = Quantity::Kind::rows, .of = set_of({.table = set.table, .conditions = set.conditions})}, .descending = descending};
  ranking.count = static_cast<int>(*count);
  add(out, set, ranking, parts[3]->as<Group>());
}

/// "the product in each category with the highest price"
void ranked_after_group(RuleOutput& out, Parts parts) { add(out, *parts[0]->as<SetPtr>(), parts[2]->as<Ranking>(), parts[1]->as<Group>()); }

/// The units of which there is most (or least) of something, `count` of them.
void add_periods(RuleOutput& out, Role unit, Quantity by, bool descending, int count, const ConditionPtr& condition) {
  if (by.kind == Quantity::Kind::column && !by.fn) {
    std::erase_if(by.noun.links, [&](const Link& link) { return !out.known.is_amount(link); });
    if (by.noun.links.empty()) return;
    by.noun.links.resize(1);
    by = of_all(out.known, by);
  }
  if (by.kind == Quantity::Kind::everything || by.kind == Quantity::Kind::number) return;
  Quantity period;
  period.period = unit;
  Query query{.outputs = {.list = {by}}, .groups = {{.key = period}}, .order = {{.by = by, .descending = descending}}, .limit = count};
  if (condition != nullptr) query.conditions.push_back(condition);
  out.add(Cat::query, std::move(query), kSaid);
}

/// Whether a column is called so, whose values are meant then.
bool has_own_column(const RuleOutput& out, std::size_t at) {
  constexpr double kNamed = 0.9;
  return std::ranges::any_of(out.known.schema.index.names_at(out.words, at, out.known.lexicon), [](const Mention& one) {
    return std::ranges::any_of(one.links, [](const Link& link) { return link.kind == Link::Kind::column && link.score >= kNamed; });
  });
}

/// What is said of the periods between their unit and what they are ranked by: "which month of 2025 had …"; false where that is no period.
bool said_between(Parts parts, ConditionPtr& condition) {
  for (const Item* part : parts)
    if (part->cat == Cat::condition) condition = part->as<ConditionPtr>();
  return condition == nullptr || condition->kind == Condition::Kind::period;
}

/// "which months": several.
int how_many(const RuleOutput& out, const Item& unit) {
  const Word& word = out.words[unit.begin];
  return word.lower == word.stem ? 1 : kTopDefault;
}

/// "which month had the most orders", "the year of 2020 to 2025 with the fewest orders"
template <Role unit, bool descending>
void period_of_most(RuleOutput& out, Parts parts) {
  const auto& set = parts.back()->as<SetPtr>();
  ConditionPtr condition;
  if (set->column >= 0 || set->ranking || !said_between(parts, condition) || has_own_column(out, parts.front()->begin)) return;
  add_periods(out, unit, {.kind = Quantity::Kind::rows, .of = set}, descending, how_many(out, *parts.front()), condition);
}

/// "which month had the highest revenue"
template <Role unit>
void period_ranked(RuleOutput& out, Parts parts) {
  const auto& ranking = parts.back()->as<Ranking>();
  ConditionPtr condition;
  // "which month of 1997 had the highest": a year, and no number of months.
  if (ranking.skip == 0 && !ranking.per_group && !ranking.count && ranking.by.noun.end > ranking.by.noun.begin && said_between(parts, condition) &&
      !has_own_column(out, parts.front()->begin))
    add_periods(out, unit, ranking.by, ranking.descending, how_many(out, *parts.front()), condition);
}

/// "top 3 months by number of orders"
template <Role unit, bool descending>
void top_periods(RuleOutput& out, Parts parts) {
  const auto& literal = parts[1]->as<plan::Literal>();
  const auto* count = std::get_if<std::int64_t>(&literal.value);
  if (literal.type != TypeKind::integer || *count < 1 || *count > kCountMax) return;
  add_periods(out, unit, parts.back()->as<Quantity>(), descending, static_cast<int>(*count), nullptr);
}

template <Role unit>
void add_period_tops(std::vector<Rule>& rules) {
  const Symbol each = role(unit), set = sym(Cat::set), when = sym(Cat::condition), ranking = sym(Cat::ranking), most = role(Role::most),
               fewest = role(Role::fewest), literal = sym(Cat::literal), by = role(Role::by), quantity = sym(Cat::quantity);
  rules.push_back({"period of most", {each, most, set}, true, period_of_most<unit, true>});
  rules.push_back({"period of fewest", {each, fewest, set}, true, period_of_most<unit, false>});
  rules.push_back({"period of some of most", {each, when, most, set}, true, period_of_most<unit, true>});
  rules.push_back({"period of some of fewest", {each, when, fewest, set}, true, period_of_most<unit, false>});
  rules.push_back({"period ranked", {each, ranking}, true, period_ranked<unit>});
  rules.push_back({"period of some ranked", {each, when, ranking}, true, period_ranked<unit>});
  rules.push_back({"top periods", {role(Role::top), literal, each, by, quantity}, true, top_periods<unit, true>});
  rules.push_back({"bottom periods", {role(Role::bottom), literal, each, by, quantity}, true, top_periods<unit, false>});
}

}  // namespace

std::vector<Rule> group_top_rules() {
  const Symbol set = sym(Cat::set), literal = sym(Cat::literal), group = sym(Cat::group), quantity = sym(Cat::quantity), by = role(Role::by);
  std::vector<Rule> rules{{"top each by", {role(Role::top), literal, set, group, by, quantity}, true, top_each_by<true>},
                          {"bottom each by", {role(Role::bottom), literal, set, group, by, quantity}, true, top_each_by<false>},
                          {"top one each by", {role(Role::top), set, group, by, quantity}, true, top_each_by<true>},
                          {"bottom one each by", {role(Role::bottom), set, group, by, quantity}, true, top_each_by<false>},
                          {"top each", {role(Role::top), literal, set, group}, true, top_each<true>},
                          {"bottom each", {role(Role::bottom), literal, set, group}, true, top_each<false>},
                          {"ranked after its group", {set, group, sym(Cat::ranking)}, true, ranked_after_group},
                          {"latest of each by", {role(Role::latest), set, group, by, quantity}, true, top_each_by<true>},
                          {"earliest of each by", {role(Role::earliest), set, group, by, quantity}, true, top_each_by<false>}};
  add_period_tops<Role::year>(rules);
  add_period_tops<Role::quarter>(rules);
  add_period_tops<Role::month>(rules);
  add_period_tops<Role::week>(rules);
  add_period_tops<Role::day>(rules);
  return rules;
}

}  // namespace sluice::planner
