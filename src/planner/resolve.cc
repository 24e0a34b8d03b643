#include "planner/resolve.h"

#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "planner/labels.h"
#include "planner/same_rows.h"

namespace sluice::planner {
namespace {

constexpr std::size_t kKept = 3;
constexpr double kLinkWeight = 0.8, kKeepWithin = 0.35, kUnlikeValues = 0.8, kAlternatives = 0.1, kValueOfMany = 0.2, kWayNamed = 0.1,
                 kWholeName = 0.7, kRefers = 0.05, kOfMany = 0.8, kOtherColumn = 0.3, kBothOfOne = 0.36;

template <class T>
void keep_best(std::vector<Likely<T>>& list) {
  std::ranges::stable_sort(list, [](const auto& a, const auto& b) { return a.cost < b.cost; });
  while (!list.empty() && (list.size() > kKept || list.back().cost > list.front().cost + kKeepWithin)) list.pop_back();
}

/// Columns that fit the words equally well: only the person knows which is meant.
void mark_rivals(const Known& known, std::vector<Likely<Quantity>>& list) {
  constexpr double kEqual = 0.02;
  if (list.size() < 2 || list[1].cost > list[0].cost + kEqual) return;
  const Link &first = list[0].meaning.noun.links.front(), &second = list[1].meaning.noun.links.front();
  if (first.table == second.table && first.column == second.column) return;
  // A key and what it refers to hold the same.
  const auto target = [&](const Link& link) {
    const int edge = known.schema.graph.edge_of(link.table, known.column(link).name);
    return edge < 0 ? link.table : known.schema.graph.edge(edge).to;
  };
  if (known.is_key(first) && known.is_key(second) && target(first) == target(second)) return;
  const Quantity other = list[0].meaning;
  list[0].meaning.rivals = {list[1].meaning};
  list[1].meaning.rivals = {other};
}

bool is_literal_of(const plan::Literal& literal, TypeKind kind) { return literal.type == kind; }

/// "15 million" of a budget that is told in millions is 15.
plan::Literal scaled(const Known& known, const plan::Literal& literal, const Column& column) {
  constexpr std::int64_t kTen = 10;
  int scale = 0;
  for (const auto pieces = name_pieces(column.name); const std::string& piece : pieces) scale = std::max(scale, known.lexicon.scale_of(piece));
  const auto* whole = std::get_if<std::int64_t>(&literal.value);
  if (scale == 0 || whole == nullptr) return literal;
  std::int64_t unit = 1;
  for (int i = 0; i < scale; ++i) unit *= kTen;
  constexpr std::int64_t kSeldom = 100;  // of a unit, so much is said in full
  if (*whole < unit / kSeldom) return literal;
  if (*whole % unit == 0) return {TypeKind::integer, Value{*whole / unit}};
  std::string rest = std::to_string(*whole % unit);
  rest.insert(0, static_cast<std::size_t>(scale) - rest.size(), '0');
  return {TypeKind::decimal, Value{std::to_string(*whole / unit) + "." + rest.substr(0, rest.find_last_not_of('0') + 1)}};
}

/// "before 40" is said of no year.
bool is_no_year(const plan::Literal& literal, const Column& column) {
  constexpr std::int64_t kEarliest = 1000;
  const auto pieces = name_pieces(column.name);
  const auto* whole = std::get_if<std::int64_t>(&literal.value);
  return whole != nullptr && *whole < kEarliest && !pieces.empty() && pieces.back() == "year";
}

/// The operand as a value of the column's type; nothing where it cannot be one.
std::optional<plan::Literal> fitted(const Known& known, const plan::Literal& literal, const Link& link, plan::Fn fn) {
  const Column& column = known.column(link);
  const bool number = literal.type == TypeKind::integer || literal.type == TypeKind::floating || literal.type == TypeKind::decimal;
  const bool match = fn == plan::Fn::contains || fn == plan::Fn::starts_with || fn == plan::Fn::ends_with;
  if (match && column.type.kind != TypeKind::text) return std::nullopt;
  if (column.type.is_numeric()) {
    if (number && is_no_year(literal, column)) return std::nullopt;
    if (number) return scaled(known, literal, column);
    if (literal.type != TypeKind::text) return std::nullopt;
    const auto& written = std::get<std::string>(literal.value);
    char* end = nullptr;
    const long long value = std::strtoll(written.c_str(), &end, 10);
    if (written.empty() || *end != '\0') return std::nullopt;
    return plan::Literal{TypeKind::integer, Value{std::int64_t{value}}};
  }
  if (column.type.kind == TypeKind::text) {
    if (literal.type == TypeKind::text) return literal;
    // Numbers as text compare like numbers only where they all have as many digits.
    const auto pieces = name_pieces(column.name);
    const bool years = std::ranges::find(pieces, "year") != pieces.end();
    if (literal.type != TypeKind::integer) return std::nullopt;
    constexpr std::size_t kYearDigits = 4;
    const std::string written = std::to_string(std::get<std::int64_t>(literal.value));
    if (years && written.size() != kYearDigits) return std::nullopt;  // "older than 40" is no year
    // A name is seldom a number.
    const bool known_so = (is_code(column) && written.size() != kYearDigits) || known.schema.index.has_value(link, written);
    if (years || (fn == plan::Fn::eq && known_so)) return plan::Literal{TypeKind::text, Value{written}};
    return std::nullopt;
  }
  if (column.type.kind == TypeKind::boolean) return is_literal_of(literal, TypeKind::boolean) ? std::optional(literal) : std::nullopt;
  if (column.type.is_temporal()) return is_literal_of(literal, TypeKind::date) ? std::optional(literal) : std::nullopt;
  return std::nullopt;
}

using Conditions = std::vector<Likely<ConditionPtr>>;

ConditionPtr made(Condition condition) { return std::make_shared<const Condition>(std::move(condition)); }

class Resolver {
 public:
  Resolver(const Known& known, int table) : known_(known), table_(table) {}

  Conditions resolve(const ConditionPtr& condition) const {
    Conditions out;
    switch (condition->kind) {
      case Condition::Kind::compare:
      case Condition::Kind::present:
      case Condition::Kind::average:
      case Condition::Kind::versus: out = compared(*condition); break;
      case Condition::Kind::value: out = value(*condition); break;
      case Condition::Kind::member:
      case Condition::Kind::count: out = related(condition); break;
      case Condition::Kind::period: out = period(*condition); break;
      default: out = parts(*condition);
    }
    keep_best(out);
    return out;
  }

 private:
  Conditions compared(const Condition& condition) const {
    Conditions out;
    // What a row is told by the others is shown, and no row is chosen by it.
    const auto window = [](const std::optional<Quantity>& one) { return one && one->kind == Quantity::Kind::window; };
    if (!condition.what || window(condition.what) || window(condition.other)) return out;
    for (auto& [what, cost] : planner::resolve(known_, *condition.what, table_)) {
      // "winners in 2013" are not told by the number of a key.
      if (!what.fn && what.kind == Quantity::Kind::column && condition.kind == Condition::Kind::compare && known_.is_key(what.noun.links.front()) &&
          what.noun.links.front().score < kWholeName)
        continue;
      const bool ordered = condition.fn != plan::Fn::eq && condition.fn != plan::Fn::ne && condition.fn != plan::Fn::in;
      if (!what.fn && what.kind == Quantity::Kind::column && ordered && condition.kind != Condition::Kind::present &&
          known_.is_key(what.noun.links.front()))
        continue;  // "at least one country" is no number of a country
      Condition one = condition;
      const bool column = what.kind == Quantity::Kind::column && (!what.fn || *what.fn == plan::Fn::min || *what.fn == plan::Fn::max);
      double more = 0;
      if (column && !fit(one, what.noun.links.front(), more)) continue;
      if (!column && std::ranges::any_of(one.operands, [](const plan::Literal& operand) { return operand.type == TypeKind::text; })) continue;
      if (condition.kind == Condition::Kind::versus) {
        if (!condition.other || condition.other->of == nullptr) continue;
        const auto other = planner::resolve(known_, *condition.other, condition.other->of->table);
        if (other.empty()) continue;
        one.other = other.front().meaning;
        one.other->of = condition.other->of;
      }
      one.what = std::move(what);
      out.push_back({made(std::move(one)), cost + more});
    }
    return out;
  }

  /// Fits the operands to the column; false where they cannot be compared.
  bool fit(Condition& condition, const Link& link, double& cost) const {
    const Column& column = known_.column(link);
    if (condition.kind == Condition::Kind::average || condition.kind == Condition::Kind::versus)
      return column.type.is_numeric() || column.type.is_temporal();
    for (plan::Literal& operand : condition.operands) {
      const auto value = fitted(known_, operand, link, condition.fn);
      if (!value) return false;
      if (!(*value == operand)) cost += 0.1;
      // 'Smith' is the last name that is known, not a title that nobody has seen.
      if (condition.fn == plan::Fn::eq && value->type == TypeKind::text && known_.schema.index.is_value(std::get<std::string>(value->value)) &&
          !known_.schema.index.has_value(link, std::get<std::string>(value->value)))
        cost += kOtherColumn;
      operand = *value;
    }
    return true;
  }

  /// The "manager of Nancy" isn't called so, nor are "Andrew's reports" all called Andrew.
  bool may_be_of_role(const Condition& condition, const Link& link) const {
    if (link.table == table_ && belongs_to_role(known_, table_, condition.begin)) return false;
    const RoleTable* role = known_.role(table_);
    if (role == nullptr || !role->of_itself() || link.table == role->base) return true;
    return !role->referring && !known_.is_beside_role(condition.begin, condition.end);
  }

  Conditions value(const Condition& condition) const {
    Conditions out;
    for (const Link& link : condition.value.links) {
      if (!known_.may_speak_of(table_, link.table, condition.way) || !may_be_of_role(condition, link)) continue;
      const double far = known_.distance(table_, link.table);
      if (far >= Known::kUnreachable) continue;
      const auto pieces = name_pieces(known_.column(link).name);
      double cost = cost_of(link) + far;
      const auto& ways = known_.routes(table_, link.table);
      if (link.table != table_ && (ways.empty() || !ways.front().to_one)) cost += kValueOfMany;
      // "to JFK" must not become "from JFK" because only origins are known to hold that value.
      const bool from = known_.lexicon.points_from(pieces), to = known_.lexicon.points_to(pieces);
      if (condition.way == Condition::Way::to && from && !to) continue;
      if (condition.way == Condition::Way::from && to && !from) continue;
      if ((condition.way == Condition::Way::to && to) || (condition.way == Condition::Way::from && from)) cost -= 0.1;
      if (condition.way != Condition::Way::none && link.table != table_ && !ways.empty())
        cost += known_.towards(ways, condition.way) != nullptr ? 0 : kWayNamed;
      Condition one = condition;
      one.value.links = {link};
      out.push_back({made(std::move(one)), std::max(cost, 0.0)});
    }
    return out;
  }

  Conditions related(const ConditionPtr& condition) const {
    const Set& set = *condition->set;
    // A table's rows do not belong to rows of the same table, nor do all values of its own columns say anything of them.
    const bool member = condition->kind == Condition::Kind::member;
    if (member && set.column >= 0) return {};
    if (member && set.table == table_ && set.column < 0 && set.ranking) return {};
    if (member && is_dated_on_the_way(known_, table_, set)) return {};
    const double far = known_.distance(table_, set.table);
    if (far >= Known::kUnreachable) return {};
    return {{condition, far}};
  }

  Conditions period(const Condition& condition) const {
    Conditions out;
    if (condition.what) {
      for (auto& [what, cost] : planner::resolve(known_, *condition.what, table_)) {
        const Column& column = known_.column(what.noun.links.front());
        const bool years = condition.period.has_dates() && finest_unit(condition.period) == Role::year && name_pieces(column.name).back() == "year";
        if (!column.type.is_temporal() && !years && !known_.is_date_as_text(what.noun.links.front())) continue;
        Condition one = condition;
        one.what = what;
        out.push_back({made(std::move(one)), cost});
      }
      return out;
    }
    for (const WhenColumn& when : when_columns(known_, table_, finest_unit(condition.period), condition.period.has_dates())) {
      Condition one = condition;
      one.what = Quantity{.noun = {.links = {when.link}}};
      one.unsure_date = when.cost >= kSeveralDates;
      out.push_back({made(std::move(one)), when.cost});
    }
    return out;
  }

  Conditions parts(const Condition& condition) const {
    std::vector<Likely<Condition>> open{{condition, 0}};
    open.front().meaning.parts.clear();
    for (const ConditionPtr& part : condition.parts) {
      std::vector<Likely<Condition>> next;
      for (const auto& [one, cost] : resolve(part))
        for (const auto& [before, before_cost] : open) {
          Condition longer = before;
          longer.parts.push_back(one);
          next.push_back({std::move(longer), before_cost + cost});
        }
      keep_best(next);
      open = std::move(next);
    }
    Conditions out;
    for (auto& [one, cost] : open) {
      if (one.kind == Condition::Kind::both && unlike_values(one)) continue;
      if (of_unlike_dates(one)) continue;
      if (denies_beside(one)) continue;
      const double mixed = unlike_values(one) ? kUnlikeValues : 0;
      if (one.kind == Condition::Kind::both && alternatives(one)) cost += kBothOfOne;
      // "in 2014 and 2015" is in either: no row is in both.
      if (one.kind == Condition::Kind::all && alternatives(one)) {
        one.kind = Condition::Kind::any;
        cost += kAlternatives;
      }
      out.push_back({made(std::move(one)), cost + mixed});
    }
    return out;
  }

  /// "in January but not in February", "cats but not dogs": said of one row, the second says nothing.
  static bool denies_beside(const Condition& condition) {
    if (condition.kind != Condition::Kind::all && condition.kind != Condition::Kind::both) return false;
    const auto of_kind = [&](Condition::Kind kind) {
      const auto said = [&](const ConditionPtr& one) { return one->kind == kind; };
      const auto denied = [&](const ConditionPtr& one) { return one->kind == Condition::Kind::none && one->parts.front()->kind == kind; };
      if (std::ranges::none_of(condition.parts, said) || std::ranges::none_of(condition.parts, denied)) return false;
      if (kind == Condition::Kind::period) return true;
      const auto column_of = [](const Condition& one) { return std::pair(one.value.links.front().table, one.value.links.front().column); };
      return std::ranges::any_of(condition.parts, [&](const ConditionPtr& no) {
        return denied(no) && std::ranges::any_of(condition.parts, [&](const ConditionPtr& yes) {
                 return said(yes) && column_of(*yes) == column_of(*no->parts.front());
               });
      });
    };
    return of_kind(Condition::Kind::period) || of_kind(Condition::Kind::value);
  }

  /// "in 2024 and 2025": periods of which no date is named are of the same.
  static bool of_unlike_dates(const Condition& condition) {
    const Link* first = nullptr;
    for (const ConditionPtr& part : condition.parts) {
      if (part->kind != Condition::Kind::period || !part->what || part->what->noun.end > part->what->noun.begin) continue;
      const Link& link = part->what->noun.links.front();
      if (first != nullptr && (first->table != link.table || first->column != link.column)) return true;
      first = &link;
    }
    return false;
  }

  /// "English and French": values beside each other are of one column.
  static bool unlike_values(const Condition& condition) {
    const Link* first = nullptr;
    for (const ConditionPtr& part : condition.parts) {
      if (part->kind != Condition::Kind::value) continue;
      const Link& link = part->value.links.front();
      if (first != nullptr && (first->table != link.table || first->column != link.column)) return true;
      first = &link;
    }
    return false;
  }

  /// Whether the parts are values of one column that a row has only one of.
  bool alternatives(const Condition& condition) const {
    const auto column_of = [](const Condition& part) -> const Link* {
      if (part.kind == Condition::Kind::value) return &part.value.links.front();
      return part.kind == Condition::Kind::period && part.what ? &part.what->noun.links.front() : nullptr;
    };
    const Link* first = column_of(*condition.parts.front());
    if (first == nullptr) return false;
    const auto& ways = known_.routes(table_, first->table);
    if (first->table != table_ && (ways.empty() || !ways.front().to_one)) return false;
    return std::ranges::all_of(condition.parts, [&](const ConditionPtr& part) {
      const Link* link = column_of(*part);
      return link != nullptr && link->table == first->table && link->column == first->column;
    });
  }

  const Known& known_;
  int table_;
};

}  // namespace

bool belongs_to_role(const Known& known, int table, std::size_t begin) {
  constexpr std::size_t kFar = 4;
  for (std::size_t i = begin; i > 0 && begin - i < kFar; --i) {
    const auto before = known.role_before(i);
    if (before) return known.role(*before)->of_itself() && known.role(*before)->base == table;
    if (known.words()[i - 1].kind != WordKind::word || !known.lexicon.phrases_at(known.words(), i - 1).empty()) return false;
  }
  return false;
}

double cost_of(const Link& link) { return (1 - link.score) * kLinkWeight; }

std::vector<Likely<Quantity>> resolve(const Known& known, const Quantity& quantity, int table) {
  std::vector<Likely<Quantity>> out;
  if (quantity.kind == Quantity::Kind::rows) {
    const double far = quantity.of == nullptr ? Known::kUnreachable : known.distance(table, quantity.of->table);
    if (far < Known::kUnreachable) out.push_back({quantity, far});
    return out;
  }
  if (quantity.kind == Quantity::Kind::number || (quantity.kind == Quantity::Kind::window && quantity.parts.empty())) return {{quantity, 0}};
  if (is_made_of_others(quantity) || quantity.kind == Quantity::Kind::window || quantity.kind == Quantity::Kind::share) {
    out.push_back({quantity, 0});
    out.front().meaning.parts.clear();
    for (const Quantity& part : quantity.parts) {
      if (part.kind == Quantity::Kind::window) return {};
      const auto one = resolve(known, part, part.of == nullptr ? table : part.of->table);
      if (one.empty()) return {};
      out.front().meaning.parts.push_back(one.front().meaning);
      out.front().cost += one.front().cost;
    }
    return out;
  }
  if (quantity.kind == Quantity::Kind::everything) return {{quantity, 0}};
  // "The manager's name" is not that of the manager's department.
  const int rows = quantity.of == nullptr ? table : quantity.of->table;
  const bool own = known.role(rows) != nullptr && std::ranges::any_of(quantity.noun.links, [&](const Link& link) { return link.table == rows; });
  for (const Link& link : quantity.noun.links) {
    if (link.kind != Link::Kind::column || (own && link.table != rows)) continue;
    if (!known.may_speak_of(quantity.of == nullptr ? table : quantity.of->table, link.table, Condition::Way::none)) continue;
    // What was said to be a column of certain rows stays one of theirs.
    const double far = known.distance(quantity.of == nullptr ? table : quantity.of->table, link.table);
    const double owner = quantity.of == nullptr ? 0 : known.distance(table, quantity.of->table);
    if (far >= Known::kUnreachable || owner >= Known::kUnreachable) continue;
    const Column& column = known.column(link);
    const bool arithmetic = quantity.fn && (*quantity.fn == plan::Fn::sum || *quantity.fn == plan::Fn::avg || *quantity.fn == plan::Fn::median);
    if (arithmetic && !column.type.is_numeric()) continue;
    Quantity one = quantity;
    one.noun.links = {link};
    // The id of a thing is its own key sooner than what refers to it.
    const double refers = known.schema.graph.edge_of(link.table, column.name) >= 0 ? kRefers : 0;
    // "the name of a department" is none of its doctors' names, of which it has many.
    const auto& ways = known.routes(quantity.of == nullptr ? table : quantity.of->table, link.table);
    const double many = !quantity.fn && !ways.empty() && !ways.front().to_one ? kOfMany : 0;
    out.push_back({std::move(one), cost_of(link) + far + owner + refers + many});
  }
  keep_best(out);
  mark_rivals(known, out);
  return out;
}

std::vector<Likely<ConditionPtr>> resolve(const Known& known, const ConditionPtr& condition, int table) {
  return Resolver(known, table).resolve(condition);
}

std::vector<Likely<Ranking>> resolve(const Known& known, const Ranking& ranking, int table) {
  std::vector<Likely<Ranking>> out;
  if (ranking.by.kind == Quantity::Kind::window) return out;
  for (auto& [by, cost] : resolve(known, ranking.by, table)) {
    Ranking one = ranking;
    one.by = std::move(by);
    out.push_back({std::move(one), cost});
  }
  return out;
}

}  // namespace sluice::planner
