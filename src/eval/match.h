#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "eval/cell.h"

namespace sluice::eval {

/// The rows of a result, as they are compared.
struct Compared {
  std::size_t width = 0;
  std::vector<CellRow> rows{};
};

/// What one accepted query gives.
struct Gold {
  std::string
      statement_hash{};  ///< of the query that gives it (see sql/normal_form.h): whoever writes the same query is right; "" for rows that were given
  std::vector<std::string> names{};  ///< of its columns
  Compared result{};
  /// Where the order counts: how many rows each run of the rows has that may stand in any order, as their order keys are equal. Unset where it does
  /// not count.
  std::optional<std::vector<std::size_t>> ties{};
  Reading reading = Reading::typed;  ///< how the answer's values are to be read, to be compared with this
};

/// More rows than these are not compared.
inline constexpr std::size_t kRowsMax = 10'000;
/// A question's columns are few; what exceeds this has so many equal columns that any order of them will do.
inline constexpr std::size_t kPermutationsMax = 5'000;
/// Of choosing columns one after the other.
inline constexpr std::size_t kStepsMax = 100'000;
/// Choices of a gold's columns that are tried.
inline constexpr std::size_t kChoicesMax = 256;

/// Equal as multisets.
bool same_rows(std::span<const CellRow> gold, std::span<const CellRow> answer);

/// Rows as a multiset, in order where `gold.ties` says so, columns in any order, names not at all. An answer with more columns than the gold is
/// compared without those that it has beyond.
bool same_answer(const Gold& gold, const Compared& answer);

/// Whether the answer is right, and where it is not by how little it misses: "order", "distinct", "extra columns", "missing columns", else "rows".
struct Match {
  bool right = false;
  std::string why{};
};

/// The rule: as many columns as the gold has and the same rows; or columns of the gold alone, among them all of one of `subsets` (names of the gold's
/// columns), with the rows that the gold has there.
Match match(const Gold& gold, std::span<const std::vector<std::string>> subsets, const Compared& answer);
/// The same over all that is accepted: right where one says so, else what is said of the nearest.
Match match_any(std::span<const Gold> golds, std::span<const std::vector<std::string>> subsets, const Compared& typed, const Compared& loose);

/// Where the gold's column of that name is, ignoring case; unset where it has none.
std::optional<std::size_t> column_named(const Gold& gold, const std::string& name);

}  // namespace sluice::eval
