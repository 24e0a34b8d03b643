#pragma once
#include <string_view>

namespace sluice::plan {

/// Words that PostgreSQL 15 or DuckDB 1.5 does not take everywhere as a bare name (lower case): reserved ones, and those that clash with
/// types and functions. A few more than needed costs only quotes.
bool is_keyword(std::string_view lower);

}  // namespace sluice::plan
