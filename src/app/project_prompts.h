#pragma once
#include <optional>
#include <string>

#include "agents/prompt.h"
#include "config/config.h"

namespace sluice {

/// An agent's prompt where the project has files of its own for it: prompts/NAME.system.md, NAME.task.md and NAME.repair.md beside sluice.yaml; those
/// that are not there are the built-in ones. Nothing where there is none at all. E0709 for a file that cannot be read.
Result<std::optional<Prompt>> project_prompt(const Config& config, const std::string& agent);

}  // namespace sluice
