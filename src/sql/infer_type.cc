#include "sql/infer_type.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/text.h"

namespace sluice {
namespace {

constexpr std::array<std::pair<std::string_view, TypeKind>, 66> kTypeNames{{
    {"bigint", TypeKind::integer},
    {"bigserial", TypeKind::integer},
    {"bit", TypeKind::text},
    {"blob", TypeKind::bytes},
    {"bool", TypeKind::boolean},
    {"boolean", TypeKind::boolean},
    {"bpchar", TypeKind::text},
    {"bytea", TypeKind::bytes},
    {"bytes", TypeKind::bytes},
    {"char", TypeKind::text},
    {"character", TypeKind::text},
    {"character varying", TypeKind::text},
    {"citext", TypeKind::text},
    {"date", TypeKind::date},
    {"datetime", TypeKind::timestamp},
    {"dec", TypeKind::decimal},
    {"decimal", TypeKind::decimal},
    {"double", TypeKind::floating},
    {"double precision", TypeKind::floating},
    {"float", TypeKind::floating},
    {"float4", TypeKind::floating},
    {"float8", TypeKind::floating},
    {"hugeint", TypeKind::integer},
    {"int", TypeKind::integer},
    {"int1", TypeKind::integer},
    {"int128", TypeKind::integer},
    {"int16", TypeKind::integer},
    {"int2", TypeKind::integer},
    {"int32", TypeKind::integer},
    {"int4", TypeKind::integer},
    {"int64", TypeKind::integer},
    {"int8", TypeKind::integer},
    {"integer", TypeKind::integer},
    {"interval", TypeKind::interval},
    {"json", TypeKind::json},
    {"jsonb", TypeKind::json},
    {"long", TypeKind::integer},
    {"name", TypeKind::text},
    {"numeric", TypeKind::decimal},
    {"oid", TypeKind::integer},
    {"real", TypeKind::floating},
    {"serial", TypeKind::integer},
    {"short", TypeKind::integer},
    {"smallint", TypeKind::integer},
    {"smallserial", TypeKind::integer},
    {"string", TypeKind::text},
    {"text", TypeKind::text},
    {"time", TypeKind::time},
    {"time with time zone", TypeKind::time},
    {"time without time zone", TypeKind::time},
    {"timestamp", TypeKind::timestamp},
    {"timestamp with time zone", TypeKind::timestamptz},
    {"timestamp without time zone", TypeKind::timestamp},
    {"timestamp_ms", TypeKind::timestamp},
    {"timestamp_ns", TypeKind::timestamp},
    {"timestamp_s", TypeKind::timestamp},
    {"timestamptz", TypeKind::timestamptz},
    {"timetz", TypeKind::time},
    {"tinyint", TypeKind::integer},
    {"ubigint", TypeKind::integer},
    {"uhugeint", TypeKind::integer},
    {"uinteger", TypeKind::integer},
    {"usmallint", TypeKind::integer},
    {"utinyint", TypeKind::integer},
    {"uuid", TypeKind::uuid},
    {"varchar", TypeKind::text},
}};

/// "pg_catalog.Timestamp(3) with time zone" → "timestamp with time zone".
std::string bare_type_name(std::string_view text) {
  std::string name = to_lower(trim(text));
  if (name.starts_with("pg_catalog.")) name.erase(0, 11);
  const auto open = name.find('(');
  const auto close = name.find(')', open == std::string::npos ? 0 : open);
  if (open != std::string::npos && close != std::string::npos) name.erase(open, close - open + 1);
  return std::string(trim(name));
}

Type kind_only(TypeKind kind) { return Type{kind, ""}; }

}  // namespace

Type type_named(std::string_view text) {
  const std::string whole = to_lower(trim(text));
  const std::string native(text);
  if (whole.ends_with(']')) return {TypeKind::list, native};
  if (whole.starts_with("struct") || whole.starts_with("row(") || whole.starts_with("map")) return {TypeKind::structure, native};
  const std::string name = bare_type_name(text);
  const auto* found = std::find_if(kTypeNames.begin(), kTypeNames.end(), [&](const auto& entry) { return entry.first == name; });
  return {found == kTypeNames.end() ? TypeKind::unknown : found->second, native};
}

Type literal_type(LiteralKind kind) {
  switch (kind) {
    case LiteralKind::boolean: return kind_only(TypeKind::boolean);
    case LiteralKind::integer: return kind_only(TypeKind::integer);
    case LiteralKind::decimal: return kind_only(TypeKind::decimal);
    case LiteralKind::text: return kind_only(TypeKind::text);
    case LiteralKind::interval: return kind_only(TypeKind::interval);
    case LiteralKind::null: return {TypeKind::unknown, "null"};
    case LiteralKind::other: break;
  }
  return {};
}

Type aggregate_type(std::string_view function, const Type& argument, Dialect dialect) {
  const bool duckdb = dialect == Dialect::duckdb;
  if (function == "count" || function == "count_star" || function == "count_if" || function == "regr_count" ||
      (duckdb && function == "approx_count_distinct"))
    return kind_only(TypeKind::integer);
  if (function == "min" || function == "max" || function == "any_value" || function == "first" || function == "last" || function == "mode")
    return argument;
  if (function == "bool_and" || function == "bool_or" || function == "every") return kind_only(TypeKind::boolean);
  if (function == "string_agg" || function == "listagg" || function == "group_concat") return kind_only(TypeKind::text);
  if (function == "array_agg" || function == "list") return kind_only(TypeKind::list);
  const bool averages = function == "avg" || function == "mean";
  if (function != "sum" && !averages) return {};
  if (argument.kind == TypeKind::interval) return argument;
  if (!argument.is_numeric()) return {};
  if (argument.kind == TypeKind::floating) return kind_only(TypeKind::floating);
  if (averages) return kind_only(duckdb ? TypeKind::floating : TypeKind::decimal);
  // PostgreSQL sums bigint as numeric; DuckDB sums every integer as hugeint.
  const bool wide = !duckdb && (to_lower(argument.native) == "bigint" || to_lower(argument.native) == "int8");
  return kind_only(argument.kind == TypeKind::integer && !wide ? TypeKind::integer : TypeKind::decimal);
}

bool is_comparison(std::string_view op) {
  static constexpr std::array<std::string_view, 8> kComparisons{"=", "<>", "!=", "==", "<", "<=", ">", ">="};
  return std::find(kComparisons.begin(), kComparisons.end(), op) != kComparisons.end();
}

Type operator_type(std::string_view op, std::span<const Type> arguments) {
  static constexpr std::array<std::string_view, 16> kTests{
      "like", "ilike", "not like", "not ilike", "similar to",       "not similar to",       "~",    "~*",
      "!~",   "!~*",   "@>",       "<@",        "is distinct from", "is not distinct from", "glob", "&&"};
  if (is_comparison(op)) return kind_only(TypeKind::boolean);
  if (arguments.size() == 2 && std::find(kTests.begin(), kTests.end(), op) != kTests.end()) return kind_only(TypeKind::boolean);
  if (arguments.size() == 1 && (op == "-" || op == "+")) return kind_only(arguments[0].is_numeric() ? arguments[0].kind : TypeKind::unknown);
  if (arguments.size() != 2) return {};
  if (op == "||" && (arguments[0].kind == TypeKind::text || arguments[1].kind == TypeKind::text)) return kind_only(TypeKind::text);
  if ((op == "+" || op == "-" || op == "*" || op == "%") && arguments[0].is_numeric() && arguments[1].is_numeric())
    return kind_only(common_type(arguments[0], arguments[1]).kind);
  return {};
}

Type common_type(const Type& a, const Type& b) {
  if (a.kind == TypeKind::unknown && a.native == "null") return b;
  if (b.kind == TypeKind::unknown && b.native == "null") return a;
  if (a.kind == b.kind) return {a.kind, a.native == b.native ? a.native : ""};
  if (a.is_numeric() && b.is_numeric()) {
    const bool floating = a.kind == TypeKind::floating || b.kind == TypeKind::floating;
    return kind_only(floating ? TypeKind::floating : TypeKind::decimal);
  }
  return {};
}

}  // namespace sluice
