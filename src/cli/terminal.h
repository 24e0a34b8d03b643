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

/// While it lives, keys arrive singly and unechoed on standard input. Restores the terminal at the end; one at a time.
class KeyReader {
 public:
  KeyReader();
  ~KeyReader();
  KeyReader(const KeyReader&) = delete;
  KeyReader& operator=(const KeyReader&) = delete;
  /// The next byte typed, nothing within the time or when a signal came, 0x04 at the end of input.
  static std::optional<char> next(std::chrono::milliseconds wait);

 private:
  struct Saved;
  std::unique_ptr<Saved> saved_;
};

}  // namespace sluice
