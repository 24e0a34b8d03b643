#pragma once
#include <string>

#include "config/config.h"

namespace sluice {

/// Where dbt would find profiles.yml: `given` (a file, or its folder), else $DBT_PROFILES_DIR, else `base_dir`, else ~/.dbt. E0720.
Result<std::string> find_dbt_profiles(const std::string& given, const std::string& base_dir, const Environment& environment);

/// Reads one target of dbt's profiles.yml, as it is, into a connection called `name`: postgres (a URL is made of its fields; the
/// password stays a reference) and duckdb. `{{ env_var('X') }}` and `{{ env_var('X', 'default') }}` are understood, other jinja is refused.
/// E0720 no such file, E0721 no such profile or target, E0722 an adapter Sluice has no connector for, E0723 jinja, E0724 a field missing or wrong.
Result<ConnectionConfig> read_dbt_target(const std::string& profiles_file, const std::string& name, const DbtTarget& target,
                                         const Environment& environment = process_environment());

}  // namespace sluice
