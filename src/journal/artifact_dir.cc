#include "journal/artifact_dir.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>

#include "base/hash.h"
#include "journal/storage_errors.h"

namespace sluice {

using namespace journal_detail;

namespace {

constexpr std::size_t kChunk = 256 * 1024;
constexpr std::size_t kHashDigits = 64;
constexpr mode_t kOwnerOnly = 0700;

/// Owns a file descriptor.
class File {
 public:
  File(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

bool is_hash(const std::string& text) {
  return text.size() == kHashDigits && std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Result<> write_all(int fd, std::string_view bytes, const std::string& file) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return file_error(errno, file, "writing");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<> sync_path(const std::string& path, int flags) {
  const File handle(path, flags);
  if (handle.fd() < 0 || ::fsync(handle.fd()) != 0) return file_error(errno, path, "syncing");
  return {};
}

Result<> each_chunk(int fd, const std::string& file, const std::function<Result<>(std::string_view)>& use) {
  std::string chunk(kChunk, '\0');
  for (;;) {  // bounded by the file
    const ssize_t count = ::read(fd, chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return file_error(errno, file, "reading");
    if (count == 0) return {};
    TRY_VOID(use(std::string_view(chunk).substr(0, static_cast<std::size_t>(count))));
  }
}

/// Hashes the file; hands its bytes on where `sink` is given.
Result<std::string> read_hashing(const std::string& file, std::string* sink) {
  const File in(file, O_RDONLY);
  if (in.fd() < 0) return file_error(errno, file, "reading");
  Sha256 hash;
  TRY_VOID(each_chunk(in.fd(), file, [&](std::string_view bytes) -> Result<> {
    hash.update(bytes);
    if (sink != nullptr) sink->append(bytes);
    return {};
  }));
  return hash.finish_hex();
}

/// Removes a file that did not come to its end.
struct Temporary {
  std::string path;
  ~Temporary() { ::unlink(path.c_str()); }
};

}  // namespace

Result<std::unique_ptr<ArtifactDir>> ArtifactDir::open(const std::string& folder) {
  if (::mkdir(folder.c_str(), kOwnerOnly) != 0 && errno != EEXIST) return file_error(errno, folder, "creating");
  struct stat status{};
  if (::stat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return file_error(ENOTDIR, folder, "opening");
  return std::unique_ptr<ArtifactDir>(new ArtifactDir(folder));
}

Result<> ArtifactDir::write(const std::string& hash, std::string_view bytes) {
  const Temporary temporary{folder_ + "/tmp-" + std::to_string(::getpid()) + "-" + std::to_string(next_++)};
  {
    const File out(temporary.path, O_WRONLY | O_CREAT | O_TRUNC);
    if (out.fd() < 0) return file_error(errno, temporary.path, "writing");
    TRY_VOID(write_all(out.fd(), bytes, temporary.path));
    if (::fsync(out.fd()) != 0) return file_error(errno, temporary.path, "syncing");
  }
  const std::string folder = folder_of(hash), file = file_of(hash);
  if (::mkdir(folder.c_str(), kOwnerOnly) != 0 && errno != EEXIST) return file_error(errno, folder, "creating");
  if (::rename(temporary.path.c_str(), file.c_str()) != 0) return file_error(errno, file, "writing");
  return {};
}

Result<std::string> ArtifactDir::put(std::string_view bytes) {
  std::string hash = sha256_hex(bytes);
  // What is there already is written again where it is damaged: putting is how a missing artifact comes back from a backup.
  if (auto there = read_hashing(file_of(hash), nullptr); there && *there == hash) {
    TRY_VOID(sync_path(file_of(hash), O_RDONLY));
  } else {
    TRY_VOID(write(hash, bytes));
  }
  // Every name on the way, whoever made it: that process may have died before its sync.
  for (const std::string& folder : {folder_of(hash), folder_, folder_ + "/.."}) TRY_VOID(sync_path(folder, O_RDONLY | O_DIRECTORY));
  return hash;
}

Result<std::string> ArtifactDir::get(const std::string& hash) {
  if (!is_hash(hash)) return artifact_missing(hash);
  if (::access(file_of(hash).c_str(), F_OK) != 0 && errno == ENOENT) return artifact_missing(hash);
  std::string bytes;
  TRY(const std::string found, read_hashing(file_of(hash), &bytes));
  if (found != hash) return artifact_damaged(hash, file_of(hash));
  return bytes;
}

}  // namespace sluice
