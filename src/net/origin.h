#pragma once
#include <string>

#include "base/result.h"

namespace sluice {

/// Which service a URL leads to: what breakers are kept by, and all that a message says of a URL.
struct HttpOrigin {
  std::string scheme{}, host{};  ///< "https", "api.example.com"; an IPv6 address without its brackets
  int port = 0;
  bool is_address = false;  ///< the host is an IP address, not a name

  bool is_secure() const { return scheme == "https"; }
  /// Where the URL says so itself, nobody else has chosen the address: an IP address, or "localhost".
  bool names_its_address() const { return is_address || host == "localhost"; }
  std::string text() const;  ///< "https://api.example.com:443", "http://[::1]:8080"
};

constexpr std::size_t kUrlBytesMax = 16 * 1024;

/// E1110 (input) where the text is no http or https URL, or holds a user's name or password. Read by the same parser that connects.
Result<HttpOrigin> origin_of(const std::string& url);
/// The host that a redirect leads to, "https://other.example"; "" where it stays on the same one or is no URL.
std::string redirect_target(const std::string& location);

}  // namespace sluice
