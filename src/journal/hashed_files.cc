#include "journal/hashed_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "journal/storage_errors.h"

namespace sluice::journal_detail {
namespace {

constexpr std::size_t kChunk = 256 * 1024;
constexpr std::size_t kHashDigits = 64;
constexpr mode_t kOwnerOnly = 0700;
constexpr std::string_view kTemporary = "tmp-", kPlaces = "XXXXXX";  // where mkostemp writes letters and digits
constexpr std::int64_t kLeftoverSeconds = 24LL * 60 * 60;            // no writer takes so long
constexpr int kEntriesMax = 10'000;                                  // of the folder are looked at for leftovers

/// Owns a file descriptor.
class File {
 public:
  File(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC)) {}
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

/// A new file under a name that nobody else has, removed where it did not come to its end. Names by process id would meet where two containers share
/// the folder.
class Temporary {
 public:
  explicit Temporary(const std::string& folder)
      : path_(folder + "/" + std::string(kTemporary) + std::string(kPlaces)), file_(::mkostemp(path_.data(), O_CLOEXEC)), error_(errno) {}
  ~Temporary() {
    if (fd() >= 0 && !renamed_) ::unlink(path_.c_str());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  const std::string& path() const { return path_; }
  int fd() const { return file_.fd(); }
  int error() const { return error_; }
  /// From then on its name may be another writer's.
  bool rename(const std::string& file) { return renamed_ = ::rename(path_.c_str(), file.c_str()) == 0; }

 private:
  std::string path_;
  File file_;
  int error_;
  bool renamed_ = false;
};

/// Whether a Temporary may bear this name.
bool is_temporary(std::string_view name) {
  constexpr std::string_view kLettersAndDigits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  return name.size() == kTemporary.size() + kPlaces.size() && name.starts_with(kTemporary) &&
         name.find_first_not_of(kLettersAndDigits, kTemporary.size()) == std::string_view::npos;
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

}  // namespace

bool is_hash(std::string_view text) {
  return text.size() == kHashDigits && std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Result<> HashedFiles::create_folder() const {
  if (::mkdir(folder_.c_str(), kOwnerOnly) != 0 && errno != EEXIST) return file_error(errno, folder_, "creating");
  struct stat status{};
  if (::stat(folder_.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return file_error(ENOTDIR, folder_, "opening");
  return {};
}

/// What cannot be looked at or removed only takes room: that is no error.
void HashedFiles::remove_leftovers() const {
  namespace fs = std::filesystem;
  const std::int64_t old = std::time(nullptr) - kLeftoverSeconds;
  std::error_code failed;
  int looked_at = 0, removed = 0;
  for (fs::directory_iterator entry(folder_, failed), end; !failed && entry != end; entry.increment(failed)) {
    if (++looked_at > kEntriesMax || removed >= kLeftoversMax) return;
    if (!is_temporary(entry->path().filename().string())) continue;
    struct stat status{};
    const std::string path = entry->path().string();
    if (::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && status.st_mtime < old && ::unlink(path.c_str()) == 0) ++removed;
  }
}

bool HashedFiles::exists(const std::string& hash) const { return ::access(file_of(hash).c_str(), F_OK) == 0 || errno != ENOENT; }

Result<> HashedFiles::write(const std::string& hash, std::string_view bytes) {
  Temporary temporary(folder_);
  if (temporary.fd() < 0) return file_error(temporary.error(), temporary.path(), "writing");
  TRY_VOID(write_all(temporary.fd(), bytes, temporary.path()));
  if (::fsync(temporary.fd()) != 0) return file_error(errno, temporary.path(), "syncing");
  const std::string folder = folder_of(hash), file = file_of(hash);
  if (::mkdir(folder.c_str(), kOwnerOnly) != 0 && errno != EEXIST) return file_error(errno, folder, "creating");
  if (!temporary.rename(file)) return file_error(errno, file, "writing");
  return sync_folders(hash);
}

Result<> HashedFiles::confirm(const std::string& hash) const {
  TRY_VOID(sync_path(file_of(hash), O_RDONLY));
  return sync_folders(hash);
}

/// Every name on the way, whoever made it: that process may have died before its sync.
Result<> HashedFiles::sync_folders(const std::string& hash) const {
  for (const std::string& folder : {folder_of(hash), folder_, folder_ + "/.."}) TRY_VOID(sync_path(folder, O_RDONLY | O_DIRECTORY));
  return {};
}

Result<> HashedFiles::read(const std::string& hash, const std::function<Result<>(std::string_view)>& use) const {
  const std::string file = file_of(hash);
  const File in(file, O_RDONLY);
  if (in.fd() < 0) return file_error(errno, file, "reading");
  std::string chunk(kChunk, '\0');
  for (;;) {  // bounded by the file
    const ssize_t count = ::read(in.fd(), chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return file_error(errno, file, "reading");
    if (count == 0) return {};
    TRY_VOID(use(std::string_view(chunk).substr(0, static_cast<std::size_t>(count))));
  }
}

Result<> HashedFiles::remove(const std::string& hash) const {
  const std::string file = file_of(hash);
  if (::unlink(file.c_str()) == 0) return sync_path(folder_of(hash), O_RDONLY | O_DIRECTORY);
  return errno == ENOENT ? Result<>() : file_error(errno, file, "removing");
}

std::optional<std::chrono::seconds> HashedFiles::age(const std::string& hash) const {
  struct stat status{};
  if (::stat(file_of(hash).c_str(), &status) != 0) return std::nullopt;
  return std::chrono::seconds(std::max<std::int64_t>(0, ::time(nullptr) - status.st_mtime));
}

void HashedFiles::prune_beside(const std::string& hash, std::chrono::seconds age_max, std::size_t files_max) const {
  namespace fs = std::filesystem;
  std::vector<std::pair<std::chrono::seconds, std::string>> found;  // the oldest last
  std::error_code failed;
  for (fs::directory_iterator file(folder_of(hash), failed), end; !failed && file != end; file.increment(failed))
    if (const auto one = hash_in(file->path().filename().string()))
      if (const auto old = age(*one)) found.emplace_back(*old, *one);
  std::ranges::sort(found);
  for (std::size_t n = 0; n < found.size(); ++n)
    if (n >= files_max || found[n].first > age_max) ::unlink(file_of(found[n].second).c_str());
  remove_leftovers();
}

bool HashedFiles::refresh(const std::string& hash) const { return ::utimensat(AT_FDCWD, file_of(hash).c_str(), nullptr, 0) == 0; }

/// Moved aside first, under a name that is removed with the object: whoever refreshes the file before that is seen, and whoever comes after it finds
/// none and writes it.
bool HashedFiles::remove_unused(const std::string& hash, std::chrono::seconds unused_for) const {
  const std::string file = file_of(hash);
  const Temporary aside(folder_);
  if (aside.fd() < 0 || ::rename(file.c_str(), aside.path().c_str()) != 0) return false;
  struct stat status{};
  const bool known = ::stat(aside.path().c_str(), &status) == 0;
  if (known && ::time(nullptr) - status.st_mtime >= unused_for.count()) return true;
  return ::rename(aside.path().c_str(), file.c_str()) != 0;
}

Result<Swept> HashedFiles::sweep(const Sweep& sweep) const {
  TRY(const std::vector<std::string> all, hashes());
  Swept swept;
  for (const std::string& hash : all) {
    if (sweep.stop.stop_requested()) break;
    struct stat status{};
    if (sweep.is_kept(hash) || ::stat(file_of(hash).c_str(), &status) != 0) continue;
    if (::time(nullptr) - status.st_mtime < sweep.unused_for.count()) continue;
    if (!sweep.dry && !remove_unused(hash, sweep.unused_for)) continue;
    ++swept.files;
    swept.bytes += status.st_size;
  }
  return swept;
}

std::optional<std::string> HashedFiles::hash_in(const std::string& name) const {
  std::string hash = name.substr(0, std::min(name.size(), kHashDigits));
  return is_hash(hash) && name == hash + ending_ ? std::optional(std::move(hash)) : std::nullopt;
}

Result<std::vector<std::string>> HashedFiles::hashes() const {
  namespace fs = std::filesystem;
  std::vector<std::string> found;
  std::error_code failed;
  for (fs::directory_iterator part(folder_, failed), end; !failed && part != end; part.increment(failed)) {
    const std::string prefix = part->path().filename().string();
    std::error_code none;
    if (prefix.size() != 2 || !part->is_directory(none)) continue;
    for (fs::directory_iterator file(part->path(), failed); !failed && file != end; file.increment(failed)) {
      const auto hash = hash_in(file->path().filename().string());
      if (hash && hash->starts_with(prefix)) found.push_back(*hash);
    }
  }
  if (failed) return file_error(failed.value(), folder_, "reading");
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace sluice::journal_detail
