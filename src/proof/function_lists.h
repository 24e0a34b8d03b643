#pragma once

namespace sluice {

/// The texts of functions_postgres.txt and functions_duckdb.txt as they were when the program was built.
extern const char* const kPostgresFunctions;
extern const char* const kDuckDbFunctions;

}  // namespace sluice
