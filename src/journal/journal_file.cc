#include "journal/journal_file.h"

#include <cerrno>

#include "journal/schema.h"
#include "journal/storage_errors.h"

namespace sluice::journal_detail {

Result<JournalFile> open_journal_file(const std::string& file, std::chrono::milliseconds busy_timeout) {
  if (file.empty()) return file_error(ENOENT, file, "opening");
  constexpr std::chrono::milliseconds kLockWaitMax{10'000};
  TRY(FileLock lock, FileLock::open(file + ".lock"));
  TRY_VOID(lock.lock(kLockWaitMax));
  TRY_VOID(check_file(file, lock));
  TRY(auto writer, SqliteDb::open(file, busy_timeout));
  TRY_VOID(check_header(*writer));
  TRY_VOID(prepare_schema(*writer, lock));
  lock.unlock();
  TRY(auto reader, SqliteDb::open(file, busy_timeout));
  TRY_VOID(prepare_connection(*reader));
  TRY_VOID(reader->exec("PRAGMA query_only=ON"));
  return JournalFile{std::move(lock), std::move(writer), std::move(reader)};
}

TimeMs system_time() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return TimeMs{std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count()};
}

}  // namespace sluice::journal_detail
