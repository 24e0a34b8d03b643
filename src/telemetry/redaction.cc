#include "telemetry/redaction.h"

#include <algorithm>
#include <array>
#include <deque>
#include <mutex>

namespace sluice {
namespace {

constexpr std::string_view kMask = "…";

bool is_key_char(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; }
bool is_token_char(char c) { return is_key_char(c) || c == '.' || c == '~' || c == '+' || c == '/' || c == '='; }

/// How a key begins, how much follows at the least, and of what.
struct Shape {
  std::string_view begin;
  std::size_t rest_min;
  bool (*is_part)(char);
  bool keeps_begin;  ///< it says only what follows
};
constexpr std::array kShapes{
    Shape{"slu_", 40, is_key_char, false},        Shape{"AKIA", 16, is_key_char, false},  Shape{"ASIA", 16, is_key_char, false},
    Shape{"sk-", 16, is_key_char, false},         Shape{"AIza", 30, is_key_char, false},  Shape{"xoxb-", 10, is_key_char, false},
    Shape{"xoxp-", 10, is_key_char, false},       Shape{"xapp-", 10, is_key_char, false}, Shape{"ghp_", 30, is_key_char, false},
    Shape{"github_pat_", 20, is_key_char, false}, Shape{"eyJ", 40, is_token_char, false}, Shape{"earer ", 8, is_token_char, true},
};

void replace_all(std::string& text, std::string_view what) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + kMask.size())) text.replace(at, what.size(), kMask);
}

void mask_shape(std::string& text, const Shape& shape) {
  for (std::size_t at = text.find(shape.begin); at != std::string::npos; at = text.find(shape.begin, at)) {
    const std::size_t rest = at + shape.begin.size();
    std::size_t end = rest;
    while (end < text.size() && shape.is_part(text[end])) ++end;
    const bool inside = at > 0 && is_key_char(text[at - 1]) && !shape.keeps_begin;  // "task-…" is no key that begins with "sk-"
    if (inside || end - rest < shape.rest_min) {
      at = rest;
      continue;
    }
    const std::size_t from = shape.keeps_begin ? rest : at;
    text.replace(from, end - from, kMask);
    at = from + kMask.size();
  }
}

/// Between "://…:" and the last "@" before the path.
void mask_url_passwords(std::string& text) {
  constexpr std::string_view kScheme = "://";
  for (std::size_t at = text.find(kScheme); at != std::string::npos; at = text.find(kScheme, at)) {
    at += kScheme.size();
    const std::size_t end = std::min(text.find_first_of("/?# \t\r\n\"'<>", at), text.size());
    const std::size_t host = std::string_view(text).substr(at, end - at).rfind('@');
    if (host == std::string_view::npos) continue;
    const std::size_t colon = std::string_view(text).substr(at, host).find(':');
    if (colon != std::string_view::npos) text.replace(at + colon + 1, host - colon - 1, kMask);
  }
}

void mask_private_keys(std::string& text) {
  constexpr std::string_view kBegin = "-----BEGIN ", kKey = "PRIVATE KEY-----", kEnd = "-----END ";
  for (std::size_t at = text.find(kBegin); at != std::string::npos; at = text.find(kBegin, at + 1)) {
    const std::size_t head = text.find(kKey, at);
    if (head == std::string::npos) return;
    constexpr std::size_t kNameMax = 40;
    if (head - at > kNameMax) continue;
    const std::size_t end = std::min(text.find(kEnd, head), text.size());
    text.replace(at, end - at, kMask);
  }
}

class Secrets {
 public:
  void learn(std::string value) {
    const std::scoped_lock lock(mutex_);
    if (const auto known = std::ranges::find(values_, value); known != values_.end()) values_.erase(known);
    values_.push_front(std::move(value));
    if (values_.size() > kSecretsMax) values_.pop_back();
  }
  void mask(std::string& text) {
    const std::scoped_lock lock(mutex_);
    for (const std::string& value : values_) replace_all(text, value);
  }

 private:
  std::mutex mutex_{};
  std::deque<std::string> values_{};  // the newest first
};

Secrets& secrets() {
  static Secrets of_this_process;
  return of_this_process;
}

}  // namespace

void learn_secret(std::string_view value) {
  constexpr std::string_view kScheme = "://";
  if (const std::size_t scheme = value.find(kScheme); scheme != std::string_view::npos) {
    std::string_view rest = value.substr(scheme + kScheme.size());
    const std::size_t host = rest.substr(0, rest.find_first_of("/?#")).rfind('@');
    if (host == std::string_view::npos) return;
    rest = rest.substr(0, host);
    const std::size_t colon = rest.find(':');
    value = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  }
  if (value.size() >= kSecretMin) secrets().learn(std::string(value));
}

std::string redacted(std::string_view text) {
  std::string out(text);
  secrets().mask(out);
  mask_url_passwords(out);
  for (const Shape& shape : kShapes) mask_shape(out, shape);
  mask_private_keys(out);
  return out;
}

}  // namespace sluice
