#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "data/type.h"

namespace sluice {

/// One value of a row. NULL is monostate; booleans, 64-bit integers and doubles are themselves; everything else (text, decimals, dates
/// "2013-01-31", timestamps "2013-01-31 05:00:00", JSON, lists) is the engine's text; bytes are raw. The column's type says which it is.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string>;
using Row = std::vector<Value>;

struct ResultColumn {
  std::string name{};
  Type type{};

  bool operator==(const ResultColumn&) const = default;
  static constexpr auto fields() { return std::tuple{Field{"name", &ResultColumn::name}, Field{"type", &ResultColumn::type}}; }
};

/// Where rows go as they arrive, so that a result is never held twice. One thread; `columns` once, then `rows` any number of times.
/// An error from either stops the producer, which passes it on.
class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual Result<> columns(const std::vector<ResultColumn>& columns) = 0;
  virtual Result<> rows(std::vector<Row>&& batch) = 0;
};

/// Keeps up to `rows_max` rows in memory: samples, previews and tests.
class RowBuffer : public RowSink {
 public:
  explicit RowBuffer(std::size_t rows_max) : rows_max_(rows_max) {}
  Result<> columns(const std::vector<ResultColumn>& columns) override;
  Result<> rows(std::vector<Row>&& batch) override;

  std::vector<ResultColumn> header{};
  std::vector<Row> kept{};
  std::int64_t seen = 0;

 private:
  std::size_t rows_max_;
};

/// A value as a person or a CSV file shows it; NULL gives "".
std::string value_text(const Value& value, const Type& type);
/// A value for JSON output: booleans, integers and doubles as such, bytes as base64, everything else (decimals too: no digit is lost; NaN and
/// infinities, which JSON has no number for) as text.
Json value_json(const Value& value, const Type& type);
/// Memory that the row's values take, for byte limits.
std::int64_t row_bytes(const Row& row);

}  // namespace sluice
