#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "data/rows.h"

namespace sluice::plan {

/// Every function, operator and predicate that a spec may use; a closed list, so that each renders alike on every engine.
enum class Fn : std::uint8_t {
  eq,
  ne,
  lt,
  le,
  gt,
  ge,
  between,
  in,
  contains,     ///< ignoring case
  starts_with,  ///< ignoring case
  ends_with,    ///< ignoring case
  like,         ///< a LIKE pattern, case counts, backslash escapes
  is_null,
  logical_and,
  logical_or,
  logical_not,
  add,
  subtract,
  multiply,
  divide,  ///< never integer division; NULL where the divisor is 0
  modulo,  ///< NULL where the divisor is 0
  negate,
  abs,
  round,  ///< value, digits
  lower,
  upper,
  trim,
  length,
  concat,
  coalesce,
  case_when,  ///< when, then, …, [else]
  year,
  quarter,
  month,
  week,
  day,
  weekday,  ///< 0 is Sunday
  hour,
  trunc_year,  ///< the first day, as a date
  trunc_quarter,
  trunc_month,
  trunc_week,  ///< its Monday
  trunc_day,
  days_between,  ///< from, to
  count_rows,
  count,
  count_distinct,
  sum,
  avg,
  min,
  max,
  median,
};

/// A column of a source (its alias), or, with no source, of the only source that has one of this name, or the name of a derived or output column.
struct ColumnRef {
  std::string source{}, column{};
  bool operator==(const ColumnRef&) const = default;
};

/// A typed constant: boolean, integer, floating, text; decimal, date and timestamp as text. Never NULL.
struct Literal {
  TypeKind type = TypeKind::integer;
  Value value{std::int64_t{0}};
  bool operator==(const Literal&) const = default;
};

struct Expr;
struct Call {
  Fn fn = Fn::eq;
  std::vector<Expr> args;  // no `{}`: clang would make its destructor here, where Expr is not complete
  bool operator==(const Call&) const;
};

/// {"column": "carrier", "source": "flights"} | {"value": 5} or {"value": "2013-01-31", "type": "date"} | {"call": "sum", "args": […]}
struct Expr {
  std::variant<ColumnRef, Literal, Call> node{};
  bool operator==(const Expr&) const = default;
};

inline constexpr int kExprDepthMax = 40;
inline constexpr std::size_t kArgsMax = 1000;

/// How a function is called in JSON ("=", "starts with", "count distinct"), and how it may be used.
std::string_view name_of(Fn fn);
bool is_aggregate(Fn fn);
bool has_aggregate(const Expr& expr);

/// Short ways to write expressions.
Expr column(std::string source, std::string name);
Expr integer(std::int64_t value);
Expr text(std::string value);
Expr date(std::string iso);
Expr call(Fn fn, std::vector<Expr> args);

}  // namespace sluice::plan

namespace sluice {
template <>
struct Codec<plan::Expr> {
  static Json encode(const plan::Expr& expr);
  static Result<plan::Expr> decode(const Json& json);
};
}  // namespace sluice
