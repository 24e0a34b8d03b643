#pragma once
// Private to this folder: DuckDB's messages as errors that say what to do.
#include <string>
#include <string_view>

#include "base/error.h"

namespace sluice::duckdb_detail {

/// What DuckDB said about opening `path`: E0401 no database, E0402 locked by another process, E0403 from a newer version, E0404 no permission or no
/// such file.
Error open_failed(std::string_view path, std::string_view message);
/// What it said about a statement: its first line, without its kind in front. Kinds of E0406: input (binder, parser, catalog, conversion),
/// refused (permission), exhausted (memory), transient (files), bug.
Error statement_failed(std::string_view message);

}  // namespace sluice::duckdb_detail
