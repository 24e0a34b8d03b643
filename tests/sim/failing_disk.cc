#include "failing_disk.h"

#include <sqlite3.h>

#include <cstdlib>
#include <mutex>

#include "base/check.h"
#include "journal/sqlite_journal.h"

namespace sluice::sim {
namespace {

thread_local DiskFault armed = DiskFault::none;
thread_local bool struck = false;

/// The unix VFS with files whose methods are a copy of their own. The copy lies behind the real file object, which stays first, so that the real
/// methods find what they expect.
struct Methods {
  sqlite3_io_methods own{};
  const sqlite3_io_methods* real = nullptr;
};

sqlite3_vfs* real_vfs() {
  static sqlite3_vfs* real = sqlite3_vfs_find("unix");
  return real;
}

constexpr int kAlign = 15;

Methods& methods_of(sqlite3_file* file) {
  return *reinterpret_cast<Methods*>(reinterpret_cast<char*>(file) + ((real_vfs()->szOsFile + kAlign) & ~kAlign));
}

int write_to(sqlite3_file* file, const void* data, int bytes, sqlite3_int64 at) {
  if (armed == DiskFault::full) {
    armed = DiskFault::none;
    struck = true;
    return SQLITE_FULL;
  }
  return methods_of(file).real->xWrite(file, data, bytes, at);
}

int lock_shared_memory(sqlite3_file* file, int offset, int count, int flags) {
  if (armed == DiskFault::busy && flags == (SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE)) {
    armed = DiskFault::none;
    struck = true;
    return SQLITE_BUSY;
  }
  return methods_of(file).real->xShmLock(file, offset, count, flags);
}

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  const int code = real_vfs()->xOpen(real_vfs(), name, file, flags, out_flags);
  if (file->pMethods == nullptr) return code;
  Methods& methods = methods_of(file);
  methods.real = file->pMethods;
  methods.own = *file->pMethods;
  methods.own.xWrite = &write_to;
  methods.own.xShmLock = &lock_shared_memory;
  file->pMethods = &methods.own;
  return code;
}

std::string new_folder() {
  const std::string in_memory = "/dev/shm";
  const std::string above = std::filesystem::is_directory(in_memory) ? in_memory : std::filesystem::temp_directory_path().string();
  std::string name = above + "/sluice-sim-XXXXXX";
  CHECK(::mkdtemp(name.data()) != nullptr);
  return name;
}

}  // namespace

void shim_sqlite() {
  static std::once_flag once;
  std::call_once(once, [] {
    static sqlite3_vfs shim = *real_vfs();
    shim.zName = "sluice-sim";
    shim.szOsFile = ((real_vfs()->szOsFile + kAlign) & ~kAlign) + static_cast<int>(sizeof(Methods));
    shim.xOpen = &open_file;
    sqlite3_vfs_register(&shim, 1);
  });
}

void arm(DiskFault fault) {
  armed = fault;
  struck = false;
}

bool has_struck() { return struck; }

ScratchJournal::ScratchJournal(std::function<TimeMs()> now) : folder_(new_folder()) {
  shim_sqlite();
  auto opened = SqliteJournal::open(folder_ + "/journal.db", {.now = std::move(now), .busy_timeout = std::chrono::milliseconds(0)});
  CHECK(opened);
  journal_ = *std::move(opened);
}

ScratchJournal::~ScratchJournal() {
  journal_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace sluice::sim
