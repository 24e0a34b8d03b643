#include <algorithm>
#include <array>

#include "sql/postgres_tree.h"

namespace sluice {
namespace {

struct TypeWords {
  std::string_view internal, words;
  std::string_view after = "";  ///< follows the modifiers: "timestamp(3) with time zone"
};

/// The names that SQL has for types of pg_catalog (PostgreSQL's grammar turns these words into the names).
constexpr std::array<TypeWords, 16> kTypes{{{"int2", "smallint"},
                                            {"int4", "integer"},
                                            {"int8", "bigint"},
                                            {"float4", "real"},
                                            {"float8", "double precision"},
                                            {"bool", "boolean"},
                                            {"numeric", "numeric"},
                                            {"varchar", "character varying"},
                                            {"bpchar", "character"},
                                            {"bit", "bit"},
                                            {"varbit", "bit varying"},
                                            {"timestamp", "timestamp"},
                                            {"timestamptz", "timestamp", " with time zone"},
                                            {"time", "time"},
                                            {"timetz", "time", " with time zone"},
                                            {"interval", "interval"}}};

/// INTERVAL_MASK of PostgreSQL's datetime.h: 1 << (YEAR 2, MONTH 1, DAY 3, HOUR 10, MINUTE 11, SECOND 12).
constexpr std::array<std::pair<std::int64_t, std::string_view>, 13> kIntervalFields{{{4, " year"},
                                                                                     {2, " month"},
                                                                                     {8, " day"},
                                                                                     {1024, " hour"},
                                                                                     {2048, " minute"},
                                                                                     {4096, " second"},
                                                                                     {6, " year to month"},
                                                                                     {1032, " day to hour"},
                                                                                     {3080, " day to minute"},
                                                                                     {7176, " day to second"},
                                                                                     {3072, " hour to minute"},
                                                                                     {7168, " hour to second"},
                                                                                     {6144, " minute to second"}}};
constexpr std::int64_t kIntervalFullRange = 0x7FFF;

/// As an identifier that reads back as itself: quoted unless it is plain lower case and none of the words above.
std::string quoted(const std::string& name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  // Words of the grammar: a quoted one is somebody's own type, as PostgreSQL has none of that name.
  static constexpr std::array<std::string_view, 20> kWords{"char", "bit",   "time",    "timestamp", "interval", "numeric", "character",
                                                           "real", "int",   "integer", "bigint",    "smallint", "boolean", "decimal",
                                                           "dec",  "float", "double",  "nchar",     "national", "varying"};
  const bool safe = !name.empty() && std::all_of(name.begin(), name.end(), plain) && (name[0] < '0' || name[0] > '9') &&
                    std::find(kWords.begin(), kWords.end(), name) == kWords.end();
  if (safe) return name;
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace

Result<std::string> PostgresTree::type_name(const Json& body) {
  TRY_VOID(known(body, "TypeName", {"names", "typmods", "typemod", "arrayBounds", "location"}));
  TRY(auto parts, names(body["names"]));
  TRY(auto modifiers, exprs(body["typmods"]));
  const TypeWords* words = nullptr;
  if (parts.size() == 2 && parts[0] == "pg_catalog")
    for (const TypeWords& type : kTypes)
      if (type.internal == parts[1]) words = &type;
  std::string out, fields;
  if (words != nullptr) {
    out = words->words;
  } else {
    for (const std::string& part : parts) out += (out.empty() ? "" : ".") + quoted(part);
  }
  if (words != nullptr && words->internal == "interval" && !modifiers.empty()) {
    for (const auto& [mask, text] : kIntervalFields)
      if (std::to_string(mask) == modifiers[0].text) fields = text;
    if (fields.empty() && modifiers[0].text != std::to_string(kIntervalFullRange))
      return refuse(StatementClass::other, "an interval type that Sluice does not know");
    modifiers.erase(modifiers.begin());
  }
  out += fields;
  for (std::size_t i = 0; i < modifiers.size(); ++i) {
    if (modifiers[i].kind != ExprKind::literal) return refuse(StatementClass::other, "a type modifier that is not a constant");
    out += (i == 0 ? "(" : ", ") + modifiers[i].text;
  }
  if (!modifiers.empty()) out += ')';
  if (words != nullptr) out += words->after;
  // The length of an array type is not enforced by PostgreSQL: int[3] is int[].
  for (std::size_t i = 0; i < body["arrayBounds"].size(); ++i) out += "[]";
  return out;
}

Result<Expr> PostgresTree::cast(const Json& body) {
  TRY_VOID(known(body, "TypeCast", {"arg", "typeName", "location"}));
  TRY(Expr value, expr(body["arg"]));
  TRY(std::string type, type_name(body["typeName"]));
  const int location = static_cast<int>(body.integer("location", 0));
  // interval '1 day' has no location of its own; '1 day'::interval has that of the sign.
  const bool typed_text = location < 0 && value.kind == ExprKind::literal && value.literal == LiteralKind::text;
  if (typed_text && type == "interval") {
    value.literal = LiteralKind::interval;
    return value;
  }
  Expr out;
  out.kind = ExprKind::cast;
  out.location = location < 0 ? value.location : location;
  out.text = std::move(type);
  out.args.push_back(std::move(value));
  return out;
}

}  // namespace sluice
