#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace sluice {

class LiveReader;

/// A request as the operations see it: whole, within the limits, from whoever stands behind trusted proxies.
struct WebRequest {
  std::string method{}, target{};                              ///< as they were sent; the target is origin-form: "/api/v1/runs?limit=5"
  std::string path{};                                          ///< percent-decoding is left to the router, so that an encoded slash divides nothing
  std::vector<std::pair<std::string, std::string>> headers{};  ///< names in lower case
  std::string body{};
  std::string client{};    ///< address of the client, proxies that are trusted looked through
  bool secure = false;     ///< came by TLS, or a trusted proxy or the public address says so
  bool websocket = false;  ///< asks for a WebSocket

  /// The first header of the name (in lower case), or "".
  std::string_view header(std::string_view name) const;
};

/// Takes the parts of a body that is not held in memory. Blocks until the client has taken what came before; fails when it is gone or too slow.
class BodySink {
 public:
  virtual ~BodySink() = default;
  virtual Result<> write(std::string_view part) = 0;
};

struct WebResponse {
  int status = 200;
  std::string type{"application/json"};  ///< Content-Type; "" where there is no body
  std::string body{};
  std::vector<std::pair<std::string, std::string>> headers{};
  /// Writes the body part by part, in the place of `body`. What fails after the first part breaks the connection off, so that a cut body never looks
  /// whole.
  std::function<Result<>(BodySink&)> stream{};
  /// What happens from now on, as a WebSocket (where the request asks for one) or as server-sent events.
  std::shared_ptr<LiveReader> live{};
  bool compressed = false;  ///< `body` is gzip already

  WebResponse& with(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
};

}  // namespace sluice
