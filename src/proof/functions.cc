#include "proof/functions.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "base/text.h"
#include "proof/function_lists.h"

namespace sluice {
namespace {

using Names = std::set<std::string_view, std::less<>>;

struct Lists {
  Names functions{}, relations{};  ///< relations are functions too
};

Lists read_lists(std::string_view text) {
  constexpr std::string_view kFrom = "[from]";
  Lists lists;
  for (std::string_view line : split(text, '\n')) {
    line = trim(line);
    if (line.empty() || line.starts_with('#')) continue;
    const bool from = line.starts_with(kFrom);
    if (from) line.remove_prefix(kFrom.size());
    for (const std::string_view name : split(line, ' ')) {
      if (trim(name).empty()) continue;
      lists.functions.insert(trim(name));
      if (from) lists.relations.insert(trim(name));
    }
  }
  return lists;
}

const Lists& lists_of(Dialect dialect) {
  static const Lists postgres = read_lists(kPostgresFunctions), duckdb = read_lists(kDuckDbFunctions);
  return dialect == Dialect::postgres ? postgres : duckdb;
}

constexpr std::array<std::string_view, 47> kSharedOperators{"+",
                                                            "-",
                                                            "*",
                                                            "/",
                                                            "%",
                                                            "^",
                                                            "=",
                                                            "<>",
                                                            "!=",
                                                            "==",
                                                            "<",
                                                            "<=",
                                                            ">",
                                                            ">=",
                                                            "||",
                                                            "&",
                                                            "|",
                                                            "~",
                                                            "<<",
                                                            ">>",
                                                            "@",
                                                            "->",
                                                            "->>",
                                                            "@>",
                                                            "<@",
                                                            "&&",
                                                            "like",
                                                            "not like",
                                                            "ilike",
                                                            "not ilike",
                                                            "similar to",
                                                            "not similar to",
                                                            "!~",
                                                            "~*",
                                                            "!~*",
                                                            "glob",
                                                            "at time zone",
                                                            "is distinct from",
                                                            "is not distinct from",
                                                            "collate",
                                                            "and",
                                                            "or",
                                                            "not",
                                                            "is null",
                                                            "is not null",
                                                            "between",
                                                            "in"};
constexpr std::array<std::string_view, 28> kPostgresOperators{"#",   "|/", "||/", "!!",  "#>",  "#>>", "#-",       "?",       "?|",  "?&",
                                                              "@?",  "@@", "-|-", "&<",  "&>",  "^@",  "~~",       "!~~",     "~~*", "!~~*",
                                                              "<->", "##", "?-",  "?||", "<<|", "|>>", "overlaps", "variadic"};
/// LIKE and its kin are also known by DuckDB's names of their functions, under which binding lists them.
constexpr std::array<std::string_view, 12> kDuckDbOperators{"//", "**", "!", "=>", ":=", "^@", "~~", "!~~", "~~*", "!~~*", "slice", "variadic"};

/// Each dialect has its own: a word that is no type of PostgreSQL ("string") may be somebody's domain there, whose CHECK runs anything.
constexpr std::array<std::string_view, 63> kPostgresTypes{"bigint",
                                                          "bit",
                                                          "bit varying",
                                                          "bool",
                                                          "boolean",
                                                          "box",
                                                          "bpchar",
                                                          "bytea",
                                                          "character",
                                                          "character varying",
                                                          "cidr",
                                                          "circle",
                                                          "date",
                                                          "datemultirange",
                                                          "daterange",
                                                          "decimal",
                                                          "double precision",
                                                          "float4",
                                                          "float8",
                                                          "inet",
                                                          "int",
                                                          "int2",
                                                          "int4",
                                                          "int4multirange",
                                                          "int4range",
                                                          "int8",
                                                          "int8multirange",
                                                          "int8range",
                                                          "integer",
                                                          "interval",
                                                          "json",
                                                          "jsonb",
                                                          "jsonpath",
                                                          "line",
                                                          "lseg",
                                                          "macaddr",
                                                          "macaddr8",
                                                          "money",
                                                          "name",
                                                          "numeric",
                                                          "nummultirange",
                                                          "numrange",
                                                          "path",
                                                          "point",
                                                          "polygon",
                                                          "real",
                                                          "smallint",
                                                          "text",
                                                          "time",
                                                          "time with time zone",
                                                          "timestamp",
                                                          "timestamp with time zone",
                                                          "timestamptz",
                                                          "timetz",
                                                          "tsmultirange",
                                                          "tsquery",
                                                          "tsrange",
                                                          "tstzmultirange",
                                                          "tstzrange",
                                                          "tsvector",
                                                          "uuid",
                                                          "varbit",
                                                          "varchar"};
constexpr std::array<std::string_view, 75> kDuckDbTypes{"bigint",
                                                        "bignum",
                                                        "binary",
                                                        "bit",
                                                        "bitstring",
                                                        "blob",
                                                        "bool",
                                                        "boolean",
                                                        "bpchar",
                                                        "bytea",
                                                        "char",
                                                        "character",
                                                        "character varying",
                                                        "date",
                                                        "datetime",
                                                        "dec",
                                                        "decimal",
                                                        "double",
                                                        "double precision",
                                                        "float",
                                                        "float4",
                                                        "float8",
                                                        "guid",
                                                        "hugeint",
                                                        "int",
                                                        "int1",
                                                        "int128",
                                                        "int16",
                                                        "int2",
                                                        "int32",
                                                        "int4",
                                                        "int64",
                                                        "int8",
                                                        "integer",
                                                        "interval",
                                                        "json",
                                                        "logical",
                                                        "long",
                                                        "numeric",
                                                        "nvarchar",
                                                        "oid",
                                                        "real",
                                                        "short",
                                                        "signed",
                                                        "smallint",
                                                        "string",
                                                        "text",
                                                        "time",
                                                        "time with time zone",
                                                        "time without time zone",
                                                        "time_ns",
                                                        "timestamp",
                                                        "timestamp with time zone",
                                                        "timestamp without time zone",
                                                        "timestamp_ms",
                                                        "timestamp_ns",
                                                        "timestamp_s",
                                                        "timestamp_us",
                                                        "timestamptz",
                                                        "timetz",
                                                        "tinyint",
                                                        "ubigint",
                                                        "uhugeint",
                                                        "uint128",
                                                        "uint16",
                                                        "uint32",
                                                        "uint64",
                                                        "uint8",
                                                        "uinteger",
                                                        "usmallint",
                                                        "utinyint",
                                                        "uuid",
                                                        "varbinary",
                                                        "varchar",
                                                        "variant"};

template <class Array>
bool contains(const Array& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// "numeric(10,2)[]" → "numeric"; "float[3]" → "float"; "interval day to second" → "interval"; "pg_catalog.int4" → "int4".
std::string bare_type(std::string_view type) {
  std::string out;
  int depth = 0;
  for (const char c : to_lower(type)) {
    if (c == '(' || c == '[') ++depth;
    if (depth == 0) out += c;
    if (c == ')' || c == ']') --depth;
  }
  for (std::size_t at = 0; (at = out.find("  ", at)) != std::string::npos;) out.erase(at, 1);
  out = std::string(trim(out));
  if (out.starts_with("pg_catalog.")) out = out.substr(11);
  return out.starts_with("interval ") ? "interval" : out;
}

}  // namespace

bool computes_only(Dialect dialect, std::string_view function) { return lists_of(dialect).functions.contains(function); }

bool makes_rows_only(Dialect dialect, std::string_view function) { return lists_of(dialect).relations.contains(function); }

bool is_plain_operator(Dialect dialect, std::string_view op) {
  if (op.starts_with("pg_catalog.") && dialect == Dialect::postgres) op.remove_prefix(11);
  return contains(kSharedOperators, op) || (dialect == Dialect::postgres ? contains(kPostgresOperators, op) : contains(kDuckDbOperators, op));
}

bool is_plain_type(Dialect dialect, std::string_view type) {
  // A quoted name is no word of the grammar: `"TEXT"` is somebody's type. DuckDB's structs name their fields in quotes.
  const std::string bare = bare_type(type);
  if (bare.find('"') != std::string::npos) return false;
  if (dialect == Dialect::postgres) return contains(kPostgresTypes, bare);
  // Structs, maps and enums are written out in the statement. Types run no code in DuckDB, so their members need no look.
  constexpr std::array<std::string_view, 5> kComposed{"struct", "map", "enum", "union", "list"};
  return contains(kComposed, bare) || contains(kDuckDbTypes, bare);
}

}  // namespace sluice
