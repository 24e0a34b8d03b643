#pragma once
#include <span>
#include <string>
#include <vector>

#include "data/catalog.h"

namespace sluice {

/// The fingerprint that an approval is bound to: that of the tables themselves (see data/catalog.h), and to which table each of their names
/// leads when it is written without a schema. So a new table that shadows an approved one through the search path changes it too.
std::string schema_fingerprint(const Catalog& catalog, std::span<const TableName> tables);

/// The names that a table created meanwhile could have to shadow one of `tables`: each name in every schema of the search path.
std::vector<TableName> with_shadows(std::span<const TableName> tables, const Catalog& catalog);

/// What differs between two states, in sentences: functions, operators and types that users added or dropped; of these tables: gone or new, kinds,
/// view definitions, code of users, columns added, gone or of another type. Empty where nothing of that differs (then it is keys).
std::vector<std::string> schema_changes(const Catalog& before, const Catalog& now, std::span<const TableName> tables);

}  // namespace sluice
