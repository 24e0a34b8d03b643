#pragma once
#include <string>

#include "base/result.h"

namespace sluice {

/// Version of the DuckDB library that is used ("v1.5.5"), or what is missing: E0400 with the places where it was looked for.
Result<std::string> duckdb_version();

/// The folder beside the program that holds libduckdb.so and its extensions: $SLUICE_LIB_DIR, else `lib` beside the program.
std::string library_folder();

}  // namespace sluice
