#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/http.h"

namespace sluice {

/// Whether a request comes from a page of ours, or from no page at all. A page from elsewhere in the same browser can send requests here, too: with
/// `Origin` and `Sec-Fetch-Site` the browser says where it is from; a name of the attacker's that was made to lead here shows in `Host` (DNS
/// rebinding). Set up once, then any thread.
class OriginCheck {
 public:
  /// `public_url`: "https://sluice.example.org", or "".
  explicit OriginCheck(const std::string& public_url);
  /// Where it is reached without a proxy.
  void listens_at(const std::string& address, std::uint16_t port);

  /// E1218: a name that is not this server's; E1219: from a page that is not ours.
  std::optional<Error> refuse(const WebRequest& request) const;

 private:
  bool is_our_host(std::string_view host) const;

  std::string public_origin_{}, public_host_{};
  std::vector<std::string> hosts_{};
  bool any_address_ = false;  ///< listens on all: an address is as good as a name
  std::uint16_t port_ = 0;
};

/// What is said where a limit was passed, or what came is no request: 400, 413, 429, 431, 503.
WebResponse limit_refusal(int status, const std::string& what);

}  // namespace sluice
