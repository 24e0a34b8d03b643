#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/codec.h"
#include "config/amount.h"
#include "config/chat_config.h"
#include "config/environment.h"
#include "config/model_config.h"
#include "config/queue_config.h"
#include "config/secret_text.h"
#include "config/server_config.h"
#include "config/telemetry_config.h"

namespace sluice {

enum class ConnectionKind : std::uint8_t { duckdb, postgres, files, sqlite };
template <>
struct EnumNames<ConnectionKind> {
  static constexpr std::array<std::pair<ConnectionKind, std::string_view>, 4> names{{{ConnectionKind::duckdb, "duckdb"},
                                                                                     {ConnectionKind::postgres, "postgres"},
                                                                                     {ConnectionKind::files, "files"},
                                                                                     {ConnectionKind::sqlite, "sqlite"}}};
};

/// Where a connection's settings come from when they are a target of dbt's profiles.yml.
struct DbtTarget {
  std::string profile{}, target{};  ///< an empty target means the profile's own default
  std::string profiles{};           ///< profiles.yml or its folder; empty: looked for where dbt looks

  bool operator==(const DbtTarget&) const = default;
};

/// One entry under `connections:`. Paths and globs are absolute.
struct ConnectionConfig {
  std::string name{};
  ConnectionKind kind = ConnectionKind::duckdb;
  std::string path{};                      ///< duckdb, sqlite: the database file
  std::vector<std::string> globs{};        ///< files
  SecretText url{}, replica_url{};         ///< postgres
  std::string sslmode{};                   ///< postgres: empty means verify-full, unless the URL names one
  std::string sslrootcert{};               ///< postgres: the authorities to trust; empty: those of the system
  std::string role{};                      ///< postgres: SET ROLE after login
  std::vector<std::string> search_path{};  ///< postgres: empty means the role's own
  std::optional<DbtTarget> dbt{};
  std::string dbt_project{};  ///< the folder of a dbt project that describes its tables; "" for none

  bool operator==(const ConnectionConfig&) const = default;
};

/// `approvals:` in sluice.yaml.
struct ApprovalsConfig {
  bool auto_reads = false;                       ///< `--approve policy` may let reads through without a person
  std::optional<std::int64_t> auto_max_bytes{};  ///< …that are estimated to scan at most this much; unset: any
  std::int64_t timeout_seconds = 24 * 3600;      ///< an approval nobody gives expires after this
  bool four_eyes = false;                        ///< nobody approves what they proposed themselves

  bool operator==(const ApprovalsConfig&) const = default;
};

/// `limits:` in sluice.yaml.
struct LimitsConfig {
  std::int64_t rows_max = 100'000;                ///< rows of a result
  std::int64_t bytes_max = 256'000'000;           ///< bytes of a result's values
  std::int64_t scan_rows_max = 1'000'000'000;     ///< rows that a query is estimated to give
  std::int64_t scan_bytes_max = 100'000'000'000;  ///< bytes that a query is estimated to read
  std::int64_t seconds = 60;                      ///< one query
  std::int64_t memory_bytes = 1'000'000'000;      ///< embedded DuckDB
  std::int64_t threads = 0;                       ///< embedded DuckDB; 0: one a core

  bool operator==(const LimitsConfig&) const = default;
};

struct Config {
  std::vector<ConnectionConfig> connections{};  ///< in the file's order
  std::string default_connection{};             ///< "" where there are several and none is named
  ApprovalsConfig approvals{};
  LimitsConfig limits{};
  std::vector<ModelConfig> models{};  ///< in the file's order
  AgentsConfig agents{};
  BudgetsConfig budgets{};
  std::vector<QueueConfig> queues{};  ///< in the file's order
  WorkerConfig worker{};
  ServerConfig server{};
  TelemetryConfig telemetry{};
  ChatConfig chat{};
  std::string glossary{};            ///< where the glossary is, absolute: `glossary:`, else glossary.yml beside sluice.yaml
  bool glossary_named = false;       ///< there is a `glossary:`, so the file has to be there
  std::string path{};                ///< the sluice.yaml read, absolute
  bool journal_by_variable = false;  ///< SLUICE_JOURNAL said it
  SecretText journal{};              ///< a PostgreSQL URL where the journal and large values are; empty: files in `home`
  std::string home{};                ///< where runs are kept: $SLUICE_HOME, else `.sluice` beside sluice.yaml

  bool operator==(const Config&) const = default;
};

/// Reads the sluice.yaml that $SLUICE_CONFIG names, else the nearest one in `start_dir` or above it, and applies the SLUICE_* variables
/// (SLUICE_HOME, SLUICE_CONNECTION, SLUICE_MODEL, SLUICE_APPROVALS_TIMEOUT, SLUICE_LIMITS_<NAME>). Secrets stay references. E0700 where there is no
/// file, E0701 to E0709, E0713, E0750 and E0751 for what is wrong in it, with the line, E0720 to E0724 for dbt's.
Result<Config> load_config(const std::string& start_dir, const Environment& environment = process_environment());

/// The same for a text that was read already; `path` says where it came from.
Result<Config> parse_config(std::string_view text, const std::string& path, const Environment& environment = process_environment());

}  // namespace sluice
