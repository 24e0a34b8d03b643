#include "agents/request_diff.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string_view>

#include "base/text.h"

namespace sluice {
namespace {

constexpr std::size_t kContext = 2;       // lines before a difference
constexpr std::size_t kCompared = 300;    // lines of each side, from the first difference on
constexpr std::size_t kShownMax = 120;    // bytes of a line
constexpr std::size_t kBeforeFirst = 40;  // of them before its first difference

void add_lines(std::vector<std::string>& lines, std::string_view text, std::string_view prefix) {
  for (const std::string_view line : split(text, '\n')) lines.push_back(std::string(prefix) + std::string(line));
}

std::size_t same_beginning(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

/// The line around `first`, hidden characters shown.
std::string shown(std::string_view line, std::size_t first) {
  const bool is_long = line.size() > kShownMax;
  std::size_t from = is_long && first > kBeforeFirst ? first - kBeforeFirst : 0;
  while (from > 0 && is_continuation(line[from])) --from;
  std::size_t to = std::min(line.size(), from + kShownMax);
  while (to < line.size() && is_continuation(line[to])) ++to;
  const std::string_view part = line.substr(from, to - from);
  const std::size_t blanks = to == line.size() ? part.size() - std::min(part.size(), part.find_last_not_of(' ') + 1) : 0;
  std::string out = (from > 0 ? "…" : "") + show_hidden(part.substr(0, part.size() - blanks), false);
  for (std::size_t n = 0; n < blanks; ++n) out += "\\u{0020}";
  return out + (to < line.size() ? "…" : "");
}

/// Lines that stand in one text where others, or none, stand in the other.
struct Change {
  std::size_t recorded, removed, asked, added;  ///< first line and count, of either side
};

/// The fewest changes from one to the other, by their longest common subsequence. What is alike at the beginning and at the end stays outside.
std::vector<Change> changes(const std::vector<std::string>& recorded, const std::vector<std::string>& asked) {
  const auto begin = static_cast<std::size_t>(std::mismatch(recorded.begin(), recorded.end(), asked.begin(), asked.end()).first - recorded.begin());
  std::size_t n = recorded.size() - begin, m = asked.size() - begin;
  for (; n > 0 && m > 0 && recorded[begin + n - 1] == asked[begin + m - 1]; --n) --m;
  n = std::min(n, kCompared);
  m = std::min(m, kCompared);
  std::vector<std::vector<std::uint16_t>> common(n + 1, std::vector<std::uint16_t>(m + 1, 0));
  const auto same = [&](std::size_t i, std::size_t j) { return recorded[begin + i] == asked[begin + j]; };
  for (std::size_t i = n; i-- > 0;)
    for (std::size_t j = m; j-- > 0;)
      common[i][j] = same(i, j) ? static_cast<std::uint16_t>(common[i + 1][j + 1] + 1) : std::max(common[i + 1][j], common[i][j + 1]);
  std::vector<Change> found;
  bool in_change = false;
  for (std::size_t i = 0, j = 0; i < n || j < m;) {
    const bool is_same = i < n && j < m && same(i, j);
    if (!is_same && !in_change) found.push_back({begin + i, 0, begin + j, 0});
    in_change = !is_same;
    if (is_same) {
      ++i, ++j;
    } else if (i < n && (j == m || common[i + 1][j] >= common[i][j + 1])) {
      ++i, ++found.back().removed;
    } else {
      ++j, ++found.back().added;
    }
  }
  return found;
}

/// Lines of a diff up to their bound.
class DiffText {
 public:
  void add(std::string line) {
    if (lines_.size() < kDiffLinesMax)
      lines_.push_back(std::move(line));
    else
      lines_.back() = "… and more";
  }
  std::string text() const { return join(lines_, "\n"); }

 private:
  std::vector<std::string> lines_{};
};

}  // namespace

std::vector<std::string> request_lines(const std::string& provider, const std::string& model, const ModelRequest& request) {
  std::vector<std::string> lines{"model: " + provider + "/" + model, "reply: " + request.reply_name};
  lines.push_back("temperature: " + (request.temperature ? number_text(*request.temperature) : "unset"));
  lines.push_back("max_tokens: " + std::to_string(request.max_tokens));
  lines.push_back("sample: " + std::to_string(request.sample));
  add_lines(lines, request.system, "system| ");
  for (const ModelMessage& message : request.messages) add_lines(lines, message.text, std::string(enum_name(message.role)) + "| ");
  if (!request.reply_schema.is_null()) add_lines(lines, request.reply_schema.dump_text(2), "schema| ");
  return lines;
}

std::size_t difference(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::map<std::string_view, std::int64_t> counts;
  for (const std::string& line : a) ++counts[line];
  for (const std::string& line : b) --counts[line];
  std::size_t bytes = 0;
  for (const auto& [line, count] : counts) bytes += (line.size() + 1) * static_cast<std::size_t>(count < 0 ? -count : count);
  return bytes;
}

std::string first_differences(const std::vector<std::string>& recorded, const std::vector<std::string>& asked) {
  const std::vector<Change> all = changes(recorded, asked);
  if (all.empty()) return {};
  DiffText diff;
  diff.add("--- recorded");
  diff.add("+++ asked");
  std::size_t told = 0;  // lines of `recorded` that are behind us
  for (const Change& change : all) {
    const std::size_t context = std::min(kContext, change.recorded - told);
    if (told == 0 || change.recorded - told > kContext)
      diff.add("@@ -" + std::to_string(change.recorded - context + 1) + " +" + std::to_string(change.asked - context + 1) + " @@");
    for (std::size_t n = change.recorded - context; n < change.recorded; ++n) diff.add(" " + shown(recorded[n], 0));
    // The n-th line of either side is taken for the same line, changed.
    const auto first = [&](std::size_t n) {
      return n < change.removed && n < change.added ? same_beginning(recorded[change.recorded + n], asked[change.asked + n]) : 0;
    };
    for (std::size_t n = 0; n < change.removed; ++n) diff.add("-" + shown(recorded[change.recorded + n], first(n)));
    for (std::size_t n = 0; n < change.added; ++n) diff.add("+" + shown(asked[change.asked + n], first(n)));
    told = change.recorded + change.removed;
  }
  return diff.text();
}

}  // namespace sluice
