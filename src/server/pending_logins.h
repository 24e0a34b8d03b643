#pragma once
#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "app/ports/login_provider.h"

namespace sluice {

/// Logins that were begun and have not come back. Each belongs to one browser, by a cookie, and is good once. In memory alone. Any thread.
class PendingLogins {
 public:
  static constexpr std::chrono::minutes kLife{10};
  static constexpr std::size_t kMax = 10'000, kOfClientMax = 50;  ///< beyond that the oldest ends: that client's own, so that one drives out no other
  using Time = std::chrono::steady_clock::time_point;

  struct Pending {
    LoginAttempt attempt{};
    std::string return_to{};  ///< a path of ours
    std::string client{};     ///< its address
    Time until{};
  };
  /// The cookie's value. `until` is set here.
  std::string open(Pending pending, Time now);
  /// The login that this browser began and this state belongs to, which is over with that. One of another state stays: whoever sends a browser here
  /// with a made-up state must not end its login.
  std::optional<Pending> take(const std::string& cookie, const std::string& state, Time now);

 private:
  void make_room(const std::string& client, Time now);

  std::mutex mutex_{};                        // guards what follows
  std::map<std::string, Pending> by_hash_{};  ///< by the hash of the cookie's value
};

/// The path where it is one of our pages, else "/": whoever made the link must not choose a place elsewhere.
std::string page_to_return_to(const std::string& path);

}  // namespace sluice
