#include "planner/enumerated.h"

#include <algorithm>
#include <map>

#include "planner/rewrite.h"
#include "planner/shape_error.h"

namespace sluice::planner {
namespace {

using Kind = Condition::Kind;

/// A period or a value, where it is said, and what it is joined by with others; null where it stands alone.
struct Listed {
  Kind kind = Kind::period;
  std::size_t begin = 0, end = 0;
  const Condition* joined = nullptr;
};

/// Whether nothing but a comma, "and" or "or" stands between two things.
bool beside(const Known& known, std::size_t from, std::size_t to, bool comma_only) {
  bool joined = false;
  for (std::size_t at = from; at < to; ++at) {
    const Word& word = known.words()[at];
    const bool comma = word.kind == WordKind::comma;
    const bool then = known.lexicon.does(known.words(), at, Role::conjunction) || known.lexicon.does(known.words(), at, Role::either_or);
    if (!comma && !then && !known.lexicon.does(known.words(), at, Role::glue)) return false;
    if (comma_only && then) return false;
    joined = joined || comma || then;
  }
  return joined;
}

/// "stores, salespeople and customers": what stands in the middle says nothing of the first.
bool is_in_middle(const Known& known, const Condition& condition) {
  if (condition.kind != Kind::member || !condition.set->conditions.empty() || condition.set->noun.begin == 0) return false;
  const std::size_t begin = condition.set->noun.begin, end = condition.set->noun.end;
  if (end >= known.words().size() || known.words()[begin - 1].kind != WordKind::comma) return false;
  return known.words()[end].kind == WordKind::comma || known.lexicon.does(known.words(), end, Role::conjunction);
}

/// E0606 where the conditions of the same rows do not read alike what is listed.
Result<> check_list(const Known& known, const std::vector<ConditionPtr>& conditions) {
  std::map<const Condition*, const Condition*> joined;
  std::vector<Listed> all;
  bool middle = false;
  rewrite_conditions(conditions, [&](const ConditionPtr& one) -> std::optional<ConditionPtr> {
    if (one->kind == Kind::any || one->kind == Kind::all || one->kind == Kind::both)
      for (const ConditionPtr& part : one->parts) joined[part.get()] = one.get();
    const bool value = one->kind == Kind::value;
    if (value || one->kind == Kind::period)
      all.push_back({one->kind, value ? one->value.begin : one->begin, value ? one->value.end : one->end, joined[one.get()]});
    middle = middle || is_in_middle(known, *one);
    return std::nullopt;
  });
  if (middle)
    return shape_error("it is not clear what the second of those listed has to do with the others", "ask for each in a question of its own");
  std::ranges::sort(all, {}, &Listed::begin);
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    const Listed &first = all[i], &second = all[i + 1];
    if (first.kind != second.kind || first.end > second.begin || (first.joined != nullptr && first.joined == second.joined)) continue;
    // "Berlin, Germany" may be a city and its country; but not "Berlin, Paris and Rome".
    const bool three =
        i + 2 < all.size() && all[i + 2].kind == first.kind && all[i + 2].begin >= second.end && beside(known, second.end, all[i + 2].begin, false);
    const bool list =
        first.kind == Kind::period ? beside(known, first.end, second.begin, false) : three && beside(known, first.end, second.begin, true);
    if (list) return shape_error("it is not clear how what is listed goes together", "ask for one of them at a time, or name the column of each");
  }
  return {};
}

}  // namespace

Result<> check_enumerated(const Known& known, const Query& query) {
  Result<> out = check_list(known, query.conditions);
  rewrite_sets(query, [&](const SetPtr& set) {
    auto all = set->conditions;
    all.insert(all.end(), query.conditions.begin(), query.conditions.end());
    if (out) out = check_list(known, all);
    return set;
  });
  return out;
}

}  // namespace sluice::planner
