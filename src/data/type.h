#pragma once
#include <cstdint>
#include <string>

#include "base/codec.h"

namespace sluice {

/// What kind of values a column holds, across engines. `unknown` compares with nothing and is shown as text.
enum class TypeKind : std::uint8_t {
  unknown,
  boolean,
  integer,
  decimal,
  floating,
  text,
  date,
  time,
  timestamp,
  timestamptz,
  interval,
  bytes,
  json,
  uuid,
  list,
  structure
};
template <>
struct EnumNames<TypeKind> {
  static constexpr std::array<std::pair<TypeKind, std::string_view>, 16> names{{{TypeKind::unknown, "unknown"},
                                                                                {TypeKind::boolean, "boolean"},
                                                                                {TypeKind::integer, "integer"},
                                                                                {TypeKind::decimal, "decimal"},
                                                                                {TypeKind::floating, "floating"},
                                                                                {TypeKind::text, "text"},
                                                                                {TypeKind::date, "date"},
                                                                                {TypeKind::time, "time"},
                                                                                {TypeKind::timestamp, "timestamp"},
                                                                                {TypeKind::timestamptz, "timestamptz"},
                                                                                {TypeKind::interval, "interval"},
                                                                                {TypeKind::bytes, "bytes"},
                                                                                {TypeKind::json, "json"},
                                                                                {TypeKind::uuid, "uuid"},
                                                                                {TypeKind::list, "list"},
                                                                                {TypeKind::structure, "structure"}}};
};

/// A column's type: its kind, and the engine's own name for it ("character varying(40)", "DECIMAL(18,3)").
struct Type {
  TypeKind kind = TypeKind::unknown;
  std::string native{};

  bool is_numeric() const { return kind == TypeKind::integer || kind == TypeKind::decimal || kind == TypeKind::floating; }
  bool is_temporal() const { return kind == TypeKind::date || kind == TypeKind::timestamp || kind == TypeKind::timestamptz; }
  bool operator==(const Type&) const = default;
  static constexpr auto fields() { return std::tuple{Field{"kind", &Type::kind}, Field{"native", &Type::native}}; }
};

enum class Dialect : std::uint8_t { duckdb, postgres };
template <>
struct EnumNames<Dialect> {
  static constexpr std::array<std::pair<Dialect, std::string_view>, 2> names{{{Dialect::duckdb, "duckdb"}, {Dialect::postgres, "postgres"}}};
};

}  // namespace sluice
