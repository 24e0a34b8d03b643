#pragma once
#include <chrono>
#include <memory>
#include <string>

#include "journal/file_lock.h"
#include "journal/sqlite_db.h"
#include "workflow/ports/journal_types.h"

namespace sluice::journal_detail {

/// The journal's file, opened by one of those who write in it: each has connections of its own and takes `lock` before BEGIN IMMEDIATE.
struct JournalFile {
  FileLock lock;  ///< on FILE.lock; not held
  std::unique_ptr<SqliteDb> writer, reader;
};

/// Creates the file where there is none, and brings one of an older format to today's, under the lock, so that one process does it. E0201 … E0207.
Result<JournalFile> open_journal_file(const std::string& file, std::chrono::milliseconds busy_timeout);

/// The machine's clock.
TimeMs system_time();

}  // namespace sluice::journal_detail
