#include "connectors/postgres/types.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace sluice::postgres {
namespace {

struct Known {
  std::uint32_t oid;
  std::string_view name;    ///< pg_type.typname
  std::string_view native;  ///< what format_type says
  TypeKind kind;
};
/// The oids are fixed (pg_type.dat).
constexpr std::array<Known, 26> kKnown{{{16, "bool", "boolean", TypeKind::boolean},
                                        {17, "bytea", "bytea", TypeKind::bytes},
                                        {18, "char", "\"char\"", TypeKind::text},
                                        {19, "name", "name", TypeKind::text},
                                        {20, "int8", "bigint", TypeKind::integer},
                                        {21, "int2", "smallint", TypeKind::integer},
                                        {23, "int4", "integer", TypeKind::integer},
                                        {25, "text", "text", TypeKind::text},
                                        {26, "oid", "oid", TypeKind::integer},
                                        {114, "json", "json", TypeKind::json},
                                        {700, "float4", "real", TypeKind::floating},
                                        {701, "float8", "double precision", TypeKind::floating},
                                        {705, "unknown", "unknown", TypeKind::text},
                                        {1042, "bpchar", "character", TypeKind::text},
                                        {1043, "varchar", "character varying", TypeKind::text},
                                        {1082, "date", "date", TypeKind::date},
                                        {1083, "time", "time without time zone", TypeKind::time},
                                        {1114, "timestamp", "timestamp without time zone", TypeKind::timestamp},
                                        {1184, "timestamptz", "timestamp with time zone", TypeKind::timestamptz},
                                        {1186, "interval", "interval", TypeKind::interval},
                                        {1266, "timetz", "time with time zone", TypeKind::time},
                                        {1700, "numeric", "numeric", TypeKind::decimal},
                                        {2950, "uuid", "uuid", TypeKind::uuid},
                                        {3802, "jsonb", "jsonb", TypeKind::json},
                                        {1009, "_text", "text[]", TypeKind::list},
                                        {1007, "_int4", "integer[]", TypeKind::list}}};

/// Lengths and numeric modifiers carry this offset (VARHDRSZ in PostgreSQL's source).
constexpr int kModifierOffset = 4;

std::string with_modifier(const Known& known, int modifier) {
  std::string name(known.native);
  if (modifier < 0) return name;
  if (known.name == "numeric" && modifier >= kModifierOffset) {
    const int packed = modifier - kModifierOffset;
    // The scale has 11 bits with a sign since PostgreSQL 15.
    const int scale = ((packed & 0x7FF) ^ 1024) - 1024;
    return name + "(" + std::to_string((packed >> 16) & 0xFFFF) + "," + std::to_string(scale) + ")";
  }
  if ((known.name == "varchar" || known.name == "bpchar") && modifier >= kModifierOffset)
    return name + "(" + std::to_string(modifier - kModifierOffset) + ")";
  if (known.name == "timestamp" || known.name == "timestamptz" || known.name == "time" || known.name == "timetz") {
    const std::size_t space = name.find(' ');
    return name.substr(0, space) + "(" + std::to_string(modifier) + ")" + name.substr(space);
  }
  return name;
}

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> floating(std::string_view text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  return number<double>(text);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

/// bytea_output = hex: \x68656c6c6f
std::optional<std::string> bytes_of(std::string_view text) {
  if (!text.starts_with("\\x") || text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2 - 1);
  for (std::size_t i = 2; i < text.size(); i += 2) {
    const int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

}  // namespace

TypeKind kind_of(std::string_view base_name, char category, char sort) {
  if (category == 'A') return TypeKind::list;
  if (category == 'E' || sort == 'e') return TypeKind::text;
  if (sort == 'c') return TypeKind::structure;
  for (const Known& known : kKnown)
    if (known.name == base_name) return known.kind;
  return category == 'S' ? TypeKind::text : TypeKind::unknown;
}

std::optional<Type> built_in_type(std::uint32_t oid, int modifier) {
  for (const Known& known : kKnown)
    if (known.oid == oid) return Type{known.kind, with_modifier(known, modifier)};
  return std::nullopt;
}

Value decode_value(std::string_view text, const Type& type) {
  if (type.kind == TypeKind::boolean) return text == "t" || text == "true";
  if (type.kind == TypeKind::integer)
    if (const auto value = number<std::int64_t>(text)) return *value;
  if (type.kind == TypeKind::floating)
    if (const auto value = floating(text)) return *value;
  if (type.kind == TypeKind::bytes)
    if (auto value = bytes_of(text)) return *std::move(value);
  return std::string(text);
}

}  // namespace sluice::postgres
