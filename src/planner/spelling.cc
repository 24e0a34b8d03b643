#include "planner/spelling.h"

#include <algorithm>

namespace sluice::planner {
namespace {

constexpr std::size_t kLettersMin = 5, kLettersMax = 40;
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";

}  // namespace

bool may_be_misspelt(std::string_view lower) {
  return lower.size() >= kLettersMin && lower.size() <= kLettersMax && std::ranges::all_of(lower, [](char c) { return c >= 'a' && c <= 'z'; });
}

std::vector<std::string> one_slip_away(std::string_view lower) {
  std::vector<std::string> out;
  for (std::size_t at = 1; at <= lower.size(); ++at) {
    const std::string before(lower.substr(0, at)), rest(lower.substr(at));
    for (const char c : kLetters) out.push_back(before + c + rest);
    if (rest.empty()) break;
    out.push_back(before + rest.substr(1));
    for (const char c : kLetters)
      if (c != rest[0]) out.push_back(before + c + rest.substr(1));
    if (rest.size() > 1 && rest[0] != rest[1]) out.push_back(before + rest[1] + rest[0] + rest.substr(2));
  }
  std::ranges::sort(out);
  const auto repeated = std::ranges::unique(out);
  out.erase(repeated.begin(), repeated.end());
  return out;
}

}  // namespace sluice::planner
