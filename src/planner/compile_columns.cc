#include "planner/compiler.h"

#include <algorithm>
#include <ranges>

#include "base/text.h"
#include "planner/labels.h"
#include "planner/period_units.h"
#include "planner/persons.h"

namespace sluice::planner {

using plan::Expr;
using plan::Fn;

std::string Compiler::add_output(const Expr& value, std::string name, const std::string& otherwise) {
  for (const plan::Named& one : columns_)
    if (one.value == value) return one.name;
  const auto taken = [&](const std::string& wanted) {
    return std::ranges::any_of(columns_, [&](const plan::Named& one) { return equals_ignoring_case(one.name, wanted); });
  };
  if (taken(name) && !otherwise.empty()) name = otherwise + "_" + name;
  for (int n = 2; taken(name); ++n) name += "_" + std::to_string(n);
  columns_.push_back({name, value});
  return name;
}

std::string Compiler::output_name(int id, const std::string& column) const {
  return known_.role(id) == nullptr ? column : known_.called(id) + "_" + column;
}

Result<> Compiler::show_column(const Place& place, int id, int column, bool beside) {
  const std::string& name = known_.column(id, column).name;
  TRY(Expr value, rows_->shown(place, {Link::Kind::column, id, column, 1, ""}, beside));
  add_output(value, output_name(id, name), known_.called(id));
  return {};
}

Result<> Compiler::show_values(const Set& set, const Place& place) {
  const std::string& name = known_.column(set.table, set.column).name;
  // "which day" asks for a date, not for a number of the month.
  const Table& one = table(set.table);
  const auto part = [&](std::string_view wanted) {
    return std::ranges::find_if(one.columns, [&](const Column& column) {
      return column.type.kind == TypeKind::integer && name_pieces(column.name) == std::vector<std::string>{std::string(wanted)};
    });
  };
  const auto year = part("year"), month = part("month"), day = part("day");
  if (day != one.columns.end() && name == day->name && year != one.columns.end() && month != one.columns.end()) {
    for (const auto& column : {year, month, day}) TRY_VOID(show_column(place, set.table, static_cast<int>(column - one.columns.begin())));
    return {};
  }
  return show_named(place, {Link::Kind::column, set.table, set.column, set.noun.links.empty() ? 0 : set.noun.links.front().score, ""});
}

Result<> Compiler::show_named(const Place& place, const Link& link) {
  const Column& column = known_.column(link);
  const int edge = known_.schema.graph.edge_of(link.table, column.name);
  // Who says "type code" wants the code, who says "type" its name; "carrier" may be either.
  constexpr double kSaid = 0.9;
  const bool code = is_code(column);
  const bool said = link.score >= kSaid;
  const auto labels = edge < 0 || (code && said) ? std::vector<std::string>{} : label_columns(table(known_.schema.graph.edge(edge).to));
  if (labels.empty() || !code || said) TRY_VOID(show_column(place, link.table, link.column));
  if (labels.empty()) return {};
  TRY(const Place at, rows_->reach(place, link.table));
  const Place named = rows_->look_up(at, edge);
  for (const std::string& label : labels) add_output(plan::column(named.alias, label), label, column.name);
  return {};
}

int Compiler::chosen(const Ranking& ranking, const Set& set) const {
  const bool bare = query_.outputs.list.size() == 1 && std::holds_alternative<SetPtr>(query_.outputs.list.front());
  return ranking.count.value_or(bare && set.noun.plural && ranking.skip == 0 ? kTopDefault : 1);
}

Result<> Compiler::show_set(const Set& set, const Place& place) {
  if (set.column >= 0) return show_values(set, place);
  const Table& one = table(set.table);
  auto shown = label_columns(one);
  // "papers named 'Learning French'": more of them than the question says itself.
  if (heads_.empty() && !shown.empty() && query_.outputs.list.size() == 1 && !asks_who(known_) &&
      std::ranges::all_of(shown, [&](const std::string& label) { return is_fixed(set, label); })) {
    shown.clear();
    for (const Column& column : one.columns | std::views::take(known_.real_columns(set.table))) shown.push_back(column.name);
  }
  if (shown.empty() && (!heads_.empty() || known_.asks_which() || query_.outputs.list.size() > 1)) shown = key_columns(one);
  if (shown.empty() && !heads_.empty())
    return shape_error("rows of \"" + one.name.name + "\" cannot be told apart", "name the column that they are grouped by");
  if (shown.empty())
    for (const Column& column : one.columns | std::views::take(known_.real_columns(set.table))) shown.push_back(column.name);
  for (const std::string& name : shown) TRY_VOID(show_column(place, set.table, static_cast<int>(one.find_column(name) - one.columns.data())));
  return {};
}

bool Compiler::is_fixed(const Set& set, const std::string& column) const {
  return std::ranges::any_of(set.conditions, [&](const ConditionPtr& one) {
    // A value that is not quoted may be what is asked about: "what does Canal Melodia show?"
    const bool compares = one->kind == Condition::Kind::compare && one->fn == Fn::eq && one->what && !one->what->fn;
    const bool quoted = one->kind == Condition::Kind::value && known_.words()[one->value.begin].kind == WordKind::quoted;
    const Noun* noun = quoted ? &one->value : compares ? &one->what->noun : nullptr;
    if (noun == nullptr || noun->links.empty()) return false;
    const Link& link = noun->links.front();
    return link.table == set.table && link.column >= 0 && known_.column(link).name == column;
  });
}

bool is_whole_name(const Known& known, const Quantity& quantity) {
  if (quantity.rivals.size() != 1 || quantity.kind != Quantity::Kind::column || quantity.fn) return false;
  const Link &first = quantity.noun.links.front(), &second = quantity.rivals.front().noun.links.front();
  const auto labels = label_columns(known.table(first.table));
  const auto is_label = [&](const Link& link) { return std::ranges::find(labels, known.column(link).name) != labels.end(); };
  return first.table == second.table && first.column != second.column && labels.size() == 2 && is_label(first) && is_label(second);
}

Result<> Compiler::show_quantity(const Quantity& quantity, const Place& place) {
  if (quantity.kind == Quantity::Kind::everything) {
    for (int c = 0; c < static_cast<int>(known_.real_columns(owner_->table)); ++c) TRY_VOID(show_column(place, owner_->table, c));
    return {};
  }
  const Link& link = quantity.noun.links.front();
  const auto& ways = known_.routes(place.table, link.table);
  const bool near = place.table == link.table || (!ways.empty() && ways.front().to_one);
  const Place& from = near ? place : rows_->root();
  if (quantity.beside)
    // Of the airports that the flights are grouped by, and not of another of theirs.
    for (const Head& head : heads_) {
      if (head.set == nullptr || head.set->column < 0) continue;
      const int edge = known_.schema.graph.edge_of(head.set->table, known_.column(head.set->table, head.set->column).name);
      if (edge < 0 || known_.schema.graph.edge(edge).to != link.table) continue;
      TRY(const Place of, rows_->reach(rows_->root(), head.set->table));
      return show_column(rows_->look_up(of, edge), link.table, link.column);
    }
  const bool by_code = link.column < static_cast<int>(known_.real_columns(link.table)) && is_code(known_.column(link)) && !quantity.beside;
  if (by_code) return show_named(from, link);
  if (!is_whole_name(known_, quantity)) return show_column(from, link.table, link.column, quantity.beside);
  const int other = quantity.rivals.front().noun.links.front().column;
  for (const int column : {std::min(link.column, other), std::max(link.column, other)}) TRY_VOID(show_column(from, link.table, column));
  return {};
}

std::string Compiler::measure_name(const Quantity& measure) const {
  if (!measure.label.empty()) return measure.label;
  if (measure.kind == Quantity::Kind::arithmetic)
    return measure.op == Fn::add ? "sum" : measure.op == Fn::multiply ? "product" : measure.op == Fn::subtract ? "difference" : "ratio";
  if (measure.kind == Quantity::Kind::share) return "percentage";
  if (measure.kind == Quantity::Kind::ratio) return "ratio";
  if (measure.kind == Quantity::Kind::difference) return "difference";
  if (measure.kind == Quantity::Kind::rows) {
    const Set& set = *measure.of;
    if (side_by_side_ && !set.conditions.empty() && set.conditions.back()->kind == Condition::Kind::value)
      return "number_of_" + to_lower(set.conditions.back()->value.links.front().value);
    return "number_of_" + (set.column >= 0 ? known_.column(set.table, set.column).name : known_.called(set.table));
  }
  if (known_.is_computed(measure.noun.links.front(), Computed::Kind::measure)) return known_.column(measure.noun.links.front()).name;
  constexpr std::pair<Fn, std::string_view> kNames[] = {
      {Fn::avg, "average_"}, {Fn::sum, "total_"}, {Fn::min, "lowest_"}, {Fn::max, "highest_"}, {Fn::median, "median_"}};
  const auto name = std::ranges::find(kNames, *measure.fn, &std::pair<Fn, std::string_view>::first);
  return std::string(name == std::end(kNames) ? "" : name->second) + known_.column(measure.noun.links.front()).name;
}

Result<> Compiler::show_head(const Head& head) {
  if (head.period) {
    TRY(const auto columns, period_groups(known_, *rows_, *head.period));
    for (const plan::Named& one : columns) {
      group_by(one.value);
      add_output(one.value, one.name, "");
      keys_.push_back(one.value);
    }
    return {};
  }
  const Set& set = *head.set;
  TRY(const Place place, rows_->reach(rows_->root(), set.table));
  if (set.column < 0)
    for (const std::string& key : key_columns(table(set.table))) group_by(plan::column(place.alias, key));
  const std::size_t before = columns_.size();
  if (!shows(set)) TRY_VOID(show_set(set, place));
  for (std::size_t i = before; i < columns_.size(); ++i) {
    group_by(columns_[i].value);
    keys_.push_back(columns_[i].value);
  }
  if (set.column >= 0) {
    TRY(Expr column, rows_->column(place, {Link::Kind::column, set.table, set.column, 1, ""}));
    group_by(std::move(column));
  }
  return {};
}

bool Compiler::shows(const Set& set) const {
  return std::ranges::any_of(query_.outputs.list, [&](const Output& output) {
    if (const auto* shown = std::get_if<SetPtr>(&output)) return (*shown)->table == set.table && (set.column < 0 || (*shown)->column == set.column);
    const auto& quantity = std::get<Quantity>(output);
    if (is_measure(quantity) || quantity.kind != Quantity::Kind::column) return false;
    const Link& link = quantity.noun.links.front();
    if (set.column < 0 || (link.table == set.table && link.column == set.column)) return true;
    // Of what a reference leads to, a column is asked for in its place.
    const int edge = known_.schema.graph.edge_of(set.table, known_.column(set.table, set.column).name);
    return edge >= 0 && known_.schema.graph.edge(edge).to == link.table;
  });
}

void Compiler::group_by(Expr key) {
  if (std::ranges::find(groups_, key) == groups_.end()) groups_.push_back(std::move(key));
}

Result<> Compiler::show_plain_set(const Set& set) {
  TRY(const Place place, rows_->reach(rows_->root(), set.table));
  if (set.column < 0)
    for (const std::string& key : key_columns(table(set.table))) group_by(plan::column(place.alias, key));
  const std::size_t before = columns_.size();
  TRY_VOID(show_set(set, place));
  for (std::size_t i = before; i < columns_.size(); ++i) {
    group_by(columns_[i].value);
    keys_.push_back(columns_[i].value);
  }
  if (set.column >= 0) {
    TRY(Expr column, rows_->column(place, {Link::Kind::column, set.table, set.column, 1, ""}));
    group_by(std::move(column));  // two customers may have one name
  }
  return {};
}

}  // namespace sluice::planner
