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

}  // namespace

std::vector<Rule> group_top_rules() {
  const Symbol set = sym(Cat::set), literal = sym(Cat::literal), group = sym(Cat::group), quantity = sym(Cat::quantity), by = role(Role::by);
  return {{"top each by", {role(Role::top), literal, set, group, by, quantity}, true, top_each_by<true>},
          {"bottom each by", {role(Role::bottom), literal, set, group, by, quantity}, true, top_each_by<false>},
          {"top one each by", {role(Role::top), set, group, by, quantity}, true, top_each_by<true>},
          {"bottom one each by", {role(Role::bottom), set, group, by, quantity}, true, top_each_by<false>},
          {"top each", {role(Role::top), literal, set, group}, true, top_each<true>},
          {"bottom each", {role(Role::bottom), literal, set, group}, true, top_each<false>},
          {"ranked after its group", {set, group, sym(Cat::ranking)}, true, ranked_after_group}};
}

}  // namespace sluice::planner
