#pragma once
#include <vector>

#include "planner/known.h"

namespace sluice::planner {

/// What a phrase may mean beside certain others, and how unlikely that is.
template <class T>
struct Likely {
  T meaning{};
  double cost = 0;
};

/// How unlikely it is that words were meant as this name or value.
double cost_of(const Link& link);

/// Whether a value that begins here is one of the role that is named before it, and so not of the table itself: all of "report to Andrew Fuller".
bool belongs_to_role(const Known& known, int table, std::size_t begin);

/// A column that the noun names, seen from rows of a table: of the table itself, or of one that keys lead to. Likeliest first, at most a few.
std::vector<Likely<Quantity>> resolve(const Known& known, const Quantity& quantity, int table);
/// The condition with every column and value decided as rows of the table suggest.
std::vector<Likely<ConditionPtr>> resolve(const Known& known, const ConditionPtr& condition, int table);
std::vector<Likely<Ranking>> resolve(const Known& known, const Ranking& ranking, int table);

/// What it costs that several columns would do as well: more than an answer may cost.
inline constexpr double kSeveralDates = 1.5;
/// A column that may say when rows of a table happened.
struct WhenColumn {
  Link link{};
  bool number = false;  ///< a column of years, or of the numbers of months
  double cost = 0;      ///< how much of a guess it is
  bool named = false;   ///< words of the question say so: "hired"
};
/// The columns that may say when rows of a table happened, likeliest first, of those that tell the unit (Role::none: any date); with
/// `years_said` false, months of any year.
std::vector<WhenColumn> when_columns(const Known& known, int table, Role unit, bool years_said = true);
/// Whether the column only tells when a row came into being.
bool tells_creation(const Known& known, const Link& link);
/// "made purchases in 2026" says nothing of when the row of a sale was created: whether the column only tells that, where the table has a date of its
/// own.
bool is_record_date(const Known& known, const Link& link);
/// The column of the numbers of months or days beside a column of years; nothing where there is none.
std::optional<int> number_beside(const Known& known, const Link& year, Role unit);
/// The date that columns of years, months and days of an alias tell together, as exactly as the unit needs; nothing where they are no integers.
std::optional<plan::Expr> date_of_numbers(const Known& known, const std::string& alias, const Link& year, Role unit);

}  // namespace sluice::planner
