#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/seen.h"

namespace sluice::slack {

constexpr std::int64_t kWindowSeconds = 300;  ///< a request is taken within so much of its time, before or behind
constexpr std::size_t kSeenMax = 20'000;      ///< requests of a window that are remembered

/// "v0=" and HMAC-SHA256 of "v0:TIMESTAMP:BODY" in hex: https://docs.slack.dev/authentication/verifying-requests-from-slack
std::string signature_of(std::string_view secret, std::string_view timestamp, std::string_view body);

/// Whether Slack signed a request, lately, and not a second time. Any thread.
class SignatureCheck {
 public:
  using Now = std::function<std::int64_t()>;  ///< seconds since 1970
  explicit SignatureCheck(Now now, std::size_t seen_max = kSeenMax) : now_(std::move(now)), seen_(seen_max) {}

  /// E1401: unsigned or signed with another secret; E1402: not of these minutes; E1403: it was here before; E1405: more than are remembered, so that
  /// nobody could say. Only what is signed is remembered: a stranger fills nothing.
  Result<> check(std::string_view secret, std::string_view timestamp, std::string_view signature, std::string_view body);

 private:
  const Now now_;
  Seen seen_;  ///< signatures
};

}  // namespace sluice::slack
