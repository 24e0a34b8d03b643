#include "plan/render_expr.h"

#include "base/text.h"
#include "plan/render.h"

namespace sluice::plan {
namespace {

std::string quote_text(std::string_view words) {
  std::string out = "'";
  for (const char c : words) {
    out += c;
    if (c == '\'') out += '\'';
  }
  return out + "'";
}

/// Whether the expression, used inside another, needs no parentheses.
bool is_atom(const Expr& expr) {
  if (const auto* literal = std::get_if<Literal>(&expr.node)) {
    if (const auto* whole = std::get_if<std::int64_t>(&literal->value)) return *whole >= 0;
    if (const auto* real = std::get_if<double>(&literal->value)) return *real >= 0;
    return literal->type != TypeKind::decimal || !std::get<std::string>(literal->value).starts_with('-');
  }
  const auto* call = std::get_if<Call>(&expr.node);
  if (call == nullptr) return true;
  switch (call->fn) {
    case Fn::abs:
    case Fn::round:
    case Fn::lower:
    case Fn::upper:
    case Fn::trim:
    case Fn::length:
    case Fn::coalesce:
    case Fn::year:
    case Fn::quarter:
    case Fn::month:
    case Fn::week:
    case Fn::day:
    case Fn::weekday:
    case Fn::hour:
    case Fn::trunc_year:
    case Fn::trunc_quarter:
    case Fn::trunc_month:
    case Fn::trunc_week:
    case Fn::trunc_day:
    case Fn::make_date:
    case Fn::seconds_between: return true;
    default: return is_aggregate(call->fn);
  }
}

}  // namespace

std::string literal_text(const Literal& literal) {
  if (const auto* flag = std::get_if<bool>(&literal.value)) return *flag ? "TRUE" : "FALSE";
  if (const auto* whole = std::get_if<std::int64_t>(&literal.value)) return std::to_string(*whole);
  // A double written as 0.1 would be a decimal to both engines, and compare otherwise than the double does.
  if (const auto* real = std::get_if<double>(&literal.value)) return number_text(*real);
  const auto& words = std::get<std::string>(literal.value);
  switch (literal.type) {
    case TypeKind::decimal: return words;
    case TypeKind::date: return "DATE " + quote_text(words);
    case TypeKind::timestamp: return "TIMESTAMP " + quote_text(words);
    default: return quote_text(words);
  }
}

std::string ExprText::text(const Expr& expr) const {
  if (const auto* ref = std::get_if<ColumnRef>(&expr.node))
    return sources && !ref->source.empty() ? quote_name(ref->source, dialect) + "." + quote_name(ref->column, dialect)
                                           : quote_name(ref->column, dialect);
  if (const auto* literal = std::get_if<Literal>(&expr.node)) return literal_text(*literal);
  if (const auto* inside = std::get_if<Exists>(&expr.node)) return exists_text(*inside, dialect);
  if (const auto* inside = std::get_if<Scalar>(&expr.node)) return scalar_text(*inside, dialect);
  return call_text(std::get<Call>(expr.node));
}

std::string ExprText::operand(const Expr& expr) const { return is_atom(expr) ? text(expr) : "(" + text(expr) + ")"; }

std::string ExprText::condition(const Expr& expr, const std::string& conjunction) const {
  const auto* call = std::get_if<Call>(&expr.node);
  if (call == nullptr || call->fn != Fn::logical_and) return text(expr);
  return joined(*call, conjunction);
}

std::string ExprText::joined(const Call& call, std::string_view separator) const {
  std::string out;
  for (const Expr& arg : call.args) {
    const auto* inner = std::get_if<Call>(&arg.node);
    // Comparisons bind tighter than AND and OR in every dialect; AND and OR among themselves are always marked.
    const bool absent = inner != nullptr && inner->fn == Fn::logical_not && std::holds_alternative<Exists>(inner->args.front().node);
    const bool mark = inner != nullptr && (inner->fn == Fn::logical_and || inner->fn == Fn::logical_or || (inner->fn == Fn::logical_not && !absent));
    if (!out.empty()) out += separator;
    out += mark ? "(" + text(arg) + ")" : text(arg);
  }
  return out;
}

std::string ExprText::infix(const Call& call, std::string_view op) const {
  return operand(call.args[0]) + " " + std::string(op) + " " + operand(call.args[1]);
}

std::string ExprText::list(const Call& call) const {
  std::string out;
  for (std::size_t i = 0; i < call.args.size(); ++i) out += (i == 0 ? "" : ", ") + text(call.args[i]);
  return out;
}

std::string ExprText::pattern_of(const Expr& expr, bool before, bool after) const {
  if (const auto* literal = std::get_if<Literal>(&expr.node)) {
    std::string escaped;
    bool special = false;
    for (const char c : std::get<std::string>(literal->value)) {
      if (c == '%' || c == '_' || c == '\\') {
        escaped += '\\';
        special = true;
      }
      escaped += c;
    }
    // DuckDB has no escape character unless told, PostgreSQL has one.
    return quote_text((before ? "%" : "") + escaped + (after ? "%" : "")) + (special ? " ESCAPE '\\'" : "");
  }
  std::string escaped = "replace(replace(replace(" + text(expr) + ", '\\', '\\\\'), '%', '\\%'), '_', '\\_')";
  return std::string(before ? "'%' || " : "") + escaped + (after ? " || '%'" : "") + " ESCAPE '\\'";
}

std::string ExprText::match(const Call& call) const {
  const std::string left = operand(call.args[0]);
  switch (call.fn) {
    case Fn::contains: return left + " ILIKE " + pattern_of(call.args[1], true, true);
    case Fn::starts_with: return left + " ILIKE " + pattern_of(call.args[1], false, true);
    case Fn::ends_with: return left + " ILIKE " + pattern_of(call.args[1], true, false);
    default: return left + " LIKE " + operand(call.args[1]) + " ESCAPE '\\'";
  }
}

std::string ExprText::arithmetic(const Call& call) const {
  const std::string divisor_of = "NULLIF(" + (call.args.size() > 1 ? text(call.args[1]) : "") + ", 0)";
  switch (call.fn) {
    case Fn::add: return infix(call, "+");
    case Fn::subtract: return infix(call, "-");
    case Fn::multiply: return infix(call, "*");
    case Fn::modulo: return operand(call.args[0]) + " % " + divisor_of;
    case Fn::divide: return "CAST(" + text(call.args[0]) + " AS double precision) / " + divisor_of;
    default: return "-" + operand(call.args[0]);
  }
}

std::string ExprText::case_text(const Call& call) const {
  std::string out = "CASE";
  std::size_t i = 0;
  for (; i + 1 < call.args.size(); i += 2) out += " WHEN " + text(call.args[i]) + " THEN " + text(call.args[i + 1]);
  if (i < call.args.size()) out += " ELSE " + text(call.args[i]);
  return out + " END";
}

std::string ExprText::part(std::string_view name, const Expr& value) const {
  const std::string extract = "EXTRACT(" + std::string(name) + " FROM " + text(value) + ")";
  // PostgreSQL's extract gives numeric, DuckDB's an integer.
  return postgres() ? "CAST(" + extract + " AS integer)" : extract;
}

std::string ExprText::seconds(const Call& call) const {
  const std::string extract = "EXTRACT(EPOCH FROM " + operand(call.args[1]) + " - " + operand(call.args[0]) + ")";
  return postgres() ? "CAST(" + extract + " AS double precision)" : extract;
}

std::string ExprText::date_of(const Call& call) const {
  if (!postgres()) return "make_date(" + list(call) + ")";
  // PostgreSQL's takes no bigint.
  std::string parts;
  for (const Expr& arg : call.args) parts += (parts.empty() ? "CAST(" : ", CAST(") + text(arg) + " AS integer)";
  return "make_date(" + parts + ")";
}

std::string ExprText::negation(const Expr& expr) const {
  const auto* inner = std::get_if<Call>(&expr.node);
  if (inner != nullptr && inner->fn == Fn::is_null) return operand(inner->args[0]) + " IS NOT NULL";
  if (inner != nullptr && inner->fn == Fn::in) {
    const Call items{Fn::in, {inner->args.begin() + 1, inner->args.end()}};
    return operand(inner->args[0]) + " NOT IN (" + list(items) + ")";
  }
  return std::holds_alternative<Exists>(expr.node) ? "NOT " + text(expr) : "NOT (" + text(expr) + ")";
}

std::string ExprText::call_text(const Call& call) const {
  const auto plain = [&](std::string_view name) { return std::string(name) + "(" + list(call) + ")"; };
  const auto truncated = [&](std::string_view unit) { return "CAST(date_trunc('" + std::string(unit) + "', " + text(call.args[0]) + ") AS date)"; };
  switch (call.fn) {
    case Fn::eq:
    case Fn::ne:
    case Fn::lt:
    case Fn::le:
    case Fn::gt:
    case Fn::ge: return infix(call, name_of(call.fn));
    case Fn::between: return operand(call.args[0]) + " BETWEEN " + operand(call.args[1]) + " AND " + operand(call.args[2]);
    case Fn::in: return operand(call.args[0]) + " IN (" + list({Fn::in, {call.args.begin() + 1, call.args.end()}}) + ")";
    case Fn::contains:
    case Fn::starts_with:
    case Fn::ends_with:
    case Fn::like: return match(call);
    case Fn::is_null: return operand(call.args[0]) + " IS NULL";
    case Fn::logical_and: return joined(call, " AND ");
    case Fn::logical_or: return joined(call, " OR ");
    case Fn::logical_not: return negation(call.args[0]);
    case Fn::add:
    case Fn::subtract:
    case Fn::multiply:
    case Fn::divide:
    case Fn::modulo:
    case Fn::negate: return arithmetic(call);
    case Fn::abs: return plain("abs");
    // PostgreSQL rounds only numeric to a number of digits, and DuckDB rounds a double by its binary value: both round the decimal.
    case Fn::round: return "round(CAST(" + text(call.args[0]) + (postgres() ? " AS numeric), " : " AS DECIMAL(38, 12)), ") + text(call.args[1]) + ")";
    case Fn::lower: return plain("lower");
    case Fn::upper: return plain("upper");
    case Fn::trim: return plain("trim");
    case Fn::length: return plain("length");
    case Fn::concat: {
      std::string out;
      for (const Expr& arg : call.args) out += (out.empty() ? "" : " || ") + operand(arg);
      return out;
    }
    case Fn::coalesce: return plain("coalesce");
    case Fn::case_when: return case_text(call);
    case Fn::year: return part("YEAR", call.args[0]);
    case Fn::quarter: return part("QUARTER", call.args[0]);
    case Fn::month: return part("MONTH", call.args[0]);
    case Fn::week: return part("WEEK", call.args[0]);
    case Fn::day: return part("DAY", call.args[0]);
    case Fn::weekday: return part("DOW", call.args[0]);
    case Fn::hour: return part("HOUR", call.args[0]);
    case Fn::trunc_year: return truncated("year");
    case Fn::trunc_quarter: return truncated("quarter");
    case Fn::trunc_month: return truncated("month");
    case Fn::trunc_week: return truncated("week");
    case Fn::trunc_day: return truncated("day");
    case Fn::make_date: return date_of(call);
    case Fn::to_text: return "CAST(" + text(call.args[0]) + " AS text)";
    case Fn::days_between: return "CAST(" + text(call.args[1]) + " AS date) - CAST(" + text(call.args[0]) + " AS date)";
    case Fn::seconds_between: return seconds(call);
    case Fn::count_rows: return "count(*)";
    case Fn::count: return plain("count");
    case Fn::count_distinct: return "count(DISTINCT " + text(call.args[0]) + ")";
    case Fn::sum: return plain("sum");
    case Fn::avg: return plain("avg");
    case Fn::min: return plain("min");
    case Fn::max: return plain("max");
    case Fn::median:
      return postgres() ? "percentile_cont(0.5) WITHIN GROUP (ORDER BY " + text(call.args[0]) + ")"
                        : "median(CAST(" + text(call.args[0]) + " AS double precision))";
  }
  return {};
}

}  // namespace sluice::plan
