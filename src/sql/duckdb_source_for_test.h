#pragma once
#include <memory>
#include <string>

#include "sql/ports/ast_source.h"

namespace sluice {

/// DuckDB's real parser for the tests of this folder, over libduckdb.so (SLUICE_DUCKDB_LIB, or build/release/lib/libduckdb.so). Null where there
/// is no such library; `why` says so. One thread at a time.
std::unique_ptr<AstSource> open_duckdb_for_test(std::string& why);

}  // namespace sluice
