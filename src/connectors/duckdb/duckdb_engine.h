#pragma once
#include <memory>
#include <string>
#include <vector>

#include "proof/ports/engine.h"

namespace sluice {

/// What an embedded DuckDB reads.
struct DuckDbSource {
  enum class Kind : std::uint8_t {
    database,  ///< a DuckDB file, opened read-only
    files,     ///< CSV, TSV, Parquet, JSON and JSON lines, a table for each file name
    sqlite     ///< an SQLite file, attached read-only
  };
  Kind kind = Kind::database;
  std::string path{};                ///< database, sqlite
  std::vector<std::string> globs{};  ///< files
};

struct DuckDbOptions {
  std::int64_t memory_limit_bytes = 1'000'000'000;
  int threads = 0;  ///< 0: one a core
};

/// Opens it, and locks it: nothing but the source can be read, no file written, no setting changed, no extension loaded. E0400 no library,
/// E0401 … E0405 the source, E0409 no file matches, E0410 no SQLite extension.
Result<std::unique_ptr<DataEngine>> open_duckdb(const std::string& name, const DuckDbSource& source, const DuckDbOptions& options = {});

}  // namespace sluice
