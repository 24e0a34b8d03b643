#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <cstring>

#include "journal/sqlite_journal.h"
#include "journal/test_folder.h"

// A disk that does not confirm: a shim under SQLite whose sync of the write-ahead log fails when told to.
namespace sluice {
namespace {

std::atomic<bool> sync_fails{false};

/// The unix VFS with files whose methods are a copy of their own, xSync replaced. The copy lies behind the real file object, which
/// stays first, so that the real methods find what they expect.
struct Shim {
  sqlite3_vfs vfs{};
  sqlite3_vfs* real = sqlite3_vfs_find(nullptr);
  static Shim& of(sqlite3_vfs* vfs) { return *static_cast<Shim*>(vfs->pAppData); }
};

struct Methods {
  sqlite3_io_methods own{};
  const sqlite3_io_methods* real = nullptr;
};
Methods& methods_of(sqlite3_file* file, sqlite3_vfs* real) {
  return *reinterpret_cast<Methods*>(reinterpret_cast<char*>(file) + ((real->szOsFile + 15) & ~15));
}

int sync_of(sqlite3_file* file, int flags) {
  if (sync_fails) return SQLITE_IOERR_FSYNC;
  return methods_of(file, sqlite3_vfs_find("unix")).real->xSync(file, flags);
}

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs* real = Shim::of(vfs).real;
  const int code = real->xOpen(real, name, file, flags, out_flags);
  if (file->pMethods != nullptr) {
    Methods& methods = methods_of(file, real);
    methods.real = file->pMethods;
    methods.own = *file->pMethods;
    methods.own.xSync = &sync_of;
    file->pMethods = &methods.own;
  }
  return code;
}

void journal_on_a_failing_disk(const std::string& file) {
  static Shim shim;
  shim.vfs = *shim.real;
  shim.vfs.zName = "failing";
  shim.vfs.pAppData = &shim;
  shim.vfs.szOsFile = ((shim.real->szOsFile + 15) & ~15) + static_cast<int>(sizeof(Methods));
  shim.vfs.xOpen = &open_file;
  sqlite3_vfs_register(&shim.vfs, 1);
  auto journal = SqliteJournal::open(file);
  if (!journal || !(*journal)->create_run({.id = {"r-1"}, .name = "ask", .code_version = "1"})) std::_Exit(9);
  sync_fails = true;
  [[maybe_unused]] const auto lost = (*journal)->create_run({.id = {"r-2"}, .name = "ask", .code_version = "1"});
  std::_Exit(0);  // it went on as if nothing had happened
}

TEST(SyncFailure, EndsTheProcessAndLosesNothingConfirmed) {
  const TestFolder folder;
  GTEST_FLAG_SET(death_test_style, "fast");
  EXPECT_EXIT(journal_on_a_failing_disk(folder.path("journal.db")), testing::ExitedWithCode(2), "the disk did not confirm a write to the journal");
  auto journal = SqliteJournal::open(folder.path("journal.db"));
  ASSERT_TRUE(journal) << journal.error().message;
  EXPECT_TRUE((*journal)->run({"r-1"}));
}

}  // namespace
}  // namespace sluice
