#include "cli/input_text.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/text.h"

namespace sluice {
namespace {

constexpr int kStopSeenMs = 250;
constexpr std::size_t kChunkBytes = 64 * 1024;

std::string name_of(const std::string& file) { return file == "-" ? "standard input" : "the file \"" + show_hidden(file, false) + "\""; }

Error unreadable(const std::string& file) {
  return {ErrorKind::not_found, "E0805", name_of(file) + " cannot be read", "check the name and the permission; nothing was sent", 0};
}

Error too_large(const std::string& file, std::size_t bytes_max) {
  return {ErrorKind::input, "E0805", name_of(file) + " holds more than " + human_bytes(static_cast<std::int64_t>(bytes_max)),
          "a decision is a few lines; nothing was sent", 0};
}

Error stopped(const std::string& file) {
  return {ErrorKind::cancelled, "E0805", "reading " + name_of(file) + " was interrupted", "nothing was sent; send it again", 0};
}

class Opened {
 public:
  // An interrupt ends an open that waits for a pipe's writer too: the handler does not restart calls.
  explicit Opened(const std::string& file) : fd_(file == "-" ? STDIN_FILENO : open(file.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Opened() {
    if (fd_ > STDIN_FILENO) close(fd_);
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

Result<std::string> read_input_text(const std::string& file, std::size_t bytes_max, const std::stop_token& stop) {
  const Opened opened(file);
  if (opened.fd() < 0) return errno == EINTR ? stopped(file) : unreadable(file);
  std::string text;
  std::array<char, kChunkBytes> chunk{};
  while (text.size() <= bytes_max) {
    pollfd input{opened.fd(), POLLIN, 0};
    const int ready = poll(&input, 1, kStopSeenMs);
    if (stop.stop_requested()) return stopped(file);
    if (ready <= 0) continue;
    const ssize_t size = read(opened.fd(), chunk.data(), std::min(chunk.size(), bytes_max + 1 - text.size()));
    if (size < 0) return unreadable(file);
    if (size == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(size));
  }
  return too_large(file, bytes_max);
}

}  // namespace sluice
