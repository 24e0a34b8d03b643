#pragma once
#include "config/dbt_project.h"
#include "data/catalog.h"

namespace sluice {

/// What dbt's descriptions say where the database itself has no comment. A model is the table of its name on the search path, else the only one that
/// is called so.
void comment_from_dbt(const DbtDescriptions& descriptions, Catalog& catalog);

}  // namespace sluice
