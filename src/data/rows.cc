#include "data/rows.h"

#include <cmath>

#include "base/text.h"

namespace sluice {

Result<> RowBuffer::columns(const std::vector<ResultColumn>& columns) {
  header = columns;
  return {};
}

Result<> RowBuffer::rows(std::vector<Row>&& batch) {
  seen += static_cast<std::int64_t>(batch.size());
  for (Row& row : batch) {
    if (kept.size() >= rows_max_) break;
    kept.push_back(std::move(row));
  }
  return {};
}

std::string value_text(const Value& value, const Type& type) {
  if (const bool* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* real = std::get_if<double>(&value)) return number_text(*real);
  if (const auto* text = std::get_if<std::string>(&value)) return type.kind == TypeKind::bytes ? base64_encode(*text) : *text;
  return "";
}

Json value_json(const Value& value, const Type& type) {
  if (const bool* flag = std::get_if<bool>(&value)) return Json(*flag);
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return Json(*integer);
  if (const auto* real = std::get_if<double>(&value)) return std::isfinite(*real) ? Json(*real) : Json(std::string(nonfinite_text(*real)));
  if (std::holds_alternative<std::string>(value)) return Json(value_text(value, type));
  return Json();
}

std::int64_t row_bytes(const Row& row) {
  std::int64_t bytes = 0;
  for (const Value& value : row) {
    const auto* text = std::get_if<std::string>(&value);
    bytes += text != nullptr ? static_cast<std::int64_t>(text->size()) : 8;
  }
  return bytes;
}

}  // namespace sluice
