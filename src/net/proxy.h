#pragma once
#include <string>

#include "net/origin.h"

namespace sluice {

/// What the environment says of proxies.
struct ProxyVariables {
  std::string https{}, http{};  ///< HTTPS_PROXY, HTTP_PROXY; ALL_PROXY where they are unset
  std::string none{};           ///< NO_PROXY

  /// Lower-case names go before upper-case ones. In a CGI program HTTP_PROXY is a client's header: it is passed over there (httpoxy).
  static ProxyVariables of_environment();
};

/// The proxy for the origin; "" for none. NO_PROXY is a list, by commas or spaces, of hosts (with all names below them), IP addresses, networks
/// ("10.0.0.0/8"), each with ":port" where only that is meant, or "*". This machine itself is never reached by the environment's proxy.
std::string proxy_for(const HttpOrigin& origin, const ProxyVariables& variables);

}  // namespace sluice
