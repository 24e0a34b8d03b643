#pragma once
#include <cstdint>
#include <functional>

#include "base/json.h"
#include "data/rows.h"

namespace sluice {

/// Rows as a document holds them, as many as fit: an answer in JSON lies in memory as a whole, so it is no place for a large result. One thread.
class JsonRows : public RowSink {
 public:
  static constexpr std::int64_t kBytesMax = 8'000'000;  ///< of values; what is larger is for CSV and Parquet, which are streamed

  /// What `read` gives, as {columns, rows}: rows that would not fit are left out, and those behind them. Errors are those of `read`.
  static Result<Json> of(const std::function<Result<>(RowSink& sink)>& read);

  Result<> columns(const std::vector<ResultColumn>& columns) override;
  Result<> rows(std::vector<Row>&& batch) override;

 private:
  std::vector<ResultColumn> header_{};
  Json rows_ = Json::array();
  std::int64_t bytes_ = 0;
  bool full_ = false;
};

}  // namespace sluice
