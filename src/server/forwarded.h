#pragma once
#include <functional>
#include <string>
#include <string_view>

namespace sluice {

/// Whether an address is a proxy's whose word about the client is believed.
using TrustsProxy = std::function<bool(std::string_view address)>;

/// Who stands behind the connection from `peer`: the last address in X-Forwarded-For that is no trusted proxy itself (what is in front of it anybody
/// can have written). `peer` where it is no trusted proxy, or the header says nothing sensible.
std::string client_behind(const std::string& peer, std::string_view forwarded_for, const TrustsProxy& trusts);

}  // namespace sluice
