#include "planner/refine.h"

namespace sluice::planner {
namespace {

using Kind = Change::Kind;
using Way = Change::Way;

const char* of_condition(const Change& change) {
  const Condition* condition = change.condition.get();
  while (condition != nullptr && condition->kind == Condition::Kind::none) condition = condition->parts.front().get();
  if (condition != nullptr && condition->kind == Condition::Kind::compare && !condition->what) return "say of what: \"only with a COLUMN above 100\"";
  if (change.way == Way::instead) return "say in the place of what: \"… instead of …\"; without \"instead\" it is added";
  return "say which column the value is of, such as \"only ORIGIN 'JFK'\", and one thing at a time";
}

const char* of_shown(const Change& change) {
  switch (change.way) {
    case Way::plain: return "say \"also …\" to see it besides, or \"only …\" to see nothing else";
    case Way::add:
      return "what is shown already cannot be added again, nor a column of single rows beside a number of many; ask for it in a new question";
    case Way::only: return "say which of the columns that are shown are to stay";
    case Way::instead: return "say in the place of what: \"… instead of …\"";
    case Way::remove: return "only what is shown can be left out";
  }
  return "";
}

}  // namespace

std::string hint_for(const Refinement& refinement) {
  switch (refinement.front().kind) {
    case Kind::condition: return of_condition(refinement.front());
    case Kind::outputs: return of_shown(refinement.front());
    case Kind::group: return "say \"per … instead\", or \"per … too\" of numbers that are shown for each of something";
    case Kind::order:
    case Kind::by: return "order by a column or number that is shown; rows that were chosen by rank (\"top 5\") stay in the order of their rank";
    case Kind::limit:
    case Kind::ranking:
    case Kind::end: return "say by what: \"top 5 by …\", or \"limit 5\" for the first rows as they are";
    case Kind::function: return "say of what: \"also the average PRICE\"; what is shown already cannot be added again";
    case Kind::count: return "say what is to be counted: \"the number of … instead\"";
    case Kind::share: return "only numbers that add up, counts and totals for each of something, have shares";
    case Kind::keep_empty: return "it needs a number of rows for each row of another table, such as \"orders per customer\"";
  }
  return "";
}

}  // namespace sluice::planner
