#include "planner/rewrite.h"

#include <map>

namespace sluice::planner {
namespace {

class Sets {
 public:
  explicit Sets(const std::function<SetPtr(const SetPtr&)>& change) : change_(change) {}

  void visit(Query& query) {
    for (Output& output : query.outputs.list) std::visit([this](auto& one) { visit(one); }, output);
    visit(query.outputs.owner);
    for (Group& group : query.groups) std::visit([this](auto& one) { visit(one); }, group.key);
    for (Ranking& one : query.order) visit(one.by);
  }

 private:
  void visit(Quantity& quantity) {
    visit(quantity.of);
    for (Quantity& part : quantity.parts) visit(part);
  }
  void visit(SetPtr& set) {
    if (set == nullptr) return;
    const auto [found, fresh] = made_.try_emplace(set);
    if (fresh) {
      Set inner = *set;
      if (inner.ranking) visit(inner.ranking->by);
      const bool changed = inner.ranking && inner.ranking->by.of != set->ranking->by.of;
      found->second = change_(changed ? std::make_shared<const Set>(inner) : set);
    }
    set = made_.at(set);
  }

  const std::function<SetPtr(const SetPtr&)>& change_;
  std::map<SetPtr, SetPtr> made_{};
};

/// The condition after the change; null where nothing is left of it.
ConditionPtr changed(const ConditionPtr& condition, const ConditionChange& change) {
  if (const auto done = change(condition)) return *done;
  Condition inner = *condition;
  if (!inner.parts.empty()) {
    inner.parts = rewrite_conditions(inner.parts, change);
    if (inner.parts == condition->parts) return condition;
    if (inner.parts.empty()) return nullptr;
    const bool joined = inner.kind == Condition::Kind::all || inner.kind == Condition::Kind::any || inner.kind == Condition::Kind::both;
    return joined && inner.parts.size() == 1 ? inner.parts.front() : std::make_shared<const Condition>(std::move(inner));
  }
  if (inner.set == nullptr || inner.set->conditions.empty()) return condition;
  Set set = *inner.set;
  set.conditions = rewrite_conditions(set.conditions, change);
  if (set.conditions == inner.set->conditions) return condition;
  if (set.conditions.empty() && !set.ranking && inner.kind == Condition::Kind::member) return nullptr;
  if (set.by_value) set.noun.links.clear();
  inner.set = std::make_shared<const Set>(std::move(set));
  return std::make_shared<const Condition>(std::move(inner));
}

}  // namespace

SetPtr asked_of(const Query& query) {
  if (query.outputs.owner != nullptr || query.outputs.list.size() != 1) return query.outputs.owner;
  const auto* counted = std::get_if<Quantity>(&query.outputs.list.front());
  return counted == nullptr || counted->kind != Quantity::Kind::rows ? nullptr : counted->of;
}

Query rewrite_sets(const Query& query, const std::function<SetPtr(const SetPtr&)>& change) {
  Query out = query;
  Sets(change).visit(out);
  return out;
}

std::vector<ConditionPtr> rewrite_conditions(const std::vector<ConditionPtr>& list, const ConditionChange& change) {
  std::vector<ConditionPtr> out;
  for (const ConditionPtr& one : list)
    if (ConditionPtr left = changed(one, change); left != nullptr) out.push_back(std::move(left));
  return out;
}

Query rewrite_conditions(const Query& query, const ConditionChange& change) {
  Query out = rewrite_sets(query, [&](const SetPtr& set) {
    Set inner = *set;
    inner.conditions = rewrite_conditions(set->conditions, change);
    if (inner.conditions == set->conditions) return set;
    if (inner.by_value) inner.noun.links.clear();  // the word that named the rows says no longer which they are
    return std::make_shared<const Set>(std::move(inner));
  });
  out.conditions = rewrite_conditions(query.conditions, change);
  return out;
}

}  // namespace sluice::planner
