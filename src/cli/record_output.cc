#include "cli/record_output.h"

namespace sluice {
namespace {

std::string cell(const Json& value) {
  if (value.is_null()) return "";
  return value.as_string() != nullptr ? *value.as_string() : value.dump_text();
}

std::string csv_of(const Json::Array& records, const Json& shape) {
  std::vector<std::string> names;
  for (const auto& [name, value] : *shape.as_object()) names.push_back(name);
  std::string out = csv_line(names);
  for (const Json& record : records) {
    std::vector<std::string> cells;
    cells.reserve(names.size());
    for (const std::string& name : names) cells.push_back(cell(record[name]));
    out += csv_line(cells);
  }
  return out;
}

}  // namespace

int print_records(const Session& session, const Json::Array& records, const Json& shape) {
  if (session.output == OutputFormat::csv) return print_text(csv_of(records, shape));
  if (session.output == OutputFormat::json) return print_json(Json(records));
  std::string lines;
  for (const Json& record : records) lines += record.dump_text() + "\n";
  return print_text(lines);
}

int print_record(const Session& session, const Json& record) {
  return session.output == OutputFormat::json ? print_json(record) : print_records(session, {record}, record);
}

}  // namespace sluice
