#include "server/row_body.h"

#include "data/row_text.h"

namespace sluice {
namespace {

class TextBody : public RowSink {
 public:
  TextBody(BodySink& to, RowFormat format) : to_(to), text_(format) {}
  Result<> columns(const std::vector<ResultColumn>& columns) override { return to_.write(text_.begin(columns)); }
  Result<> rows(std::vector<Row>&& batch) override {
    std::string lines;
    for (const Row& row : batch) lines += text_.row(row);
    return to_.write(lines);
  }

 private:
  BodySink& to_;
  RowText text_;
};

const char* type_of(const std::string& format) {
  if (format == "csv") return "text/csv; charset=utf-8; header=present";
  return format == "jsonl" ? "application/jsonl" : "application/vnd.apache.parquet";
}

}  // namespace

WebResponse download_rows(App& app, const RunView& view, const std::string& format, std::int64_t limit) {
  WebResponse response{.type = type_of(format)};
  response.with("Cache-Control", "no-store").with("Content-Disposition", "attachment; filename=\"" + view.state.run.id.text + "." + format + "\"");
  response.stream = [&app, view, format, limit](BodySink& to) -> Result<> {
    if (format == "parquet") return app.copy_result(view, [&to](std::string_view part) { return to.write(part); });
    TextBody body(to, format == "csv" ? RowFormat::csv : RowFormat::jsonl);
    return app.rows(view, limit, body);
  };
  return response;
}

}  // namespace sluice
