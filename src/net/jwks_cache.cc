#include "net/jwks_cache.h"

#include <array>
#include <chrono>
#include <utility>

#include "net/address.h"
#include "net/origin.h"

namespace sluice {

using std::chrono_literals::operator""ms;

JwksCache::JwksCache(HttpClient& client, JwksSource source, std::function<Time()> now)
    : client_(client), source_(std::move(source)), now_(std::move(now)) {}

Result<Json> JwksCache::verify(std::string_view token, const JwtRules& rules, const Call& call) {
  TRY(const auto known, keys(call));
  auto claims = verify_jwt(token, *known, rules);
  if (claims || claims.error().code != "E1308") return claims;
  const std::unique_lock fetching(fetching_, kPatience);
  if (!fetching) return claims;
  std::shared_ptr<const JwkSet> newest;
  {
    const std::lock_guard lock(mutex_);
    newest = keys_;
    if (newest == known && looked_at_ && now_() < *looked_at_ + kUnknownPause) return claims;
  }
  if (newest == known) {  // nobody else has looked meanwhile
    const auto fetched = fetch(call);
    if (!fetched) return claims;
    newest = *fetched;
  }
  return verify_jwt(token, *newest, rules);
}

Result<std::shared_ptr<const JwkSet>> JwksCache::keys(const Call& call) {
  const auto kept = [this]() -> std::optional<Result<std::shared_ptr<const JwkSet>>> {
    const std::lock_guard lock(mutex_);
    if (keys_ && got_at_ && now_() < *got_at_ + kAge) return keys_;
    if (failure_ && looked_at_ && now_() < *looked_at_ + kFailurePause) return *failure_;
    return std::nullopt;
  };
  if (auto known = kept()) return *std::move(known);
  const std::unique_lock fetching(fetching_, kPatience);
  if (auto known = kept()) return *std::move(known);
  if (!fetching) return Error{ErrorKind::transient, "E1309", "the issuer's keys are still being fetched", "try again", kFailurePause / 1ms};
  return fetch(call);
}

/// With `fetching_` held.
Result<std::shared_ptr<const JwkSet>> JwksCache::fetch(const Call& call) {
  auto found = look(call);
  const std::lock_guard lock(mutex_);
  // A call that its own caller gave up says nothing about the issuer.
  if (!found && found.error().kind == ErrorKind::cancelled) return found;
  looked_at_ = now_();
  failure_.reset();
  if (found) {
    keys_ = *found;
    got_at_ = looked_at_;
  } else {
    failure_ = found.error();
  }
  return found;
}

Result<std::shared_ptr<const JwkSet>> JwksCache::look(const Call& call) {
  TRY_VOID(check_trustworthy_url(source_.url));
  HttpRoute route = source_.route;
  route.response_bytes_max = JwkSet::kBytesMax;
  HttpRequest request{.method = "GET", .url = source_.url, .headers = {{"Accept", "application/json"}}};
  const HttpJob job{.request = std::move(request), .route = std::move(route), .retry = {.attempts_max = 2}, .timeout = kFetchTime / 2};
  const auto answered = client_.perform(std::array{job}, call.within(kFetchTime));
  if (!answered.front()) {
    Error error = answered.front().error();
    if (error.kind == ErrorKind::cancelled) return error;
    return Error{error.kind, "E1309", "the issuer's keys cannot be fetched: " + error.message + " (" + error.code + ")", error.hint,
                 error.retry_after_ms};
  }
  TRY(JwkSet keys, JwkSet::parse(answered.front()->body));
  return std::shared_ptr<const JwkSet>(std::make_shared<const JwkSet>(std::move(keys)));
}

Result<> check_trustworthy_url(const std::string& url) {
  TRY(const HttpOrigin origin, origin_of(url));
  if (origin.is_secure()) return {};
  if (origin.host == "localhost") return {};
  if (origin.is_address && reach_of_text(origin.host) == AddressReach::loopback) return {};
  return Error{ErrorKind::input, "E1110", origin.text() + " is not https: whoever is on the way could answer in its stead",
               "use its https address; http is taken only of this machine itself (127.0.0.1)", 0};
}

}  // namespace sluice
