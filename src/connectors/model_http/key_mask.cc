#include "connectors/model_http/key_mask.h"

#include <algorithm>
#include <utility>

namespace sluice::model_http {
namespace {

constexpr std::string_view kShown = "[key]";
/// How much of a key's beginning or end a word has to share with it to be taken for what is left of it.
constexpr std::size_t kRemnantMin = 3;
constexpr std::string_view kWordEnds = " \t\r\n\"'`,;:()[]{}<>";

bool hides_part(std::string_view word) {
  return word.find("**") != std::string_view::npos || word.find("...") != std::string_view::npos || word.find("…") != std::string_view::npos ||
         word.find("xxx") != std::string_view::npos;
}

}  // namespace

KeyMask::KeyMask(std::vector<std::string> secrets) : secrets_(std::move(secrets)) {
  std::erase_if(secrets_, [](const std::string& secret) { return secret.size() < kSecretMin; });
  // The longer first: one secret may be a part of another.
  std::ranges::sort(secrets_, [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

std::string KeyMask::masked(std::string_view text) const {
  std::string out(text);
  for (const std::string& secret : secrets_)
    for (std::size_t at = out.find(secret); at != std::string::npos; at = out.find(secret, at + kShown.size()))
      out.replace(at, secret.size(), kShown);
  return out;
}

bool KeyMask::is_remnant(std::string_view word) const {
  while (!word.empty() && word.back() == '.') word.remove_suffix(1);
  return std::ranges::any_of(secrets_, [&](const std::string& secret) {
    if (word.size() >= kSecretMin && word.starts_with(std::string_view(secret).substr(0, kSecretMin))) return true;
    if (word.size() < kRemnantMin || !hides_part(word)) return false;
    return word.starts_with(std::string_view(secret).substr(0, kRemnantMin)) ||
           word.ends_with(std::string_view(secret).substr(secret.size() - kRemnantMin));
  });
}

std::string KeyMask::masked_message(std::string_view text) const {
  const std::string whole = masked(text);
  const std::string_view rest = whole;
  std::string out;
  for (std::size_t at = 0; at < rest.size();) {
    const std::size_t end = std::min(rest.find_first_of(kWordEnds, at), rest.size());
    const std::string_view word = rest.substr(at, end - at);
    out += is_remnant(word) ? kShown : word;
    if (end < rest.size()) out += rest[end];
    at = end + 1;
  }
  return out;
}

std::size_t KeyMask::begun(std::string_view text) const {
  std::size_t longest = 0;
  for (const std::string& secret : secrets_)
    for (std::size_t size = std::min(secret.size() - 1, text.size()); size > longest; --size)
      if (text.ends_with(std::string_view(secret).substr(0, size))) longest = size;
  return longest;
}

std::string StreamMask::pass(std::string_view more) {
  held_ += more;
  std::string all = mask_.masked(held_);
  const std::size_t keep = mask_.begun(all);
  held_ = all.substr(all.size() - keep);
  all.resize(all.size() - keep);
  return all;
}

std::string StreamMask::rest() { return std::exchange(held_, {}); }

}  // namespace sluice::model_http
