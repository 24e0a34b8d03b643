#include <algorithm>
#include <limits>
#include <utility>

#include "base/text.h"
#include "connectors/duckdb/catalog.h"

namespace sluice::duckdb_detail {
namespace {

constexpr std::int64_t kRowsMax = 2'000'000;  ///< rows looked at where all of them have to be read
/// Rows by which it is told which columns may be codes: one that has many values shows many of them here.
constexpr std::int64_t kFirstRows = 20'000;

bool is_cut_off(const Error& error) { return error.kind == ErrorKind::timeout || error.kind == ErrorKind::cancelled; }

/// What one look at a table answers: one text for each question, "" for none.
struct Answers {
  std::int64_t rows = 0;  ///< looked at
  std::vector<std::string> texts{};
};

/// One table's ranges, with as few looks at its rows as the source allows. DuckDB's own tables and Parquet files know the least and greatest value
/// of their parts, so that without a limit those need no look at all.
class TableRanges {
 public:
  TableRanges(Connection& connection, const std::string& catalog, const Table& table, const DuckDbSource& source)
      : connection_(connection), table_(table), from_(qualified(catalog, table.name)), read_whole_(is_read_whole(table, source)) {}

  Result<std::vector<ColumnRange>> read(std::span<const Column> columns) {
    TRY(const auto few, with_few_values(columns));
    std::vector<std::string> ends, lists;
    for (const Column& column : columns) ends.insert(ends.end(), {"min(" + name(column) + ")::VARCHAR", "max(" + name(column) + ")::VARCHAR"});
    for (const Column* column : few) lists.push_back(code_list(*column));
    if (read_whole_) {
      ends.insert(ends.end(), lists.begin(), lists.end());
      TRY(const Answers all, ask(ends, kRowsMax));
      const Answers codes{all.rows, {all.texts.begin() + std::ssize(all.texts) - std::ssize(lists), all.texts.end()}};
      return ranges(columns, few, all, codes);
    }
    TRY(const Answers all, ask(ends, 0));
    TRY(const Answers codes, ask(lists, kRowsMax));
    return ranges(columns, few, all, codes);
  }

 private:
  static std::string name(const Column& column) { return sql_identifier(column.name); }
  /// The most frequent values, of which DuckDB keeps more than are asked for: where it gives fewer, they are all.
  static std::string code_list(const Column& column) {
    return "array_to_string(list_sort(approx_top_k(" + name(column) + ", " + std::to_string(ColumnRange::kCodesMax + 1) + ")), ',')";
  }
  static std::vector<std::string> codes_in(std::string_view list) {
    std::vector<std::string> out;
    for (const std::string_view code : split(list, ','))
      if (!code.empty()) out.emplace_back(code);
    return out;
  }

  /// Of the first so many rows; of all, where 0.
  Result<Answers> ask(std::span<const std::string> questions, std::int64_t rows_max) {
    if (questions.empty()) return Answers{};
    // A limit would keep DuckDB from reading with all its threads.
    const bool limited = rows_max > 0 && !(table_.row_count_exact && table_.row_count.value_or(rows_max) < rows_max);
    const std::string from = limited ? "(FROM " + from_ + " LIMIT " + std::to_string(rows_max) + ")" : from_;
    TRY(const auto rows, connection_.rows("SELECT count(*), " + join(questions, ", ") + " FROM " + from));
    const Row& row = rows.at(0);
    Answers out{.rows = std::get<std::int64_t>(row.at(0))};
    for (std::size_t i = 1; i < row.size(); ++i) {
      const auto* text = std::get_if<std::string>(&row[i]);
      out.texts.push_back(text != nullptr ? *text : "");
    }
    return out;
  }

  /// Columns of whole numbers that have so few values in the first rows that all of them may be codes.
  Result<std::vector<const Column*>> with_few_values(std::span<const Column> columns) {
    std::vector<const Column*> whole, few;
    std::vector<std::string> lists;
    for (const Column& column : columns) {
      if (column.type.kind != TypeKind::integer) continue;
      whole.push_back(&column);
      lists.push_back(code_list(column));
    }
    if (table_.row_count_exact && table_.row_count.value_or(kFirstRows) < kFirstRows) return whole;
    TRY(const Answers first, ask(lists, kFirstRows));
    for (std::size_t i = 0; i < whole.size(); ++i)
      if (codes_in(first.texts[i]).size() <= ColumnRange::kCodesMax) few.push_back(whole[i]);
    return few;
  }

  std::vector<ColumnRange> ranges(std::span<const Column> columns, std::span<const Column* const> few, const Answers& ends,
                                  const Answers& lists) const {
    std::vector<ColumnRange> out;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string &least = ends.texts[2 * i], &greatest = ends.texts[2 * i + 1];
      ColumnRange range{.table = table_.name, .column = columns[i].name, .complete = lists.rows < kRowsMax};
      if (const auto place = std::ranges::find(few, &columns[i]); place != few.end())
        range.codes = codes_in(lists.texts[static_cast<std::size_t>(place - few.begin())]);
      // Codes of a part of the rows say less than ends that show others.
      const bool are_codes =
          !range.codes.empty() && range.codes.size() <= ColumnRange::kCodesMax && range.codes.front() == least && range.codes.back() == greatest;
      if (!are_codes) range = {table_.name, columns[i].name, {}, least, greatest, !read_whole_ || ends.rows < kRowsMax};
      if (is_told(range)) out.push_back(std::move(range));
    }
    return out;
  }

  Connection& connection_;
  const Table& table_;
  std::string from_;
  bool read_whole_;
};

/// The tables that may be read, so that a large one does not take the time of all; those of unknown size last.
std::vector<const Table*> small_first(const Catalog& catalog) {
  std::vector<const Table*> out;
  for (const Table& table : catalog.tables)
    if (!runs_on_read(table)) out.push_back(&table);
  static constexpr std::int64_t kUnknown = std::numeric_limits<std::int64_t>::max();
  std::ranges::stable_sort(out, {},
                           [](const Table* table) { return std::pair(table->row_count.value_or(kUnknown), table->bytes.value_or(kUnknown)); });
  return out;
}

}  // namespace

Result<std::vector<ColumnRange>> read_ranges(Connection& connection, const Catalog& catalog, const DuckDbSource& source) {
  std::vector<ColumnRange> out;
  for (const Table* table : small_first(catalog)) {
    const std::vector<Column> columns = ranged_columns(*table);
    if (columns.empty()) continue;
    TableRanges reader(connection, catalog.database, *table, source);
    auto ranges = reader.read(columns);
    // A value that does not fit its type fails the whole statement: then each column is asked for by itself.
    for (std::size_t i = 0; !ranges && !is_cut_off(ranges.error()) && i < columns.size(); ++i) {
      auto one = reader.read(std::span(columns).subspan(i, 1));
      if (one) out.insert(out.end(), one->begin(), one->end());
      if (!one && is_cut_off(one.error())) ranges = std::move(one).error();
    }
    if (!ranges && ranges.error().kind == ErrorKind::cancelled) return std::move(ranges).error();
    if (!ranges && ranges.error().kind == ErrorKind::timeout) return out;
    if (ranges) out.insert(out.end(), ranges->begin(), ranges->end());
  }
  return out;
}

}  // namespace sluice::duckdb_detail
