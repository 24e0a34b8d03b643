#include "planner/select_ranked.h"

#include <algorithm>

#include "planner/compile.h"
#include "planner/shape_error.h"

namespace sluice::planner {
namespace {

using plan::Expr;
using plan::Fn;

/// The table whose rows each refer to one row of either: the second itself, or a table that links both.
Result<int> linking(const Known& known, int first, int second) {
  const auto roots = known.roots({first, second});
  if (roots.empty())
    return Error{ErrorKind::unanswerable, "E0604",
                 "no keys link \"" + known.table(first).name.name + "\" and \"" + known.table(second).name.name + "\"",
                 "declare the foreign keys in the database, or ask about fewer tables", 0};
  for (const auto& [table, distance] : roots)
    if (table == second && distance <= roots.front().second) return table;
  return known.nearest(roots, {first, second});
}

Fn complement(Fn fn) { return fn == Fn::lt ? Fn::ge : fn == Fn::le ? Fn::gt : fn; }

bool holds_for_none(Fn fn, const std::vector<plan::Literal>& operands) {
  const auto* number = std::get_if<std::int64_t>(&operands.front().value);
  return fn == Fn::lt || fn == Fn::le || (fn == Fn::eq && number != nullptr && *number == 0);
}

/// EXISTS over groups of rows that belong to the place's row.
Result<Expr> exists_group(const Known& known, Rows& rows, const Place& owner, const Place& place, Expr having) {
  const auto keys = key_columns(known.table(place.table));
  if (keys.empty())
    return shape_error("\"" + known.table(place.table).name.name + "\" has no key by which its rows are told apart", "declare its primary key");
  plan::SpecDraft draft;
  std::vector<plan::JoinKey> on;
  std::vector<plan::Named> columns;
  for (const std::string& key : keys) {
    columns.push_back({key, plan::column(owner.alias, key)});
    on.push_back({plan::column(place.alias, key), key});
  }
  draft = rows.query(columns);
  for (const plan::Named& one : columns) draft.select.group_by.push_back(one.value);
  draft.select.having = std::move(having);
  return plan::exists(std::move(draft), std::move(on));
}

}  // namespace

Result<Expr> counted_member(const Known& known, const Condition& condition, const Place& place, Guesses& guesses) {
  const Set& set = *condition.set;
  if (set.table == place.table) return shape_error("rows of one table are counted for each other", "ask for them per column");
  TRY(const int root, linking(known, place.table, set.table));
  if (root == place.table) return shape_error("each row has at most one of those counted", "ask for rows that have one");
  Rows rows(known, root, guesses);
  TRY(const Place owner, rows.reach(rows.root(), place.table));
  Expr count = plan::call(Fn::count_rows, {});
  if (root != set.table || !set.conditions.empty()) {
    TRY(const Place counted, rows.reach(rows.root(), set.table));
    TRY_VOID(rows.restrict(set, counted));
    const auto keys = key_columns(known.table(set.table));
    if (root != set.table && keys.size() == 1) count = plan::call(Fn::count_distinct, {plan::column(counted.alias, keys.front())});
  }
  if (set.column >= 0) {
    TRY(Expr column, rows.column(rows.root(), {Link::Kind::column, set.table, set.column, 1, ""}));
    count = plan::call(Fn::count_distinct, {std::move(column)});
  }
  const bool none_too = holds_for_none(condition.fn, condition.operands);
  std::vector<Expr> args{count};
  for (const plan::Literal& operand : condition.operands) args.push_back({operand});
  Fn fn = none_too ? complement(condition.fn) : condition.fn;
  if (none_too && condition.fn == Fn::eq) fn = Fn::gt;
  TRY(Expr out, exists_group(known, rows, owner, place, plan::call(fn, std::move(args))));
  return none_too ? plan::call(Fn::logical_not, {std::move(out)}) : std::move(out);
}

Result<Expr> aggregate_compared(const Known& known, const Condition& condition, const Place& place, Guesses& guesses) {
  if (!condition.what) return Error::bug("a comparison of nothing");
  const Quantity& what = *condition.what;
  if (condition.kind != Condition::Kind::compare) return shape_error("an aggregate is compared with an average", "ask for one of them");
  if (what.kind == Quantity::Kind::rows) {
    Condition count = condition;
    count.kind = Condition::Kind::count;
    count.set = what.of;
    return counted_member(known, count, place, guesses);
  }
  if (what.kind != Quantity::Kind::column || !what.fn) return shape_error("it is not clear what is compared", "name a column");
  const Link& link = what.noun.links.front();
  TRY(const int root, linking(known, place.table, link.table));
  if (root == place.table) return shape_error("an aggregate of one value is compared", "leave the aggregate out");
  Rows rows(known, root, guesses);
  TRY(const Place owner, rows.reach(rows.root(), place.table));
  TRY(Expr column, rows.column(rows.root(), link));
  if (what.of != nullptr && what.of->table != place.table) {
    TRY(const Place counted, rows.reach(rows.root(), what.of->table));
    TRY_VOID(rows.restrict(*what.of, counted));
  }
  std::vector<Expr> args{plan::has_aggregate(column) ? column : plan::call(*what.fn, {column})};
  for (const plan::Literal& operand : condition.operands) args.push_back({operand});
  return exists_group(known, rows, owner, place, plan::call(condition.fn, std::move(args)));
}

Result<Expr> ranked_member(const Known& known, const Set& set, const Place& place, Guesses& guesses) {
  const auto keys = key_columns(known.table(set.table));
  if (keys.size() != 1 || set.column >= 0)
    return shape_error("\"" + known.table(set.table).name.name + "\" has no single key by which the chosen rows are found", "ask for them alone");
  const Table& table = known.table(set.table);
  Quantity key{.noun = {.links = {{Link::Kind::column, set.table, static_cast<int>(table.find_column(keys.front()) - table.columns.data()), 1, ""}}}};
  Query query{.outputs = {.list = {key}, .owner = std::make_shared<const Set>(set)}};
  TRY(plan::SpecDraft draft, compile(known, query, guesses));
  const std::string name = draft.select.columns.front().name;
  return plan::exists(std::move(draft), {{plan::column(place.alias, keys.front()), name}});
}

Result<plan::SpecDraft> ranked_value(const Known& known, const Quantity& quantity, Guesses& guesses) {
  Quantity value = quantity;
  const SetPtr set = value.of;
  value.of = nullptr;
  if (!set->ranking)
    return shape_error("it is not clear which of several rows is compared with", "say which one, such as \"the one with the highest …\"");
  return compile(known, {.outputs = {.list = {value}, .owner = set}}, guesses);
}

}  // namespace sluice::planner
