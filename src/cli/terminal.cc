#include "cli/terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <clocale>
#include <cstdlib>

namespace sluice {
namespace {

constexpr int kWidthMin = 40;
constexpr std::size_t kLineBytesMax = 4096;

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

}  // namespace

Terminal detect_terminal() {
  std::setlocale(LC_CTYPE, "C.UTF-8");  // NOLINT(concurrency-mt-unsafe): before threads start
  Terminal terminal;
  terminal.input = isatty(STDIN_FILENO) == 1;
  terminal.output = isatty(STDOUT_FILENO) == 1;
  terminal.errors = isatty(STDERR_FILENO) == 1;
  const char* term = std::getenv("TERM");
  const bool color = !is_set("NO_COLOR") && !is_set("CI") && term != nullptr && std::string_view(term) != "dumb";
  terminal.color_output = color && terminal.output;
  terminal.color_errors = color && terminal.errors;
  winsize size{};
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) continue;
    terminal.width = size.ws_col < kWidthMin ? kWidthMin : size.ws_col;
    break;
  }
  return terminal;
}

std::string styled(Style style, std::string_view text, bool color) {
  if (!color) return std::string(text);
  static constexpr std::array<std::string_view, 7> kCodes{"1", "2", "31", "32", "33", "34", "36"};
  std::string out = "\x1b[";
  out += kCodes.at(static_cast<std::size_t>(style));
  out += 'm';
  out += text;
  return out + "\x1b[0m";
}

struct LineReader::Saved {
  termios settings{};
  bool changed = false;
};

LineReader::LineReader() : saved_(std::make_unique<Saved>()) {
  if (tcgetattr(STDIN_FILENO, &saved_->settings) != 0) return;
  termios lines = saved_->settings;
  lines.c_iflag |= ICRNL;
  lines.c_lflag |= ICANON | ECHO | ISIG;
  saved_->changed = tcsetattr(STDIN_FILENO, TCSANOW, &lines) == 0;
  tcflush(STDIN_FILENO, TCIFLUSH);
}

LineReader::~LineReader() {
  if (saved_->changed) tcsetattr(STDIN_FILENO, TCSANOW, &saved_->settings);
}

std::optional<std::string> LineReader::next(std::chrono::milliseconds wait) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  if (poll(&input, 1, static_cast<int>(wait.count())) <= 0) return std::nullopt;
  std::string line(kLineBytesMax, '\0');
  const ssize_t size = read(STDIN_FILENO, line.data(), line.size());
  line.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return line;
}

}  // namespace sluice
