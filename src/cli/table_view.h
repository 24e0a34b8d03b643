#pragma once
#include <string>
#include <vector>

#include "cli/terminal.h"

namespace sluice {

/// A table of texts for a terminal: a header, columns as wide as their content (clipped so that a line fits `width`), numbers right-aligned,
/// hidden characters shown. Without a terminal nothing is clipped. What people copy, such as ids, is never clipped: a line then is rather too long.
class TableView {
 public:
  enum class Align : unsigned char { left, right };
  void column(std::string title, Align align = Align::left) { columns_.push_back({std::move(title), align, false}); }
  void whole_column(std::string title) { columns_.push_back({std::move(title), Align::left, true}); }
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }
  /// `width` 0: no limit. NULL cells are given as kNull and shown dimmed.
  std::string render(int width, bool color) const;
  /// Whether nothing has to be clipped.
  bool fits(int width) const;

  static constexpr const char* kNull = "\x01NULL";

 private:
  struct Heading {
    std::string title;
    Align align;
    bool whole;  // never clipped
  };
  std::vector<std::vector<std::string>> shown() const;
  std::vector<int> widths(int width, const std::vector<std::vector<std::string>>& shown) const;
  std::vector<Heading> columns_{};
  std::vector<std::vector<std::string>> rows_{};
};

}  // namespace sluice
