#include "journal/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <thread>

#include "journal/storage_errors.h"

namespace sluice::journal_detail {

Result<FileLock> FileLock::open(const std::string& file, bool must_be_new) {
  constexpr mode_t kOwnerOnly = 0600;
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | (must_be_new ? O_EXCL : 0), kOwnerOnly);
  if (fd < 0) return file_error(errno, file, "opening");
  return FileLock(fd, file);
}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

bool FileLock::try_lock(bool shared) {
  int outcome = 0;
  do {
    outcome = ::flock(fd_, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB);
  } while (outcome != 0 && errno == EINTR);
  return outcome == 0;
}

Result<> FileLock::lock(std::chrono::milliseconds at_most) {
  using namespace std::chrono_literals;
  // Short waits first: another process holds it for one transaction, well under a millisecond. A blocking flock could not be
  // given up, and a stopped process may hold it for ever.
  auto pause = std::chrono::microseconds(50);
  constexpr std::chrono::microseconds kPauseMax = 1ms;
  const auto give_up_at = std::chrono::steady_clock::now() + at_most;
  while (!try_lock()) {
    if (std::chrono::steady_clock::now() >= give_up_at) return locked(file_);
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, kPauseMax);
  }
  return {};
}

void FileLock::unlock() { ::flock(fd_, LOCK_UN); }

bool FileLock::is_marked() const {
  struct stat status{};
  return ::fstat(fd_, &status) == 0 && status.st_size > 0;
}

Result<> FileLock::mark() {
  static constexpr std::string_view kText = "sluice journal\n";
  if (::pwrite(fd_, kText.data(), kText.size(), 0) != static_cast<ssize_t>(kText.size()) || ::fsync(fd_) != 0)
    return file_error(errno, file_, "writing");
  return {};
}

}  // namespace sluice::journal_detail
