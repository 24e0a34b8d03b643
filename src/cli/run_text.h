#pragma once
#include <string>
#include <string_view>

#include "cli/session.h"

namespace sluice {

/// "status      waiting\n": a name and what is to be said of it; hidden characters are shown.
std::string text_line(std::string_view name, const std::string& value);

/// A run for people, without its rows: question, status, proposal, proof, decision, result.
std::string run_text(const RunView& view, const Terminal& terminal);

}  // namespace sluice
