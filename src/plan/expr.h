#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/codec.h"
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
  to_text,  ///< an integer as it is written
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
  make_date,        ///< year, month, day: integers
  days_between,     ///< from, to
  seconds_between,  ///< from, to: timestamps; a floating number
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

struct SpecDraft;
struct JoinKey;
/// Whether the query has a row whose output columns equal these values of the present row: never NULL; a NULL equals nothing.
struct Exists {
  std::shared_ptr<const SpecDraft> query{};
  std::vector<JoinKey> on;  // as above
  bool operator==(const Exists&) const;
};

/// The value of a query of one column and at most one row, the same for every row; NULL where there is none.
struct Scalar {
  std::shared_ptr<const SpecDraft> query{};
  bool operator==(const Scalar&) const;
};

/// {"column": "carrier", "source": "flights"} | {"value": 5} or {"value": "2013-01-31", "type": "date"} | {"call": "sum", "args": […]} |
/// {"exists": {query}, "on": [{"value": …, "column": "customer_id"}]} | {"scalar": {query}}
struct Expr {
  std::variant<ColumnRef, Literal, Call, Exists, Scalar> node;  // as above: JoinKey comes next
  bool operator==(const Expr&) const = default;
};

/// An output column of a query, and the value of the row outside that it has to equal.
struct JoinKey {
  Expr value{};
  std::string column{};
  bool operator==(const JoinKey&) const = default;
  static constexpr auto fields() { return std::tuple{Field{"value", &JoinKey::value}, Field{"column", &JoinKey::column}}; }
};

inline constexpr int kExprDepthMax = 40;
inline constexpr std::size_t kArgsMax = 1000;

/// How a function is called in JSON ("=", "starts with", "count distinct"), and how it may be used.
std::string_view name_of(Fn fn);
bool is_aggregate(Fn fn);
/// Whether the value is one of a group of rows; what a query inside aggregates does not count.
bool has_aggregate(const Expr& expr);

/// Short ways to write expressions.
Expr column(std::string source, std::string name);
Expr integer(std::int64_t value);
Expr text(std::string value);
Expr date(std::string iso);
Expr call(Fn fn, std::vector<Expr> args);
Expr exists(SpecDraft query, std::vector<JoinKey> on);
Expr scalar(SpecDraft query);

}  // namespace sluice::plan

namespace sluice {
/// A query inside another.
template <>
struct Codec<std::shared_ptr<const plan::SpecDraft>> {
  static Json encode(const std::shared_ptr<const plan::SpecDraft>& query);
  static Result<std::shared_ptr<const plan::SpecDraft>> decode(const Json& json);
};
template <>
struct Codec<plan::Expr> {
  static Json encode(const plan::Expr& expr);
  static Result<plan::Expr> decode(const Json& json);
};
}  // namespace sluice
