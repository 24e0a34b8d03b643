#include <algorithm>

#include "sql/normal_form.h"
#include "sql/postgres_tree.h"

namespace sluice {
namespace {

/// PostgreSQL itself allows 4,096 grouping sets and 12 elements in a CUBE.
constexpr std::size_t kGroupingSetsMax = 4096;
constexpr std::size_t kCubeMax = 12;

using Set = std::vector<std::size_t>;

Set joined(const Set& a, const Set& b) {
  Set out = a;
  for (const std::size_t index : b)
    if (std::find(out.begin(), out.end(), index) == out.end()) out.push_back(index);
  return out;
}

}  // namespace

/// The columns of one element: (a, b) stands for both. An expression that is there already keeps its index.
Result<std::vector<std::size_t>> PostgresTree::group_unit(const Json& node, Query& out) {
  const auto [kind, body] = unwrapped(node);
  Set set;
  std::vector<const Json*> parts{&node};
  if (kind == "RowExpr" && body.text("row_format") == "COERCE_IMPLICIT_CAST") {
    TRY_VOID(known(body, kind, {"args", "row_format", "location"}));
    parts.clear();
    if (const auto* list = body["args"].as_array())
      for (const Json& part : *list) parts.push_back(&part);
  }
  for (const Json* part : parts) {
    TRY(Expr value, expr(*part));
    const std::string text = canonical(value);
    const auto found = std::find_if(out.group_by.begin(), out.group_by.end(), [&](const Expr& other) { return canonical(other) == text; });
    set.push_back(static_cast<std::size_t>(found - out.group_by.begin()));
    if (found == out.group_by.end()) out.group_by.push_back(std::move(value));
  }
  return set;
}

Result<PostgresTree::Sets> PostgresTree::grouping_sets(const Json& node, Query& out) {
  const Level level(*this);
  if (!level.ok()) return too_deep();
  const auto [wrapper, body] = unwrapped(node);
  if (wrapper != "GroupingSet") {
    TRY(Set unit, group_unit(node, out));
    return Sets{std::move(unit)};
  }
  TRY_VOID(known(body, wrapper, {"kind", "content", "location"}));
  const std::string_view kind = body.text("kind");
  if (kind == "GROUPING_SET_EMPTY") return Sets{{}};
  const auto* content = body["content"].as_array();
  if (content == nullptr) return refuse(StatementClass::other, "a grouping set that Sluice does not know");
  Sets sets;
  if (kind == "GROUPING_SET_SETS") {
    for (const Json& item : *content) {
      TRY(Sets inner, grouping_sets(item, out));
      sets.insert(sets.end(), inner.begin(), inner.end());
      if (sets.size() > kGroupingSetsMax) return refuse(StatementClass::other, "more than 4096 grouping sets");
    }
    return sets;
  }
  std::vector<Set> units;
  for (const Json& item : *content) {
    TRY(Set unit, group_unit(item, out));
    units.push_back(std::move(unit));
  }
  if (kind == "GROUPING_SET_ROLLUP") {
    for (std::size_t length = units.size() + 1; length-- > 0;) {
      Set set;
      for (std::size_t i = 0; i < length; ++i) set = joined(set, units[i]);
      sets.push_back(std::move(set));
    }
    return sets;
  }
  if (kind != "GROUPING_SET_CUBE" || units.size() > kCubeMax)
    return refuse(StatementClass::other,
                  kind == "GROUPING_SET_CUBE" ? "a CUBE of more than 12 elements" : "a grouping set that Sluice does not know");
  for (std::size_t mask = std::size_t{1} << units.size(); mask-- > 0;) {
    Set set;
    for (std::size_t i = 0; i < units.size(); ++i)
      if ((mask >> (units.size() - 1 - i) & 1U) != 0) set = joined(set, units[i]);
    sets.push_back(std::move(set));
  }
  return sets;
}

Result<> PostgresTree::group_by(const Json& clause, Query& out) {
  const auto* list = clause.as_array();
  if (list == nullptr) return refuse(StatementClass::other, "a GROUP BY that Sluice does not know");
  const bool plain = std::none_of(list->begin(), list->end(), [](const Json& item) { return unwrapped(item).first == "GroupingSet"; });
  Sets product{{}};
  for (const Json& item : *list) {
    TRY(Sets sets, grouping_sets(item, out));
    if (product.size() * sets.size() > kGroupingSetsMax) return refuse(StatementClass::other, "more than 4096 grouping sets");
    Sets next;
    for (const Set& left : product)
      for (const Set& right : sets) next.push_back(joined(left, right));
    product = std::move(next);
  }
  if (!plain) out.grouping_sets = std::move(product);
  return {};
}

}  // namespace sluice
