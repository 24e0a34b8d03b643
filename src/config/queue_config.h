#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/yaml_reading.h"

namespace sluice {

/// One entry under `queues:`; 0 is no limit.
struct QueueConfig {
  std::string name{};
  std::int64_t running_max = 0;         ///< runs in workers' hands at once
  std::int64_t tenant_running_max = 0;  ///< …of one tenant
  std::int64_t starts_max = 0;          ///< runs that begin within…
  std::int64_t starts_per_seconds = 0;  ///< …this time

  bool operator==(const QueueConfig&) const = default;
};

/// `worker:` in sluice.yaml: what `sluice worker` does unless it is told otherwise.
struct WorkerConfig {
  std::vector<std::string> queues{};  ///< empty: all under `queues:`, and "default"
  std::int64_t concurrency = 4;
  std::int64_t drain_seconds = 30;

  bool operator==(const WorkerConfig&) const = default;
};

constexpr std::int64_t kWorkerConcurrencyMax = 64;

/// Letters, digits, "_", "-" and ".", at most 63, a letter or digit first.
bool is_queue_name(std::string_view name);

struct Config;
/// `queues:` and `worker:`. E0702 to E0706.
Result<> read_queues(const ConfigSource& source, const YamlNode& root, Config& config);

}  // namespace sluice
