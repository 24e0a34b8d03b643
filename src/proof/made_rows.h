#pragma once
#include "proof/ports/engine.h"
#include "sql/bind.h"

namespace sluice {

/// What the text tells of the rows that functions make (generate_series, unnest…), where engines' plans only guess.
struct MadeRows {
  std::int64_t rows = 0;  ///< of all functions whose plans don't tell, by their arguments: a calendar's days, a list's elements
  bool supposed = false;  ///< some of them are only supposed: kCalendarRows
  bool unknown = false;   ///< neither plan nor arguments tell: range((SELECT …)), unnest(string_to_array(…))
};

/// Constant series of integers are left out: plans tell them exactly. So is what a column of another relation gives: it was counted where it is read.
MadeRows made_rows(const Query& query, Dialect dialect);

/// Has the estimate count the rows that functions make: what a plan takes for one row or a thousand is added or, where nobody knows, makes rows and
/// bytes unset. `crossed`: some relation is tied to no other, so that rows are multiplied.
void count_made_rows(Estimate& estimate, const Query& query, const Bound& bound, Dialect dialect, bool crossed);

/// Rows of a calendar by days, weeks or months whose ends are not constant (today, the oldest order): a century of days.
inline constexpr std::int64_t kCalendarRows = 36'525;
/// Bytes of one value that a function makes, about.
inline constexpr std::int64_t kMadeValueBytes = 8;

}  // namespace sluice
