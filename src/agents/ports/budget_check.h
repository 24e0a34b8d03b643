#pragma once
#include <cstdint>
#include <string>

#include "agents/ports/ledger.h"

namespace sluice {

enum class BudgetOf : std::uint8_t { run, day };

/// What counts against a budget: calls that ended, and those in flight at the most that they can take.
struct BudgetUse {
  Spent ended{}, in_flight{};
};

/// Refuses the call where with it the budget would be exceeded: E1020 (exhausted) says which limit, what is used and what the call may take. Amounts
/// are compared in whole billionths of a dollar, so that five calls of $0.10 fit a budget of $0.50. The time of a call is not known before it is
/// over: calls are refused once the time is used up.
Result<> check_budget(BudgetOf of, const Budget& budget, const BudgetUse& use, const Reservation& call);

/// Whole billionths of a dollar, at least 0 and at most kNanoDollarsMax, which also stands for what is no number.
std::int64_t nano_dollars(double usd);
inline constexpr std::int64_t kNanoDollarsMax = 1'000'000'000'000'000'000;  // a thousand million dollars

}  // namespace sluice
