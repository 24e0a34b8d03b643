#include "connectors/duckdb/key_evidence.h"

#include <algorithm>

#include "base/text.h"
#include "connectors/duckdb/source.h"

namespace sluice::duckdb_detail {
namespace {

constexpr std::size_t kQuestionsAtOnce = 32;

std::optional<std::int64_t> number(const Row& row, std::size_t at) {
  const auto* value = std::get_if<std::int64_t>(&row.at(at));
  return value != nullptr ? std::optional(*value) : std::nullopt;
}

}  // namespace

DuckDbKeyEvidence::DuckDbKeyEvidence(Connection& connection, const Catalog& catalog, const DuckDbSource& source)
    // DuckDB's own columns are read faster than SQLite's rows and files of text. Either takes about a second at most.
    : bounds_(source.kind == DuckDbSource::Kind::database ? Bounds{3'000'000, 500'000, 50'000} : Bounds{1'500'000, 200'000, 10'000}),
      connection_(connection),
      catalog_(catalog) {}

bool DuckDbKeyEvidence::spend(std::int64_t rows) {
  if (rows > bounds_.rows) return false;
  bounds_.rows -= rows;
  return true;
}

std::int64_t DuckDbKeyEvidence::rows_of(const TableName& name, std::int64_t at_most) const {
  const Table* table = catalog_.find(name);
  return table != nullptr && table->row_count ? std::min(*table->row_count, at_most) : at_most;
}

bool DuckDbKeyEvidence::may_read(const TableName& name) const {
  const Table* table = catalog_.find(name);
  return table != nullptr && !runs_on_read(*table);
}

Result<std::vector<std::optional<Row>>> DuckDbKeyEvidence::ask(std::span<const std::string> queries) {
  std::vector<std::optional<Row>> out(queries.size());
  for (std::size_t at = 0; at < queries.size(); at += kQuestionsAtOnce) {
    const std::size_t count = std::min(kQuestionsAtOnce, queries.size() - at);
    std::string sql;
    for (std::size_t i = 0; i < count; ++i) sql += (i == 0 ? "" : " UNION ALL ") + ("SELECT " + std::to_string(i) + ", " + queries[at + i]);
    auto rows = connection_.rows(sql);
    // Values that don't fit their type fail the whole statement: then each is asked by itself. What still fails is not known.
    for (std::size_t i = 0; !rows && i < count && rows.error().kind == ErrorKind::input; ++i)
      if (auto one = connection_.rows("SELECT 0, " + queries[at + i]); one && !one->empty()) out[at + i] = std::move(one->front());
    if (!rows && rows.error().kind == ErrorKind::cancelled) return std::move(rows).error();
    for (std::size_t i = 0; rows && i < rows->size(); ++i)
      if (const auto place = number((*rows)[i], 0)) out[at + static_cast<std::size_t>(*place)] = std::move((*rows)[i]);
  }
  return out;
}

Result<std::vector<std::optional<Uniqueness>>> DuckDbKeyEvidence::uniqueness(std::span<const KeyColumns> of) {
  std::vector<std::string> queries;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < of.size(); ++i) {
    if (!may_read(of[i].table) || !spend(rows_of(of[i].table, bounds_.key_rows))) continue;
    queries.push_back(uniqueness_query(of[i]));
    places.push_back(i);
  }
  TRY(const auto rows, ask(queries));
  std::vector<std::optional<Uniqueness>> out(of.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i]) continue;
    const std::int64_t seen = number(*rows[i], 1).value_or(0);
    out[places[i]] = Uniqueness{seen, number(*rows[i], 2).value_or(0), seen < bounds_.key_rows, number(*rows[i], 3), number(*rows[i], 4)};
  }
  return out;
}

Result<std::vector<std::optional<Containment>>> DuckDbKeyEvidence::containment(std::span<const Reference> of) {
  std::vector<std::string> queries;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < of.size(); ++i) {
    if (!may_read(of[i].table) || !may_read(of[i].target)) continue;
    // Of a larger target only a part would be compared.
    const std::int64_t target = rows_of(of[i].target, bounds_.key_rows + 1);
    if (target > bounds_.key_rows || !spend(rows_of(of[i].table, bounds_.sample_rows) + target)) continue;
    queries.push_back(containment_query(of[i]));
    places.push_back(i);
  }
  TRY(const auto rows, ask(queries));
  std::vector<std::optional<Containment>> out(of.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i]) out[places[i]] = Containment{number(*rows[i], 1).value_or(0), number(*rows[i], 2).value_or(0), number(*rows[i], 3).value_or(0) == 0};
  return out;
}

std::string DuckDbKeyEvidence::uniqueness_query(const KeyColumns& of) const {
  std::vector<std::string> names, present;
  for (const std::string& column : of.columns) {
    names.push_back(sql_identifier(column));
    present.push_back(names.back() + " IS NOT NULL");
  }
  const std::string list = join(names, ", ");
  // (a, b) is a row of them, which is never NULL itself.
  return "count(*), count(DISTINCT (" + list + ")) FILTER (WHERE " + join(present, " AND ") + "), TRY_CAST(min(" + names.front() +
         ") AS BIGINT), TRY_CAST(max(" + names.front() + ") AS BIGINT) FROM (SELECT " + list + " FROM " + qualified(catalog_.database, of.table) +
         " LIMIT " + std::to_string(bounds_.key_rows) + ")";
}

std::string DuckDbKeyEvidence::containment_query(const Reference& of) const {
  const std::string from = sql_identifier(of.column), to = sql_identifier(of.target_column), target = qualified(catalog_.database, of.target);
  const auto* column = catalog_.find(of.table)->find_column(of.column);
  const bool skips_blank = column != nullptr && column->type.kind == TypeKind::text && !of.as_text;  // a blank is a missing value, and no number
  return "count(*), count(*) FILTER (WHERE v IN (SELECT " + (of.as_text ? "CAST(" + to + " AS VARCHAR)" : to) + " FROM " + target + " WHERE " + to +
         " IS NOT NULL)), (SELECT count(*) FROM (SELECT 1 FROM " + target + " LIMIT 1)), NULL::BIGINT FROM (SELECT DISTINCT v FROM (SELECT " + from +
         " AS v FROM " + qualified(catalog_.database, of.table) + " WHERE " + from + " IS NOT NULL" + (skips_blank ? " AND " + from + " <> ''" : "") +
         " LIMIT " + std::to_string(bounds_.sample_rows) + "))";
}

}  // namespace sluice::duckdb_detail
