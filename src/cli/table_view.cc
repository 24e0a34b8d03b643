#include "cli/table_view.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "base/text.h"

namespace sluice {
namespace {

constexpr int kGap = 2;
constexpr int kColumnWidthMin = 6;

int line_width(const std::vector<int>& widths) {
  return std::accumulate(widths.begin(), widths.end(), 0) + kGap * (static_cast<int>(widths.size()) - 1);
}

std::string padded(const std::string& text, int width, TableView::Align align, bool last) {
  const std::string cut = clipped(text, width);
  const auto fill = static_cast<std::size_t>(std::max(0, width - display_width(cut)));
  if (align == TableView::Align::right) return std::string(fill, ' ') + cut;
  return last ? cut : cut + std::string(fill, ' ');
}

}  // namespace

std::vector<int> TableView::widths(int width, const std::vector<std::vector<std::string>>& shown) const {
  std::vector<int> out;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    int widest = display_width(columns_[c].title);
    for (const auto& row : shown) widest = std::max(widest, display_width(row[c]));
    out.push_back(widest);
  }
  if (width <= 0) return out;
  // The widest column that may be clipped gives way first, as long as one is wider than the least.
  while (line_width(out) > width) {
    std::optional<std::size_t> widest;
    for (std::size_t c = 0; c < out.size(); ++c)
      if (!columns_[c].whole && out[c] > kColumnWidthMin && (!widest || out[c] > out[*widest])) widest = c;
    if (!widest) break;
    --out[*widest];
  }
  return out;
}

std::vector<std::vector<std::string>> TableView::shown() const {
  std::vector<std::vector<std::string>> out;
  out.reserve(rows_.size());
  for (const auto& row : rows_) {
    auto& cells = out.emplace_back();
    for (std::size_t c = 0; c < columns_.size(); ++c) cells.push_back(c >= row.size() ? "" : row[c] == kNull ? "NULL" : show_hidden(row[c], false));
  }
  return out;
}

bool TableView::fits(int width) const { return line_width(widths(0, shown())) <= width; }

std::string TableView::render(int width, bool color) const {
  const std::vector<std::vector<std::string>> cells_of = shown();
  const std::vector<int> wide = widths(width, cells_of);
  std::string out, rule;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const bool last = c + 1 == columns_.size();
    out += styled(Style::bold, padded(show_hidden(columns_[c].title, false), wide[c], columns_[c].align, last), color);
    for (int i = 0; i < wide[c]; ++i) rule += "─";
    if (!last) {
      out.append(kGap, ' ');
      rule.append(kGap, ' ');
    }
  }
  out += "\n" + styled(Style::dim, rule, color) + "\n";
  for (std::size_t r = 0; r < cells_of.size(); ++r) {
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const bool last = c + 1 == columns_.size();
      const std::string cell = padded(cells_of[r][c], wide[c], columns_[c].align, last);
      out += c < rows_[r].size() && rows_[r][c] == kNull ? styled(Style::dim, cell, color) : cell;
      if (!last) out.append(kGap, ' ');
    }
    out += '\n';
  }
  return out;
}

}  // namespace sluice
