#pragma once
#include <string>

#include "app/eval.h"
#include "cli/session.h"

namespace sluice {

/// The arms side by side, how far confidence can be relied on, and each question that was not right, for people.
std::string eval_text(const eval::Report& report, const eval::Comparison* against, const Terminal& terminal);

}  // namespace sluice
