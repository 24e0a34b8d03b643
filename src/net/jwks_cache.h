#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"
#include "net/jwt.h"

namespace sluice {

/// Where an issuer's keys are.
struct JwksSource {
  std::string url{};  ///< https; http only where it says 127.0.0.1, [::1] or localhost
  HttpRoute route{};
};

/// An issuer's keys, fetched when they are needed and kept for an hour. Any thread; `client` outlives it.
class JwksCache {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::minutes kAge{60};           ///< after that a key which the issuer has withdrawn is not taken any more
  static constexpr std::chrono::seconds kUnknownPause{60};  ///< between two looks for keys that nobody knows: whoever invents names gets one a minute
  static constexpr std::chrono::seconds kFailurePause{5};   ///< after a look that failed
  static constexpr std::chrono::seconds kFetchTime{10};     ///< of one look
  static constexpr std::chrono::seconds kPatience{2};       ///< with somebody else's look

  JwksCache(HttpClient& client, JwksSource source, std::function<Time()> now = std::chrono::steady_clock::now);

  /// `verify_jwt` with these keys; where none has the token's name, with those that the issuer has now. E1307, E1308, and as `keys`.
  Result<Json> verify(std::string_view token, const JwtRules& rules, const Call& call);
  /// E1309: the keys cannot be had; E1110: the URL is none, or not https.
  Result<std::shared_ptr<const JwkSet>> keys(const Call& call);

 private:
  Result<std::shared_ptr<const JwkSet>> fetch(const Call& call);
  Result<std::shared_ptr<const JwkSet>> look(const Call& call);

  HttpClient& client_;
  const JwksSource source_;
  const std::function<Time()> now_;
  std::timed_mutex fetching_{};           ///< one look at a time; taken before `mutex_`
  std::mutex mutex_{};                    // guards what follows
  std::shared_ptr<const JwkSet> keys_{};  ///< null: none yet, or the last look failed when they were too old
  std::optional<Error> failure_{};        ///< of the last look
  std::optional<Time> looked_at_{}, got_at_{};
};

/// Where something may be that a secret is sent to, or keys are taken from: by https, or at this machine as its URL itself says. E1110.
Result<> check_trustworthy_url(const std::string& url);

}  // namespace sluice
