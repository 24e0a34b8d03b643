#pragma once
#include "base/result.h"

namespace sluice::planner {

/// A question whose words are known, but that asks for what the planner has no query for.
inline Error shape_error(std::string what, std::string hint) { return {ErrorKind::unanswerable, "E0606", std::move(what), std::move(hint), 0}; }

}  // namespace sluice::planner
