#include <algorithm>

#include "planner/compiler.h"
#include "planner/windows.h"

namespace sluice::planner {

using plan::Expr;
using Kind = Quantity::Kind;

namespace {

/// "rank of products by price per category": within each, and no groups of the rows themselves.
bool has_rows_of_its_own(const Query& query) {
  const SetPtr& owner = query.outputs.owner;
  if (owner == nullptr || query.groups.size() != 1) return false;
  const auto* head = std::get_if<SetPtr>(&query.groups.front().key);
  return head == nullptr || (*head)->table != owner->table || ((*head)->column >= 0 && owner->column != (*head)->column);
}

}  // namespace

Result<std::vector<Expr>> Compiler::partition_of(const Group& group, plan::SpecDraft& draft) {
  const auto* head = std::get_if<SetPtr>(&group.key);
  if (head == nullptr || !(*head)->conditions.empty() || (*head)->ranking)
    return shape_error("rows have their place among those of a table or a value", "say \"within each …\"");
  const auto& ways = known_.routes(rows_->root().table, (*head)->table);
  if ((*head)->table != rows_->root().table && (ways.empty() || !ways.front().to_one))
    return shape_error("rows belong to several groups at once", "name a column of their own");
  TRY(const Place place, rows_->reach(rows_->root(), (*head)->table));
  TRY_VOID(show_set(**head, place));
  std::vector<Expr> out;
  if ((*head)->column >= 0) {
    TRY(Expr column, rows_->column(place, {Link::Kind::column, (*head)->table, (*head)->column, 1, ""}));
    out.push_back(std::move(column));
  } else {
    for (const std::string& key : key_columns(table((*head)->table))) out.push_back(plan::column(place.alias, key));
  }
  if (out.empty()) return shape_error("rows of \"" + table((*head)->table).name.name + "\" cannot be told apart", "declare its primary key");
  const plan::Select select = rows_->select();
  draft.select.joins = select.joins;
  draft.select.where = select.where;
  draft.select.columns = columns_;
  return out;
}

Result<plan::SpecDraft> Compiler::ranks_beside(const std::vector<Quantity>& windows) {
  Query numbers = numbers_alone();
  if (query_.keep_empty) return shape_error("what has no rows has no place among the others", "leave them out");
  std::erase_if(numbers.order, [](const Ranking& one) { return is_window(one.by); });
  std::optional<Group> within;
  if (has_rows_of_its_own(numbers)) {
    within = numbers.groups.front();
    numbers.groups.clear();
  }
  Compiler inner(known_, numbers, guesses_);
  TRY(plan::SpecDraft draft, inner.run());
  const auto unclear = [] { return shape_error("it is not clear what the places are told by", "say \"rank of … by …\""); };
  if (!inner.rows_ || draft.limit || draft.select.distinct || draft.select.columns != inner.columns_ || !draft.select.windows.empty())
    return unclear();
  if (within && !draft.select.group_by.empty()) return shape_error("what is computed of each has its place among all", "ask for one group at a time");
  std::vector<Expr> partition;
  if (within) {
    TRY(partition, inner.partition_of(*within, draft));
  }
  const bool several = windows.size() > 1;
  for (const Quantity& window : windows) {
    const Quantity& number = window.parts.front();
    Expr by;
    if (is_measure(number)) {
      TRY(by, inner.measure_expr(number));
    } else {
      const plan::Named* shown = inner.shown_column(number.noun.links.front());
      if (shown == nullptr) return unclear();
      by = shown->value;
    }
    const auto shown = std::ranges::find(draft.select.columns, by, &plan::Named::value);
    if (shown == draft.select.columns.end() || (draft.select.group_by.empty() && plan::has_aggregate(by))) return unclear();
    // "lowest first": the lowest is the first.
    const auto ascending = [&](const plan::OrderKey& key) { return key.value == by && !key.descending; };
    const bool lowest = !query_.order.empty() && std::ranges::any_of(draft.order_by, ascending);
    draft.select.windows.push_back(
        {.name = several ? shown->name + "_rank" : "rank", .fn = plan::WindowFn::rank, .partition_by = partition, .order_by = {{by, !lowest}}});
  }
  if (query_.order.size() > 1) return shape_error("the rows are put in order by several things beside their rank", "order them by one of them");
  // Beside windows, an order names columns of the answer.
  std::vector<plan::OrderKey> order;
  for (const Ranking& one : query_.order)
    if (is_window(one.by)) order.push_back({plan::column("", draft.select.windows.front().name), one.descending});
  if (query_.order.empty()) {
    for (const Expr& key : partition)
      if (const auto shown = std::ranges::find(draft.select.columns, key, &plan::Named::value); shown != draft.select.columns.end())
        order.push_back({plan::column("", shown->name), false});
    order.push_back({plan::column("", draft.select.windows.front().name), false});
  } else {
    for (const plan::OrderKey& key : draft.order_by) {
      const auto shown = std::ranges::find(draft.select.columns, key.value, &plan::Named::value);
      if (shown != draft.select.columns.end())
        order.push_back({plan::column("", shown->name), key.descending});
      else if (order.size() < query_.order.size())
        return shape_error("the rows are put in order by what is not shown", "order them by a column of the answer");
    }
  }
  draft.order_by = std::move(order);
  return draft;
}

}  // namespace sluice::planner
