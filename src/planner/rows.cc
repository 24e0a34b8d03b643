#include "planner/rows.h"

#include <algorithm>
#include <cstdlib>

#include "planner/period_filter.h"
#include "planner/select_ranked.h"
#include "planner/verbs.h"

namespace sluice::planner {
namespace {

using plan::Expr;
using plan::Fn;

constexpr double kSeveralWays = 0.9, kSaysNothing = 0.35;

Error no_way(const std::string& from, const std::string& to) {
  return {ErrorKind::unanswerable, "E0604", "no keys lead from \"" + from + "\" to \"" + to + "\"",
          "declare the foreign key in the database, or write the SQL with `sluice query`", 0};
}

Expr all_of(std::vector<Expr> conditions) {
  return conditions.size() == 1 ? std::move(conditions.front()) : plan::call(Fn::logical_and, std::move(conditions));
}

std::optional<double> number_of(const Expr& expr) {
  const auto* literal = std::get_if<plan::Literal>(&expr.node);
  if (literal == nullptr) return std::nullopt;
  if (const auto* whole = std::get_if<std::int64_t>(&literal->value)) return static_cast<double>(*whole);
  const auto* text = std::get_if<std::string>(&literal->value);
  return literal->type == TypeKind::decimal && text != nullptr ? std::optional(std::strtod(text->c_str(), nullptr)) : std::nullopt;
}

/// "above 30" and "below 25", "in 1980" and "in 2024"
bool apart(const plan::Call& low, const plan::Call& high) {
  const bool bounds = (low.fn == Fn::gt || low.fn == Fn::ge) && (high.fn == Fn::lt || high.fn == Fn::le);
  if (!bounds || !(low.args[0] == high.args[0])) return false;
  const auto *from = std::get_if<plan::Literal>(&low.args[1].node), *to = std::get_if<plan::Literal>(&high.args[1].node);
  if (from != nullptr && to != nullptr && from->type == TypeKind::date && to->type == TypeKind::date)
    return std::get<std::string>(from->value) >= std::get<std::string>(to->value);  // as ISO 8601 writes them
  const auto least = number_of(low.args[1]), most = number_of(high.args[1]);
  return least && most && *least >= *most;
}

bool is_range(const plan::Call& call) {
  return call.fn == Fn::gt || call.fn == Fn::ge || call.fn == Fn::lt || call.fn == Fn::le || call.fn == Fn::between;
}

/// What a call compares, where it compares one thing alone.
const Expr* compared_in(const plan::Call& call) {
  if (call.fn != Fn::logical_and) return call.args.empty() ? nullptr : &call.args.front();
  const Expr* one = nullptr;
  for (const Expr& part : call.args) {
    const auto* inner = std::get_if<plan::Call>(&part.node);
    if (inner == nullptr || inner->args.empty() || (one != nullptr && !(*one == inner->args.front()))) return nullptr;
    one = &inner->args.front();
  }
  return one;
}

/// "in January but not in February": said of one row, the denial says nothing.
bool says_nothing(const plan::Call& said, const plan::Call& denied) {
  if (denied.fn == Fn::ne) return (said.fn == Fn::eq || said.fn == Fn::in) && said.args[0] == denied.args[0];
  const auto* inner = denied.fn == Fn::logical_not ? std::get_if<plan::Call>(&denied.args.front().node) : nullptr;
  if (inner == nullptr || inner->fn == Fn::is_null) return false;
  const Expr* what = compared_in(*inner);
  const bool fixed = said.fn == Fn::eq || said.fn == Fn::in || (is_range(said) && inner->fn == Fn::logical_and);
  return what != nullptr && fixed && said.args[0] == *what;
}

/// Whether two conditions want one column to be two things, or one of them says no more than the other.
bool contradict(const Expr& a, const Expr& b) {
  const auto *first = std::get_if<plan::Call>(&a.node), *second = std::get_if<plan::Call>(&b.node);
  if (first != nullptr && second != nullptr) {
    if (apart(*first, *second) || apart(*second, *first)) return true;
    // What is missing is neither more nor less than anything.
    const auto missing = [](const plan::Call& one, const plan::Call& other) {
      return one.fn == Fn::is_null && is_range(other) && one.args[0] == other.args[0];
    };
    if (missing(*first, *second) || missing(*second, *first)) return true;
    if (says_nothing(*first, *second) || says_nothing(*second, *first)) return true;
  }
  const auto one_of = [](const plan::Call* call) { return call != nullptr && (call->fn == Fn::eq || call->fn == Fn::in); };
  if (!one_of(first) || !one_of(second) || !(first->args[0] == second->args[0])) return false;
  return std::none_of(first->args.begin() + 1, first->args.end(),
                      [&](const Expr& value) { return std::find(second->args.begin() + 1, second->args.end(), value) != second->args.end(); });
}

}  // namespace

std::vector<std::string> key_columns(const Table& table) {
  if (table.primary_key) return table.primary_key->columns;
  return {};
}

Rows::Rows(const Known& known, int root, Guesses& guesses) : known_(known), guesses_(guesses), root_(root), alias_(known.called(root)) {}

std::string Rows::join(const std::string& from, int edge, bool left) {
  for (Joined& one : joins_)
    if (one.from == from && one.edge == edge) {
      one.left = one.left && left;
      return one.alias;
    }
  const Edge& key = known_.schema.graph.edge(edge);
  std::string alias = known_.called(key.to);
  if (is_taken(alias)) alias = key.columns.front().first + "_" + alias;
  for (int n = 2; is_taken(alias); ++n) alias += "_" + std::to_string(n);
  joins_.push_back({from, alias, edge, left});
  return alias;
}

bool Rows::is_taken(const std::string& alias) const {
  return alias == alias_ || std::ranges::any_of(joins_, [&](const Joined& one) { return one.alias == alias; }) ||
         std::ranges::any_of(beside_, [&](const Beside& one) { return one.alias == alias; });
}

std::pair<Expr, Expr> Rows::sides(const Edge& edge, std::size_t i, const std::string& from, const std::string& to) const {
  const auto& [near, far] = edge.columns[i];
  const Column *near_column = known_.table(edge.from).find_column(near), *far_column = known_.table(edge.to).find_column(far);
  Expr left = plan::column(from, near), right = plan::column(to, far);
  const auto kind = [](const Column* column) { return column == nullptr ? TypeKind::unknown : column->type.kind; };
  if (kind(near_column) == TypeKind::text && kind(far_column) == TypeKind::integer) right = plan::call(Fn::to_text, {right});
  if (kind(near_column) == TypeKind::integer && kind(far_column) == TypeKind::text) left = plan::call(Fn::to_text, {left});
  return {left, right};
}

const Route* Rows::route(int from, int to, Condition::Way way) {
  const auto& all = known_.routes(from, to);
  if (all.empty()) return nullptr;
  if (all.size() > 1 && way != Condition::Way::none)
    if (const Route* one = known_.towards(all, way)) return one;
  if (all.size() > 1) {
    const Route* best = known_.preferred(all);
    if (best != nullptr) return best;
    guesses_.cost += kSeveralWays;
  }
  return &all.front();
}

Result<Place> Rows::reach(const Place& from, int table) {
  if (from.table == table) return from;
  const Route* way = route(from.table, table);
  if (way == nullptr || !way->to_one) return no_way(known_.called(from.table), known_.called(table));
  Place place = from;
  for (const Step& step : way->steps) {
    const Edge& edge = known_.schema.graph.edge(step.edge);
    place = {join(place.alias, step.edge, false), edge.to};
  }
  return place;
}

Place Rows::look_up(const Place& from, int edge) { return {join(from.alias, edge, true), known_.schema.graph.edge(edge).to}; }

Result<Expr> Rows::column(const Place& from, const Link& link) {
  TRY(const Place place, reach(from, link.table));
  return value_at(place, link);
}

Result<Expr> Rows::shown(const Place& from, const Link& link, bool beside) {
  if ((known_.role(link.table) == nullptr && !beside) || from.table == link.table) return column(from, link);
  const Route* way = route(from.table, link.table);
  if (beside && way != nullptr && way->to_one) {
    std::string alias = from.alias;
    for (const Step& step : way->steps) alias = join(alias, step.edge, known_.schema.graph.edge(step.edge).optional);
    return value_at({alias, link.table}, link);
  }
  if (way == nullptr || way->steps.size() != 1 || !way->to_one) return column(from, link);
  const int edge = way->steps.front().edge;
  return value_at({join(from.alias, edge, known_.schema.graph.edge(edge).optional), link.table}, link);
}

Result<std::optional<Expr>> Rows::along(const Place& place, std::span<const Step> steps, bool apart, const Then& then) {
  if (steps.empty()) return then(*this, place);
  const Edge& edge = known_.schema.graph.edge(steps.front().edge);
  const auto rest = steps.subspan(1);
  if (steps.front().forward && !apart) return along({join(place.alias, steps.front().edge, loose_ > 0 && edge.optional), edge.to}, rest, false, then);
  const bool forward = steps.front().forward;
  Rows inner(known_, forward ? edge.to : edge.from, guesses_);
  inner.by_key_ = known_.makes_role(steps.front().edge, inner.root_);
  TRY(auto condition, inner.along(inner.root(), rest, false, then));
  if (condition) inner.where(*std::move(condition));
  TRY_VOID(inner.check());
  std::vector<plan::Named> columns;
  std::vector<plan::JoinKey> on;
  for (std::size_t i = 0; i < edge.columns.size(); ++i) {
    const auto [from, to] = forward ? sides(edge, i, place.alias, inner.alias_) : sides(edge, i, inner.alias_, place.alias);
    const std::string& name = forward ? edge.columns[i].second : edge.columns[i].first;
    columns.push_back({name, forward ? to : from});
    on.push_back({forward ? from : to, name});
  }
  return std::optional(plan::exists(inner.query(std::move(columns)), std::move(on)));
}

Result<> Rows::restrict(const Set& set, const Place& place) {
  for (const ConditionPtr& one : set.conditions) {
    TRY(Expr condition, this->condition(*one, place));
    where(std::move(condition));
  }
  return {};
}

Result<Expr> Rows::member(const Set& set, const Place& place, bool apart, Condition::Way to) {
  const Then inside = [&](Rows& rows, const Place& at) -> Result<std::optional<Expr>> {
    if (set.ranking) {
      TRY(Expr chosen, ranked_member(known_, set, at, guesses_));
      return std::optional(std::move(chosen));
    }
    std::vector<Expr> all;
    for (const ConditionPtr& one : set.conditions) {
      TRY(Expr condition, rows.condition(*one, at));
      all.push_back(std::move(condition));
    }
    // "an advisor" is there where the column is.
    if (set.column >= 0) {
      const Expr column = plan::column(at.alias, known_.column(set.table, set.column).name);
      all.push_back(plan::call(Fn::logical_not, {plan::call(Fn::is_null, {column})}));
    }
    if (all.empty()) return std::optional<Expr>();
    return std::optional(all_of(std::move(all)));
  };
  if (set.table == place.table) {
    TRY(auto condition, inside(*this, place));
    if (condition) return *std::move(condition);
    return Error{ErrorKind::unanswerable, "E0606", "it is not clear what \"" + known_.called(set.table) + "\" has to do with itself", "", 0};
  }
  const Route* way = route(place.table, set.table, to);
  if (way == nullptr) return no_way(known_.called(place.table), known_.called(set.table));
  const auto& ways = known_.routes(place.table, set.table);
  if (ways.size() > 1 && to == Condition::Way::none && !ways.front().to_one && known_.preferred(ways) == nullptr) {
    // In whatever role: a border is one of either country.
    std::vector<Expr> any;
    for (const Route& one : ways) {
      TRY(auto condition, along(place, one.steps, apart, inside));
      if (condition) any.push_back(*std::move(condition));
    }
    if (any.size() > 1) return plan::call(Fn::logical_or, std::move(any));
  }
  // Each flight has a carrier: who says no more than that has said something else.
  if (way->to_one && set.conditions.empty() && !set.ranking && set.column < 0 && loose_ == 0 && !apart && known_.role(set.table) == nullptr)
    guesses_.cost += kSaysNothing;
  TRY(auto condition, along(place, way->steps, apart || (way->to_one && set.conditions.empty() && !set.ranking), inside));
  if (condition) return *std::move(condition);
  return Error::bug("a member without a condition");
}

Result<Expr> Rows::condition(const Condition& condition, const Place& place) {
  switch (condition.kind) {
    case Condition::Kind::member: return member(*condition.set, place, false, condition.way);
    case Condition::Kind::count: return counted(condition, place);
    case Condition::Kind::all: return joined(condition, place, Fn::logical_and);
    // "from both Germany and France": no row is from both, and either is meant.
    case Condition::Kind::both: return joined(condition, place, excludes_itself(condition, place) ? Fn::logical_or : Fn::logical_and);
    case Condition::Kind::any:
    case Condition::Kind::none: {
      ++loose_;
      auto out = condition.kind == Condition::Kind::any ? joined(condition, place, Fn::logical_or) : negated(*condition.parts.front(), place);
      --loose_;
      return out;
    }
    default: return compared(condition, place);
  }
}

bool Rows::excludes_itself(const Condition& condition, const Place& place) const {
  return std::ranges::all_of(condition.parts, [&](const ConditionPtr& part) {
    if (part->kind != Condition::Kind::value && part->kind != Condition::Kind::period) return false;
    const Link& link = part->kind == Condition::Kind::value ? part->value.links.front() : part->what->noun.links.front();
    const auto& ways = known_.routes(place.table, link.table);
    return link.table == place.table || (!ways.empty() && ways.front().to_one);
  });
}

Result<Expr> Rows::test(const Condition& condition, const Place& place) {
  ++loose_;
  auto out = this->condition(condition, place);
  --loose_;
  return out;
}

Result<Expr> Rows::joined(const Condition& condition, const Place& place, Fn fn) {
  std::vector<Expr> parts;
  for (const ConditionPtr& part : condition.parts) {
    TRY(Expr one, this->condition(*part, place));
    parts.push_back(std::move(one));
  }
  // Values of one column are a list.
  const auto equal = [](const Expr& expr) {
    const auto* call = std::get_if<plan::Call>(&expr.node);
    return call != nullptr && call->fn == Fn::eq ? call : nullptr;
  };
  const auto* first = equal(parts.front());
  if (fn == Fn::logical_or && first != nullptr &&
      std::ranges::all_of(parts, [&](const Expr& part) { return equal(part) != nullptr && equal(part)->args[0] == first->args[0]; })) {
    std::vector<Expr> args{first->args[0]};
    for (const Expr& part : parts) args.push_back(equal(part)->args[1]);
    return plan::call(Fn::in, std::move(args));
  }
  return plan::call(fn, std::move(parts));
}

bool Rows::may_not_be(const Condition& condition, const Place& place) const {
  if (condition.kind != Condition::Kind::period || !condition.what) return false;
  const Noun& noun = condition.what->noun;
  if (noun.end != noun.begin + 1 || noun.begin >= known_.words().size() || dates_of_event(known_, known_.words(), noun.begin).links.empty())
    return false;
  const Link& link = noun.links.front();
  const auto& ways = known_.routes(place.table, link.table);
  return known_.column(link).nullable && (link.table == place.table || (!ways.empty() && ways.front().to_one));
}

bool Rows::compares_what_may_not_be(const Condition& condition) const {
  if (condition.kind != Condition::Kind::compare || !condition.what || condition.what->noun.links.empty()) return false;
  const FormulaColumn* formula = known_.formula(condition.what->noun.links.front());
  if (formula == nullptr || formula->column.type.kind != TypeKind::boolean) return false;
  return std::ranges::any_of(links_in(formula->formula), [&](const Link& link) {
    return known_.column(link).nullable && (known_.column(link).type.is_temporal() || known_.is_date_as_text(link));
  });
}

Result<Expr> Rows::missing(const Condition& condition, const Place& place) {
  Condition present{.kind = Condition::Kind::present, .what = condition.what};
  present.way = condition.way;
  return negated(present, place);
}

Result<Expr> Rows::negated(const Condition& condition, const Place& place) {
  if (condition.kind == Condition::Kind::member) {
    TRY(Expr inner, member(*condition.set, place, true, condition.way));
    return plan::call(Fn::logical_not, {std::move(inner)});
  }
  if (condition.kind == Condition::Kind::none) return this->condition(*condition.parts.front(), place);
  // Of what may have happened or not, each is denied for itself.
  const bool joined = condition.kind == Condition::Kind::any || condition.kind == Condition::Kind::all;
  if (joined && std::ranges::any_of(condition.parts, [&](const ConditionPtr& part) { return may_not_be(*part, place); })) {
    std::vector<Expr> denied;
    for (const ConditionPtr& part : condition.parts) {
      TRY(Expr one, negated(*part, place));
      denied.push_back(std::move(one));
    }
    return plan::call(condition.kind == Condition::Kind::any ? Fn::logical_and : Fn::logical_or, std::move(denied));
  }
  if (condition.kind == Condition::Kind::period && condition.what && known_.is_sampled_date(condition.what->noun.links.front()))
    return Error{
        ErrorKind::unanswerable, "E0606",
        "not all of \"" + known_.column(condition.what->noun.links.front()).name + "\" is known to be dates, so that a period cannot be denied",
        "say when it was", 0};
  if (compares_what_may_not_be(condition))
    return Error{ErrorKind::unanswerable, "E0606", "it is not clear whether what never happened is meant too", "say what was, and not what was not",
                 0};
  if (may_not_be(condition, place)) {
    TRY(Expr inner, this->condition(condition, place));
    TRY(Expr missing, this->missing(condition, place));
    return plan::call(Fn::logical_or, {std::move(missing), plan::call(Fn::logical_not, {std::move(inner)})});
  }
  TRY(Expr inner, this->condition(condition, place));
  auto* call = std::get_if<plan::Call>(&inner.node);
  if (call != nullptr && call->fn == Fn::eq) return plan::call(Fn::ne, std::move(call->args));
  if (call != nullptr && call->fn == Fn::logical_not) return std::move(call->args.front());
  return plan::call(Fn::logical_not, {std::move(inner)});
}

/// The value as the column has it: one that a comment names may be a number.
Expr Rows::value_of(const Link& link) const {
  if (known_.column(link).type.kind != TypeKind::integer) return plan::text(link.value);
  return plan::integer(std::strtoll(link.value.c_str(), nullptr, 10));
}

Expr Rows::is_value(const Condition& condition, Expr column) const {
  Link link = condition.value.links.front();
  std::vector<Expr> args{std::move(column)};
  for (const std::string& one : known_.spellings(condition.value)) {
    link.value = one;
    args.push_back(value_of(link));
  }
  const Fn fn = args.size() > 2 ? Fn::in : Fn::eq;
  return plan::call(fn, std::move(args));
}

Result<Expr> Rows::compared(const Condition& condition, const Place& place) {
  const bool by_value = condition.kind == Condition::Kind::value;
  if (!by_value && (!condition.what || condition.what->kind != Quantity::Kind::column || condition.what->fn))
    return aggregate_compared(known_, condition, place, guesses_);
  const Link& link = by_value ? condition.value.links.front() : condition.what->noun.links.front();
  const Then compare = [&](Rows& rows, const Place& at) -> Result<std::optional<Expr>> {
    TRY(Expr column, rows.value_at(at, link));
    if (known_.is_computed(link, Computed::Kind::condition)) return std::optional(std::move(column));
    if (by_value) return std::optional(is_value(condition, std::move(column)));
    if (condition.kind == Condition::Kind::present) return std::optional(plan::call(Fn::logical_not, {plan::call(Fn::is_null, {column})}));
    if (condition.kind == Condition::Kind::average || condition.kind == Condition::Kind::versus) {
      TRY(Expr out, rows.of_average(condition, place, std::move(column)));
      return std::optional(std::move(out));
    }
    if (condition.kind == Condition::Kind::period) {
      TRY(Expr out, period_filter(known_, at.alias, link, column, condition.period));
      return std::optional(std::move(out));
    }
    std::vector<Expr> args{std::move(column)};
    for (const plan::Literal& operand : condition.operands) args.push_back({operand});
    return std::optional(plan::call(condition.fn, std::move(args)));
  };
  if (link.table == place.table) {
    TRY(auto out, compare(*this, place));
    return *std::move(out);
  }
  const Route* way = route(place.table, link.table, condition.way);
  if (way == nullptr) return no_way(known_.called(place.table), known_.called(link.table));
  TRY(auto out, along(place, way->steps, false, compare));
  return *std::move(out);
}

Result<Expr> Rows::of_average(const Condition& condition, const Place& place, Expr column) {
  if (condition.kind == Condition::Kind::versus) {
    const Quantity& beside = *condition.other;
    if (beside.of != nullptr && known_.role(beside.of->table) != nullptr && beside.of->conditions.empty() && !beside.of->ranking) {
      TRY(Expr value, this->column(place, beside.noun.links.front()));
      return plan::call(condition.fn, {std::move(column), std::move(value)});
    }
    TRY(plan::SpecDraft other, ranked_value(known_, *condition.other, guesses_));
    return plan::call(condition.fn, {std::move(column), plan::scalar(std::move(other))});
  }
  const Link& link = condition.what->noun.links.front();
  if (condition.set != nullptr && condition.set->column < 0 && condition.set->table == link.table) {
    Rows some(known_, link.table, guesses_);
    TRY_VOID(some.restrict(*condition.set, some.root()));
    TRY(Expr value, some.value_at(some.root(), link));
    return plan::call(condition.fn, {std::move(column), plan::scalar(some.query({{"average", plan::call(Fn::avg, {std::move(value)})}}))});
  }
  if (condition.set != nullptr) return beyond_group_average(known_, condition, place, guesses_);
  // The average is over all rows of the same thing.
  Rows all(known_, place.table, guesses_);
  TRY(Expr value, all.column(all.root(), link));
  return plan::call(condition.fn, {std::move(column), plan::scalar(all.query({{"average", plan::call(Fn::avg, {std::move(value)})}}))});
}

Result<Expr> Rows::counted(const Condition& condition, const Place& place) { return counted_member(known_, condition, place, guesses_); }

Result<> Rows::check() const {
  for (std::size_t i = 0; i < conditions_.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (contradict(conditions_[i], conditions_[j]))
        return Error{ErrorKind::unanswerable, "E0606", "the question wants one column to have two values at once",
                     "say \"or\", or ask for one of them", 0};
  return {};
}

void Rows::add_default_filter(const Place& place, std::vector<Expr>& all) const {
  const auto filter = known_.schema.house.filters.find(known_.base_of(place.table));
  if (filter == known_.schema.house.filters.end()) return;
  const Table& table = known_.table(place.table);
  const auto names = columns_in(filter->second);
  const bool spoken = std::ranges::any_of(names, [&](const std::string& name) {
    return guesses_.spoken.contains({place.table, static_cast<int>(table.find_column(name) - table.columns.data())});
  });
  if (!spoken) all.push_back(seen_from(filter->second, place.alias));
}

void Rows::add_role(std::vector<Expr>& all) const {
  const RoleTable* role = known_.role(root_);
  if (role == nullptr || by_key_) return;
  if (std::ranges::any_of(joins_, [&](const Joined& one) { return one.from == alias_ && known_.makes_role(one.edge, root_); })) return;
  const ForeignKey& key = known_.table(role->from).foreign_keys[role->key];
  const std::string &near = key.columns.front(), &far = key.target_columns.front();
  if (role->referring) {
    all.push_back(plan::call(Fn::logical_not, {plan::call(Fn::is_null, {plan::column(alias_, near)})}));
    return;
  }
  Rows others(known_, role->from, guesses_);
  Expr in_role = plan::exists(others.query({{near, plan::column(others.alias_, near)}}), {{plan::column(alias_, far), near}});
  // Whoever has such rows of a certain kind has some.
  const auto same_key = [&](const Expr& one) {
    const auto *exists = std::get_if<plan::Exists>(&one.node), *wanted = std::get_if<plan::Exists>(&in_role.node);
    return exists != nullptr && exists->on == wanted->on && exists->query->select.from.table == wanted->query->select.from.table;
  };
  if (std::ranges::none_of(all, same_key)) all.push_back(std::move(in_role));
}

plan::Select Rows::select() const {
  plan::Select select;
  select.from = {.table = known_.table(root_).name, .alias = alias_};
  for (const Joined& one : joins_) {
    const Edge& edge = known_.schema.graph.edge(one.edge);
    // What hangs on a left join is itself looked up.
    const bool left = one.left || std::ranges::any_of(select.joins, [&](const plan::Join& before) {
                        return before.source.alias == one.from && before.kind == plan::JoinKind::left;
                      });
    plan::Join join{.kind = left ? plan::JoinKind::left : plan::JoinKind::inner, .source = {.table = known_.table(edge.to).name, .alias = one.alias}};
    for (std::size_t i = 0; i < edge.columns.size(); ++i) {
      auto [left_side, right_side] = sides(edge, i, one.from, one.alias);
      join.on.push_back({std::move(left_side), std::move(right_side)});
    }
    select.joins.push_back(std::move(join));
  }
  std::vector<Expr> all = conditions_;
  add_default_filter({alias_, root_}, all);
  add_role(all);
  for (const plan::Join& join : select.joins) {
    const auto one = std::ranges::find(joins_, join.source.alias, &Joined::alias);
    const Edge& edge = known_.schema.graph.edge(one->edge);
    std::vector<Expr> filter;
    add_default_filter({one->alias, edge.to}, filter);
    // What refers to nothing stays; what refers to a row that no question is about goes with it.
    for (Expr& each : filter)
      all.push_back(
          join.kind == plan::JoinKind::inner
              ? std::move(each)
              : plan::call(Fn::logical_or, {std::move(each), plan::call(Fn::is_null, {plan::column(one->alias, edge.columns.front().second)})}));
  }
  for (const Beside& one : beside_) select.joins.push_back(one.join);
  if (!all.empty()) select.where = all_of(std::move(all));
  return select;
}

plan::SpecDraft Rows::query(std::vector<plan::Named> columns) const {
  plan::SpecDraft draft;
  draft.select = select();
  draft.select.columns = std::move(columns);
  return draft;
}

}  // namespace sluice::planner
