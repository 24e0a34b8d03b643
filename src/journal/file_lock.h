#pragma once
#include <chrono>
#include <string>

#include "base/result.h"

namespace sluice::journal_detail {

/// An advisory lock (flock) between processes, on a file of its own. The kernel drops it when its holder dies, however it dies.
class FileLock {
 public:
  static Result<FileLock> open(const std::string& file, bool must_be_new = false);
  FileLock(FileLock&& other) noexcept : fd_(other.fd_), file_(std::move(other.file_)) { other.fd_ = -1; }
  FileLock& operator=(FileLock&&) = delete;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

  /// False: somebody else holds it. `shared`: only to see whether somebody does; those who look don't keep each other out.
  bool try_lock(bool shared = false);
  /// E0205 after the time.
  Result<> lock(std::chrono::milliseconds at_most);
  void unlock();
  /// Marks in the file that the journal was initialised; so that a journal emptied by accident is not taken for a new one.
  bool is_marked() const;
  Result<> mark();

 private:
  FileLock(int fd, std::string file) : fd_(fd), file_(std::move(file)) {}
  int fd_;
  std::string file_;
};

}  // namespace sluice::journal_detail
