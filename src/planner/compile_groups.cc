#include "planner/compiler.h"

#include <algorithm>
#include <set>

#include "planner/persons.h"

namespace sluice::planner {

using plan::Expr;
using plan::Fn;

int Compiler::home_of(const Quantity& measure) const {
  if (measure.of != nullptr && (measure.kind == Quantity::Kind::rows || (measure.kind == Quantity::Kind::share && measure.noun.links.empty())))
    return measure.of->table;
  if (const auto leaves = measure.parts.empty() ? std::vector<Quantity>{} : leaves_of(measure.parts); !leaves.empty()) return home_of(leaves.front());
  const int column = measure.noun.links.front().table;
  // Nor is a product's price counted again for each of its mentions among the owner's rows.
  if (owner_ == nullptr || owner_->table == column || owner_->column >= 0) return column;
  // Nobody said whose the numbers of a pair are: each is of its own rows.
  const bool unsaid = owner_->noun.links.empty() && owner_->conditions.empty();
  if (unsaid && std::ranges::any_of(measures_, [](const Quantity& one) { return !one.parts.empty(); })) return column;
  // Each of the owner's rows counts once where it has one such value.
  const auto& ways = known_.routes(owner_->table, column);
  return !ways.empty() && ways.front().to_one ? owner_->table : column;
}

Result<int> Compiler::group_root(const std::vector<Quantity>& measures) {
  std::set<int> needed;
  for (const Head& head : heads_)
    // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): a vector's elements are somewhere
    needed.insert(head.set != nullptr ? head.set->table : head.period->noun.links.front().table);
  for (const Quantity& measure : measures) {
    needed.insert(home_of(measure));
    if (measure.kind == Quantity::Kind::column) needed.insert(measure.noun.links.front().table);
    for (const Quantity& part : leaves_of(measure.parts))
      if (part.kind == Quantity::Kind::column) needed.insert(part.noun.links.front().table);
  }
  return common_root(needed, home_of(measures.front()));
}

Result<> Compiler::restrict_to_owner(const SetPtr& set) {
  if (set == nullptr || (set->conditions.empty() && !set->ranking)) return {};
  // "the average of the biggest planes": of how many of them?
  if (set->ranking && !set->ranking->count && set->noun.plural && set->ranking->skip == 0)
    return shape_error("it is not said how many of the first are meant", "say how many: \"the 5 largest\"");
  if (set->ranking && !is_measure(set->ranking->by)) {
    TRY(Expr chosen, rows_->member(*set, rows_->root(), false));
    rows_->where(std::move(chosen));
    return {};
  }
  const auto& ways = known_.routes(rows_->root().table, set->table);
  if (set->table == rows_->root().table || (!ways.empty() && ways.front().to_one)) {
    TRY(const Place place, rows_->reach(rows_->root(), set->table));
    return restrict_rows(*set, place);
  }
  TRY(Expr condition, rows_->member(*set, rows_->root(), false));
  rows_->where(std::move(condition));
  return {};
}

Result<Expr> Compiler::measure_expr(const Quantity& measure) {
  if (measure.kind == Quantity::Kind::rows) {
    const Set& set = *measure.of;
    if (set.column >= 0) {
      TRY(Expr column, rows_->column(rows_->root(), {Link::Kind::column, set.table, set.column, 1, ""}));
      return plan::call(Fn::count_distinct, {std::move(column)});
    }
    if (side_by_side_ && set.table == rows_->root().table) return count_where(set);
    if (side_by_side_) return shape_error("rows would be counted more than once beside each other", "ask for one number at a time");
    if (set.table == rows_->root().table || known_.is_link(rows_->root().table)) return plan::call(Fn::count_rows, {});
    const auto keys = key_columns(table(set.table));
    if (keys.size() != 1) return shape_error("rows of \"" + table(set.table).name.name + "\" cannot be told apart, and would be counted twice", "");
    TRY(const Place place, rows_->reach(rows_->root(), set.table));
    return plan::call(Fn::count_distinct, {plan::column(place.alias, keys.front())});
  }
  if (measure.kind == Quantity::Kind::share) return share_expr(measure);
  if (measure.kind == Quantity::Kind::number) return Expr{measure.number};
  if (is_made_of_others(measure)) {
    // "total freight to orders in 1997": what is said of one number alone is not lost.
    for (const Quantity& part : measure.parts)
      if (!side_by_side_ && part.of != nullptr && part.of != owner_ && !part.of->conditions.empty() &&
          !(measure.of != nullptr && same_conditions(part, measure)))
        return shape_error("it is not clear which of the numbers the conditions are said of", "ask for one number at a time");
    TRY(Expr first, measure_expr(measure.parts.front()));
    TRY(Expr second, measure_expr(measure.parts.back()));
    if (first == second) return shape_error("both numbers would be the same", "say of which rows or periods each is");
    return plan::call(operation_of(measure), {std::move(first), std::move(second)});
  }
  if (measure.kind != Quantity::Kind::column || !measure.fn) return Error::bug("a measure that is none");
  const bool repeated =
      home_of(measure) != rows_->root().table && !known_.is_link(rows_->root().table) && *measure.fn != Fn::min && *measure.fn != Fn::max;
  if (repeated)
    return Error{ErrorKind::unanswerable, "E0604",
                 "rows of \"" + table(home_of(measure)).name.name + "\" would be added up more than once beside \"" +
                     table(rows_->root().table).name.name + "\"",
                 "ask for the number of different ones, or about fewer tables", 0};
  TRY(Expr column, rows_->column(rows_->root(), measure.noun.links.front()));
  if (plan::has_aggregate(column)) return column;  // a measure of the glossary
  if (side_by_side_ && measure.of != nullptr && !measure.of->conditions.empty()) {
    TRY(auto condition, true_of(*measure.of));
    column = plan::call(Fn::case_when, {*std::move(condition), std::move(column)});
  }
  return plan::call(*measure.fn, {std::move(column)});
}

Result<plan::SpecDraft> Compiler::grouped() {
  for (const Output& output : query_.outputs.list) {
    const auto* set = std::get_if<SetPtr>(&output);
    if (set == nullptr || (*set)->column >= 0 || known_.role((*set)->table) != nullptr || !asks_who(known_)) continue;
    TRY(const int persons, persons_of(known_, (*set)->table));
    if (persons >= 0 && persons != (*set)->table) return shape_error("the question asks for a person", "name the table of those who are meant");
  }
  std::vector<Quantity> all = measures_;
  const std::optional<Ranking> ranking = ranking_of_heads();
  if (ranking && is_measure(ranking->by)) all.push_back(ranking->by);
  for (const Ranking& order : query_.order)
    if (is_measure(order.by)) all.push_back(order.by);
  if (all.empty()) return shape_error("the question asks for rows of groups", "say what is counted or added up for each");
  TRY(const int root, group_root(all));
  rows_.emplace(known_, root, guesses_);
  TRY_VOID(restrict_to_owner(owner_is_head() ? nullptr : owner_));
  // What is said of all numbers beside each other is said of the rows that they are counted of.
  if (side_by_side_ && owner_ == nullptr) TRY_VOID(restrict_rows({.table = root, .conditions = query_.conditions}, rows_->root()));
  for (const Quantity& measure : all)
    if (measure.of != nullptr && measure.of != owner_) {
      if (all.size() > 1 && !measure.of->conditions.empty() && measures_.size() > 1 && !side_by_side_ && !of_same_rows(all))
        return shape_error("the question counts rows under several conditions at once", "ask for one number at a time");
      if (!side_by_side_) TRY_VOID(restrict_to_owner(measure.of));
    }
  for (const Head& head : heads_)
    if (head.set != nullptr) TRY_VOID(restrict_head(*head.set));
  return assemble(ranking);
}

bool Compiler::of_same_rows(const std::vector<Quantity>& measures) {
  const Quantity& first = measures.front();
  return std::ranges::all_of(measures, [&](const Quantity& one) {
    return one.of != nullptr && first.of != nullptr && one.of->table == first.of->table && same_conditions(one, first);
  });
}

bool Compiler::owner_is_head() const {
  return std::ranges::any_of(heads_, [&](const Head& head) { return head.set == owner_; });
}

Result<> Compiler::restrict_head(const Set& set) {
  if (set.conditions.empty()) return {};
  TRY(const Place place, rows_->reach(rows_->root(), set.table));
  // "flights per month excluding JFK" leaves out flights, "per carrier that does not fly to LAX" carriers.
  Set rest = set;
  rest.conditions.clear();
  for (const ConditionPtr& one : set.conditions) {
    if (said_of_number(set, *one)) {
      of_numbers_.push_back(one);
      continue;
    }
    if (set.column < 0 || one->kind != Condition::Kind::none || in_clause(*one)) {
      rest.conditions.push_back(one);
      continue;
    }
    TRY(Expr condition, rows_->condition(*one, place));
    rows_->where(std::move(condition));
  }
  return restrict_rows(rest, place);
}

std::optional<Fn> Compiler::said_of_number(const Set& head, const Condition& condition) const {
  if (condition.kind == Condition::Kind::none && condition.parts.size() == 1) {
    const auto inner = said_of_number(head, *condition.parts.front());
    if (!inner) return inner;
    switch (*inner) {
      case Fn::gt: return Fn::le;
      case Fn::ge: return Fn::lt;
      case Fn::lt: return Fn::ge;
      case Fn::le: return Fn::gt;
      default: return std::nullopt;
    }
  }
  if (condition.kind != Condition::Kind::count || head.column < 0 || measures_.size() != 1 || heads_.size() != 1) return std::nullopt;
  const Quantity& number = measures_.front();
  const bool same = number.kind == Quantity::Kind::rows && number.of != nullptr && number.of->table == condition.set->table &&
                    number.of->column == condition.set->column && number.of->conditions == condition.set->conditions;
  return same ? std::optional(condition.fn) : std::nullopt;
}

bool Compiler::in_clause(const Condition& condition) const {
  constexpr std::size_t kBack = 5;
  const Condition* first = &condition;
  while (!first->parts.empty()) first = first->parts.front().get();
  const std::size_t begin = first->begin;
  for (std::size_t i = begin; i > 0 && begin - i < kBack; --i)
    if (known_.lexicon.opens_clause(known_.words()[i - 1])) return true;
  return false;
}

std::optional<Ranking> Compiler::ranking_of_heads() const {
  for (const Head& head : heads_)
    if (head.set != nullptr && head.set->ranking) return head.set->ranking;
  return ranked_by_measure() ? owner_->ranking : std::nullopt;
}

Result<plan::SpecDraft> Compiler::assemble(const std::optional<Ranking>& ranking) {
  std::vector<Expr> shown_measures;
  std::vector<bool> done(heads_.size(), false);
  const auto head_for = [&](const Output& output) -> std::size_t {
    for (std::size_t i = 0; i < heads_.size(); ++i) {
      const auto* shown = std::get_if<SetPtr>(&output);
      if (!done[i] && heads_[i].set != nullptr && shown != nullptr && (*shown)->table == heads_[i].set->table &&
          (*shown)->column == heads_[i].set->column)
        return i;
    }
    return heads_.size();
  };
  // Groups that the question doesn't list itself come first.
  for (std::size_t i = 0; i < heads_.size(); ++i)
    if (heads_[i].period || !shows(*heads_[i].set)) {
      TRY_VOID(show_head(heads_[i]));
      done[i] = true;
    }
  for (const Output& output : query_.outputs.list) {
    if (const auto* set = std::get_if<SetPtr>(&output)) {
      const std::size_t head = head_for(output);
      if (head < heads_.size()) done[head] = true;
      if (head == heads_.size() && measures_of((*set)->table)) {
        const bool counted = (*set)->conditions.empty() || std::ranges::any_of(measures_, [&](const Quantity& one) { return one.of == *set; });
        if (!counted) return shape_error("rows are asked for beside the number of others", "ask for one of them at a time");
        continue;
      }
      if (head == heads_.size() && (*set)->column < 0 && *set != owner_ && is_counted_first())
        return shape_error("rows are asked for beside a number", "ask for one of them at a time");
      TRY_VOID(show_plain_set(**set));
      continue;
    }
    const auto& quantity = std::get<Quantity>(output);
    if (is_measure(quantity)) {
      TRY(Expr value, measure_expr(quantity));
      shown_measures.push_back(value);
      add_output(value, measure_name(quantity), "");
    } else {
      const std::size_t before = columns_.size();
      if (heads_.empty())
        return shape_error("the question asks for columns of single rows and for something computed of many",
                           "say \"per …\", or ask for one of them");
      TRY_VOID(show_quantity(quantity, rows_->root()));
      for (std::size_t i = before; i < columns_.size(); ++i) {
        group_by(columns_[i].value);
        keys_.push_back(columns_[i].value);
      }
    }
  }
  for (std::size_t i = 0; i < heads_.size(); ++i)
    if (!done[i]) TRY_VOID(show_head(heads_[i]));
  // A measure that only the choice of an owner brought in.
  if (query_.outputs.list.size() == 1 && std::holds_alternative<SetPtr>(query_.outputs.list.front()) && !measures_.empty() &&
      shown_measures.empty()) {
    TRY(Expr value, measure_expr(measures_.front()));
    add_output(value, measure_name(measures_.front()), "");
    shown_measures.push_back(value);
  }
  return finish(ranking, shown_measures);
}

bool Compiler::is_counted_first() const {
  const auto* first = std::get_if<Quantity>(&query_.outputs.list.front());
  return first != nullptr && is_measure(*first);
}

bool Compiler::measures_of(int id) const {
  return std::ranges::any_of(measures_, [&](const Quantity& one) { return one.of != nullptr && one.of->table == id; });
}

Result<> Compiler::check_groups(const std::vector<Expr>& shown) const {
  const Place root = rows_->root();
  const auto keys = key_columns(table(root.table));
  const auto grouped = [&](const std::string& key) { return std::ranges::find(groups_, plan::column(root.alias, key)) != groups_.end(); };
  if (!shown.empty() && !keys.empty() && std::ranges::all_of(keys, grouped))
    return shape_error("each row of \"" + table(root.table).name.name + "\" would be a group of its own", "say what is computed for each of what");
  return {};
}

Result<> Compiler::restrict_groups(plan::Select& select) {
  std::vector<Expr> having;
  for (const ConditionPtr& one : of_numbers_) {
    const Condition& said = one->kind == Condition::Kind::none ? *one->parts.front() : *one;
    TRY(Expr number, measure_expr(measures_.front()));
    std::vector<Expr> args{std::move(number)};
    for (const plan::Literal& operand : said.operands) args.push_back({operand});
    having.push_back(plan::call(*said_of_number(*heads_.front().set, *one), std::move(args)));
  }
  if (having.size() == 1) select.having = std::move(having.front());
  if (having.size() > 1) select.having = plan::call(Fn::logical_and, std::move(having));
  return {};
}

Result<> Compiler::order_groups(std::vector<plan::OrderKey>& order, const std::vector<Expr>& shown) {
  for (const Ranking& one : query_.order) {
    Expr by;
    if (one.by.kind == Quantity::Kind::everything && one.by.period) {
      const auto periods = period_keys();
      if (periods.empty()) return shape_error("the groups have no time to be ordered by", "say \"per month\" or \"per year\"");
      for (const Expr& key : periods) order.push_back({key, one.descending});
      continue;
    }
    if (one.by.kind == Quantity::Kind::everything) {
      by = one.by.distinct || shown.empty() ? shown_to_order(one.by.distinct) : shown.front();
    } else if (is_measure(one.by)) {
      TRY(by, measure_expr(one.by));
    } else if (const plan::Named* is_shown = shown_column(one.by.noun.links.front()); is_shown != nullptr) {
      by = is_shown->value;
    } else {
      TRY(by, rows_->column(rows_->root(), one.by.noun.links.front()));
      // A column of numbers that was added up is meant as it is shown.
      for (const plan::Named& column : columns_)
        if (const auto* call = std::get_if<plan::Call>(&column.value.node); call != nullptr && call->args.size() == 1 && call->args.front() == by)
          by = column.value;
      if (!plan::has_aggregate(by) && heads_.empty()) return shape_error("a number is put in order by what it is computed of", "say \"per …\"");
      if (!plan::has_aggregate(by) && std::ranges::find(groups_, by) == groups_.end()) {
        // A column of what the groups are has one value in each; another would make more groups.
        const int of = one.by.noun.links.front().table;
        const bool own =
            std::ranges::any_of(heads_, [&](const Head& head) { return head.set != nullptr && head.set->column < 0 && head.set->table == of; });
        if (!own) return shape_error("the groups are put in order by what each has several of", "order by one of the columns that are shown");
        group_by(by);
      }
    }
    order.push_back({std::move(by), one.descending});
  }
  return {};
}

Result<plan::SpecDraft> Compiler::finish(const std::optional<Ranking>& ranking, const std::vector<Expr>& shown) {
  TRY_VOID(rows_->check());
  plan::SpecDraft draft;
  std::vector<plan::OrderKey> order;
  if (ranking) {
    const auto ranked = std::ranges::find_if(heads_, [](const Head& head) { return head.set != nullptr && head.set->ranking; });
    const int several = ranked == heads_.end() ? ranking->count.value_or(1) : chosen(*ranking, *ranked->set);
    Expr by;
    if (is_measure(ranking->by)) {
      TRY(by, measure_expr(ranking->by));
      // Several are asked for: how much each has belongs to the answer.
      if (several > 1) add_output(by, measure_name(ranking->by), "");
    } else {
      TRY(by, rows_->column(rows_->root(), ranking->by.noun.links.front()));
    }
    order.push_back({std::move(by), ranking->descending});
    draft.limit = several;
    if (ranking->skip > 0) draft.offset = ranking->skip;
  }
  TRY_VOID(order_groups(order, shown));
  std::vector<Expr> computed = shown;
  for (const plan::OrderKey& one : order)
    if (plan::has_aggregate(one.value)) computed.push_back(one.value);
  TRY_VOID(check_groups(computed));
  if (order.empty()) {
    // Periods and numbers come in their order; other groups with what there is most of first.
    const bool named = std::ranges::any_of(keys_, [&](const Expr& key) {
      const auto* ref = std::get_if<plan::ColumnRef>(&key.node);
      return ref != nullptr && is_text(*ref);
    });
    if (named && !shown.empty()) order.push_back({shown.front(), true});
    for (const Expr& key : keys_) order.push_back({key, false});
  }
  // Of several that are equally far up, always the same are chosen.
  if (draft.limit)
    for (const Expr& key : groups_)
      if (std::ranges::find(order, key, &plan::OrderKey::value) == order.end()) order.push_back({key, false});
  draft.select = rows_->select();
  draft.select.columns = columns_;
  draft.select.group_by = groups_;
  TRY_VOID(restrict_groups(draft.select));
  draft.order_by = std::move(order);
  return draft;
}

const plan::Named* Compiler::shown_column(const Link& link) const {
  const plan::Select select = rows_->select();
  const auto is = [&](const plan::Named& one) {
    const auto* ref = std::get_if<plan::ColumnRef>(&one.value.node);
    if (ref == nullptr || ref->column != known_.column(link).name) return false;
    const auto of = [&](const plan::Source& source) { return source.alias == ref->source && source.table == table(link.table).name; };
    return of(select.from) || std::ranges::any_of(select.joins, [&](const plan::Join& join) { return of(join.source); });
  };
  const auto found = std::ranges::find_if(columns_, is);
  return std::ranges::count_if(columns_, is) == 1 ? &*found : nullptr;
}

std::vector<Expr> Compiler::period_keys() const {
  std::vector<Expr> out;
  for (const Expr& key : keys_) {
    const auto* ref = std::get_if<plan::ColumnRef>(&key.node);
    if (ref == nullptr || is_temporal(*ref)) out.push_back(key);
  }
  return out;
}

const Column* Compiler::column_of(const plan::ColumnRef& ref) const {
  const plan::Select select = rows_->select();
  TableName name = select.from.table;
  for (const plan::Join& join : select.joins)
    if (join.source.alias == ref.source) name = join.source.table;
  const Table* of = known_.catalog.find(name);
  return of == nullptr ? nullptr : of->find_column(ref.column);
}

bool Compiler::is_temporal(const plan::ColumnRef& ref) const {
  static constexpr std::string_view kTimes[] = {"year", "quarter", "month", "week", "day", "hour"};
  const Column* column = column_of(ref);
  if (column == nullptr) return false;
  const auto pieces = name_pieces(column->name);
  return column->type.is_temporal() || (!pieces.empty() && std::ranges::find(kTimes, pieces.back()) != std::end(kTimes));
}

bool Compiler::is_text(const plan::ColumnRef& ref) const {
  const Column* column = column_of(ref);
  return column != nullptr && column->type.kind == TypeKind::text;
}

}  // namespace sluice::planner
