#pragma once
#include <string>
#include <utility>
#include <vector>

#include "config/secret_text.h"
#include "config/yaml_reading.h"
#include "telemetry/telemetry.h"

namespace sluice {

/// `telemetry:` in sluice.yaml. Nothing is told to anybody unless somebody says so here or by a variable.
struct TelemetryConfig {
  std::string log{};  ///< "stderr", an absolute path, or "" for no log
  LogLevel level = LogLevel::info;
  std::string traces{};                                       ///< the address that OTLP requests are posted to; "" for no traces
  std::vector<std::pair<std::string, SecretText>> headers{};  ///< of these requests
  std::string service{"sluice"};
  std::vector<std::pair<std::string, std::string>> attributes{};  ///< of who tells, for the collector

  bool operator==(const TelemetryConfig&) const = default;
};

/// Reads it, then the variables SLUICE_LOG, SLUICE_LOG_LEVEL and those of OpenTelemetry that stand for the same
/// (https://opentelemetry.io/docs/specs/otel/protocol/exporter/: OTEL_EXPORTER_OTLP_ENDPOINT, …_TRACES_ENDPOINT, …_HEADERS; OTEL_SERVICE_NAME,
/// OTEL_RESOURCE_ATTRIBUTES, OTEL_SDK_DISABLED), which fill in what the file leaves out. E0702, E0703, E0708.
Result<TelemetryConfig> read_telemetry(const ConfigSource& source, const YamlNode& root);

}  // namespace sluice
