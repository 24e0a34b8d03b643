#include "server/sessions.h"

#include <openssl/rand.h>

#include <array>
#include <cstdio>
#include <vector>

#include "base/check.h"
#include "base/hash.h"
#include "base/text.h"

namespace sluice {
namespace {

constexpr std::string_view kCookie = "sluice_session=";
constexpr int kRandomBytes = 32;

std::string random_hex() {
  std::array<unsigned char, kRandomBytes> bytes{};
  CHECK(RAND_bytes(bytes.data(), kRandomBytes) == 1);  // without it nobody could log in safely
  std::string out;
  for (const unsigned char byte : bytes) {
    std::array<char, 3> digits{};
    std::snprintf(digits.data(), digits.size(), "%02x", byte);
    out += digits.data();
  }
  return out;
}

}  // namespace

std::string Sessions::open(const std::string& secret, Time now) {
  std::string cookie = random_hex(), csrf = random_hex();
  const std::lock_guard lock(mutex_);
  if (by_hash_.size() >= kMax) std::erase_if(by_hash_, [now](const auto& entry) { return entry.second.until <= now; });
  if (by_hash_.size() >= kMax) by_hash_.erase(by_hash_.begin());
  by_hash_[sha256_hex(cookie)] = {.secret = secret, .csrf = std::move(csrf), .until = now + kLife};
  return cookie;
}

std::optional<Sessions::Session> Sessions::find(const std::string& cookie, Time now) const {
  if (cookie.empty()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto found = by_hash_.find(sha256_hex(cookie));
  if (found == by_hash_.end() || found->second.until <= now) return std::nullopt;
  return found->second;
}

void Sessions::end(const std::string& cookie) {
  const std::lock_guard lock(mutex_);
  by_hash_.erase(sha256_hex(cookie));
}

std::string session_cookie(const std::string& cookies) {
  for (const std::string_view part : split(cookies, ';'))
    if (const std::string_view cookie = trim(part); cookie.starts_with(kCookie)) return std::string(cookie.substr(kCookie.size()));
  return "";
}

}  // namespace sluice
