#include "data/row_text.h"

#include <algorithm>

#include "base/text.h"

namespace sluice {
namespace {

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
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

std::string RowText::begin(const std::vector<ResultColumn>& columns) {
  header_ = columns;
  names_ = distinct_names(columns);
  if (format_ != RowFormat::csv) return "";
  std::vector<std::string> fields;
  fields.reserve(columns.size());
  for (const ResultColumn& column : columns) fields.push_back(column.name);
  return csv_line(fields);
}

std::string RowText::row(const Row& row) {
  const bool is_first = std::exchange(first_, false);
  if (format_ == RowFormat::csv) {
    std::vector<std::string> fields;
    fields.reserve(row.size());
    for (std::size_t c = 0; c < row.size(); ++c) fields.push_back(value_text(row[c], header_[c].type));
    return csv_line(fields);
  }
  Json::Array values;
  for (std::size_t c = 0; c < row.size(); ++c) values.push_back(value_json(row[c], header_[c].type));
  if (format_ == RowFormat::json) return (is_first ? "" : ",") + Json(std::move(values)).dump_text();
  Json::Object object;
  for (std::size_t c = 0; c < values.size(); ++c) object.emplace_back(names_[c], std::move(values[c]));
  return Json(std::move(object)).dump_text() + "\n";
}

}  // namespace sluice
