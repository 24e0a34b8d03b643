#include "planner/comment_codes.h"

#include <algorithm>

#include "base/text.h"
#include "planner/words.h"

namespace sluice::planner {
namespace {

constexpr std::size_t kCodeMax = 4, kMeaningWordsMax = 4;

bool is_code(std::string_view text) {
  const auto letter = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && text.size() <= kCodeMax && std::ranges::all_of(text, letter);
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// What comes before a list is no part of its first code: "kind of station: 1".
std::string_view last_word(std::string_view text) {
  const std::size_t gap = text.find_last_of(" (:");
  return gap == std::string_view::npos ? text : text.substr(gap + 1);
}

std::vector<std::string_view> parts_of(std::string_view comment) {
  std::vector<std::string_view> out;
  while (!comment.empty()) {
    const std::size_t end = std::min(comment.find_first_of(",;|\n"), comment.size());
    if (const auto part = trim(comment.substr(0, end)); !part.empty()) out.push_back(part);
    comment.remove_prefix(std::min(end + 1, comment.size()));
  }
  return out;
}

/// The code and its meaning on either side of the sign.
CommentCode pair_of(std::string_view part, std::string_view sign, bool first) {
  const std::size_t at = part.find(sign);
  if (at == std::string_view::npos) return {};
  std::string_view code = trim(part.substr(0, at)), meaning = trim(part.substr(at + sign.size()));
  for (const std::string_view joining : {"and ", "or "})
    if (code.starts_with(joining)) code = trim(code.substr(joining.size()));
  if (first) code = last_word(code);
  while (!code.empty() && (code.front() == '\'' || code.front() == '"')) code.remove_prefix(1);
  while (!code.empty() && (code.back() == '\'' || code.back() == '"')) code.remove_suffix(1);
  meaning = trim(meaning.substr(0, meaning.find_first_of("().")));
  const std::size_t words = split_words(meaning).size();
  const bool said = is_code(code) && words > 0 && words <= kMeaningWordsMax;
  // "3 for free" is no code unless numbers are listed so.
  if (!said || (sign == " for " && !is_number(code))) return {};
  return {std::string(code), to_lower(meaning)};
}

}  // namespace

std::vector<CommentCode> codes_in(std::string_view comment) {
  const auto parts = parts_of(comment);
  if (parts.size() < 2 || parts.size() > kCommentCodesMax) return {};
  for (const std::string_view sign : {"=", ":", " - ", " for "}) {
    std::vector<CommentCode> out;
    for (const std::string_view part : parts) {
      CommentCode one = pair_of(part, sign, out.empty());
      const auto same = [&](const CommentCode& other) { return other.code == one.code || other.meaning == one.meaning; };
      if (one.code.empty() || std::ranges::any_of(out, same)) break;
      out.push_back(std::move(one));
    }
    if (out.size() == parts.size()) return out;
  }
  return {};
}

}  // namespace sluice::planner
