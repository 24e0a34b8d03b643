#include "server/sessions.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "base/check.h"
#include "base/hash.h"
#include "base/text.h"

namespace sluice {
namespace {

const char* cookie_name(bool secure) { return secure ? "__Host-sluice_session" : "sluice_session"; }
constexpr int kRandomBytes = 32;

const std::string& whose(const Sessions::Opened& by) {
  const auto* token = std::get_if<std::string>(&by);
  return token != nullptr ? *token : std::get<LoggedIn>(by).name;
}

}  // namespace

std::string random_name() {
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

std::string Sessions::open(Opened by, Time now, const std::string& before) {
  std::string cookie = random_name(), csrf = random_name();
  const std::lock_guard lock(mutex_);
  if (!before.empty()) by_hash_.erase(sha256_hex(before));
  make_room(by, now);
  by_hash_[sha256_hex(cookie)] = {.by = std::move(by), .csrf = std::move(csrf), .until = now + kLife};
  return cookie;
}

void Sessions::make_room(const Opened& by, Time now) {
  std::erase_if(by_hash_, [now](const auto& entry) { return entry.second.until <= now; });
  const auto is_theirs = [&by](const auto& entry) { return whose(entry.second.by) == whose(by); };
  const bool theirs_are_full = static_cast<std::size_t>(std::ranges::count_if(by_hash_, is_theirs)) >= kOfOneMax;
  if (!theirs_are_full && by_hash_.size() < kMax) return;
  auto oldest = by_hash_.end();
  for (auto entry = by_hash_.begin(); entry != by_hash_.end(); ++entry) {
    if (theirs_are_full && !is_theirs(*entry)) continue;
    if (oldest == by_hash_.end() || entry->second.until < oldest->second.until) oldest = entry;
  }
  if (oldest != by_hash_.end()) by_hash_.erase(oldest);
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

std::string cookie_named(const std::string& cookies, const std::string& name) {
  const std::string begins = name + "=";
  for (const std::string_view part : split(cookies, ';'))
    if (const std::string_view cookie = trim(part); cookie.starts_with(begins)) return std::string(cookie.substr(begins.size()));
  return "";
}

std::string session_cookie(const WebRequest& request) { return cookie_named(std::string(request.header("cookie")), cookie_name(request.secure)); }

std::string session_cookie_text(const std::string& value, bool secure) {
  const std::int64_t seconds = value.empty() ? 0 : std::chrono::seconds(Sessions::kLife).count();
  return std::string(cookie_name(secure)) + "=" + value + "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(seconds) +
         (secure ? "; Secure" : "");
}

}  // namespace sluice
