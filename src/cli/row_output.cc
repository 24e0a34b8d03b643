#include "cli/row_output.h"

#include <algorithm>
#include <cerrno>

#include "base/text.h"

namespace sluice {
namespace {

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

/// Why the stream took no more, by errno.
Error write_error() {
  if (errno == EPIPE) return {ErrorKind::cancelled, "E0803", "the reader of the output went away", "", 0};
  return {ErrorKind::storage, "E0802", "the output could not be written",
          "check the space and permissions where it goes; the result is kept, see `sluice runs show`", 0};
}

/// Column names made distinct, as a JSON object needs them.
std::vector<std::string> distinct_names(const std::vector<ResultColumn>& columns) {
  std::vector<std::string> names;
  for (const ResultColumn& column : columns) {
    std::string name = column.name;
    for (int n = 2; std::find(names.begin(), names.end(), name) != names.end(); ++n) name = column.name + "_" + std::to_string(n);
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace

std::string csv_line(std::span<const std::string> fields) {
  std::vector<std::string> quoted;
  for (const std::string& field : fields) quoted.push_back(csv_field(field));
  return join(quoted, ",") + "\n";
}

Result<> RowOutput::write(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stream_) == text.size()) return {};
  return write_error();
}

Result<> RowOutput::columns(const std::vector<ResultColumn>& columns) {
  header_ = columns;
  names_ = distinct_names(columns);
  if (format_ == OutputFormat::table)
    for (const ResultColumn& column : columns)
      table_.column(column.name, column.type.is_numeric() ? TableView::Align::right : TableView::Align::left);
  if (format_ != OutputFormat::csv) return {};
  std::vector<std::string> fields;
  fields.reserve(columns.size());
  for (const ResultColumn& column : columns) fields.push_back(column.name);
  return write(csv_line(fields));
}

std::string RowOutput::line(const Row& row) {
  if (format_ == OutputFormat::csv) {
    std::vector<std::string> fields;
    fields.reserve(row.size());
    for (std::size_t c = 0; c < row.size(); ++c) fields.push_back(value_text(row[c], header_[c].type));
    return csv_line(fields);
  }
  Json::Array values;
  for (std::size_t c = 0; c < row.size(); ++c) values.push_back(value_json(row[c], header_[c].type));
  if (format_ == OutputFormat::json) return (seen_ == 0 ? "" : ",") + Json(std::move(values)).dump_text();
  Json::Object object;
  for (std::size_t c = 0; c < values.size(); ++c) object.emplace_back(names_[c], std::move(values[c]));
  return Json(std::move(object)).dump_text() + "\n";
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
      text += line(row);
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
