#pragma once
#include <string>

#include "journal/file_lock.h"
#include "journal/sqlite_db.h"

namespace sluice::journal_detail {

constexpr int kFormat = 7;  ///< PRAGMA user_version of the journals that this code writes

/// Refuses what is gone, was emptied or is no file, without opening it.
Result<> check_file(const std::string& file, const FileLock& lock);
/// Refuses what is no journal or is damaged at first sight, without touching it. Reads by the connection itself: closing another descriptor of that
/// file would drop the POSIX locks of every connection of this process (https://www.sqlite.org/howtocorrupt.html, 2.2), and another process that
/// closes its own would then take the log of a journal that is in use away.
Result<> check_header(SqliteDb& db);
/// Sets the connection up and brings the tables to kFormat. The lock must be held.
Result<> prepare_schema(SqliteDb& db, FileLock& lock);
/// What every further connection needs.
Result<> prepare_connection(SqliteDb& db);

}  // namespace sluice::journal_detail
