#pragma once
#include <cstddef>
#include <functional>

#include "base/result.h"

namespace sluice {

/// Runs `work` to its end with `stack_bytes` of stack: here where that much is left, else on a thread of its own. Engines' parsers recurse as deep as
/// the text is nested and have no guard of their own, so the stack grows with the text instead of the caller's being at risk. Only the pages that are
/// used cost memory. E0308 where the system gives no such thread, or no memory during the work.
Result<> run_with_stack(std::size_t stack_bytes, const std::function<void()>& work);

}  // namespace sluice
