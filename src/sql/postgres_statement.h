#pragma once
#include <string_view>

#include "base/json.h"
#include "sql/tree.h"

namespace sluice {

/// The class of a PostgreSQL statement that is not a SELECT, by its node's kind ("InsertStmt"), with the reason in plain words.
Parsed classify_postgres(std::string_view kind, const Json& body);

}  // namespace sluice
