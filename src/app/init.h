#pragma once
#include <string>
#include <vector>

#include "config/add_connection.h"

namespace sluice {

/// What `sluice init` was told; exactly one of the places is given.
struct InitRequest {
  std::string name{}, duckdb{}, postgres{}, replica{}, sqlite{}, dbt_profile{}, dbt_target{};
  std::vector<std::string> files{};
};

/// Writes the connection into ./sluice.yaml under `folder`, unless `works` says otherwise. A file that should hold data has to exist (E0812, with
/// the nearest name).
Result<AddedConnection> init_connection(const std::string& folder, const InitRequest& request, const ConnectionCheck& works);

}  // namespace sluice
