#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/http.h"
#include "net/jwt.h"
#include "net/kept_fetch.h"

namespace sluice {

/// Where an issuer's keys are.
struct JwksSource {
  std::string url{};  ///< https; http only where it says 127.0.0.1, [::1] or localhost
  HttpRoute route{};
};

/// An issuer's keys, fetched when they are needed and kept for an hour. Any thread; `client` outlives it.
class JwksCache {
 public:
  using Kept = KeptFetch<JwkSet>;
  static constexpr std::chrono::seconds kFetchTime{10};  ///< of one look

  JwksCache(HttpClient& client, JwksSource source, std::function<Kept::Time()> now = std::chrono::steady_clock::now);

  /// `verify_jwt` with these keys; where none has the token's name, with those that the issuer has now. Whoever invents names of keys causes one
  /// look a minute. E1307, E1308, and as `keys`.
  Result<Json> verify(std::string_view token, const JwtRules& rules, const Call& call);
  /// E1309: the keys cannot be had; E1110: the URL is none, or not https.
  Result<std::shared_ptr<const JwkSet>> keys(const Call& call) { return kept_.get(call); }

 private:
  Kept kept_;
};

/// Where something may be that a secret is sent to, or keys are taken from: by https, or at this machine as its URL itself says. E1110.
Result<> check_trustworthy_url(const std::string& url);

}  // namespace sluice
