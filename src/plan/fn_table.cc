#include "plan/fn_table.h"

#include <array>

#include "base/check.h"

namespace sluice::plan {
namespace {

constexpr std::size_t kMany = kArgsMax;
constexpr std::array kFunctions{
    FnInfo{Fn::eq, "=", FnRule::compare, 2, 2},
    FnInfo{Fn::ne, "<>", FnRule::compare, 2, 2},
    FnInfo{Fn::lt, "<", FnRule::compare, 2, 2},
    FnInfo{Fn::le, "<=", FnRule::compare, 2, 2},
    FnInfo{Fn::gt, ">", FnRule::compare, 2, 2},
    FnInfo{Fn::ge, ">=", FnRule::compare, 2, 2},
    FnInfo{Fn::between, "between", FnRule::between, 3, 3},
    FnInfo{Fn::in, "in", FnRule::in, 2, kMany},
    FnInfo{Fn::contains, "contains", FnRule::match, 2, 2},
    FnInfo{Fn::starts_with, "starts with", FnRule::match, 2, 2},
    FnInfo{Fn::ends_with, "ends with", FnRule::match, 2, 2},
    FnInfo{Fn::like, "like", FnRule::match, 2, 2},
    FnInfo{Fn::is_null, "is null", FnRule::any_to_bool, 1, 1},
    FnInfo{Fn::logical_and, "and", FnRule::logic, 2, kMany},
    FnInfo{Fn::logical_or, "or", FnRule::logic, 2, kMany},
    FnInfo{Fn::logical_not, "not", FnRule::logic, 1, 1},
    FnInfo{Fn::add, "+", FnRule::arithmetic, 2, 2},
    FnInfo{Fn::subtract, "-", FnRule::arithmetic, 2, 2},
    FnInfo{Fn::multiply, "*", FnRule::arithmetic, 2, 2},
    FnInfo{Fn::divide, "/", FnRule::to_floating, 2, 2},
    FnInfo{Fn::modulo, "%", FnRule::arithmetic, 2, 2},
    FnInfo{Fn::negate, "negate", FnRule::same_number, 1, 1},
    FnInfo{Fn::abs, "abs", FnRule::same_number, 1, 1},
    FnInfo{Fn::round, "round", FnRule::round, 2, 2},
    FnInfo{Fn::lower, "lower", FnRule::text_to_text, 1, 1},
    FnInfo{Fn::upper, "upper", FnRule::text_to_text, 1, 1},
    FnInfo{Fn::trim, "trim", FnRule::text_to_text, 1, 1},
    FnInfo{Fn::length, "length", FnRule::text_to_integer, 1, 1},
    FnInfo{Fn::concat, "concat", FnRule::concat, 2, kMany},
    FnInfo{Fn::to_text, "to text", FnRule::integer_to_text, 1, 1},
    FnInfo{Fn::coalesce, "coalesce", FnRule::common, 2, kMany},
    FnInfo{Fn::case_when, "case", FnRule::case_when, 2, kMany},
    FnInfo{Fn::year, "year", FnRule::date_part, 1, 1},
    FnInfo{Fn::quarter, "quarter", FnRule::date_part, 1, 1},
    FnInfo{Fn::month, "month", FnRule::date_part, 1, 1},
    FnInfo{Fn::week, "week", FnRule::date_part, 1, 1},
    FnInfo{Fn::day, "day", FnRule::date_part, 1, 1},
    FnInfo{Fn::weekday, "weekday", FnRule::date_part, 1, 1},
    FnInfo{Fn::hour, "hour", FnRule::time_part, 1, 1},
    FnInfo{Fn::trunc_year, "start of year", FnRule::date_trunc, 1, 1},
    FnInfo{Fn::trunc_quarter, "start of quarter", FnRule::date_trunc, 1, 1},
    FnInfo{Fn::trunc_month, "start of month", FnRule::date_trunc, 1, 1},
    FnInfo{Fn::trunc_week, "start of week", FnRule::date_trunc, 1, 1},
    FnInfo{Fn::trunc_day, "start of day", FnRule::date_trunc, 1, 1},
    FnInfo{Fn::make_date, "date of", FnRule::make_date, 3, 3},
    FnInfo{Fn::days_between, "days between", FnRule::days_between, 2, 2},
    FnInfo{Fn::seconds_between, "seconds between", FnRule::seconds_between, 2, 2},
    FnInfo{Fn::count_rows, "count rows", FnRule::count_rows, 0, 0, true},
    FnInfo{Fn::count, "count", FnRule::count, 1, 1, true},
    FnInfo{Fn::count_distinct, "count distinct", FnRule::count, 1, 1, true},
    FnInfo{Fn::sum, "sum", FnRule::sum, 1, 1, true},
    FnInfo{Fn::avg, "avg", FnRule::to_floating, 1, 1, true},
    FnInfo{Fn::min, "min", FnRule::same_ordered, 1, 1, true},
    FnInfo{Fn::max, "max", FnRule::same_ordered, 1, 1, true},
    FnInfo{Fn::median, "median", FnRule::to_floating, 1, 1, true},
};

}  // namespace

std::span<const FnInfo> all_functions() { return kFunctions; }

const FnInfo& info_of(Fn fn) {
  const FnInfo& info = kFunctions.at(static_cast<std::size_t>(fn));
  CHECK(info.fn == fn);
  return info;
}

}  // namespace sluice::plan
