#include "server/pending_logins.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "server/pages.h"
#include "server/sessions.h"

namespace sluice {

std::string PendingLogins::open(Pending pending, Time now) {
  std::string cookie = random_name();
  const std::lock_guard lock(mutex_);
  make_room(pending.client, now);
  pending.until = now + kLife;
  by_hash_[sha256_hex(cookie)] = std::move(pending);
  return cookie;
}

void PendingLogins::make_room(const std::string& client, Time now) {
  std::erase_if(by_hash_, [now](const auto& entry) { return entry.second.until <= now; });
  const auto is_of_client = [&](const auto& entry) { return entry.second.client == client; };
  const bool client_full = static_cast<std::size_t>(std::ranges::count_if(by_hash_, is_of_client)) >= kOfClientMax;
  if (!client_full && by_hash_.size() < kMax) return;
  auto oldest = by_hash_.end();
  for (auto entry = by_hash_.begin(); entry != by_hash_.end(); ++entry) {
    if (client_full && !is_of_client(*entry)) continue;
    if (oldest == by_hash_.end() || entry->second.until < oldest->second.until) oldest = entry;
  }
  if (oldest != by_hash_.end()) by_hash_.erase(oldest);
}

std::optional<PendingLogins::Pending> PendingLogins::take(const std::string& cookie, const std::string& state, Time now) {
  if (cookie.empty() || state.empty()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto found = by_hash_.find(sha256_hex(cookie));
  if (found == by_hash_.end() || found->second.until <= now) return std::nullopt;
  if (!equal_in_constant_time(found->second.attempt.state, state)) return std::nullopt;
  std::optional<Pending> taken(std::move(found->second));
  by_hash_.erase(found);
  return taken;
}

std::string page_to_return_to(const std::string& path) {
  constexpr std::size_t kMax = 2'000;
  // Browsers drop tabs and newlines, and take a backslash for a slash: "/\t/elsewhere" would be another host.
  const auto plain = [](char c) { return c > ' ' && c < '\x7f' && c != '\\'; };
  const bool ours = path.size() <= kMax && std::ranges::all_of(path, plain) && is_page(path.substr(0, path.find_first_of("?#")));
  return ours ? path : "/";
}

}  // namespace sluice
