#pragma once
#include <string>

#include "journal/file_lock.h"
#include "journal/sqlite_db.h"

namespace sluice::journal_detail {

constexpr int kFormat = 2;  ///< PRAGMA user_version of the journals that this code writes

/// Refuses what is no journal, is damaged at first sight, or is of a newer format, without touching it.
Result<> check_file(const std::string& file, const FileLock& lock);
/// Sets the connection up and brings the tables to kFormat. The lock must be held.
Result<> prepare_schema(SqliteDb& db, FileLock& lock);
/// What every further connection needs.
Result<> prepare_connection(SqliteDb& db);

}  // namespace sluice::journal_detail
