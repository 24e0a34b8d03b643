#include "cli/row_output.h"

#include <cerrno>

#include "base/text.h"

namespace sluice {
namespace {

/// Why the stream took no more, by errno.
Error write_error() {
  if (errno == EPIPE) return {ErrorKind::cancelled, "E0803", "the reader of the output went away", "", 0};
  return {ErrorKind::storage, "E0802", "the output could not be written",
          "check the space and permissions where it goes; the result is kept, see `sluice runs show`", 0};
}

}  // namespace

Result<> RowOutput::write(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stream_) == text.size()) return {};
  return write_error();
}

Result<> RowOutput::columns(const std::vector<ResultColumn>& columns) {
  header_ = columns;
  if (format_ == OutputFormat::table)
    for (const ResultColumn& column : columns)
      table_.column(column.name, column.type.is_numeric() ? TableView::Align::right : TableView::Align::left);
  const std::string head = text_.begin(columns);
  return head.empty() ? Result<>() : write(head);
}

Result<> RowOutput::rows(std::vector<Row>&& batch) {
  std::string text;
  for (const Row& row : batch) {
    if (format_ == OutputFormat::table) {
      std::vector<std::string> cells;
      for (std::size_t c = 0; seen_ < kTableRowsMax && c < row.size(); ++c)
        cells.push_back(std::holds_alternative<std::monostate>(row[c]) ? TableView::kNull : value_text(row[c], header_[c].type));
      if (seen_ < kTableRowsMax) table_.row(std::move(cells));
    } else {
      text += text_.row(row);
    }
    ++seen_;
  }
  return text.empty() ? Result<>() : write(text);
}

bool RowOutput::is_cut() const { return format_ == OutputFormat::table && terminal_.output && !table_.fits(terminal_.width); }

Result<> RowOutput::finish() {
  if (format_ == OutputFormat::table) TRY_VOID(write(table_.render(terminal_.output ? terminal_.width : 0, terminal_.color_output)));
  // A small output meets the disk only here.
  return std::fflush(stream_) == 0 ? Result<>() : write_error();
}

}  // namespace sluice
