#include "planner/compile.h"
#include "planner/select_ranked.h"
#include "planner/shape_error.h"

namespace sluice::planner {

using plan::Expr;
using plan::Fn;

Result<Expr> beyond_group_average(const Known& known, const Condition& condition, const Place& place, Guesses& guesses) {
  const auto named = [&](int table, const std::string& column) {
    const Table& one = known.table(table);
    return Link{Link::Kind::column, table, static_cast<int>(one.find_column(column) - one.columns.data()), 1, ""};
  };
  const Set& group = *condition.set;
  const auto own = key_columns(known.table(place.table)), keys = key_columns(known.table(group.table));
  const bool column = group.column >= 0;
  if (own.size() != 1 || (!column && keys.size() != 1) || condition.what->noun.links.front().table != place.table ||
      (!column && group.table == place.table))
    return shape_error("rows are compared with the average of a group that no single key tells", "compare with the average of all");
  const Link key = column ? Link{Link::Kind::column, group.table, group.column, 1, ""} : named(group.table, keys.front());
  Quantity average = *condition.what;
  average.fn = Fn::avg;
  const SetPtr all = std::make_shared<const Set>(Set{.table = place.table});
  average.of = all;
  const Query averages{.outputs = {.list = {Quantity{.noun = {.links = {key}}}, average}}, .groups = {{.key = condition.set}}};
  TRY(plan::SpecDraft per_group, compile(known, averages, guesses));
  if (per_group.select.columns.size() != 2) return shape_error("it is not clear what the average is of", "name a column");
  per_group.order_by.clear();
  const std::string alias = "group_average", group_key = per_group.select.columns.front().name, value = per_group.select.columns.back().name;
  Rows rows(known, place.table, guesses);
  TRY(Expr near, rows.column(rows.root(), key));
  TRY(Expr compared, rows.column(rows.root(), condition.what->noun.links.front()));
  rows.where(plan::call(condition.fn, {std::move(compared), plan::column(alias, value)}));
  plan::SpecDraft draft = rows.query({{own.front(), plan::column(rows.root().alias, own.front())}});
  draft.select.joins.push_back({.source = plan::from_query(std::move(per_group), alias), .on = {{std::move(near), plan::column(alias, group_key)}}});
  return plan::exists(std::move(draft), {{plan::column(place.alias, own.front()), own.front()}});
}

}  // namespace sluice::planner
