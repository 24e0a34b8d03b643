#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/catalog.h"
#include "data/column_values.h"

namespace sluice::planner {

/// The words of a value as a question may write them: lower case, one space between them. Equal to joining split_words(), but quick.
void value_key(std::string_view value, std::string& out);

/// The known values of one table, about twelve bytes each beside their text. Immutable, so that the indexes of successive catalogs share it.
class TableValues {
 public:
  /// Of a column of the table, by its place there.
  struct Column {
    std::uint32_t place = 0;
    const ColumnValues* values = nullptr;
  };
  TableValues(TableName name, const std::vector<Column>& columns);

  const TableName& name() const { return name_; }
  /// Whether it would be made of these very values.
  bool made_of(const std::vector<Column>& columns) const;

  struct Entry {
    std::uint32_t hash = 0, begin = 0, column = 0;
  };
  /// By their hashes; values of one hash in the order in which they came.
  const std::vector<Entry>& entries() const { return entries_; }
  std::string_view text(const Entry& entry) const;

 private:
  TableName name_;
  std::vector<std::pair<std::uint32_t, std::size_t>> columns_{};  ///< places, with how many values each has
  std::vector<Entry> entries_{};
  std::string bytes_{};  ///< each value after its length, in the order in which they came
};

/// The known values of a catalog, by their words. Immutable after construction; any thread.
class ValueStore {
 public:
  ValueStore() = default;
  /// Takes over what has not changed since `before`, which may be null.
  ValueStore(const Catalog& catalog, const std::vector<ColumnValues>& values, const ValueStore* before);

  struct Found {
    int table = 0, column = 0;
    std::string_view value{};
  };
  /// The values whose words are these (see value_key), at most so many.
  std::vector<Found> find(std::string_view key, std::size_t max) const;
  /// Whether the column is known to have this very value.
  bool has(int table, int column, std::string_view value) const;
  /// The tables whose values were taken over.
  std::size_t shared() const { return shared_; }

 private:
  void add_places();
  std::size_t bucket_of(std::uint32_t hash) const { return hash >> (32 - bucket_bits_); }

  std::vector<std::shared_ptr<const TableValues>> tables_{};
  std::vector<std::uint64_t> places_{};  ///< a value's hash and its table, sorted
  std::vector<std::uint32_t> starts_{};  ///< where in `places_` each bucket of hashes begins
  int bucket_bits_ = 1;
  std::size_t shared_ = 0;
};

}  // namespace sluice::planner
