#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/codec.h"
#include "data/catalog.h"
#include "data/rows.h"

// What a table's columns hold: one SELECT over its first rows, so that a large table costs no more than a small one.
namespace sluice {

/// Of the rows that were read.
struct ColumnProfile {
  std::string name{};
  std::int64_t filled = 0;                 ///< values that are not NULL
  std::optional<std::int64_t> distinct{};  ///< different ones of these; none where the kind of value has no equality everywhere (JSON, lists, …)
  std::optional<std::string> least{};      ///< as text, cut to 80 characters; none where there is no value or no order
  std::optional<std::string> greatest{};

  bool operator==(const ColumnProfile&) const = default;
  static constexpr auto fields() {
    return std::tuple{Field{"name", &ColumnProfile::name}, Field{"filled", &ColumnProfile::filled}, Field{"distinct", &ColumnProfile::distinct},
                      Field{"least", &ColumnProfile::least}, Field{"greatest", &ColumnProfile::greatest}};
  }
};

struct TableProfile {
  std::int64_t rows = 0;  ///< that were read
  bool whole = false;     ///< these are all
  std::vector<ColumnProfile> columns{};
  std::int64_t columns_left_out = 0;

  bool operator==(const TableProfile&) const = default;
  static constexpr auto fields() {
    return std::tuple{Field{"rows", &TableProfile::rows}, Field{"whole", &TableProfile::whole}, Field{"columns", &TableProfile::columns},
                      Field{"columns_left_out", &TableProfile::columns_left_out}};
  }
};

inline constexpr std::int64_t kProfileRowsMax = 100'000;
inline constexpr std::size_t kProfileColumnsMax = 200;

/// A SELECT with one row for `profile_of`.
std::string profile_sql(const Table& table, Dialect dialect);
/// E0350 where the row is not that of `profile_sql`: the table has changed.
Result<TableProfile> profile_of(const Table& table, const std::vector<Row>& rows);

}  // namespace sluice
