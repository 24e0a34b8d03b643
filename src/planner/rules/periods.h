#pragma once
#include "planner/rules/rules.h"

namespace sluice::planner {

inline constexpr Role kUnits[] = {Role::day, Role::week, Role::month, Role::quarter, Role::year};

/// Two phrases that together make one condition about when something happened.
void say_when(RuleOutput& out, Parts parts, Period period, double cost);

}  // namespace sluice::planner
