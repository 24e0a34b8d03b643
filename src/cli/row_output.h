#pragma once
#include <array>
#include <cstdio>
#include <string>
#include <utility>

#include "cli/table_view.h"
#include "data/row_text.h"

namespace sluice {

enum class OutputFormat : std::uint8_t { table, json, csv, jsonl };
template <>
struct EnumNames<OutputFormat> {
  static constexpr std::array<std::pair<OutputFormat, std::string_view>, 4> names{
      {{OutputFormat::table, "table"}, {OutputFormat::json, "json"}, {OutputFormat::csv, "csv"}, {OutputFormat::jsonl, "jsonl"}}};
};

/// How rows are written in it; a table is no text that goes on row by row.
constexpr RowFormat row_format(OutputFormat format) {
  return format == OutputFormat::csv ? RowFormat::csv : format == OutputFormat::json ? RowFormat::json : RowFormat::jsonl;
}

/// Writes rows to a stream as they arrive, as RowText does; a table keeps the first kTableRowsMax rows, and `finish` prints them and says how many
/// there are.
class RowOutput : public RowSink {
 public:
  RowOutput(std::FILE* stream, OutputFormat format, const Terminal& terminal)
      : stream_(stream), format_(format), terminal_(terminal), text_(row_format(format)) {}
  Result<> columns(const std::vector<ResultColumn>& columns) override;
  Result<> rows(std::vector<Row>&& batch) override;
  Result<> finish();
  std::int64_t seen() const { return seen_; }
  /// A table that had to be cut to the terminal's width.
  bool is_cut() const;

  static constexpr std::int64_t kTableRowsMax = 1000;

 private:
  Result<> write(const std::string& text);

  std::FILE* stream_;
  OutputFormat format_;
  const Terminal& terminal_;
  RowText text_;
  std::vector<ResultColumn> header_{};
  TableView table_{};
  std::int64_t seen_ = 0;
};

}  // namespace sluice
