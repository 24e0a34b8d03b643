#include <algorithm>
#include <fstream>

#include "base/text.h"
#include "connectors/duckdb/catalog.h"

namespace sluice::duckdb_detail {
namespace {

constexpr std::int64_t kRowsMax = 2'000'000;  ///< rows looked at for one column's values

/// Running out of time is no failure here, being stopped is.
bool is_out_of_time(const Error& error) { return error.kind == ErrorKind::timeout; }

std::int64_t number(const Row& row, std::size_t at) {
  const auto* value = std::get_if<std::int64_t>(&row[at]);
  return value != nullptr ? *value : 0;
}

void learn_rows(Catalog& catalog, const TableName& name, std::int64_t rows) {
  for (Table& table : catalog.tables) {
    if (table.name != name || table.row_count_exact) continue;
    table.row_count = rows;
    table.row_count_exact = true;
  }
}

/// Of a file, whose path is the comment.
bool ends_with(const Table& table, std::string_view ending) { return to_lower(table.comment).ends_with(ending); }

/// Text columns of a table whose rows are read whole, copied for as long as they are looked at. Where that fails, the table itself serves.
class Staged {
 public:
  Staged(Connection& connection, const std::string& catalog, const Table& table, const DuckDbSource& source)
      : connection_(connection), from_(qualified(catalog, table.name)) {
    std::vector<std::string> columns;
    for (const Column& column : table.columns)
      if (column.type.kind == TypeKind::text) columns.push_back(sql_identifier(column.name));
    if (columns.size() < 2 || !is_read_whole(table, source)) return;
    const auto copied = connection_.execute("CREATE OR REPLACE TEMP TABLE sluice_values AS SELECT " + join(columns, ", ") + " FROM " + from_ +
                                            " LIMIT " + std::to_string(kRowsMax));
    copied_ = bool(copied);
    if (copied_) from_ = "temp.sluice_values";
  }
  ~Staged() {
    if (copied_) (void)connection_.execute("DROP TABLE temp.sluice_values");  // ends with the connection at the latest
  }
  Staged(const Staged&) = delete;
  Staged& operator=(const Staged&) = delete;
  const std::string& from() const { return from_; }

 private:
  Connection& connection_;
  std::string from_;
  bool copied_ = false;
};

/// One column's values with how often each occurs, the rows seen, and how many values are too long to be listed.
std::string values_query(const std::string& from, const Column& column, int values_max) {
  return "SELECT v, (sum(n) OVER ())::BIGINT, (sum(long) OVER ())::BIGINT FROM (SELECT CASE WHEN strlen(q) <= 100 THEN q END AS v, count(*) AS n, "
         "count(*) FILTER (WHERE strlen(q) > 100) AS long FROM (SELECT CAST(" +
         sql_identifier(column.name) + " AS VARCHAR) AS q FROM " + from + " LIMIT " + std::to_string(kRowsMax) +
         ") GROUP BY 1) ORDER BY v IS NULL, n DESC, v LIMIT " + std::to_string(values_max + 1);
}

/// Counts the rows, if that is done in time.
Result<> count(Connection& connection, const std::string& catalog, Table& table) {
  auto rows = connection.rows("SELECT count(*) FROM " + qualified(catalog, table.name));
  if (!rows && rows.error().kind == ErrorKind::cancelled) return std::move(rows).error();
  if (!rows) return {};
  table.row_count = number(rows->at(0), 0);
  table.row_count_exact = true;
  return {};
}

/// About how many rows a file has, by the length of its lines at its beginning, middle and end. Unset for files that have no lines of rows.
std::optional<std::int64_t> rows_by_lines(const Table& table) {
  constexpr std::int64_t kPart = 1 << 18;
  const std::int64_t size = table.bytes.value_or(0);
  const bool lines = ends_with(table, ".csv") || ends_with(table, ".tsv") || ends_with(table, ".jsonl") || ends_with(table, ".ndjson");
  std::ifstream in(table.comment, std::ios::binary);
  if (!lines || !in || size < 3 * kPart) return std::nullopt;
  std::string part(static_cast<std::size_t>(kPart), '\0');
  std::int64_t found = 0;
  for (const std::int64_t at : {std::int64_t{0}, (size - kPart) / 2, size - kPart}) {
    in.seekg(at);
    if (!in.read(part.data(), kPart)) return std::nullopt;
    found += std::count(part.begin(), part.end(), '\n');
  }
  return static_cast<std::int64_t>(static_cast<double>(size) * static_cast<double>(found) / (3.0 * static_cast<double>(kPart)));
}

bool in_time(const Connection& connection) { return std::chrono::steady_clock::now() < connection.call().deadline; }

}  // namespace

bool is_read_whole(const Table& table, const DuckDbSource& source) {
  return source.kind == DuckDbSource::Kind::sqlite || (table.kind == TableKind::file && !ends_with(table, ".parquet"));
}

Result<std::vector<ColumnValues>> read_values(Connection& connection, Catalog& catalog, const DuckDbSource& source, std::span<const TableName> tables,
                                              int values_max) {
  std::vector<ColumnValues> out;
  for (const TableName& name : tables) {
    const Table* table = catalog.find(name);
    if (table == nullptr || runs_on_read(*table) || !in_time(connection)) continue;
    const Staged staged(connection, catalog.database, *table, source);
    for (const Column& column : table->columns) {
      if (column.type.kind != TypeKind::text) continue;
      if (!in_time(connection)) return out;
      auto rows = connection.rows(values_query(staged.from(), column, values_max));
      if (!rows && rows.error().kind == ErrorKind::cancelled) return std::move(rows).error();
      if (!rows && is_out_of_time(rows.error())) return out;
      if (!rows) continue;  // a column that cannot be read is no reason to know nothing of the others
      const std::int64_t seen = rows->empty() ? 0 : number(rows->front(), 1), too_long = rows->empty() ? 0 : number(rows->front(), 2);
      if (seen < kRowsMax) learn_rows(catalog, name, seen);
      ColumnValues values{.table = name, .column = column.name};
      for (const Row& row : *rows)
        if (const auto* value = std::get_if<std::string>(&row[0])) values.values.push_back(*value);
      values.complete = std::cmp_less_equal(values.values.size(), values_max) && seen < kRowsMax && too_long == 0;
      if (std::cmp_greater(values.values.size(), values_max)) values.values.pop_back();
      out.push_back(std::move(values));
    }
  }
  return out;
}

Result<> count_parquet(Connection& connection, Catalog& catalog) {
  for (Table& table : catalog.tables)
    if (table.kind == TableKind::file && ends_with(table, ".parquet") && in_time(connection)) TRY_VOID(count(connection, catalog.database, table));
  return {};
}

Result<> count_files(Connection& connection, Catalog& catalog) {
  std::vector<Table*> files;
  for (Table& table : catalog.tables)
    if (table.kind == TableKind::file && !table.row_count) files.push_back(&table);
  // Small ones first, so that a large one does not take all the time.
  std::sort(files.begin(), files.end(), [](const Table* a, const Table* b) { return a->bytes < b->bytes; });
  for (Table* table : files) {
    if (in_time(connection)) TRY_VOID(count(connection, catalog.database, *table));
    if (!table->row_count) table->row_count = rows_by_lines(*table);
  }
  return {};
}

}  // namespace sluice::duckdb_detail
