#pragma once
#include <string>

#include "base/error.h"

namespace sluice {

/// Why a transfer ended without a whole answer: E1105, E1106 or E1108. `code` is libcurl's CURLcode; of `details`, its own words, only those on
/// names, connections and certificates are quoted, as the others may hold what was sent.
Error transport_error(int code, const std::string& origin, const std::string& details);
/// The proxy on the way answered a CONNECT with that status: E1105, refused or transient by the status.
Error proxy_refused(long status, const std::string& origin);

}  // namespace sluice
