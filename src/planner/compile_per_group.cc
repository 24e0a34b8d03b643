#include <algorithm>
#include <set>

#include "planner/compiler.h"
#include "planner/period_units.h"

namespace sluice::planner {

using plan::Expr;
using plan::Fn;

namespace {

constexpr const char* kPlace = "place_in_group";

/// "the second": that place alone; else all up to it.
Expr kept(const Ranking& ranking) {
  const Expr place = plan::column("", kPlace);
  if (ranking.skip > 0) return plan::call(Fn::eq, {place, plan::integer(ranking.skip + 1)});
  return plan::call(Fn::le, {place, plan::integer(ranking.count.value_or(1))});
}

}  // namespace

Result<plan::SpecDraft> Compiler::top_of_groups() {
  if (heads_.size() != 1 || !query_.order.empty() || query_.keep_empty)
    return shape_error("the question asks for the first of each of several groups", "ask for all of them in an order");
  const Head& head = heads_.front();
  if (head.set != nullptr && head.set->table == owner_->table && head.set->column < 0)
    return shape_error("the question asks for the first of each row", "name what the rows are grouped by");
  if (const auto& by = owner_->ranking->by.noun.links;
      head.set != nullptr && head.set->column >= 0 && !by.empty() && by.front().table == head.set->table && by.front().column == head.set->column)
    return shape_error("the rows of a group are ranked by what the group is", "name another column to rank them by");
  if (head.set != nullptr && head.set->ranking) return shape_error("the groups themselves are ranked", "ask for one ranking at a time");
  return is_measure(owner_->ranking->by) ? top_by_measure() : top_by_column();
}

Result<plan::SpecDraft> Compiler::top_by_column() {
  const Ranking& ranking = *owner_->ranking;
  const Head& head = heads_.front();
  std::set<int> needed{owner_->table, ranking.by.noun.links.front().table,
                       head.set != nullptr ? head.set->table : head.period->noun.links.front().table};
  TRY(const int root, common_root(needed, owner_->table));
  if (root != owner_->table) return shape_error("rows belong to several groups at once", "name a column of their own");
  rows_.emplace(known_, root, guesses_);
  const Place place = rows_->root();
  Set rest = *owner_;
  rest.ranking.reset();
  TRY_VOID(restrict_rows(rest, place));
  if (head.set != nullptr) TRY_VOID(restrict_head(*head.set));
  TRY_VOID(show_head(head));
  // "the second highest price in each category": of which each is.
  const Link& ranked_by = ranking.by.noun.links.front();
  const auto is_ranked_by = [&](const Output& output) {
    const auto* one = std::get_if<Quantity>(&output);
    return one != nullptr && one->kind == Quantity::Kind::column && one->noun.links.front().table == ranked_by.table &&
           one->noun.links.front().column == ranked_by.column;
  };
  std::vector<Expr> partition = groups_;
  if (head.set != nullptr && head.set->column < 0) {
    const auto keys = key_columns(table(head.set->table));
    if (keys.empty()) return shape_error("rows of \"" + table(head.set->table).name.name + "\" cannot be told apart", "declare its primary key");
    partition.resize(keys.size());
  }
  if (head.set != nullptr && columns_.empty() && std::ranges::all_of(query_.outputs.list, is_ranked_by)) {
    TRY(const Place of, rows_->reach(place, head.set->table));
    TRY_VOID(show_set(*head.set, of));
  }
  std::vector<plan::OrderKey> order;
  order.reserve(columns_.size() + 1);
  for (const plan::Named& one : columns_) order.push_back({plan::column("", one.name), false});
  TRY(Expr by, rows_->column(place, ranking.by.noun.links.front()));
  for (const Output& output : query_.outputs.list) {
    if (const auto* set = std::get_if<SetPtr>(&output)) {
      TRY_VOID(show_set(**set, place));
    } else {
      TRY_VOID(show_quantity(std::get<Quantity>(output), place));
    }
  }
  if (ranking.count.value_or(1) > 1)
    order.push_back({plan::column("", add_output(by, known_.column(ranking.by.noun.links.front()).name, "")), ranking.descending});
  if (order.empty() && !columns_.empty()) order.push_back({plan::column("", columns_.front().name), false});
  TRY_VOID(rows_->check());
  plan::SpecDraft draft = rows_->query(columns_);
  draft.select.windows = {{.name = kPlace,
                           .fn = plan::WindowFn::rank,
                           .partition_by = std::move(partition),
                           .order_by = {{std::move(by), ranking.descending}},
                           .hidden = true}};
  draft.select.keep = kept(ranking);
  draft.order_by = std::move(order);
  return draft;
}

Result<plan::SpecDraft> Compiler::top_by_measure() {
  const Ranking& ranking = *owner_->ranking;
  const Head& head = heads_.front();
  Set rest = *owner_;
  rest.ranking.reset();
  Query inner{.outputs = query_.outputs, .groups = query_.groups};
  inner.outputs.owner = std::make_shared<const Set>(std::move(rest));
  for (Output& output : inner.outputs.list)
    if (auto* set = std::get_if<SetPtr>(&output); set != nullptr && *set == query_.outputs.owner) *set = inner.outputs.owner;
  if (shows_in(inner.outputs.list, head)) return shape_error("the group is named twice", "name it once");
  if (owner_->column >= 0) inner.groups.push_back({.key = inner.outputs.owner});  // what comes first is a value, of which there are several rows
  inner.outputs.list.emplace_back(ranking.by);
  TRY(plan::SpecDraft groups, compile(known_, inner, guesses_));
  groups.order_by.clear();
  if (groups.select.group_by.size() < 2 || groups.limit)
    return shape_error("it is not clear what is first in each group", "ask for all of them in an order");
  const bool by_key = head.set != nullptr && head.set->column < 0;
  if (by_key && key_columns(table(head.set->table)).size() != 1)
    return shape_error("rows of \"" + table(head.set->table).name.name + "\" cannot be told apart by one key", "declare its primary key");
  const std::string inside = "per_group", key = "group_key", value = groups.select.columns.back().name;
  plan::SpecDraft draft;
  for (const plan::Named& one : groups.select.columns)
    if (one.name != value || ranking.count.value_or(1) > 1) draft.select.columns.push_back({one.name, plan::column(inside, one.name)});
  groups.select.columns.push_back({key, groups.select.group_by.front()});
  draft.select.windows = {{.name = kPlace,
                           .fn = plan::WindowFn::rank,
                           .partition_by = {plan::column(inside, key)},
                           .order_by = {{plan::column(inside, value), ranking.descending}},
                           .hidden = true}};
  draft.select.keep = kept(ranking);
  draft.order_by.push_back({plan::column("", draft.select.columns.front().name), false});
  if (ranking.count.value_or(1) > 1) draft.order_by.push_back({plan::column("", value), ranking.descending});
  draft.select.from = plan::from_query(std::move(groups), inside);
  return draft;
}

bool Compiler::shows_in(const std::vector<Output>& list, const Head& head) {
  return head.set != nullptr && std::ranges::any_of(list, [&](const Output& output) {
           const auto* shown = std::get_if<SetPtr>(&output);
           return shown != nullptr && (*shown)->table == head.set->table && (*shown)->column == head.set->column;
         });
}

}  // namespace sluice::planner
