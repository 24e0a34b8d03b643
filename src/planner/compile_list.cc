#include "planner/compiler.h"

#include <algorithm>
#include <set>

#include "planner/persons.h"

namespace sluice::planner {

using plan::Expr;
using plan::Fn;

Result<int> Compiler::list_root() {
  std::set<int> needed{owner_->table};
  for (const Output& output : query_.outputs.list)
    if (const auto* quantity = std::get_if<Quantity>(&output); quantity != nullptr && quantity->kind == Quantity::Kind::column)
      needed.insert(quantity->noun.links.front().table);
  if (owner_->ranking) needed.insert(owner_->ranking->by.noun.links.front().table);
  for (const Ranking& order : query_.order)
    if (order.by.kind == Quantity::Kind::column) needed.insert(order.by.noun.links.front().table);
  return common_root(needed, owner_->table);
}

Result<plan::SpecDraft> Compiler::list() {
  if (owner_ == nullptr)
    return Error{ErrorKind::unanswerable, "E0605", "the question names no table", "say which rows are meant; `sluice catalog show` lists the tables",
                 0};
  TRY(const int root, list_root());
  rows_.emplace(known_, root, guesses_);
  TRY(const Place place, rows_->reach(rows_->root(), owner_->table));
  TRY_VOID(restrict_rows(*owner_, place));
  for (const Output& output : query_.outputs.list) {
    if (const auto* set = std::get_if<SetPtr>(&output)) {
      TRY_VOID(show_rows(**set, place));
    } else {
      TRY_VOID(show_quantity(std::get<Quantity>(output), place));
    }
  }
  TRY_VOID(rows_->check());
  plan::SpecDraft draft = rows_->query(columns_);
  if (owner_->ranking) {
    const Ranking& ranking = *owner_->ranking;
    TRY(Expr by, rows_->column(place, ranking.by.noun.links.front()));
    // Several are asked for, and no columns are named: how much each has belongs to the answer.
    if (chosen(ranking, *owner_) > 1 && query_.outputs.list.size() == 1 && std::holds_alternative<SetPtr>(query_.outputs.list.front()))
      add_output(by, known_.column(ranking.by.noun.links.front()).name, "");
    draft.select = rows_->select();
    draft.select.columns = columns_;
    draft.order_by.push_back({by, ranking.descending});
    draft.limit = chosen(ranking, *owner_);
    if (ranking.skip > 0) draft.offset = ranking.skip;
  }
  TRY_VOID(order_list(draft, place));
  draft.select.distinct = query_.outputs.distinct || wants_distinct() || (persons_ && !owner_->ranking);
  const auto* only = query_.outputs.list.size() == 1 ? std::get_if<Quantity>(&query_.outputs.list.front()) : nullptr;
  const bool value = only != nullptr && owner_->ranking && only->noun.links == owner_->ranking->by.noun.links;
  if (draft.select.distinct && owner_->ranking && !value) draft.select.distinct = false;
  if (owner_->ranking && !draft.select.distinct) break_ties(draft, place);
  return draft;
}

Result<> Compiler::show_rows(const Set& set, const Place& place) {
  if (known_.role(set.table) != nullptr || !asks_who(known_)) return show_set(set, place);
  // The key of an order stands for the order, as does what refers to it.
  const Link column{Link::Kind::column, set.table, set.column, 1, ""};
  const int edge = set.column < 0 ? -1 : known_.schema.graph.edge_of(set.table, known_.column(column).name);
  if (set.column >= 0 && edge < 0 && !known_.is_key(column)) {
    if (known_.column(column).type.kind != TypeKind::text)
      return shape_error("the question asks for a person", "name the table of those who are meant");
    return show_set(set, place);
  }
  const int of = edge < 0 ? set.table : known_.schema.graph.edge(edge).to;
  TRY(const int persons, persons_of(known_, of));
  if (persons < 0 || persons == of) return show_set(set, place);
  TRY(const Place at, rows_->reach(place, persons));
  persons_ = true;
  return show_set({.table = persons}, at);
}

/// Of several rows that are equally far up, always the same are chosen.
void Compiler::break_ties(plan::SpecDraft& draft, const Place& place) const {
  for (const std::string& key : key_columns(table(owner_->table))) {
    const Expr by = plan::column(place.alias, key);
    if (std::ranges::find(draft.order_by, by, &plan::OrderKey::value) == draft.order_by.end()) draft.order_by.push_back({by, false});
  }
}

namespace {

/// "carriers not flying to LAX": that no row of theirs has the value. What is missing or compared is said of each row.
bool is_said_of_all(const Condition& condition) {
  using enum Condition::Kind;
  if (condition.kind != none) return false;
  const auto kind = condition.parts.front()->kind;
  return kind == value || kind == member || kind == any || kind == all || kind == both || kind == none;
}

}  // namespace

Result<> Compiler::restrict_rows(const Set& set, const Place& place) {
  // "destinations of flights not from JFK": then it is said of the rows.
  const auto own_rows = [&](const ConditionPtr& one) { return one->kind == Condition::Kind::member && one->set->table == set.table; };
  const bool one_row_each = set.column >= 0 && key_columns(table(set.table)) == std::vector{known_.column(set.table, set.column).name};
  // Of the values of a column, rows of its own table that are spoken of are the rows themselves.
  for (const ConditionPtr& one : set.conditions) {
    const bool several = one->kind == Condition::Kind::all || one->kind == Condition::Kind::both;
    if (several && set.column >= 0 && std::ranges::all_of(one->parts, [&](const ConditionPtr& part) {
          return part->kind == Condition::Kind::member && part->set->table == set.table && !part->set->ranking;
        })) {
      for (const ConditionPtr& part : one->parts) TRY_VOID(restrict_to_value(set, *part->set, place));
      continue;
    }
    if (one->kind == Condition::Kind::member && one->set->table == set.table && set.column >= 0 && !one->set->ranking) {
      TRY_VOID(rows_->restrict(*one->set, place));
      continue;
    }
    if (set.column >= 0 && !one_row_each && one->kind == Condition::Kind::both) {
      const auto itself = [&](const ConditionPtr& part) {
        return part->kind == Condition::Kind::value && part->value.links.front().table == set.table && part->value.links.front().column == set.column;
      };
      if (std::ranges::any_of(one->parts, itself)) return shape_error("a value cannot be two", "say what has both");
      for (const ConditionPtr& part : one->parts) TRY_VOID(restrict_to_value(set, {.table = set.table, .conditions = {part}}, place));
      continue;
    }
    if (set.column >= 0 && !one_row_each && is_said_of_all(*one) && std::ranges::none_of(set.conditions, own_rows)) {
      TRY_VOID(restrict_to_other_values(set, one->parts.front(), place));
      continue;
    }
    TRY(Expr condition, rows_->condition(*one, place));
    rows_->where(std::move(condition));
  }
  return {};
}

Result<Expr> Compiler::some_row_of(const Set& values, const Set& set, const Place& place) {
  Rows inner(known_, set.table, guesses_);
  TRY_VOID(inner.restrict(set, inner.root()));
  const std::string& name = known_.column(values.table, values.column).name;
  return plan::exists(inner.query({{name, plan::column(inner.root().alias, name)}}), {{plan::column(place.alias, name), name}});
}

Result<> Compiler::restrict_to_value(const Set& values, const Set& set, const Place& place) {
  TRY(Expr some, some_row_of(values, set, place));
  rows_->where(std::move(some));
  return {};
}

Result<> Compiler::restrict_to_other_values(const Set& values, const ConditionPtr& excluded, const Place& place) {
  // "orders by country, Germany excluded": what is counted are no countries.
  const auto counts_rows = [&](const Output& output) {
    const auto* quantity = std::get_if<Quantity>(&output);
    return quantity != nullptr && quantity->kind == Quantity::Kind::rows && quantity->of != nullptr && quantity->of->column < 0;
  };
  if (std::ranges::any_of(query_.outputs.list, counts_rows))
    return shape_error("rows are counted of which only the values of a column are left", "say \"per\" before the column");
  TRY(Expr some, some_row_of(values, {.table = values.table, .conditions = {excluded}}, place));
  rows_->where(plan::call(Fn::logical_not, {std::move(some)}));
  const Column& column = known_.column(values.table, values.column);
  if (column.nullable) rows_->where(plan::call(Fn::logical_not, {plan::call(Fn::is_null, {plan::column(place.alias, column.name)})}));
  return {};
}

Result<> Compiler::order_list(plan::SpecDraft& draft, const Place& place) {
  for (const Ranking& order : query_.order) {
    if (order.by.kind == Quantity::Kind::everything) {
      draft.order_by.push_back({shown_to_order(order.by.distinct), order.descending});
      continue;
    }
    if (order.by.kind != Quantity::Kind::column || order.by.fn)
      return shape_error("rows are ordered by something computed of several", "say \"per …\"");
    TRY(Expr by, rows_->column(place, order.by.noun.links.front()));
    draft.order_by.push_back({std::move(by), order.descending});
  }
  const auto columns = draft.select.columns;
  draft.select = rows_->select();
  draft.select.columns = columns;
  return {};
}

Expr Compiler::shown_to_order(bool alphabetical) const {
  const auto kind = [&](const plan::Named& one) {
    for (const Table& any : known_.catalog.tables) {
      const auto* ref = std::get_if<plan::ColumnRef>(&one.value.node);
      if (ref == nullptr) return TypeKind::integer;
      if (const Column* column = any.find_column(ref->column); column != nullptr) return column->type.kind;
    }
    return TypeKind::text;
  };
  if (alphabetical) {
    const auto text = std::ranges::find(columns_, TypeKind::text, kind);
    return text == columns_.end() ? columns_.front().value : text->value;
  }
  for (auto one = columns_.rbegin(); one != columns_.rend(); ++one)
    if (kind(*one) != TypeKind::text) return one->value;
  return columns_.front().value;
}

}  // namespace sluice::planner
