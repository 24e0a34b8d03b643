#pragma once
#include "journal/pg_db.h"

namespace sluice {
struct PostgresJournalOptions;
}
namespace sluice::journal_detail {

/// What the options say; nothing is connected yet. E0211 where they cannot be read, E0441 without libpq.
Result<PgTarget> target_of(const PostgresJournalOptions& options);

constexpr int kPgFormat = 4;  ///< of the tables that this code makes

/// Makes the schema and its tables, or brings them to kPgFormat; by whoever comes first, under a lock. One that is as it should be is not touched, so
/// a login without the right to create is enough then. E0203, E0211.
Result<> prepare_pg_schema(PgTarget target);

}  // namespace sluice::journal_detail
