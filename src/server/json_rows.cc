#include "server/json_rows.h"

namespace sluice {

Result<> JsonRows::columns(const std::vector<ResultColumn>& columns) {
  header_ = columns;
  return {};
}

Result<> JsonRows::rows(std::vector<Row>&& batch) {
  for (const Row& row : batch) {
    bytes_ += row_bytes(row);
    full_ = full_ || bytes_ > kBytesMax;
    if (full_) return Error::exhausted("the rows of a document", static_cast<int>(kBytesMax));
    Json cells = Json::array();
    for (std::size_t i = 0; i < row.size(); ++i) cells.push(value_json(row[i], header_[i].type));
    rows_.push(std::move(cells));
  }
  return {};
}

Result<Json> JsonRows::of(const std::function<Result<>(RowSink& sink)>& read) {
  JsonRows sink;
  const Result<> done = read(sink);
  if (!done && !sink.full_) return done.error();
  Json columns = Json::array();
  for (const ResultColumn& column : sink.header_)
    columns.push(Json::object().set("name", column.name).set("type", std::string(enum_name(column.type.kind))));
  return Json::object().set("columns", std::move(columns)).set("rows", std::move(sink.rows_));
}

}  // namespace sluice
