#pragma once
// What the files that include Beast share: what a server's connections have in common. Nothing else includes it: each such file takes half a minute
// to compile.
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "server/http_server.h"
#include "server/rate_limit.h"

namespace sluice {

/// How many connections there are, by the address at their other end. Any thread.
class ConnectionCount {
 public:
  /// Many clients stand behind one of `proxies`.
  ConnectionCount(const HttpLimits& limits, TrustsProxy proxies)
      : all_max_(limits.connections), client_max_(limits.connections_per_client), proxies_(std::move(proxies)) {}
  /// False: there are too many already; nothing is counted.
  bool enter(const std::string& client);
  void leave(const std::string& client);
  int all() const;

 private:
  const int all_max_, client_max_;
  const TrustsProxy proxies_;
  mutable std::mutex mutex_{};  // guards what follows
  int all_ = 0;
  std::map<std::string, int> by_client_{};
};

/// A connection, as far as ending it goes.
class OpenConnection {
 public:
  virtual ~OpenConnection() = default;
  /// Ends once what it is doing is done; at once, where it waits for a request. Any thread.
  virtual void finish() = 0;
  /// Closes it now. Any thread.
  virtual void cut() = 0;
};

/// The threads of a lane, and what is given to them. Any thread.
class LanePool {
 public:
  LanePool(int threads, int queued_max) : most_(threads + queued_max), pool_(static_cast<std::size_t>(threads)) {}
  /// False: too much waits already. Else `leave` once it was done.
  bool enter() {
    if (queued_.fetch_add(1) < most_) return true;
    leave();
    return false;
  }
  void leave() { --queued_; }
  boost::asio::thread_pool& threads() { return pool_; }

 private:
  const int most_;
  std::atomic<int> queued_{0};
  boost::asio::thread_pool pool_;
};

/// What connections of one server have in common. It outlives them.
struct HttpShared {
  HttpShared(HttpServerOptions given, HttpServer::Answer answer_with, HttpServer::LaneOf lane_with, HttpServer::Refusal refuse_with)
      : options(std::move(given)),
        answer(std::move(answer_with)),
        lane_of(std::move(lane_with)),
        refusal(std::move(refuse_with)),
        connections(options.limits, options.trusts),
        rate(options.limits.requests_per_second, options.limits.burst) {
    for (std::size_t i = 0; i < kLanes; ++i) lanes[i] = std::make_unique<LanePool>(options.limits.threads[i], options.limits.queued);
  }
  LanePool& lane(Lane which) { return *lanes[static_cast<std::size_t>(which)]; }

  const HttpServerOptions options;
  const HttpServer::Answer answer;
  const HttpServer::LaneOf lane_of;
  const HttpServer::Refusal refusal;
  ConnectionCount connections;
  RateLimit rate;
  std::atomic<int> streams{0};
  std::atomic<std::int64_t> live{0}, requests{0}, refused{0};
  std::atomic<bool> stopping{false};

  std::mutex open_mutex{};  // guards `open`
  std::set<OpenConnection*> open{};

  boost::asio::io_context io{};  // what waits in it when the server ends are connections, which use the rest
  std::array<std::unique_ptr<LanePool>, kLanes> lanes{};
};

/// Serves a connection that was accepted, in the clear or (http_tls.cc) by TLS, until it is closed. `context` is an ssl::context.
void serve_plain(HttpShared& shared, boost::asio::ip::tcp::socket socket, std::string peer);
void serve_tls(HttpShared& shared, boost::asio::ip::tcp::socket socket, std::string peer, void* context);
/// The ssl::context of certificate and key. E1202.
Result<std::shared_ptr<void>> tls_context(const std::string& certificate, const std::string& key);

}  // namespace sluice
