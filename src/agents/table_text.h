#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "agents/catalog_search.h"
#include "agents/samples_by_table.h"
#include "data/column_ranges.h"
#include "data/column_values.h"

namespace sluice {

/// What is known of columns. Borrowed; of the catalog that it is used with.
struct ColumnSamples {
  std::span<const ColumnValues> values{};
  std::span<const ColumnRange> ranges{};
};

/// Writes tables for prompts. Names stand as the dialect's SQL needs them, quoted where it does; a table has its schema where that is not on the
/// search path. Text from the database is on its line, in quotes, with hidden characters shown.
///
///   table flights  -- about 336,776 rows; 'all flights that left New York'
///     carrier text → airlines.carrier  e.g. 'UA', 'B6'  -- 'two letters'
///     origin text  all values: 'EWR', 'JFK', 'LGA'
///     time_hour timestamp  2013-01-01 05:00 to 2013-12-31 23:00
///     primary key (year, month, day)
///
/// Borrows what it is given. One thread at a time.
class TableText {
 public:
  static constexpr std::size_t kColumnsMax = 30;     ///< of a wide table that is trimmed
  static constexpr std::size_t kAllValuesMax = 15;   ///< a complete set of values up to here is shown whole
  static constexpr std::size_t kExamples = 3;        ///< of a longer one, those first that the query names
  static constexpr std::size_t kNamedValuesMax = 8;  ///< as many at most
  static constexpr std::size_t kValueBytes = 40, kCommentBytes = 200, kNameBytes = 130, kTypeBytes = 60;

  enum class Columns : std::uint8_t { all, best };

  TableText(const CatalogSearch& search, const ColumnSamples& samples, std::vector<QueryTerm> terms);

  /// What the signs mean, a line.
  static std::string_view legend();
  /// A line for the table and one for each column, with values, ranges and comments.
  std::string in_detail(std::uint32_t table, Columns columns);
  /// All on one line: columns with types and keys.
  std::string on_a_line(std::uint32_t table);
  /// The name as SQL needs it.
  const std::string& name(const TableName& name);

 private:
  std::vector<bool> shown_columns(std::uint32_t table, Columns columns) const;
  std::string column_text(const Table& table, const Column& column);
  std::string reference_text(const Table& table, const Column& column);
  std::string values_text(const ColumnValues& values) const;
  std::string head_comment(const Table& table, std::string_view comment) const;
  std::string keys_text(const Table& table);
  std::string quoted(std::string_view name) const;
  std::string quoted_list(std::span<const std::string> names) const;

  const CatalogSearch& search_;
  const Catalog& catalog_;
  std::vector<QueryTerm> terms_;
  SamplesByTable<ColumnValues> values_;
  SamplesByTable<ColumnRange> ranges_;
  std::map<TableName, std::string> names_{};
};

}  // namespace sluice
