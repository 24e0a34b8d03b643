#pragma once
#include <memory>

#include "sql/ports/ast_source.h"

namespace sluice {

/// DuckDB's parser over an empty, locked database in memory. E0400 where there is no library. Any thread.
Result<std::unique_ptr<AstSource>> make_ast_source();

}  // namespace sluice
