#include "net/jwks_cache.h"

#include <array>
#include <utility>

#include "net/address.h"
#include "net/origin.h"

namespace sluice {
namespace {

constexpr long kRetryAfterMs = 5'000;

Error still_fetching() { return {ErrorKind::transient, "E1309", "the issuer's keys are still being fetched", "try again", kRetryAfterMs}; }

Result<std::shared_ptr<const JwkSet>> fetch_keys(HttpClient& client, const JwksSource& source, const Call& call) {
  TRY_VOID(check_trustworthy_url(source.url));
  HttpRoute route = source.route;
  route.response_bytes_max = JwkSet::kBytesMax;
  HttpRequest request{.method = "GET", .url = source.url, .headers = {{"Accept", "application/json"}}};
  const HttpJob job{.request = std::move(request), .route = std::move(route), .retry = {.attempts_max = 2}, .timeout = JwksCache::kFetchTime / 2};
  const auto answered = client.perform(std::array{job}, call.within(JwksCache::kFetchTime));
  if (!answered.front()) {
    Error error = answered.front().error();
    if (error.kind == ErrorKind::cancelled) return error;
    return Error{error.kind, "E1309", "the issuer's keys cannot be fetched: " + error.message + " (" + error.code + ")", error.hint,
                 error.retry_after_ms};
  }
  TRY(JwkSet keys, JwkSet::parse(answered.front()->body));
  return std::shared_ptr<const JwkSet>(std::make_shared<const JwkSet>(std::move(keys)));
}

}  // namespace

JwksCache::JwksCache(HttpClient& client, JwksSource source, std::function<Kept::Time()> now)
    : kept_([&client, source = std::move(source)](const Call& call) { return fetch_keys(client, source, call); }, still_fetching(), std::move(now)) {}

Result<Json> JwksCache::verify(std::string_view token, const JwtRules& rules, const Call& call) {
  TRY_VOID(check_jwt_form(token, rules));  // nobody waits for keys because of what no key could make good
  TRY(const auto known, keys(call));
  auto claims = verify_jwt(token, *known, rules);
  if (claims || claims.error().code != "E1308") return claims;
  const auto newer = kept_.newer_than(known, call);
  return newer ? verify_jwt(token, *newer, rules) : claims;
}

Result<> check_trustworthy_url(const std::string& url) {
  TRY(const HttpOrigin origin, origin_of(url));
  if (origin.is_secure() || origin.host == "localhost") return {};
  if (origin.is_address && reach_of_text(origin.host) == AddressReach::loopback) return {};
  return Error{ErrorKind::input, "E1110", origin.text() + " is not https: whoever is on the way could answer in its stead",
               "use its https address; http is taken only of this machine itself (127.0.0.1)", 0};
}

}  // namespace sluice
