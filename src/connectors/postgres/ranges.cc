#include "connectors/postgres/ranges.h"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "base/json.h"

namespace sluice::postgres {
namespace {

constexpr std::size_t kColumnsMax = 5000, kColumnsAtOnce = 200;
/// Tables up to here are read although there are statistics, which are of a sample; above the second size none is read.
constexpr std::int64_t kSmallBytes = 4LL << 20, kReadableBytes = 64LL << 20;
/// The time for all tables together; one may take this share of what is left.
constexpr std::chrono::milliseconds kBudget{1500};
constexpr std::int64_t kTableShare = 2;
/// Below this no further table is begun.
constexpr std::int64_t kEnoughMs = 20;

struct Asked {
  const Table* table = nullptr;
  std::vector<Column> columns{};
};

std::vector<Asked> asked_of(const Catalog& catalog) {
  std::vector<Asked> out;
  std::size_t count = 0;
  for (const Table& table : catalog.tables) {
    if (runs_on_read(table) || table.kind == TableKind::foreign_table) continue;
    Asked one{&table, ranged_columns(table)};
    count += one.columns.size();
    if (count > kColumnsMax) break;
    if (!one.columns.empty()) out.push_back(std::move(one));
  }
  return out;
}

/// Whether one value stands before another, as pg_stats writes them: times of this era in UTC sort as text.
bool is_before(const Type& type, const std::string& a, const std::string& b) {
  return type.is_numeric() ? std::strtod(a.c_str(), nullptr) < std::strtod(b.c_str(), nullptr) : a < b;
}

/// What ANALYZE found: the ends of the histogram, the most common values, and whether the latter are all that it saw.
struct Statistics {
  std::vector<std::string> ends{}, common{};
  double distinct = 0;  ///< as pg_stats tells it: negative for a share of the rows
};
using ByColumn = std::map<std::pair<TableName, std::string>, Statistics>;

std::vector<std::string> texts_of(std::string_view list) {
  std::vector<std::string> out;
  if (const auto json = Json::parse(list); json && json->as_array() != nullptr)
    for (const Json& value : *json->as_array())
      if (const auto* text = value.as_string(); text != nullptr) out.push_back(*text);
  return out;
}

Result<ByColumn> statistics(Session& session, const std::vector<Asked>& asked) {
  std::vector<std::string> schemas, tables, columns;
  for (const Asked& one : asked)
    for (const Column& column : one.columns) {
      schemas.push_back(one.table->name.schema);
      tables.push_back(one.table->name.name);
      columns.push_back(column.name);
    }
  const std::vector<std::string> parameters{array_literal(schemas), array_literal(tables), array_literal(columns)};
  // An inheritance parent's row for all of its tables comes last and counts.
  TRY(const Reply reply,
      session.ask("SELECT s.schemaname, s.tablename, s.attname, CASE WHEN s.histogram_bounds IS NOT NULL THEN pg_catalog.json_build_array("
                  "(s.histogram_bounds::text::text[])[1], (s.histogram_bounds::text::text[])[pg_catalog.array_length(s.histogram_bounds, 1)]) END, "
                  "pg_catalog.array_to_json(s.most_common_vals::text::text[]), s.n_distinct FROM pg_catalog.pg_stats s JOIN "
                  "ROWS FROM (pg_catalog.unnest($1::name[]), pg_catalog.unnest($2::name[]), pg_catalog.unnest($3::name[])) AS w(s, t, c) "
                  "ON s.schemaname = w.s AND s.tablename = w.t AND s.attname = w.c ORDER BY s.inherited",
                  parameters));
  ByColumn out;
  for (int i = 0; i < reply.rows(); ++i)
    out[{{std::string(reply.text(i, 0)), std::string(reply.text(i, 1))}, std::string(reply.text(i, 2))}] = {
        texts_of(reply.text(i, 3)), texts_of(reply.text(i, 4)), std::strtod(std::string(reply.text(i, 5)).c_str(), nullptr)};
  return out;
}

ColumnRange range_of(const Table& table, const Column& column, Statistics found) {
  ColumnRange out{.table = table.name, .column = column.name};
  const auto before = [&](const std::string& a, const std::string& b) { return is_before(column.type, a, b); };
  std::ranges::sort(found.common, before);
  const bool few = found.ends.empty() && found.common.size() <= ColumnRange::kCodesMax && found.distinct > 0 &&
                   std::cmp_equal(found.common.size(), static_cast<std::int64_t>(found.distinct));
  if (column.type.kind == TypeKind::integer && few) {
    out.codes = std::move(found.common);
    return out;
  }
  std::vector<std::string> all = std::move(found.ends);
  if (!found.common.empty()) all.insert(all.end(), {found.common.front(), found.common.back()});
  if (all.empty()) return out;
  out.least = *std::ranges::min_element(all, before);
  out.greatest = *std::ranges::max_element(all, before);
  return out;
}

/// The ends of what is finite, and for whole numbers the codes.
std::string question(const std::string& from, const Column& column) {
  const std::string name = quoted(column.name);
  std::string finite;
  if (column.type.is_temporal()) finite = " FILTER (WHERE pg_catalog.isfinite(" + name + "))";
  if (column.type.kind == TypeKind::floating) finite = " FILTER (WHERE " + name + " > '-Infinity' AND " + name + " < 'Infinity')";
  std::string codes = "NULL";
  if (column.type.kind == TypeKind::integer)
    codes = "(SELECT pg_catalog.json_agg(v::text ORDER BY v) FROM (SELECT DISTINCT " + name + " AS v " + from + " WHERE " + name +
            " IS NOT NULL LIMIT " + std::to_string(ColumnRange::kCodesMax + 1) + ") AS d)";
  return "pg_catalog.min(" + name + ")" + finite + "::text, pg_catalog.max(" + name + ")" + finite + "::text, " + codes;
}

Result<std::vector<ColumnRange>> read_table(Session& session, const Asked& asked, const Until& until) {
  const TableName& name = asked.table->name;
  const std::string from = "FROM " + quoted(name.schema) + "." + quoted(name.name);
  std::string sql;
  for (const Column& column : asked.columns) (sql += sql.empty() ? "SELECT " : ", ") += question(from, column);
  TRY_VOID(session.wait_for_locks(kBriefly));
  TRY(const Reply reply, session.ask_until(sql + " " + from, {}, until));
  TRY_VOID(session.wait_for_locks(kLockWaitMax));
  std::vector<ColumnRange> out;
  for (int i = 0; i < std::ssize(asked.columns) && reply.rows() == 1; ++i) {
    ColumnRange range{.table = name, .column = asked.columns[static_cast<std::size_t>(i)].name, .complete = true};
    range.codes = texts_of(reply.text(0, 3 * i + 2));
    if (range.codes.empty() || range.codes.size() > ColumnRange::kCodesMax)
      range = {name, range.column, {}, std::string(reply.text(0, 3 * i)), std::string(reply.text(0, 3 * i + 1)), true};
    out.push_back(std::move(range));
  }
  return out;
}

}  // namespace

Result<std::vector<ColumnRange>> read_ranges(Session& session, const Catalog& catalog) {
  std::vector<ColumnRange> out;
  const std::vector<Asked> all = asked_of(catalog);
  if (all.empty()) return out;
  TRY(ByColumn known, statistics(session, all));
  const Until whole{std::min(session.until().deadline, std::chrono::steady_clock::now() + kBudget), session.until().cancelled};
  for (const Asked& asked : all) {
    const TableName& name = asked.table->name;
    const auto is_known = [&](const Column& column) { return known.contains({name, column.name}); };
    // A partitioned table has no size of its own: how large it is is not known here, so it is not read.
    const std::int64_t bytes = asked.table->bytes.value_or(kReadableBytes + 1), left = whole.milliseconds_left();
    const bool worth_it = bytes <= kSmallBytes || (bytes <= kReadableBytes && !std::ranges::any_of(asked.columns, is_known));
    if (worth_it && left > kEnoughMs && asked.columns.size() <= kColumnsAtOnce) {
      const auto share = std::chrono::milliseconds(left / kTableShare);
      auto read = read_table(session, asked, {std::chrono::steady_clock::now() + share, whole.cancelled});
      if (!read && (read.error().kind == ErrorKind::cancelled || session.connection().is_lost())) return std::move(read).error();
      if (read) {
        std::ranges::move(*read, std::back_inserter(out));
        continue;
      }
    }
    for (const Column& column : asked.columns)
      if (is_known(column)) out.push_back(range_of(*asked.table, column, std::move(known[{name, column.name}])));
  }
  std::erase_if(out, [](const ColumnRange& range) { return !is_told(range); });
  return out;
}

}  // namespace sluice::postgres
