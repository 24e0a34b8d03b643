#pragma once
#include <string_view>

#include "connectors/postgres/libpq.h"
#include "connectors/postgres/source.h"

namespace sluice::postgres {

/// Why no connection came about: E0442 to E0447, E0451, E0452.
Error connect_error(const Failure& failure, const Target& target);
/// Why a statement failed. `sql` is the person's statement, which positions refer to ("" for statements of Sluice's own).
Error statement_error(const Failure& failure, const Target& target, std::string_view sql = "");

/// "line 3, column 14" of the 1-based character position.
std::string line_and_column(std::string_view sql, int position);

}  // namespace sluice::postgres
