#pragma once
#include "base/result.h"
#include "planner/known.h"

namespace sluice::planner {

/// E0606 where things that the words list beside each other, "1996, 1997 and 1998", "stores, salespeople and customers", are not read alike.
Result<> check_enumerated(const Known& known, const Query& query);

}  // namespace sluice::planner
