#include "flows/ask/table_profile.h"

#include <algorithm>

#include "plan/render.h"

namespace sluice {
namespace {

constexpr const char* kShown = "80";  // characters of a text

bool compares(TypeKind kind) {
  switch (kind) {
    case TypeKind::boolean:
    case TypeKind::integer:
    case TypeKind::decimal:
    case TypeKind::floating:
    case TypeKind::text:
    case TypeKind::date:
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamptz:
    case TypeKind::uuid: return true;
    default: return false;
  }
}

/// PostgreSQL has no least boolean or UUID.
bool has_order(TypeKind kind) { return compares(kind) && kind != TypeKind::boolean && kind != TypeKind::uuid; }

std::string extreme(const std::string& function, const Column& column, const std::string& name) {
  if (column.type.kind == TypeKind::text) return "left(" + function + "(CAST(" + name + " AS VARCHAR)), " + kShown + ")";
  return "CAST(" + function + "(" + name + ") AS VARCHAR)";
}

std::size_t columns_read(const Table& table) { return std::min(table.columns.size(), kProfileColumnsMax); }

std::optional<std::string> text_of(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? std::optional(*text) : std::nullopt;
}

}  // namespace

std::string profile_sql(const Table& table, Dialect dialect) {
  std::string said = "count(*) AS n", columns;
  for (std::size_t i = 0; i < columns_read(table); ++i) {
    const Column& column = table.columns[i];
    const std::string name = plan::quote_name(column.name, dialect), number = std::to_string(i);
    columns += (i == 0 ? "" : ", ") + name;
    said += ", count(" + name + ") AS filled" + number;
    if (compares(column.type.kind)) said += ", count(DISTINCT " + name + ") AS distinct" + number;
    if (has_order(column.type.kind))
      said += ", " + extreme("min", column, name) + " AS least" + number + ", " + extreme("max", column, name) + " AS greatest" + number;
  }
  const std::string schema = table.name.schema.empty() ? "" : plan::quote_name(table.name.schema, dialect) + ".";
  return "SELECT " + said + " FROM (SELECT " + (columns.empty() ? "1 AS one" : columns) + " FROM " + schema +
         plan::quote_name(table.name.name, dialect) + " LIMIT " + std::to_string(kProfileRowsMax) + ") AS first_rows";
}

Result<TableProfile> profile_of(const Table& table, const std::vector<Row>& rows) {
  const Error changed{ErrorKind::stale, "E0350", "the table is not what it was a moment ago", "try again", 0};
  if (rows.size() != 1) return changed;
  std::size_t at = 0;
  const auto next = [&]() -> const Value* { return at < rows.front().size() ? &rows.front()[at++] : nullptr; };
  const auto number = [&]() -> std::optional<std::int64_t> {
    const Value* value = next();
    const auto* of = value == nullptr ? nullptr : std::get_if<std::int64_t>(value);
    return of != nullptr ? std::optional(*of) : std::nullopt;
  };
  const auto count = number();
  if (!count) return changed;
  TableProfile out{.rows = *count, .whole = *count < kProfileRowsMax, .columns_left_out = std::ssize(table.columns)};
  for (std::size_t i = 0; i < columns_read(table); ++i) {
    const Column& column = table.columns[i];
    ColumnProfile profile{.name = column.name};
    const auto filled = number();
    if (!filled) return changed;
    profile.filled = *filled;
    if (compares(column.type.kind)) profile.distinct = number();
    if (has_order(column.type.kind)) {
      const Value *least = next(), *greatest = next();
      if (greatest == nullptr) return changed;
      profile.least = text_of(*least);
      profile.greatest = text_of(*greatest);
    }
    out.columns.push_back(std::move(profile));
    --out.columns_left_out;
  }
  return out;
}

}  // namespace sluice
