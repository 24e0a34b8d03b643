#pragma once
#include <string>
#include <vector>

#include "planner/join_tree.h"
#include "planner/reader.h"

namespace sluice::planner {

/// The columns of a table whose numbers together are a date: year, month and day. Empty where it hasn't all three.
std::vector<std::string> date_parts(const Table& table);
/// Whether a column says only the day within a month, the rest of the date being in columns beside it.
bool is_day_of_month(const Column& column, const Table& table);

/// When the rows of a query happened.
struct PeriodColumn {
  plan::Expr column{};
  std::string column_name{};
  std::vector<plan::Named> groups{};  ///< what tells periods apart, as output columns
  int guessed = 0;                    ///< 1 where one of several date columns was taken by its name
  std::string meaning{};              ///< "month of orders.order_date"
};

/// What says the period of the tree's rows: the number columns of a date for a day, a number column of that name ("month"), or the only date, or
/// the date named after the table ("order_date" of orders). Role::none: the date itself. Errors: E0602 no such column, E0603 several.
Result<PeriodColumn> period_column(JoinTree& tree, const Catalog& catalog, const Schema& schema, Role period);

struct PeriodFilter {
  std::vector<plan::Expr> conditions{};
  int guessed = 0;
  std::string meaning{};  ///< for a person: "orders.order_date from 1997-01-01 to before 1998-01-01"
};
/// The conditions of "in 2013", "in March", "on 2013-03-01", "since 2013-03-01".
Result<PeriodFilter> period_filter(JoinTree& tree, const Catalog& catalog, const Schema& schema, const Filter& filter);

}  // namespace sluice::planner
