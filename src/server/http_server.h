#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/forwarded.h"
#include "server/http.h"

namespace sluice {

/// Which threads an operation runs on: what may wait long for somebody else holds up nothing that does not.
enum class Lane : std::uint8_t {
  quick,      ///< waits for nothing outside of this process
  usual,      ///< waits for the journal
  databases,  ///< waits for people's databases, or for a client that takes a download
  guests,     ///< waits for other services, and may be begun by somebody who has not logged in
};
inline constexpr std::size_t kLanes = 4;

/// What one client, or all of them together, may take.
struct HttpLimits {
  std::size_t header_bytes = 16 * 1024;
  std::size_t body_bytes = 1'000'000;
  int connections = 4'096;                        ///< at once; more are answered 503 and closed
  int connections_per_client = 1'024;             ///< of an address; proxies that are trusted are not counted
  int queued = 256;                               ///< requests that wait for a thread of their lane; more are answered 503
  std::array<int, kLanes> threads{3, 8, 12, 4};   ///< that answer requests, by lane
  int streams = 4;                                ///< bodies that are written part by part, at once
  double requests_per_second = 200;               ///< of one client, in the long run…
  double burst = 400;                             ///< …and at once
  std::chrono::milliseconds header_time{10'000};  ///< for a request's header, and for a connection's first request to begin
  std::chrono::milliseconds body_time{30'000}, write_time{30'000};
  std::chrono::milliseconds idle_time{75'000};   ///< between requests
  std::chrono::milliseconds ping_every{15'000};  ///< a WebSocket's; one that answers none for twice that is closed
  std::size_t message_bytes = 4'096;             ///< of what a WebSocket's client sends
};

struct HttpServerOptions {
  std::string address{"127.0.0.1"};
  std::uint16_t port = 8080;         ///< 0: any that is free
  std::string certificate{}, key{};  ///< PEM files; both or none
  TrustsProxy trusts{};              ///< whose X-Forwarded-For and X-Forwarded-Proto are believed; empty: nobody's
  bool public_by_tls = false;        ///< people reach it by TLS, whatever ends that
  HttpLimits limits{};
};

/// What a server has done and is doing, for figures.
struct HttpCounts {
  std::int64_t connections = 0, live = 0;  ///< now
  std::int64_t requests = 0, refused = 0;  ///< ever; refused for a limit
};

/// HTTP/1.1 and WebSocket over TCP or TLS. Network threads never wait for an operation: that runs on a thread of a bounded pool, of which
/// each lane has its own.
class HttpServer {
 public:
  /// Called on a thread of the request's lane, several at once; must not throw.
  using Answer = std::function<WebResponse(const WebRequest&)>;
  /// Which threads answer it. From a network thread; must not block.
  using LaneOf = std::function<Lane(const WebRequest&)>;
  /// The body of an error that arises before any operation: status, and what is wrong. From a network thread; must not block.
  using Refusal = std::function<WebResponse(int status, const std::string& what)>;

  /// Listens, so that the port is known; connections wait until `serve`. E1201: the address cannot be listened on; E1202: certificate or key cannot
  /// be used.
  static Result<std::unique_ptr<HttpServer>> open(HttpServerOptions options, Answer answer, LaneOf lane_of, Refusal refusal);
  /// Closes what is open.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Answers from now on. Once.
  void serve();
  std::uint16_t port() const;
  HttpCounts counts() const;
  /// Takes no more connections, lets requests in flight end for as long as that, and closes the rest.
  void stop(std::chrono::milliseconds grace);

 private:
  struct Inner;
  explicit HttpServer(std::unique_ptr<Inner> inner);
  std::unique_ptr<Inner> inner_;
};

}  // namespace sluice
