#include <algorithm>

#include "planner/rows.h"
#include "planner/shape_error.h"

namespace sluice::planner {

using plan::Expr;
using plan::Fn;

Result<Expr> Rows::value_at(const Place& place, const Link& link) {
  const FormulaColumn* one = known_.formula(link);
  if (one == nullptr) return known_.value_of(place.alias, link);
  return value_of(place, one->formula);
}

Result<Place> Rows::reach_loosely(const Place& from, int table) {
  if (loose_ == 0 || from.table == table) return reach(from, table);
  const Route* way = route(from.table, table);
  if (way == nullptr || !way->to_one) return reach(from, table);
  Place place = from;
  for (const Step& step : way->steps) {
    const Edge& edge = known_.schema.graph.edge(step.edge);
    place = {join(place.alias, step.edge, edge.optional), edge.to};
  }
  return place;
}

Result<Expr> Rows::value_of(const Place& place, const Formula& formula) {
  switch (formula.kind) {
    case Formula::Kind::number: return Expr{formula.number};
    case Formula::Kind::members: return number_of_members(place, formula);
    case Formula::Kind::column: {
      TRY(const Place at, reach_loosely(place, formula.link.table));
      return known_.value_of(at.alias, formula.link);
    }
    case Formula::Kind::call: break;
  }
  std::vector<Expr> args;
  for (const Formula& part : formula.parts) {
    TRY(Expr value, value_of(place, part));
    args.push_back(std::move(value));
  }
  return plan::call(formula.fn, std::move(args));
}

Result<Expr> Rows::number_of_members(const Place& place, const Formula& formula) {
  const auto value = [](const Beside& one) {
    return plan::call(Fn::coalesce, {plan::column(one.alias, one.join.source.query->select.columns.back().name), plan::integer(0)});
  };
  for (const Beside& one : beside_)
    if (one.from == place.alias && *one.formula == formula) return value(one);
  const auto& ways = known_.routes(formula.link.table, place.table);
  if (ways.size() != 1 || ways.front().steps.size() != 1 || !ways.front().to_one)
    return shape_error(
        "it is not clear which rows of \"" + known_.called(formula.link.table) + "\" belong to each of \"" + known_.called(place.table) + "\"",
        "declare the foreign key in the database");
  const Edge& edge = known_.schema.graph.edge(ways.front().steps.front().edge);
  Rows members(known_, formula.link.table, guesses_);
  if (formula.of != nullptr) TRY_VOID(members.restrict(*formula.of, members.root()));
  TRY_VOID(members.check());
  const bool counted = formula.link.kind == Link::Kind::table;
  std::vector<plan::Named> columns;
  std::vector<Expr> keys;
  Beside beside{place.alias, known_.called(formula.link.table), &formula, {.kind = plan::JoinKind::left}};
  for (int n = 2; is_taken(beside.alias); ++n) beside.alias = known_.called(formula.link.table) + "_" + std::to_string(n);
  for (std::size_t i = 0; i < edge.columns.size(); ++i) {
    const std::string& name = edge.columns[i].first;
    auto [near, far] = sides(edge, i, members.alias_, place.alias);
    columns.push_back({name, near});
    keys.push_back(near);
    beside.join.on.push_back({std::move(far), plan::column(beside.alias, name)});
  }
  Expr number = plan::call(Fn::count_rows, {});
  if (!counted) {
    TRY(Expr column, members.value_at(members.root(), formula.link));
    number = plan::call(formula.fn, {std::move(column)});
  }
  columns.push_back({counted ? "number_of_" + known_.called(formula.link.table) : "total_" + known_.column(formula.link).name, std::move(number)});
  plan::SpecDraft draft = members.query(std::move(columns));
  draft.select.group_by = std::move(keys);
  beside.join.source = plan::from_query(std::move(draft), beside.alias);
  beside_.push_back(std::move(beside));
  return value(beside_.back());
}

}  // namespace sluice::planner
