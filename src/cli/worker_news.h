#pragma once
#include <vector>

#include "cli/session.h"

namespace sluice {

/// Says what a worker tells, a line each on standard error, and a JSON object each on standard output where JSON lines are wanted.
TellWork worker_news(const Session& session);
/// What does not stop can only be ended with the process; its runs go on elsewhere.
[[noreturn]] void end_with_stuck(const std::vector<RunId>& stuck);

}  // namespace sluice
