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
constexpr std::array<std::string_view, 8> kDuckDbOperators{"//", "**", "!", "=>", ":=", "^@", "slice", "variadic"};

constexpr std::array<std::string_view, 61> kTypes{"smallint",
                                                  "integer",
                                                  "int",
                                                  "bigint",
                                                  "int2",
                                                  "int4",
                                                  "int8",
                                                  "tinyint",
                                                  "utinyint",
                                                  "usmallint",
                                                  "uinteger",
                                                  "ubigint",
                                                  "hugeint",
                                                  "uhugeint",
                                                  "real",
                                                  "float",
                                                  "float4",
                                                  "float8",
                                                  "double",
                                                  "double precision",
                                                  "numeric",
                                                  "decimal",
                                                  "money",
                                                  "boolean",
                                                  "bool",
                                                  "text",
                                                  "varchar",
                                                  "char",
                                                  "string",
                                                  "character",
                                                  "character varying",
                                                  "bpchar",
                                                  "name",
                                                  "citext",
                                                  "bytea",
                                                  "blob",
                                                  "bit",
                                                  "bit varying",
                                                  "date",
                                                  "time",
                                                  "time with time zone",
                                                  "time without time zone",
                                                  "timestamp",
                                                  "timestamp with time zone",
                                                  "timestamp without time zone",
                                                  "timestamptz",
                                                  "timestamp_s",
                                                  "timestamp_ms",
                                                  "timestamp_ns",
                                                  "timetz",
                                                  "datetime",
                                                  "interval",
                                                  "json",
                                                  "jsonb",
                                                  "uuid",
                                                  "inet",
                                                  "cidr",
                                                  "point",
                                                  "tsvector",
                                                  "tsquery",
                                                  "int4range"};

template <class Array>
bool contains(const Array& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// "numeric(10,2)[]" → "numeric"; "interval day to second" → "interval"; `"pg_catalog"."int4"` → "int4".
std::string bare_type(std::string_view type) {
  std::string out;
  int depth = 0;
  for (const char c : to_lower(type)) {
    if (c == '(') ++depth;
    if (depth == 0 && c != '[' && c != ']' && c != '"') out += c;
    if (c == ')') --depth;
  }
  out = std::string(trim(out));
  if (out.starts_with("pg_catalog.")) out = out.substr(11);
  if (out.starts_with("interval ")) out = "interval";
  for (std::size_t at = 0; (at = out.find("  ", at)) != std::string::npos;) out.erase(at, 1);
  while (!out.empty() && out.back() >= '0' && out.back() <= '9' && out.find('[') != std::string::npos) out.pop_back();
  return out;
}

}  // namespace

bool computes_only(Dialect dialect, std::string_view function) { return lists_of(dialect).functions.contains(function); }

bool makes_rows_only(Dialect dialect, std::string_view function) { return lists_of(dialect).relations.contains(function); }

bool is_plain_operator(Dialect dialect, std::string_view op) {
  if (op.starts_with("pg_catalog.") && dialect == Dialect::postgres) op.remove_prefix(11);
  return contains(kSharedOperators, op) || (dialect == Dialect::postgres ? contains(kPostgresOperators, op) : contains(kDuckDbOperators, op));
}

bool is_plain_type(Dialect dialect, std::string_view type) {
  const std::string bare = bare_type(type);
  // DuckDB's structs, maps and enums are written out in the statement; their members are types of their own, which the engine checks.
  const bool composed = dialect == Dialect::duckdb && (bare == "struct" || bare == "map" || bare == "enum" || bare == "union" || bare == "list");
  return composed || contains(kTypes, bare);
}

}  // namespace sluice
