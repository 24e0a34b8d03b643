#include "planner/measured.h"

#include <algorithm>

#include "planner/rewrite.h"

namespace sluice::planner {
namespace {

using Kind = Quantity::Kind;
using Conditions = std::vector<ConditionPtr>;

bool is_of_one_row(const Quantity& quantity) { return quantity.kind == Kind::everything || (quantity.kind == Kind::column && !quantity.fn); }

void append(Conditions& to, const Conditions& more) { to.insert(to.end(), more.begin(), more.end()); }

/// Restricts every measure that a query speaks of, and remembers whether there was one.
class Measures {
 public:
  Measures(int table, const Conditions& conditions) : table_(table), conditions_(conditions) {}

  void visit(Quantity& quantity) {
    for (Quantity& part : quantity.parts) visit(part);
    if (!quantity.parts.empty() || !is_computed_of(quantity, table_)) return;
    quantity = restricted_to(quantity, table_, conditions_);
    found = true;
  }
  void visit(std::optional<Ranking>& ranking) {
    if (ranking) visit(ranking->by);
  }

  bool found = false;

 private:
  int table_;
  const Conditions& conditions_;
};

/// The set that rows are shown of, or groups made of, with the conditions said of it.
SetPtr with(const SetPtr& set, const Conditions& conditions) {
  Set out = *set;
  append(out.conditions, conditions);
  return std::make_shared<const Set>(std::move(out));
}

bool is_of(const SetPtr& set, int table) { return set != nullptr && set->table == table; }

/// Puts a changed set in the place of the one before, wherever the query has it.
Query replaced(const Query& query, const SetPtr& before, const SetPtr& after) {
  return rewrite_sets(query, [&](const SetPtr& set) { return set == before ? after : set; });
}

}  // namespace

bool is_computed_of(const Quantity& quantity, int table) {
  if (is_of_one_row(quantity)) return false;
  if (quantity.kind == Kind::rows) return is_of(quantity.of, table);
  if (quantity.kind != Kind::column) return false;
  if (quantity.of != nullptr) return quantity.of->table == table;
  return std::ranges::any_of(quantity.noun.links, [&](const Link& link) { return link.table == table; });
}

int measured_table(const Quantity& quantity) {
  if (is_of_one_row(quantity)) return -1;
  if (quantity.of != nullptr) return quantity.of->table;
  return quantity.kind == Kind::column && quantity.noun.links.size() == 1 ? quantity.noun.links.front().table : -1;
}

Quantity restricted_to(const Quantity& quantity, int table, const Conditions& conditions) {
  Quantity out = quantity;
  Set of = quantity.of == nullptr ? Set{.table = table} : *quantity.of;
  append(of.conditions, conditions);
  out.of = std::make_shared<const Set>(std::move(of));
  if (out.kind == Kind::column) std::erase_if(out.noun.links, [&](const Link& link) { return link.table != table; });
  return out;
}

std::optional<Query> restricted_to(const Query& query, int table, const Conditions& conditions) {
  const SetPtr owner = query.outputs.owner;
  if (is_of(owner, table) && !owner->ranking) return replaced(query, owner, with(owner, conditions));
  Query out = query;
  Measures measures(table, conditions);
  for (Output& output : out.outputs.list)
    if (auto* quantity = std::get_if<Quantity>(&output)) measures.visit(*quantity);
  for (Ranking& order : out.order) measures.visit(order.by);
  if (owner != nullptr && owner->ranking) {
    Set ranked = *owner;
    measures.visit(ranked.ranking);
    if (measures.found) out = replaced(out, owner, std::make_shared<const Set>(std::move(ranked)));
  }
  if (measures.found) return out;
  if (is_of(owner, table)) return replaced(query, owner, with(owner, conditions));
  for (const Group& group : query.groups)
    if (const auto* set = std::get_if<SetPtr>(&group.key); set != nullptr && is_of(*set, table)) return replaced(query, *set, with(*set, conditions));
  return std::nullopt;
}

std::vector<Quantity> computed_in(const Query& query) {
  std::vector<Quantity> out;
  const auto add = [&](const Quantity& one) {
    if (!is_of_one_row(one)) out.push_back(one);
  };
  const SetPtr& owner = query.outputs.owner;
  if (owner != nullptr && owner->ranking) add(owner->ranking->by);
  for (const Output& output : query.outputs.list)
    if (const auto* quantity = std::get_if<Quantity>(&output)) add(*quantity);
  for (const Ranking& order : query.order) add(order.by);
  return out;
}

}  // namespace sluice::planner
