#pragma once
#include <string>
#include <vector>

#include "cli/session.h"

namespace sluice {

/// One thing that `doctor` looked at.
struct Finding {
  std::string what{};
  Result<std::string> result{std::string()};
  std::vector<std::string> warnings{};  ///< it works, and could be safer
};

/// The findings for people and programs. Returns the exit status: 1 where one of them is wrong.
int show_findings(const Session& session, const std::vector<Finding>& findings);

/// Which models are configured, whether their keys are there, and who asks them; nothing is sent.
std::vector<Finding> find_models(App& app);

}  // namespace sluice
