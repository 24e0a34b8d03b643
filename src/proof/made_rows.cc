#include "proof/made_rows.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>

#include "base/text.h"
#include "proof/each_expr.h"
#include "proof/shape.h"

namespace sluice {
namespace {

constexpr std::int64_t kRowsMax = 1'000'000'000'000'000'000;  ///< eight times it fits
constexpr std::int64_t kSecond = 1'000'000, kHour = 3600 * kSecond, kDay = 24 * kHour;
constexpr std::int64_t kStepUnitsMax = 100'000;  ///< of years they still fit

/// In microseconds; a month counts as its shortest, so that a series is never thought shorter than it is.
constexpr std::array<std::pair<std::string_view, std::int64_t>, 10> kUnits{{{"microsecond", 1},
                                                                            {"millisecond", 1000},
                                                                            {"second", kSecond},
                                                                            {"minute", 60 * kSecond},
                                                                            {"hour", kHour},
                                                                            {"day", kDay},
                                                                            {"week", 7 * kDay},
                                                                            {"month", 28 * kDay},
                                                                            {"quarter", 90 * kDay},
                                                                            {"year", 365 * kDay}}};

const Expr& without_casts(const Expr& expr) {
  const Expr* inner = &expr;
  while (inner->kind == ExprKind::cast && inner->args.size() == 1) inner = inner->args.data();
  return *inner;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_minus(const Expr& expr) { return expr.kind == ExprKind::op && expr.args.size() == 1 && expr.name == std::vector<std::string>{"-"}; }

std::optional<std::int64_t> integer_of(const Expr& expr) {
  const Expr& plain = without_casts(expr);
  if (is_minus(plain)) {
    const auto number = integer_of(plain.args[0]);
    return number && *number != INT64_MIN ? std::optional(-*number) : std::nullopt;
  }
  return plain.kind == ExprKind::literal && plain.literal == LiteralKind::integer ? whole_number(plain.text) : std::nullopt;
}

/// "1 day", "15 minutes": the length in microseconds, without its sign.
std::optional<std::int64_t> step_of(const Expr& expr) {
  const Expr& plain = without_casts(expr);
  if (is_minus(plain)) return step_of(plain.args[0]);
  if (plain.kind != ExprKind::literal || (plain.literal != LiteralKind::interval && plain.literal != LiteralKind::text)) return std::nullopt;
  const std::string text = to_lower(trim(plain.text));
  const std::size_t space = text.find(' ');
  if (space == std::string::npos) return std::nullopt;
  const auto number = whole_number(std::string_view(text).substr(0, space));
  std::string_view unit = trim(std::string_view(text).substr(space + 1));
  if (unit.ends_with('s')) unit.remove_suffix(1);
  const auto found = std::ranges::find(kUnits, unit, &std::pair<std::string_view, std::int64_t>::first);
  if (!number || *number == 0 || *number < -kStepUnitsMax || *number > kStepUnitsMax || found == kUnits.end()) return std::nullopt;
  return (*number < 0 ? -*number : *number) * found->second;
}

/// "2024-01-31", "2024-01-31 05:00:00": microseconds since 1970. What stands behind the hour is left out: less than one.
std::optional<std::int64_t> time_of(const Expr& expr) {
  const Expr& plain = without_casts(expr);
  if (plain.kind != ExprKind::literal || plain.literal != LiteralKind::text) return std::nullopt;
  const std::string_view text = trim(plain.text);
  constexpr std::size_t kDate = 10, kWithHour = 13;
  if (text.size() < kDate || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = whole_number(text.substr(0, 4)), month = whole_number(text.substr(5, 2)), day = whole_number(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)}, std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  const std::int64_t midnight = std::chrono::sys_days{date}.time_since_epoch().count() * kDay;
  if (text.size() == kDate) return midnight;
  const auto hour = text.size() >= kWithHour ? whole_number(text.substr(kDate + 1, 2)) : std::nullopt;
  if (!hour || *hour < 0 || *hour > 24) return std::nullopt;
  return midnight + *hour * kHour;
}

/// How many rows one call makes.
struct Count {
  enum class Known : std::uint8_t { by_the_plan, here, supposed, nowhere } known = Known::nowhere;
  std::int64_t rows = 0;  ///< where it is known here or supposed
};
constexpr Count kByThePlan{Count::Known::by_the_plan, 0};
Count here(std::int64_t rows) { return {Count::Known::here, std::clamp<std::int64_t>(rows, 0, kRowsMax)}; }

/// Whether a column stands in it that is no parameter of a lambda around it. Not one of a subquery: that is another FROM.
bool reads_column(const Expr& expr, std::vector<std::string>& parameters) {  // NOLINT(misc-no-recursion): parsers bound the depth
  if (expr.kind == ExprKind::column) return expr.name.size() != 1 || std::ranges::find(parameters, expr.name[0]) == parameters.end();
  const std::size_t around = parameters.size();
  if (expr.kind == ExprKind::lambda) parameters.insert(parameters.end(), expr.excluded.begin(), expr.excluded.end());
  const bool found = std::ranges::any_of(expr.args, [&](const Expr& arg) { return reads_column(arg, parameters); });
  parameters.resize(around);
  return found;
}

bool is_constant_integer(const Expr& expr) {  // NOLINT(misc-no-recursion): parsers bound the depth
  const Expr& plain = without_casts(expr);
  if (plain.kind == ExprKind::op) return !plain.args.empty() && std::ranges::all_of(plain.args, is_constant_integer);
  return plain.kind == ExprKind::literal && plain.literal == LiteralKind::integer;
}

Count series(const Expr& call) {
  const std::vector<Expr>& args = call.args;
  const auto step = args.size() >= 3 ? step_of(args[2]) : std::nullopt;
  if (!step) return !args.empty() && std::ranges::all_of(args, is_constant_integer) ? kByThePlan : Count{};
  const auto from = time_of(args[0]), to = time_of(args[1]);
  if (!from || !to) return *step >= kDay ? Count{Count::Known::supposed, kCalendarRows} : Count{};
  // Each end may be up to an hour later than it was read.
  return here((std::max(*from, *to) - std::min(*from, *to) + kHour) / *step + 1);
}

/// A series of integers as a list, which no plan tells.
Count listed_series(const Expr& call) {
  const auto from = call.args.size() > 1 ? integer_of(call.args[0]) : std::optional<std::int64_t>(0);
  const auto to = call.args.empty() ? std::nullopt : integer_of(call.args[call.args.size() > 1 ? 1 : 0]);
  if (!from || !to || call.args.size() > 3) {
    const Count count = series(call);
    return count.known == Count::Known::by_the_plan ? Count{} : count;
  }
  return here(static_cast<std::int64_t>(std::min(static_cast<double>(*to) - static_cast<double>(*from) + 1, static_cast<double>(kRowsMax))));
}

Count elements(const Expr& list) {  // NOLINT(misc-no-recursion): parsers bound the depth
  const Expr& plain = without_casts(list);
  if (plain.kind == ExprKind::literal) return here(static_cast<std::int64_t>(plain.text.size()));  // no more elements than characters
  if (plain.kind == ExprKind::call && !plain.name.empty() && (plain.name.back() == "range" || plain.name.back() == "generate_series"))
    return listed_series(plain);
  if (plain.kind != ExprKind::array || !plain.query.empty()) return {};
  std::int64_t rows = 0;
  for (const Expr& element : plain.args) {
    // What an element is an array of, PostgreSQL takes apart as well.
    const bool single = element.kind == ExprKind::literal || is_minus(element) || element.kind == ExprKind::row;
    const Count inner = single ? here(1) : elements(element);
    if (inner.known != Count::Known::here) return {};
    rows = std::min(kRowsMax, rows + inner.rows);
  }
  return here(rows);
}

/// The longest of several lists.
Count unnested(const std::vector<Expr>& lists) {
  std::int64_t rows = 0;
  for (const Expr& list : lists) {
    const Count count = elements(list);
    if (count.known != Count::Known::here) return {};
    rows = std::max(rows, count.rows);
  }
  return here(rows);
}

/// Functions that take texts and JSON apart make no more rows than those have characters.
Count parts_of_texts(const std::vector<Expr>& args) {
  std::int64_t characters = 0;
  for (const Expr& arg : args) {
    const Expr& plain = without_casts(arg);
    if (plain.kind != ExprKind::literal) return {};
    characters += static_cast<std::int64_t>(plain.text.size());
  }
  return here(characters + 1);
}

Count rows_of(const Expr& call) {
  std::vector<std::string> parameters;
  if (reads_column(call, parameters)) return kByThePlan;
  const std::string name = call.name.empty() ? "" : to_lower(call.name.back());
  if (name == "generate_series" || name == "range") return series(call);
  if (name == "unnest") return unnested(call.args);
  if (name == "generate_subscripts") return call.args.empty() ? Count{} : elements(call.args[0]);
  if (name == "repeat_row") return kByThePlan;  // DuckDB takes constants only
  return parts_of_texts(call.args);
}

}  // namespace

MadeRows made_rows(const Query& query, Dialect dialect) {
  MadeRows made;
  const auto add = [&](const Expr& call) {
    const Count count = rows_of(call);
    made.rows = std::min(kRowsMax, made.rows + count.rows);
    made.supposed = made.supposed || count.known == Count::Known::supposed;
    made.unknown = made.unknown || count.known == Count::Known::nowhere;
  };
  // In DuckDB's select lists a series is one list.
  const auto apart = [&](const Expr& call) {
    const std::string name = call.name.empty() ? "" : to_lower(call.name.back());
    return is_row_maker(name, dialect) && (dialect == Dialect::postgres || name != "generate_series");
  };
  each_expr(
      query,
      [&](const Expr& expr) {
        if (expr.kind == ExprKind::call && apart(expr)) add(expr);
      },
      [&](const Relation& relation) {
        for (const Expr& call : relation.call)
          if (call.kind == ExprKind::call && !apart(call)) add(call);
      });
  return made;
}

void count_made_rows(Estimate& estimate, const Query& query, const Bound& bound, Dialect dialect, bool crossed) {
  const MadeRows made = made_rows(query, dialect);
  const bool multiplied = crossed && made.rows > 0;
  if (made.unknown || multiplied) {
    estimate.bytes.reset();
  } else if (estimate.bytes) {
    estimate.bytes = std::min(kRowsMax, *estimate.bytes) + made.rows * kMadeValueBytes;
  }
  if (!estimate.rows || gives_one_row(query, bound)) return;
  // Where rows are grouped, fewer come out than are made; of how many groups there may be the engine has as little an idea as of the rows.
  const bool grouped = bound.selects.empty() || bound.selects.back().has_group_by || bound.selects.back().has_distinct;
  const bool engine_knows = *estimate.rows >= made.rows || (grouped && made.rows <= kCalendarRows);
  if (made.unknown || multiplied || (!engine_knows && (grouped || made.supposed))) {
    estimate.rows.reset();
  } else if (!engine_knows) {
    estimate.rows = made.rows;
  }
}

}  // namespace sluice
