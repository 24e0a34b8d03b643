#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// What the terminal can do. Colour only where a person looks at it and `NO_COLOR` is not set.
struct Terminal {
  bool input = false, output = false, errors = false;  ///< standard input, output, error is a terminal
  bool color_output = false, color_errors = false;
  int width = 100;
};
Terminal detect_terminal();

enum class Style : unsigned char { bold, dim, red, green, yellow, blue, cyan };
/// The text in that style, or as it is where `color` is false.
std::string styled(Style style, std::string_view text, bool color);

/// While it lives, the terminal gives whole lines, echoed, on standard input. What was typed before it began is thrown away: nobody can have meant
/// it as the answer to what is shown next. Restores the terminal at the end; one at a time.
class LineReader {
 public:
  LineReader();
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;
  /// The next line typed, with its newline, at most 4 KB (a terminal's own limit); nothing within the time or when a signal came; without a newline
  /// where Ctrl-D cut it off, and empty at the end of input.
  static std::optional<std::string> next(std::chrono::milliseconds wait);

 private:
  struct Saved;
  std::unique_ptr<Saved> saved_;
};

}  // namespace sluice
