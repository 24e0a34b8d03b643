#include "server/http_shared.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>

#include <condition_variable>
#include <thread>
#include <vector>

#include "base/text.h"

namespace sluice {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;

std::string_view WebRequest::header(std::string_view name) const {
  for (const auto& [field, value] : headers)
    if (field == name) return value;
  return {};
}

bool ConnectionCount::enter(const std::string& client) {
  const bool many_behind = proxies_ && proxies_(client);
  const std::lock_guard lock(mutex_);
  const auto found = by_client_.find(client);
  if (all_ >= all_max_ || (!many_behind && found != by_client_.end() && found->second >= client_max_)) return false;
  ++all_;
  ++by_client_[client];
  return true;
}

void ConnectionCount::leave(const std::string& client) {
  const std::lock_guard lock(mutex_);
  --all_;
  if (const auto found = by_client_.find(client); --found->second == 0) by_client_.erase(found);
}

int ConnectionCount::all() const {
  const std::lock_guard lock(mutex_);
  return all_;
}

struct HttpServer::Inner {
  static constexpr int kNetworkThreads = 2;
  static constexpr std::chrono::milliseconds kAfterFailedAccept{100};

  HttpShared shared;
  std::shared_ptr<void> tls{};
  asio::strand<asio::io_context::executor_type> accepting{asio::make_strand(shared.io)};  // on which the next two are used
  Tcp::acceptor acceptor{accepting};
  asio::steady_timer again{accepting};
  std::uint16_t port = 0;
  std::vector<std::jthread> threads{};

  Result<> listen() {
    const HttpServerOptions& options = shared.options;
    ErrorCode error;
    const auto address = asio::ip::make_address(options.address, error);
    const Tcp::endpoint endpoint(address, options.port);
    if (!error) acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error)
      return Error{
          ErrorKind::input, "E1201", "nothing can listen on " + options.address + ":" + std::to_string(options.port) + ": " + error.message(),
          error == asio::error::address_in_use ? "another program has the port, perhaps another `sluice serve`; use --listen with another one"
                                               : "give an address of this machine and a port: --listen 127.0.0.1:8080",
          0};
    port = acceptor.local_endpoint().port();
    return {};
  }

  void accept() {
    acceptor.async_accept(asio::make_strand(shared.io), [this](ErrorCode error, Tcp::socket socket) {
      if (!acceptor.is_open()) return;
      if (error) {  // no file descriptors left, most of the time: they come back
        again.expires_after(kAfterFailedAccept);
        again.async_wait([this](ErrorCode stopped) {
          if (!stopped) accept();
        });
        return;
      }
      admit(std::move(socket));
      accept();
    });
  }

  void admit(Tcp::socket socket) {
    ErrorCode error;
    const auto from = socket.remote_endpoint(error);
    if (error) return;
    socket.set_option(Tcp::no_delay(true), error);
    std::string peer = from.address().to_string();
    if (!shared.connections.enter(peer)) {
      ++shared.refused;
      // Said without waiting for anything: whoever opens connections without end is not given more than this one packet.
      constexpr std::string_view kFull = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
      socket.non_blocking(true, error);
      if (!tls) socket.send(asio::buffer(kFull), 0, error);
      return;
    }
    if (tls)
      serve_tls(shared, std::move(socket), std::move(peer), tls.get());
    else
      serve_plain(shared, std::move(socket), std::move(peer));
  }

  void run() {
    asio::post(accepting, [this] { accept(); });
    for (int i = 0; i < kNetworkThreads; ++i) threads.emplace_back([this] { shared.io.run(); });
  }

  void stop_accepting() {
    asio::post(accepting, [this] {
      ErrorCode ignored;
      acceptor.close(ignored);
      again.cancel();
    });
  }

  void each_connection(void (OpenConnection::*what)()) {
    const std::lock_guard lock(shared.open_mutex);
    for (OpenConnection* connection : shared.open) (connection->*what)();
  }

  bool wait_until_closed(std::chrono::milliseconds at_most) {
    constexpr std::chrono::milliseconds kSlice{5};
    const auto until = std::chrono::steady_clock::now() + at_most;
    while (shared.connections.all() > 0) {
      if (std::chrono::steady_clock::now() >= until) return false;
      std::this_thread::sleep_for(kSlice);
    }
    return true;
  }
};

Result<std::unique_ptr<HttpServer>> HttpServer::open(HttpServerOptions options, Answer answer, LaneOf lane_of, Refusal refusal) {
  auto inner = std::unique_ptr<Inner>(new Inner{HttpShared(std::move(options), std::move(answer), std::move(lane_of), std::move(refusal))});
  const HttpServerOptions& given = inner->shared.options;
  if (!given.certificate.empty() || !given.key.empty()) {
    TRY(inner->tls, tls_context(given.certificate, given.key));
  }
  TRY_VOID(inner->listen());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(inner)));
}

void HttpServer::serve() { inner_->run(); }

HttpServer::HttpServer(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}

HttpServer::~HttpServer() {
  stop(std::chrono::milliseconds(0));
  for (const auto& lane : inner_->shared.lanes) lane->threads().join();
  inner_->shared.io.stop();
  inner_->threads.clear();
}

std::uint16_t HttpServer::port() const { return inner_->port; }

HttpCounts HttpServer::counts() const {
  const HttpShared& shared = inner_->shared;
  return {.connections = shared.connections.all(), .live = shared.live, .requests = shared.requests, .refused = shared.refused};
}

void HttpServer::stop(std::chrono::milliseconds grace) {
  constexpr std::chrono::milliseconds kForTheRest{2'000};
  inner_->shared.stopping = true;
  inner_->stop_accepting();
  inner_->each_connection(&OpenConnection::finish);
  if (inner_->wait_until_closed(grace)) return;
  inner_->each_connection(&OpenConnection::cut);
  inner_->wait_until_closed(kForTheRest);
}

}  // namespace sluice
