#include <algorithm>

#include "planner/compiler.h"
#include "planner/meaning_key.h"

namespace sluice::planner {

using plan::Expr;
using plan::Fn;

std::vector<Quantity> leaves_of(const std::vector<Quantity>& measures) {
  std::vector<Quantity> out;
  for (const Quantity& one : measures) {
    if (one.kind == Quantity::Kind::number) continue;
    if (!is_made_of_others(one)) {
      out.push_back(one);
      continue;
    }
    for (Quantity& part : leaves_of(one.parts)) out.push_back(std::move(part));
  }
  return out;
}

bool same_conditions(const Quantity& a, const Quantity& b) {
  const auto keys_of = [](const Quantity& one) {
    std::vector<std::uint64_t> keys;
    if (one.of != nullptr)
      for (const ConditionPtr& condition : one.of->conditions) keys.push_back(key_of(Meaning(condition)));
    std::ranges::sort(keys);
    return keys;
  };
  return keys_of(a) == keys_of(b);
}

int Compiler::one_table() const {
  const auto leaves = leaves_of(measures_);
  if (leaves.size() < 2 || leaves.size() != measures_.size()) return -1;
  const auto leads = [&](int from, int to) {
    const auto& ways = known_.routes(from, to);
    return from == to || (ways.size() == 1 && ways.front().to_one);
  };
  const auto added_up = std::ranges::find_if(leaves, [](const Quantity& one) { return one.kind == Quantity::Kind::column && one.of == nullptr; });
  if (added_up == leaves.end()) return -1;
  const int table = home_of(*added_up);
  const auto counted = [&](const Quantity& one) {
    if (one.kind == Quantity::Kind::column) return home_of(one) == table && one.of == nullptr;
    return one.kind == Quantity::Kind::rows && one.of != nullptr && one.of->column < 0 && one.of->conditions.empty() && !one.of->ranking &&
           one.of->table != table && leads(table, one.of->table);
  };
  const auto at = [&](const ConditionPtr& one) {
    return one->what && !one->what->noun.links.empty() && one->what->noun.links.front().table == table;
  };
  const auto key = [](const Group& group) {
    const auto* set = std::get_if<SetPtr>(&group.key);
    return set == nullptr ? std::get<Quantity>(group.key).noun.links.front().table : (*set)->table;
  };
  const bool own = !query_.conditions.empty() || std::ranges::any_of(query_.groups, [&](const Group& group) { return key(group) == table; });
  const bool others = std::ranges::any_of(leaves, [](const Quantity& one) { return one.kind == Quantity::Kind::rows; });
  const bool whole = own && others && std::ranges::all_of(leaves, counted) && std::ranges::all_of(query_.conditions, at) &&
                     std::ranges::all_of(query_.groups, [&](const Group& group) { return leads(table, key(group)); });
  return whole ? table : -1;
}

bool Compiler::said_of_all_rows() const {
  std::vector<Quantity> said;
  for (const Output& output : query_.outputs.list)
    if (const auto* quantity = std::get_if<Quantity>(&output); quantity != nullptr && is_measure(*quantity)) said.push_back(*quantity);
  const auto leaves = leaves_of(said);
  if (leaves.empty() || (owner_ != nullptr && (owner_->column >= 0 || owner_->ranking))) return false;
  const int table = home_of(leaves.front());
  const auto of_table = [&](const Quantity& one) {
    return (one.kind == Quantity::Kind::rows || one.kind == Quantity::Kind::column) && home_of(one) == table &&
           (one.of == nullptr || one.of->column < 0);
  };
  if ((owner_ != nullptr && owner_->table != table) || !std::ranges::all_of(leaves, of_table)) return false;
  // "German customers to customers in France": said of the second alone, where the first has its own; not so "…, for orders of 1997", nor what
  // follows "A divided by B".
  if (std::ranges::any_of(leaves, [](const Quantity& one) { return one.of != nullptr && !one.of->conditions.empty(); })) {
    const bool divided = said_divided() && std::ranges::all_of(leaves, [](const Quantity& one) { return one.of != nullptr; });
    if (!divided) return query_.conditions.empty() && owner_ != nullptr && is_context(*owner_);
  }
  return std::ranges::all_of(query_.conditions, [&](const ConditionPtr& one) {
    const Link* link = one->kind == Condition::Kind::value           ? &one->value.links.front()
                       : one->what && !one->what->noun.links.empty() ? &one->what->noun.links.front()
                                                                     : nullptr;
    if (link == nullptr) return false;
    const auto& ways = known_.routes(table, link->table);
    return link->table == table || (ways.size() == 1 && ways.front().to_one);
  });
}

bool Compiler::said_divided() const {
  for (std::size_t i = 0; i < known_.words().size(); ++i)
    if (known_.lexicon.does(known_.words(), i, Role::divided)) return true;
  return false;
}

bool Compiler::is_context(const Set& set) const {
  constexpr std::size_t kBack = 2;
  std::size_t begin = set.noun.begin;
  for (const ConditionPtr& one : set.conditions) begin = std::min(begin, one->begin);
  for (std::size_t i = begin; i > 0 && begin - i < kBack; --i)
    if (known_.lexicon.opens_context(known_.words()[i - 1])) return true;
  return false;
}

bool Compiler::needs_apart() const {
  if (query_.keep_empty) return true;
  if (one_table_) return false;
  const auto leaves = leaves_of(measures_);
  return leaves.size() > 1 && std::ranges::any_of(leaves, [&](const Quantity& one) { return home_of(one) != home_of(leaves.front()); });
}

bool Compiler::counts_side_by_side() const {
  const auto leaves = leaves_of(measures_);
  const auto counts = [&](const Quantity& one) {
    const bool number = one.kind == Quantity::Kind::rows ||
                        (one.kind == Quantity::Kind::column && one.fn && one.of != nullptr && one.noun.links.front().table == one.of->table);
    return number && one.of != nullptr && one.of->column < 0 && !one.of->ranking && one.of->table == leaves.front().of->table;
  };
  return leaves.size() > 1 && std::ranges::all_of(leaves, counts) &&
         std::ranges::any_of(leaves, [&](const Quantity& one) { return !same_conditions(one, leaves.front()); });
}

Result<std::optional<Expr>> Compiler::true_of(const Set& set) {
  std::vector<Expr> all;
  for (const ConditionPtr& one : set.conditions) {
    TRY(const Place place, rows_->reach(rows_->root(), set.table));
    TRY(Expr condition, rows_->test(*one, place));
    all.push_back(std::move(condition));
  }
  if (all.empty()) return std::optional<Expr>();
  if (all.size() == 1) return std::optional(std::move(all.front()));
  return std::optional(plan::call(Fn::logical_and, std::move(all)));
}

Result<Expr> Compiler::count_where(const Set& set) {
  TRY(auto condition, true_of(set));
  if (!condition) return plan::call(Fn::count_rows, {});
  return plan::call(Fn::count, {plan::call(Fn::case_when, {*std::move(condition), plan::integer(1)})});
}

Result<Expr> Compiler::share_expr(const Quantity& measure) {
  if (measure.of != nullptr && rows_->root().table != measure.of->table)
    return shape_error("rows would be counted more than once for their share", "ask about fewer tables");
  const auto percent = [](Expr part, Expr whole) {
    return plan::call(Fn::divide, {plan::call(Fn::multiply, {Expr{hundred()}, std::move(part)}), std::move(whole)});
  };
  const bool counted = !measure.parts.empty() && measure.parts.front().kind == Quantity::Kind::rows;
  if (counted) {
    TRY(Expr part, count_where(*measure.parts.front().of));
    return percent(std::move(part), plan::call(Fn::count_rows, {}));
  }
  if (heads_.empty()) return shape_error("it is not clear what is a share of what", "say \"percentage of … that …\", or \"share of each …\"");
  const Quantity added = measure.parts.empty() ? Quantity{.kind = Quantity::Kind::rows, .of = measure.of} : measure.parts.front();
  TRY(Expr part, measure_expr(added));
  Query total{.outputs = {.list = {added}, .owner = added.of == nullptr ? owner_ : nullptr}};
  if (added.of != nullptr) total.conditions = query_.conditions;
  // "by carrier in March": of all in March.
  for (const Head& head : heads_)
    if (head.set != nullptr && head.set->table == rows_->root().table)
      total.conditions.insert(total.conditions.end(), head.set->conditions.begin(), head.set->conditions.end());
  TRY(plan::SpecDraft all, compile(known_, total, guesses_));
  return percent(std::move(part), plan::scalar(std::move(all)));
}

Result<plan::SpecDraft> Compiler::alone(const Quantity& measure, const Quantity* key) const {
  Query query{.outputs = {.list = {measure}}, .conditions = query_.conditions};
  const SetPtr& owner = query_.outputs.owner;
  const bool unsaid = owner != nullptr && owner->noun.links.empty() && owner->conditions.empty() && !measure.noun.links.empty();
  if (measure.of == nullptr) query.outputs.owner = unsaid ? std::make_shared<const Set>(Set{.table = measure.noun.links.front().table}) : owner;
  if (key != nullptr) {
    const SetPtr head = std::make_shared<const Set>(Set{.table = key->noun.links.front().table});
    query.outputs.list = {*key, measure};
    query.groups = {{.key = head}};
    if (measure.of == nullptr) query.outputs.owner = head;
    if (measure.of == nullptr && !query.conditions.empty())
      return shape_error("it is not clear what the conditions are said of", "ask for one number at a time");
  }
  TRY(plan::SpecDraft draft, compile(known_, query, guesses_));
  if (draft.select.columns.size() != query.outputs.list.size() || draft.limit)
    return shape_error("a number is asked for that is several", "ask for one number at a time");
  draft.order_by.clear();
  return draft;
}

Result<plan::SpecDraft> Compiler::apart() {
  const auto leaves = leaves_of(measures_);
  if (leaves.empty()) return shape_error("nothing is counted of which there could be none", "ask for the number of something");
  const bool several = std::ranges::any_of(leaves, [&](const Quantity& one) { return home_of(one) != home_of(leaves.front()); });
  if (several && !query_.conditions.empty())
    return shape_error("it is not clear which of the numbers the conditions are said of", "ask for one number at a time");
  for (const Quantity& one : leaves)
    if (one.kind == Quantity::Kind::share) return shape_error("a share is asked for beside other numbers", "ask for one number at a time");
  return heads_.empty() ? beside_each_other(leaves) : beside_head(leaves);
}

Expr Compiler::made_of(const Quantity& measure, const std::vector<Expr>& values, std::size_t& next) {
  if (measure.kind == Quantity::Kind::number) return {measure.number};
  if (!is_made_of_others(measure)) return values[next++];
  std::vector<Expr> args;
  args.reserve(measure.parts.size());
  for (const Quantity& part : measure.parts) args.push_back(made_of(part, values, next));
  return plan::call(operation_of(measure), std::move(args));
}

void Compiler::show_apart(const Quantity& measure, const std::vector<Expr>& values, std::size_t& next) {
  add_output(made_of(measure, values, next), measure_name(measure), "");
}

Result<plan::SpecDraft> Compiler::beside_each_other(const std::vector<Quantity>& leaves) {
  if (query_.keep_empty || !query_.order.empty()) return shape_error("one row has no order", "ask for the numbers alone");
  plan::SpecDraft draft;
  std::vector<Expr> values;
  for (const Quantity& one : leaves) {
    TRY(plan::SpecDraft query, alone(one, nullptr));
    const std::string name = query.select.columns.back().name, alias = "n" + std::to_string(values.size() + 1);
    values.push_back(plan::column(alias, name));
    plan::Source source = plan::from_query(std::move(query), alias);
    if (values.size() == 1)
      draft.select.from = std::move(source);
    else
      draft.select.joins.push_back({.kind = plan::JoinKind::cross, .source = std::move(source)});
  }
  std::size_t next = 0;
  for (const Output& output : query_.outputs.list) {
    const auto* quantity = std::get_if<Quantity>(&output);
    if (quantity == nullptr || !is_measure(*quantity)) return shape_error("numbers are asked for beside rows", "say \"per …\"");
    show_apart(*quantity, values, next);
  }
  draft.select.columns = columns_;
  return draft;
}

Result<plan::SpecDraft> Compiler::beside_head(const std::vector<Quantity>& leaves) {
  const Head& head = heads_.front();
  const auto keys = head.set == nullptr ? std::vector<std::string>{} : key_columns(table(head.set->table));
  // "flights per plane manufacturer": those of each plane, added up.
  const auto adds_up = [&](const Quantity& one) {
    const int home = home_of(one);
    const auto& ways = known_.routes(home, head.set->table);
    if (home != head.set->table && (ways.empty() || !ways.front().to_one)) return false;
    return (one.kind == Quantity::Kind::rows && !one.distinct && one.of->column < 0) || (one.kind == Quantity::Kind::column && one.fn == Fn::sum);
  };
  const bool values_of_rows = head.set != nullptr && head.set->column >= 0;
  const bool fits = !values_of_rows || (head.set->conditions.empty() && std::ranges::all_of(leaves, adds_up) &&
                                        std::ranges::none_of(measures_, is_made_of_others) && query_.outputs.list.size() == measures_.size());
  if (heads_.size() != 1 || head.set == nullptr || !fits || head.set->ranking || keys.size() != 1)
    return shape_error("several things are counted for each of something that is no row of a table", "ask for one number at a time");
  const Table& owner = table(head.set->table);
  rows_.emplace(known_, head.set->table, guesses_);
  TRY_VOID(restrict_rows(*head.set, rows_->root()));
  const int at = static_cast<int>(owner.find_column(keys.front()) - owner.columns.data());
  const Quantity key{.noun = {.links = {{Link::Kind::column, head.set->table, at, 1, ""}}}};
  std::vector<plan::Join> joins;
  std::vector<Expr> values;
  for (const Quantity& one : leaves) {
    if (one.kind == Quantity::Kind::rows && one.of->table == head.set->table)
      return shape_error("each row of \"" + owner.name.name + "\" would be counted by itself", "say what is counted for each of what");
    TRY(plan::SpecDraft query, alone(one, &key));
    const std::string alias = "n" + std::to_string(values.size() + 1), name = query.select.columns.back().name;
    const plan::JoinPair pair{plan::column(rows_->root().alias, keys.front()), plan::column(alias, query.select.columns.front().name)};
    Expr value = plan::column(alias, name);
    if (values_of_rows) value = plan::call(Fn::sum, {std::move(value)});
    if (one.kind == Quantity::Kind::rows) value = plan::call(Fn::coalesce, {std::move(value), plan::integer(0)});
    values.push_back(std::move(value));
    joins.push_back({.kind = plan::JoinKind::left, .source = plan::from_query(std::move(query), alias), .on = {pair}});
  }
  if (!shows(*head.set)) TRY_VOID(show_set(*head.set, rows_->root()));
  if (values_of_rows)
    for (const plan::Named& one : columns_) group_by(one.value);
  std::size_t next = 0;
  for (const Output& output : query_.outputs.list) {
    const auto* quantity = std::get_if<Quantity>(&output);
    if (quantity != nullptr && is_measure(*quantity)) {
      show_apart(*quantity, values, next);
    } else if (quantity != nullptr) {
      TRY_VOID(show_quantity(*quantity, rows_->root()));
    } else if (!measures_of(std::get<SetPtr>(output)->table) || std::get<SetPtr>(output)->table == head.set->table) {
      TRY_VOID(show_set(*std::get<SetPtr>(output), rows_->root()));
    }
  }
  if (next == 0) show_apart(measures_.front(), values, next);
  TRY_VOID(rows_->check());
  plan::SpecDraft draft = rows_->query(columns_);
  draft.select.joins.insert(draft.select.joins.end(), joins.begin(), joins.end());
  draft.select.group_by = groups_;
  for (const Ranking& order : query_.order) {
    if (const plan::Named* one = order.by.kind == Quantity::Kind::column && !order.by.fn ? shown_column(order.by.noun.links.front()) : nullptr) {
      draft.order_by.push_back({one->value, order.descending});
      continue;
    }
    const auto shown = std::ranges::find(columns_, is_measure(order.by) ? measure_name(order.by) : "", &plan::Named::name);
    if (!is_measure(order.by) || shown == columns_.end())
      return shape_error("the groups are ordered by what is not shown", "order by one of the numbers");
    draft.order_by.push_back({shown->value, order.descending});
  }
  if (draft.order_by.empty()) draft.order_by.push_back({columns_.front().value, false});
  return draft;
}

}  // namespace sluice::planner
