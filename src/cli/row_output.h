#pragma once
#include <array>
#include <cstdio>
#include <span>
#include <string>
#include <utility>

#include "cli/table_view.h"
#include "data/rows.h"

namespace sluice {

enum class OutputFormat : std::uint8_t { table, json, csv, jsonl };
template <>
struct EnumNames<OutputFormat> {
  static constexpr std::array<std::pair<OutputFormat, std::string_view>, 4> names{
      {{OutputFormat::table, "table"}, {OutputFormat::json, "json"}, {OutputFormat::csv, "csv"}, {OutputFormat::jsonl, "jsonl"}}};
};

/// One line of CSV as RFC 4180 wants it, with its newline.
std::string csv_line(std::span<const std::string> fields);

/// Writes rows to a stream as they arrive. CSV as RFC 4180 (NULL empty, quotes where needed); JSONL one object a line (a repeated column name
/// gets "_2", "_3", …); JSON the elements of an array of arrays, which the caller opens and closes; a table keeps the first
/// kTableRowsMax rows, and `finish` prints them and says how many there are.
class RowOutput : public RowSink {
 public:
  RowOutput(std::FILE* stream, OutputFormat format, const Terminal& terminal) : stream_(stream), format_(format), terminal_(terminal) {}
  Result<> columns(const std::vector<ResultColumn>& columns) override;
  Result<> rows(std::vector<Row>&& batch) override;
  Result<> finish();
  std::int64_t seen() const { return seen_; }
  /// A table that had to be cut to the terminal's width.
  bool is_cut() const;

  static constexpr std::int64_t kTableRowsMax = 1000;

 private:
  Result<> write(const std::string& text);
  std::string line(const Row& row);

  std::FILE* stream_;
  OutputFormat format_;
  const Terminal& terminal_;
  std::vector<ResultColumn> header_{};
  std::vector<std::string> names_{};
  TableView table_{};
  std::int64_t seen_ = 0;
};

}  // namespace sluice
