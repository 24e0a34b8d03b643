#pragma once
#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "app/ports/login_provider.h"
#include "server/http.h"

namespace sluice {

/// 256 random bits in hex: what nobody can guess.
std::string random_name();

/// Browsers that logged in. The browser has a random name in a cookie that no script can read; here is what it stands for. In memory alone: after a
/// restart people log in anew. Any thread.
class Sessions {
 public:
  static constexpr std::chrono::hours kLife{12};
  static constexpr std::size_t kMax = 10'000, kOfOneMax = 20;  ///< of all, and of one token or person: beyond that the oldest ends
  using Time = std::chrono::steady_clock::time_point;

  /// The token that it was opened with, asked about anew with every request: so that a revoked one ends here, too. Or whom the provider knows.
  using Opened = std::variant<std::string, LoggedIn>;
  struct Session {
    Opened by{};
    std::string csrf{};  ///< what a page has to send along with every change: a page from elsewhere cannot read it
    Time until{};
  };
  /// The cookie's value. `before` is the one that the browser had: that session is over.
  std::string open(Opened by, Time now, const std::string& before = "");
  std::optional<Session> find(const std::string& cookie, Time now) const;
  void end(const std::string& cookie);

 private:
  void make_room(const Opened& by, Time now);

  mutable std::mutex mutex_{};                // guards what follows
  std::map<std::string, Session> by_hash_{};  ///< by the hash of the cookie's value
};

/// The value of the cookie in a Cookie header, or "".
std::string cookie_named(const std::string& cookies, const std::string& name);
/// The value of the session's cookie that a browser shows, or "". Over TLS its name begins with `__Host-`: no other host can have set it, and none
/// hears it (RFC 6265bis §4.1.3).
std::string session_cookie(const WebRequest& request);
/// For a Set-Cookie header: the session's cookie, or (without a value) its end.
std::string session_cookie_text(const std::string& value, bool secure);

}  // namespace sluice
