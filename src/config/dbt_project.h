#pragma once
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace sluice {

/// What a dbt project says about one table.
struct DbtDescription {
  std::string schema{};  ///< of a source; "" where the target decides it, as for models
  std::string table{}, text{};
  std::vector<std::pair<std::string, std::string>> columns{};  ///< name and description

  bool operator==(const DbtDescription&) const = default;
};

struct DbtDescriptions {
  std::vector<DbtDescription> tables{};
  std::vector<std::string> skipped{};  ///< files that could not be read, and why: dbt takes more than Sluice has to
};

/// The descriptions of models, seeds, snapshots and sources in the YAML files of the project whose dbt_project.yml is in the folder. Those that are
/// made by jinja are left out: only dbt can tell what they say. E0725.
Result<DbtDescriptions> read_dbt_descriptions(const std::string& folder);

/// Changes when one of these files does; without reading them. "" where there is no project.
std::string dbt_project_state(const std::string& folder);

}  // namespace sluice
