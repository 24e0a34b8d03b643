#pragma once
#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace sluice {

/// Browsers that logged in. The browser has a random name in a cookie that no script can read; here is what it stands for. In memory alone: after a
/// restart people log in anew. Any thread.
class Sessions {
 public:
  static constexpr std::chrono::hours kLife{12};
  static constexpr std::size_t kMax = 10'000;
  using Time = std::chrono::steady_clock::time_point;

  struct Session {
    std::string secret{};  ///< the token that it was opened with, asked about anew with every request: so that a revoked one ends here, too
    std::string csrf{};    ///< what a page has to send along with every change: a page from elsewhere cannot read it
    Time until{};
  };
  /// The cookie's value.
  std::string open(const std::string& secret, Time now);
  std::optional<Session> find(const std::string& cookie, Time now) const;
  void end(const std::string& cookie);

 private:
  mutable std::mutex mutex_{};                // guards what follows
  std::map<std::string, Session> by_hash_{};  ///< by the hash of the cookie's value
};

/// The value of `sluice_session` in a Cookie header, or "".
std::string session_cookie(const std::string& cookies);

}  // namespace sluice
