#include "planner/compiler.h"

#include <algorithm>
#include <functional>
#include <set>

#include "planner/windows.h"

namespace sluice::planner {

using plan::Expr;
using plan::Fn;

Result<plan::SpecDraft> Compiler::run() {
  owner_ = query_.outputs.owner;
  if (const auto windows = windows_of(query_); !windows.empty()) {
    const auto ranks = [](const Quantity& one) { return one.trend == Quantity::Trend::rank; };
    if (std::ranges::all_of(windows, ranks)) return ranks_beside(windows);
    if (std::ranges::none_of(windows, ranks)) return over_periods(windows);
    return shape_error("places and changes are asked for at once", "ask for one of them at a time");
  }
  for (const Output& output : query_.outputs.list) {
    const auto* quantity = std::get_if<Quantity>(&output);
    if (quantity != nullptr && is_measure(*quantity)) measures_.push_back(*quantity);
  }
  if (const int table = owner_ == nullptr && !query_.keep_empty ? one_table() : -1; table >= 0) {
    owner_ = std::make_shared<const Set>(Set{.table = table});
    one_table_ = true;
  }
  // What is said of two numbers of the same rows is said of these.
  const bool pair = std::ranges::any_of(measures_, is_made_of_others);
  const bool unowned = std::ranges::any_of(measures_, [](const Quantity& one) {
    return !one.parts.empty() && std::ranges::any_of(leaves_of({one}), [](const Quantity& part) { return part.of == nullptr; });
  });
  if (owner_ == nullptr && pair && unowned && !query_.conditions.empty()) {
    if (!said_of_all_rows()) return shape_error("it is not clear which of the numbers the conditions are said of", "ask for one number at a time");
    owner_ = std::make_shared<const Set>(Set{.table = home_of(measures_.front())});
  }
  apply_conditions();
  TRY_VOID(choose_heads());
  TRY_VOID(check_said());
  for (const Quantity& measure : measures_) {
    if (measure.over) return over_groups(measure);
  }
  side_by_side_ = counts_side_by_side();
  if (needs_apart()) return apart();
  if (owner_ != nullptr && owner_->ranking && !query_.groups.empty() && measures_.empty()) return top_of_groups();
  if (const Condition* counted = counted_values()) return values_counted(*counted);
  if (measures_.empty() && heads_.empty() && !ranked_by_measure()) return list();
  return grouped();
}

Result<> Compiler::check_said() const {
  const bool apart =
      std::ranges::any_of(measures_, [](const Quantity& one) { return one.kind != Quantity::Kind::column && one.kind != Quantity::Kind::rows; });
  const bool restricted = owner_ != nullptr && (!owner_->conditions.empty() || owner_->ranking);
  const bool beyond = std::ranges::any_of(query_.conditions, [](const ConditionPtr& one) { return one->kind != Condition::Kind::period; });
  if ((apart || counts_side_by_side()) && (restricted || beyond) && !said_of_all_rows())
    return shape_error("it is not clear which of the numbers the conditions are said of", "ask for one number at a time");
  if (measures_.empty() && !ranked_by_measure() && known_.says_altogether())
    return shape_error("the question asks for something altogether, but not what is added up", "say \"total …\" or \"how many …\"");
  if (const auto again = amount_beside_aggregate(); !again.empty())
    return shape_error("it is not clear whether \"" + again + "\" is asked for as it is, or computed like the number before it",
                       "say what is computed of each of them");
  // "the number of customers, suppliers …": a thing beside a number is no key of its.
  constexpr double kNamed = 0.9;
  for (std::size_t i = 1; i < query_.outputs.list.size() && is_counted_first(); ++i)
    if (const auto* plain = std::get_if<Quantity>(&query_.outputs.list[i]); plain != nullptr && plain->kind == Quantity::Kind::column && !plain->fn)
      if (const Link& link = plain->noun.links.front(); known_.is_key(link) && link.score < kNamed)
        return shape_error("rows are asked for beside a number", "ask for one of them at a time");
  return {};
}

std::string Compiler::amount_beside_aggregate() const {
  const Quantity* aggregate = nullptr;
  bool counts = false;
  const auto of_head = [&](const Link& link) {
    return std::ranges::any_of(heads_, [&](const Head& head) {
      if (head.set == nullptr) return false;
      if (head.set->table == link.table && (head.set->column < 0 || head.set->column == link.column)) return true;
      const int edge =
          head.set->column < 0 ? -1 : known_.schema.graph.edge_of(head.set->table, known_.column(head.set->table, head.set->column).name);
      return edge >= 0 && known_.schema.graph.edge(edge).to == link.table;
    });
  };
  for (const Output& output : query_.outputs.list) {
    const auto* quantity = std::get_if<Quantity>(&output);
    const auto* set = std::get_if<SetPtr>(&output);
    if (quantity != nullptr && quantity->kind == Quantity::Kind::column && quantity->fn) aggregate = quantity;
    counts = counts || (quantity != nullptr && quantity->kind == Quantity::Kind::rows);
    Link plain;
    if (quantity != nullptr && quantity->kind == Quantity::Kind::column && !quantity->fn) plain = quantity->noun.links.front();
    if (set != nullptr && (*set)->column >= 0) plain = {Link::Kind::column, (*set)->table, (*set)->column, 1, ""};
    // "the number of guests and the total amount per method", where a column is called total_amount
    if (counts && plain.column >= 0 && known_.is_amount(plain) && quantity != nullptr && !query_.groups.empty() && !of_head(plain))
      return known_.column(plain).name;
    if (aggregate == nullptr || plain.column < 0 || !known_.is_amount(plain)) continue;
    const bool beside = set != nullptr || !of_head(plain);
    if (beside && plain.table == aggregate->noun.links.front().table) return known_.column(plain).name;
  }
  return "";
}

void Compiler::apply_conditions() {
  if (query_.conditions.empty()) return;
  const auto extended = [&](const SetPtr& set) {
    Set longer = *set;
    longer.conditions.insert(longer.conditions.end(), query_.conditions.begin(), query_.conditions.end());
    return std::make_shared<const Set>(std::move(longer));
  };
  if (owner_ != nullptr) {
    owner_ = extended(owner_);
    return;
  }
  const std::function<void(std::vector<Quantity>&)> extend_parts = [&](std::vector<Quantity>& parts) {
    for (Quantity& part : parts) {
      if (part.of != nullptr) part.of = extended(part.of);
      if (part.kind != Quantity::Kind::share) extend_parts(part.parts);
    }
  };
  for (Quantity& measure : measures_) {
    if (measure.of != nullptr) measure.of = extended(measure.of);
    if (measure.kind != Quantity::Kind::share) extend_parts(measure.parts);
  }
}

bool Compiler::ranked_by_measure() const { return owner_ != nullptr && owner_->ranking && is_measure(owner_->ranking->by); }

bool Compiler::said_by_reference(const Set& set) const {
  if (set.column >= 0 || !set.conditions.empty() || set.ranking) return false;
  return std::ranges::any_of(heads_, [&](const Head& head) {
    if (head.set == nullptr || head.set->column < 0) return false;
    if (head.set->table == set.table) return known_.is_key({Link::Kind::column, set.table, head.set->column, 1, ""});
    const int edge = known_.schema.graph.edge_of(head.set->table, known_.column(head.set->table, head.set->column).name);
    return edge >= 0 && known_.schema.graph.edge(edge).to == set.table;
  });
}

Result<> Compiler::choose_heads() {
  for (const Group& group : query_.groups) {
    if (const auto* set = std::get_if<SetPtr>(&group.key)) {
      if (!said_by_reference(**set)) heads_.push_back({.set = *set});
    } else {
      heads_.push_back({.period = std::get<Quantity>(group.key)});
    }
  }
  // Columns of rows beside something counted or added up: for each of the rows.
  const bool plain = std::ranges::any_of(query_.outputs.list, [](const Output& output) {
    const auto* quantity = std::get_if<Quantity>(&output);
    return quantity == nullptr || !is_measure(*quantity);
  });
  const bool counts_own =
      std::ranges::any_of(measures_, [&](const Quantity& one) { return one.of != nullptr && owner_ != nullptr && one.of->table == owner_->table; });
  // "average arrival delay and departure delay": of which both are averages is not said.
  const bool own = std::ranges::any_of(
      measures_, [&](const Quantity& one) { return one.kind == Quantity::Kind::column && (owner_ == nullptr || home_of(one) == owner_->table); });
  const bool column = std::ranges::any_of(query_.outputs.list, [](const Output& output) {
    const auto* quantity = std::get_if<Quantity>(&output);
    return quantity != nullptr && quantity->kind == Quantity::Kind::column && !quantity->fn;
  });
  if (heads_.empty() && own && column && (owner_ == nullptr || (owner_->column < 0 && !owner_->ranking)))
    return shape_error("the question asks for columns of single rows and for something computed of many", "say \"per …\", or ask for one of them");
  if (owner_ == nullptr) return {};
  // "each category with its parent": the parent is asked for, and not how many there are.
  const RoleTable* role = known_.role(owner_->table);
  const auto has_role = [&](const Head& head) { return head.set != nullptr && (head.set->table == role->from || head.set->table == owner_->table); };
  if (measures_.empty() && role != nullptr && !role->referring && std::ranges::any_of(heads_, has_role))
    return shape_error("rows of one table are asked for beside each other", "ask for columns of both");
  if ((plain && !measures_.empty() && heads_.empty() && !counts_own) || (ranked_by_measure() && (measures_.empty() || plain) && heads_.empty()))
    heads_.push_back({.set = owner_});
  // "Which products did each customer buy?" asks for them, and not how many there are.
  const bool of_things = std::ranges::any_of(heads_, [](const Head& head) { return head.set != nullptr; });
  if (measures_.empty() && of_things && !owner_->ranking && owner_->column < 0 && known_.asks_which())
    return shape_error("the question asks for rows of groups", "say what is counted or added up for each");
  if (measures_.empty() && !ranked_by_measure() && !heads_.empty() && !owner_->ranking && owner_->column < 0 && query_.outputs.list.size() == 1 &&
      std::holds_alternative<SetPtr>(query_.outputs.list.front()))
    measures_.push_back({.kind = Quantity::Kind::rows, .of = owner_});  // "orders per month" are counted
  return {};
}

const Condition* Compiler::counted_values() const {
  if (owner_ == nullptr || owner_->column < 0 || !measures_.empty() || !heads_.empty()) return nullptr;
  for (const ConditionPtr& one : owner_->conditions) {
    const bool rows = one->kind == Condition::Kind::compare && one->what && one->what->kind == Quantity::Kind::rows && one->what->of != nullptr;
    if (one->kind == Condition::Kind::count && one->set->table == owner_->table) return one.get();
    if (rows && one->what->of->table == owner_->table) return one.get();
    const bool aggregate = one->kind == Condition::Kind::compare && one->what && one->what->fn && one->what->kind == Quantity::Kind::column;
    if (aggregate && one->what->noun.links.front().table == owner_->table) return one.get();
  }
  return nullptr;
}

Result<plan::SpecDraft> Compiler::values_counted(const Condition& counted) {
  const bool aggregate = counted.kind == Condition::Kind::compare && counted.what->fn;
  const SetPtr nothing = std::make_shared<const Set>(Set{.table = owner_->table});
  const Set& set = counted.kind == Condition::Kind::count ? *counted.set : counted.what->of != nullptr && !aggregate ? *counted.what->of : *nothing;
  rows_.emplace(known_, owner_->table, guesses_);
  Set others = *owner_;
  std::erase_if(others.conditions, [&](const ConditionPtr& one) { return one.get() == &counted; });
  TRY_VOID(restrict_rows(others, rows_->root()));
  TRY_VOID(rows_->restrict(set, rows_->root()));
  TRY(Expr column, rows_->column(rows_->root(), {Link::Kind::column, owner_->table, owner_->column, 1, ""}));
  for (const Output& output : query_.outputs.list) {
    if (const auto* shown = std::get_if<SetPtr>(&output)) {
      TRY_VOID(show_set(**shown, rows_->root()));
    } else {
      TRY_VOID(show_quantity(std::get<Quantity>(output), rows_->root()));
    }
  }
  group_by(column);
  std::vector<Expr> args{plan::call(Fn::count_rows, {})};
  if (set.column >= 0) {
    TRY(Expr of, rows_->column(rows_->root(), {Link::Kind::column, set.table, set.column, 1, ""}));
    args = {plan::call(Fn::count_distinct, {std::move(of)})};
  }
  if (aggregate) {
    TRY(Expr of, rows_->column(rows_->root(), counted.what->noun.links.front()));
    args = {plan::call(*counted.what->fn, {std::move(of)})};
  }
  for (const plan::Literal& operand : counted.operands) args.push_back({operand});
  plan::SpecDraft draft;
  draft.select = rows_->select();
  draft.select.columns = columns_;
  draft.select.group_by = groups_;
  draft.select.having = plan::call(counted.fn, std::move(args));
  draft.order_by.push_back({std::move(column), false});
  return draft;
}

Result<int> Compiler::common_root(const std::set<int>& needed, int preferred) {
  const auto roots = known_.roots({needed.begin(), needed.end()});
  for (const auto& [root, distance] : roots)
    if (root == preferred) return root;
  if (!roots.empty()) return known_.nearest(roots, {needed.begin(), needed.end()});
  std::string names;
  for (const int one : needed) names += (names.empty() ? "" : ", ") + known_.called(one);
  return Error{ErrorKind::unanswerable, "E0604", "no keys lead from one table to all that the question names (" + names + ")",
               "declare the foreign keys in the database, or ask about fewer tables", 0};
}

bool Compiler::wants_distinct() const {
  // "with type BK and also one with type PP": what has both is one thing, however many rows it has.
  if (owner_->column >= 0 && std::ranges::any_of(owner_->conditions, [](const ConditionPtr& one) { return one->kind == Condition::Kind::both; }))
    return true;
  if (owner_->column >= 0 && !owner_->ranking)
    for (const Output& output : query_.outputs.list)
      if (std::holds_alternative<SetPtr>(output)) return true;
  for (const Output& output : query_.outputs.list)
    if (const auto* quantity = std::get_if<Quantity>(&output); quantity != nullptr && quantity->distinct) return true;
  return owner_->distinct;
}

Result<plan::SpecDraft> compile(const Known& known, const Query& query, Guesses& guesses) { return Compiler(known, query, guesses).run(); }

}  // namespace sluice::planner
