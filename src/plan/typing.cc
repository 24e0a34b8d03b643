#include "plan/typing.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/codec.h"
#include "base/text.h"
#include "plan/fn_table.h"

namespace sluice::plan {
namespace {

bool numeric(TypeKind kind) { return kind == TypeKind::integer || kind == TypeKind::decimal || kind == TypeKind::floating; }
bool temporal(TypeKind kind) { return kind == TypeKind::date || kind == TypeKind::timestamp || kind == TypeKind::timestamptz; }
bool orderable(TypeKind kind) {
  return numeric(kind) || temporal(kind) || kind == TypeKind::text || kind == TypeKind::time || kind == TypeKind::interval ||
         kind == TypeKind::boolean;
}

TypeKind wider(TypeKind a, TypeKind b) {
  if (a == b) return a;
  if (numeric(a) && numeric(b)) return a == TypeKind::floating || b == TypeKind::floating ? TypeKind::floating : TypeKind::decimal;
  if (temporal(a) && temporal(b)) return a == TypeKind::timestamptz || b == TypeKind::timestamptz ? TypeKind::timestamptz : TypeKind::timestamp;
  return a;
}

std::string kind_text(TypeKind kind) { return std::string(enum_name(kind)); }

Error mismatch(const Expr& expr, const std::string& why, std::string hint) {
  return {ErrorKind::input, "E0902", show(expr) + " cannot be computed: " + why, std::move(hint), 0};
}

bool digits(std::string_view text, std::size_t at, std::size_t count, int low, int high) {
  int value = 0;
  const char* end = text.data() + at + count;
  return text.size() >= at + count && std::ranges::all_of(text.substr(at, count), [](char c) { return c >= '0' && c <= '9'; }) &&
         std::from_chars(text.data() + at, end, value).ptr == end && value >= low && value <= high;
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !digits(text, 0, 4, 1, 9999) || !digits(text, 5, 2, 1, 12)) return false;
  const int year = std::stoi(std::string(text.substr(0, 4))), month = std::stoi(std::string(text.substr(5, 2)));
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  const int last = month == 2 ? (leap ? 29 : 28) : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
  return digits(text, 8, 2, 1, last);
}

bool is_timestamp(std::string_view text) {
  return text.size() == 19 && is_date(text.substr(0, 10)) && text[10] == ' ' && digits(text, 11, 2, 0, 23) && text[13] == ':' &&
         digits(text, 14, 2, 0, 59) && text[16] == ':' && digits(text, 17, 2, 0, 59);
}

bool is_decimal(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const auto dot = text.find('.');
  const std::string_view whole = text.substr(0, dot), fraction = dot == std::string_view::npos ? "0" : text.substr(dot + 1);
  const auto all_digits = [](std::string_view part) {
    return !part.empty() && part.size() <= 19 && std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
  };
  return all_digits(whole) && all_digits(fraction);
}

Result<TypeKind> literal_type(const Literal& literal) {
  const auto bad = [&](const std::string& why) {
    return Error{ErrorKind::input, "E0907", "the constant " + show({literal}) + " " + why,
                 "dates are written 2013-01-31, timestamps 2013-01-31 05:00:00", 0};
  };
  if (const auto* real = std::get_if<double>(&literal.value))
    return std::isfinite(*real) ? Result<TypeKind>(TypeKind::floating) : bad("is no finite number");
  if (std::holds_alternative<std::int64_t>(literal.value)) return TypeKind::integer;
  if (std::holds_alternative<bool>(literal.value)) return TypeKind::boolean;
  const auto* words = std::get_if<std::string>(&literal.value);
  if (words == nullptr) return bad("is NULL; use \"is null\"");
  if (words->find('\0') != std::string::npos || !is_valid_utf8(*words)) return bad("holds bytes that no engine takes in text");
  if (literal.type == TypeKind::text) return TypeKind::text;
  const bool fine = (literal.type == TypeKind::date && is_date(*words)) || (literal.type == TypeKind::timestamp && is_timestamp(*words)) ||
                    (literal.type == TypeKind::decimal && is_decimal(*words));
  return fine ? Result<TypeKind>(literal.type) : bad("is no " + kind_text(literal.type));
}

/// The common kind of args[from], args[from + step], …
Result<TypeKind> common(const Expr& expr, const std::vector<TypeKind>& args, std::size_t from, std::size_t step) {
  TypeKind out = args.at(from);
  for (std::size_t i = from + step; i < args.size(); i += step) {
    if (!comparable(out, args[i]))
      return mismatch(expr, kind_text(out) + " does not go together with " + kind_text(args[i]),
                      "compare values of one kind; a date constant needs \"type\": \"date\"");
    out = wider(out, args[i]);
  }
  return out;
}

Result<> require(const Expr& expr, const std::vector<TypeKind>& args, bool (*fits)(TypeKind), std::string_view wanted) {
  for (const TypeKind kind : args)
    if (!fits(kind)) return mismatch(expr, "it takes " + std::string(wanted) + ", not " + kind_text(kind), "use a column of the kind it takes");
  return {};
}

/// All arguments have to be of the wanted kinds; then the result is of this one.
Result<TypeKind> takes(const Expr& expr, const std::vector<TypeKind>& args, bool (*fits)(TypeKind), std::string_view wanted, TypeKind result) {
  TRY_VOID(require(expr, args, fits, wanted));
  return result;
}

Result<TypeKind> case_type(const Expr& expr, const std::vector<TypeKind>& args) {
  std::vector<TypeKind> results;
  for (std::size_t i = 0; i + 1 < args.size(); i += 2) {
    if (args[i] != TypeKind::boolean) return mismatch(expr, "a condition of a case is " + kind_text(args[i]), "use a comparison as the condition");
    results.push_back(args[i + 1]);
  }
  if (args.size() % 2 == 1) results.push_back(args.back());
  return common(expr, results, 0, 1);
}

Result<TypeKind> round_type(const Expr& expr, const std::vector<TypeKind>& args) {
  const auto* digits_literal = std::get_if<Literal>(&std::get<Call>(expr.node).args[1].node);
  const auto* count = digits_literal != nullptr ? std::get_if<std::int64_t>(&digits_literal->value) : nullptr;
  if (!numeric(args[0]) || count == nullptr || *count < 0 || *count > 10)
    return mismatch(expr, "it takes a number and a constant number of digits from 0 to 10",
                    "for example {\"call\": \"round\", \"args\": [x, {\"value\": 2}]}");
  return args[0] == TypeKind::integer ? TypeKind::integer : TypeKind::decimal;
}

bool is_integer(TypeKind kind) { return kind == TypeKind::integer; }
bool is_text(TypeKind kind) { return kind == TypeKind::text; }
bool is_bool(TypeKind kind) { return kind == TypeKind::boolean; }
bool has_hours(TypeKind kind) { return kind == TypeKind::timestamp || kind == TypeKind::timestamptz; }

Result<TypeKind> result_type(const Expr& expr, const FnInfo& info, const std::vector<TypeKind>& args) {
  switch (info.rule) {
    case FnRule::compare:
    case FnRule::between:
    case FnRule::in: {
      TRY(TypeKind kind, common(expr, args, 0, 1));
      if (info.fn != Fn::eq && info.fn != Fn::ne && info.fn != Fn::in && !orderable(kind))
        return mismatch(expr, kind_text(kind) + " has no order", "compare with = or <>");
      return TypeKind::boolean;
    }
    case FnRule::match: return takes(expr, args, is_text, "text", TypeKind::boolean);
    case FnRule::any_to_bool: return TypeKind::boolean;
    case FnRule::logic: return takes(expr, args, is_bool, "conditions", TypeKind::boolean);
    case FnRule::arithmetic: {
      TRY_VOID(require(expr, args, numeric, "numbers"));
      return common(expr, args, 0, 1);
    }
    case FnRule::to_floating: return takes(expr, args, numeric, "numbers", TypeKind::floating);
    case FnRule::same_number: return takes(expr, args, numeric, "numbers", args[0]);
    case FnRule::round: return round_type(expr, args);
    case FnRule::text_to_text: return takes(expr, args, is_text, "text", TypeKind::text);
    case FnRule::text_to_integer: return takes(expr, args, is_text, "text", TypeKind::integer);
    case FnRule::concat: return takes(expr, args, is_text, "text", TypeKind::text);
    case FnRule::common: return common(expr, args, 0, 1);
    case FnRule::case_when: return case_type(expr, args);
    case FnRule::date_part: return takes(expr, args, temporal, "a date or timestamp", TypeKind::integer);
    case FnRule::time_part: return takes(expr, args, has_hours, "a timestamp", TypeKind::integer);
    case FnRule::date_trunc: return takes(expr, args, temporal, "a date or timestamp", TypeKind::date);
    case FnRule::integer_to_text: return takes(expr, args, is_integer, "integers", TypeKind::text);
    case FnRule::make_date: return takes(expr, args, is_integer, "integers", TypeKind::date);
    case FnRule::days_between: return takes(expr, args, temporal, "dates or timestamps", TypeKind::integer);
    case FnRule::seconds_between: return takes(expr, args, has_hours, "timestamps", TypeKind::floating);
    case FnRule::count_rows:
    case FnRule::count: return TypeKind::integer;
    case FnRule::sum: {
      TRY_VOID(require(expr, args, numeric, "numbers"));
      return args[0] == TypeKind::floating ? TypeKind::floating : TypeKind::decimal;
    }
    case FnRule::same_ordered: {
      // PostgreSQL has no min(boolean).
      const auto fits = [](TypeKind kind) { return orderable(kind) && kind != TypeKind::boolean; };
      TRY_VOID(require(expr, args, fits, "values that have an order"));
      return args[0];
    }
  }
  return Error::bug("a function without a typing rule");
}

}  // namespace

bool comparable(TypeKind a, TypeKind b) {
  if (numeric(a)) return numeric(b);
  if (temporal(a)) return temporal(b);
  // Engines read a text constant as a UUID; a column of text against one of UUIDs fails in the proof, with the engine's words.
  if ((a == TypeKind::uuid && b == TypeKind::text) || (a == TypeKind::text && b == TypeKind::uuid)) return true;
  return a == b && a != TypeKind::unknown && a != TypeKind::json && a != TypeKind::list && a != TypeKind::structure;
}

std::string show(const Expr& expr) {
  if (const auto* ref = std::get_if<ColumnRef>(&expr.node)) return ref->source.empty() ? ref->column : ref->source + "." + ref->column;
  if (const auto* literal = std::get_if<Literal>(&expr.node))
    return std::holds_alternative<std::string>(literal->value) ? "'" + show_hidden(std::get<std::string>(literal->value), false) + "'"
                                                               : value_text(literal->value, Type{literal->type, ""});
  if (std::holds_alternative<Scalar>(expr.node)) return "scalar(…)";
  if (std::holds_alternative<Exists>(expr.node)) return "exists(…)";
  const auto& inner = std::get<Call>(expr.node);
  std::string out = std::string(name_of(inner.fn)) + "(";
  for (std::size_t i = 0; i < inner.args.size(); ++i) out += (i == 0 ? "" : ", ") + show(inner.args[i]);
  return out + ")";
}

Result<TypeKind> type_of(const Expr& expr, const TypeSource& source) {
  if (const auto* ref = std::get_if<ColumnRef>(&expr.node)) return source.column(*ref);
  if (const auto* literal = std::get_if<Literal>(&expr.node)) return literal_type(*literal);
  if (const auto* inside = std::get_if<Scalar>(&expr.node)) return source.scalar(*inside);
  if (std::holds_alternative<Exists>(expr.node)) return TypeKind::boolean;
  const auto& inner = std::get<Call>(expr.node);
  const FnInfo& info = info_of(inner.fn);
  if (inner.args.size() < info.args_min || inner.args.size() > info.args_max)
    return Error{ErrorKind::input, "E0905", "\"" + std::string(info.name) + "\" has " + std::to_string(inner.args.size()) + " arguments",
                 "it takes " + std::to_string(info.args_min) + (info.args_max == info.args_min ? "" : " or more"), 0};
  std::vector<TypeKind> args;
  for (const Expr& arg : inner.args) {
    TRY(TypeKind kind, type_of(arg, source));
    args.push_back(kind);
  }
  return result_type(expr, info, args);
}

}  // namespace sluice::plan
