#pragma once
#include "journal/pg_db.h"

namespace sluice::journal_detail {

constexpr int kPgFormat = 1;  ///< of the tables that this code makes

/// Makes the schema and its tables, or brings them to kPgFormat; by whoever comes first, under a lock. One that is as it should be is not touched, so
/// a login without the right to create is enough then. E0203, E0211.
Result<> prepare_pg_schema(PgTarget target);

}  // namespace sluice::journal_detail
