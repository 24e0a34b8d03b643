#include "server_clients.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <deque>
#include <map>
#include <memory>
#include <stdexcept>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

namespace sluice::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using Clock = std::chrono::steady_clock;
using Request = http::request<http::empty_body>;

constexpr std::chrono::seconds kAnswerMax{30};  // so long one answer may take before all is given up
constexpr int kHttp11 = 11;
constexpr std::size_t kMessageBytesMax = 1'000'000;

asio::ip::tcp::endpoint loopback(std::uint16_t port) { return {asio::ip::make_address("127.0.0.1"), port}; }
std::string host_of(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

double ms(Clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

/// What throws in a coroutine ends the program.
void rethrow(const std::exception_ptr& thrown) {
  if (thrown) std::rethrow_exception(thrown);
}

Json spread(std::vector<double> times) {
  std::ranges::sort(times);
  const auto at = [&times](double share) { return times.at(static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))); };
  return Json::object()
      .set("p50", at(0.5))
      .set("p90", at(0.9))
      .set("p99", at(0.99))  // NOLINT(readability-magic-numbers): the ninety-ninth percentile is what it says
      .set("p999", at(0.999))
      .set("max", times.back());
}

class Load {
 public:
  explicit Load(const LoadPlan& plan)
      : plan_(plan), total_(plan.rate * (plan.seconds + plan.warm_up_seconds)), counted_from_(plan.rate * plan.warm_up_seconds) {
    for (const std::string& path : plan.paths) {
      Request request(http::verb::get, path, kHttp11);
      request.set(http::field::host, host_of(plan.port));
      requests_.push_back(std::move(request));
    }
  }

  Json run() {
    for (int n = 0; n < plan_.connections; ++n) asio::co_spawn(io_, serve(), rethrow);
    asio::co_spawn(io_, pace(), rethrow);
    const std::clock_t cpu = std::clock();
    io_.run();
    if (answered_ != total_) throw std::runtime_error(std::to_string(total_ - answered_) + " requests were not answered");
    const double cpu_s = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
    return Json::object()
        .set("requests", std::int64_t{std::ssize(from_due_)})
        .set("latency_ms", spread(from_due_))
        .set("from_sent_ms", spread(from_sent_))
        .set("generator_late_ms", spread(late_))
        .set("generator_cpu", cpu_s / (plan_.seconds + plan_.warm_up_seconds))
        .set("waiting_max", std::int64_t(waiting_max_))
        .set("bytes", static_cast<double>(bytes_) / total_);
  }

 private:
  struct Due {
    int number = 0;
    Clock::time_point at{};
  };
  using Connection = beast::tcp_stream;

  /// Says that requests are due when they are, also several at once where this program was late.
  asio::awaitable<void> pace() {
    asio::steady_timer timer(io_);
    const auto begun = Clock::now() + std::chrono::milliseconds(200);  // NOLINT(readability-magic-numbers): until all are connected
    for (int n = 0; n < total_; ++n) {
      const auto at = begun + std::chrono::nanoseconds(std::chrono::seconds(1)) * n / plan_.rate;
      if (at > Clock::now()) {
        timer.expires_at(at);
        co_await timer.async_wait(asio::use_awaitable);
      }
      if (n >= counted_from_) late_.push_back(ms(Clock::now() - at));
      due_.push_back({n, at});
      waiting_max_ = std::max(waiting_max_, due_.size());
      wake_one();
    }
    all_due_ = true;
    while (!idle_.empty()) wake_one();
  }

  void wake_one() {
    if (idle_.empty()) return;
    asio::steady_timer* one = idle_.front();
    idle_.pop_front();
    one->cancel();
  }

  asio::awaitable<void> serve() {
    Connection connection(io_);
    co_await connection.async_connect(loopback(plan_.port), asio::use_awaitable);
    connection.socket().set_option(asio::ip::tcp::no_delay(true));
    beast::flat_buffer buffer;
    asio::steady_timer news(io_);
    for (;;) {  // ends when all are taken
      while (due_.empty()) {
        if (all_due_) co_return;
        idle_.push_back(&news);
        news.expires_at(asio::steady_timer::time_point::max());
        boost::system::error_code cancelled;
        co_await news.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
      }
      const Due due = due_.front();
      due_.pop_front();
      co_await exchange(connection, buffer, due);
    }
  }

  asio::awaitable<void> exchange(Connection& connection, beast::flat_buffer& buffer, const Due& due) {
    const Request& request = requests_.at(static_cast<std::size_t>(due.number) % requests_.size());
    const auto sent = Clock::now();
    connection.expires_after(kAnswerMax);
    co_await http::async_write(connection, request, asio::use_awaitable);
    http::response<http::string_body> answer;
    co_await http::async_read(connection, buffer, answer, asio::use_awaitable);
    const auto now = Clock::now();
    if (answer.result() != http::status::ok) throw std::runtime_error("an answer was " + std::to_string(answer.result_int()));
    ++answered_;
    bytes_ += static_cast<std::int64_t>(answer.body().size());
    if (due.number < counted_from_) co_return;
    from_due_.push_back(ms(now - due.at));
    from_sent_.push_back(ms(now - sent));
  }

  const LoadPlan& plan_;
  const int total_, counted_from_;
  std::vector<Request> requests_{};
  asio::io_context io_{1};
  std::deque<Due> due_{};                   // and nobody has taken yet
  std::deque<asio::steady_timer*> idle_{};  // all connections in turn: one that is not used for long is closed by its server
  bool all_due_ = false;
  int answered_ = 0;
  std::int64_t bytes_ = 0;
  std::size_t waiting_max_ = 0;
  std::vector<double> from_due_{}, from_sent_{}, late_{};
};

class Sockets {
 public:
  Sockets(std::uint16_t port, int count) : port_(port), left_(count), count_(count) {}

  Json run() {
    constexpr int kOpenersMax = 16;  // at once: the server's backlog is not what is measured
    for (int n = 0; n < std::min(kOpenersMax, count_); ++n) asio::co_spawn(io_, open_some(), rethrow);
    asio::co_spawn(io_, until_told(), rethrow);
    io_.run();
    Json heard = Json::object();
    for (const auto& [type, number] : heard_) heard.set(type, number);
    return Json::object().set("open_at_the_end", open_).set("heartbeats_answered", heartbeats_).set("heard", std::move(heard));
  }

 private:
  using Socket = websocket::stream<beast::tcp_stream, false>;

  asio::awaitable<void> open_some() {
    while (left_ > 0) {
      --left_;
      auto socket = std::make_shared<Socket>(io_);
      co_await beast::get_lowest_layer(*socket).async_connect(loopback(port_), asio::use_awaitable);
      socket->read_message_max(kMessageBytesMax);
      co_await socket->async_handshake(host_of(port_), "/api/v1/events", asio::use_awaitable);
      ++open_;
      asio::co_spawn(io_, hear(std::move(socket)), rethrow);
    }
  }

  /// Reads until the server closes; a heartbeat (a ping) is answered by the library while it reads.
  asio::awaitable<void> hear(std::shared_ptr<Socket> socket) {
    socket->control_callback([this](websocket::frame_type kind, beast::string_view) { heartbeats_ += kind == websocket::frame_type::ping ? 1 : 0; });
    beast::flat_buffer buffer;
    for (boost::system::error_code error;;) {
      co_await socket->async_read(buffer, asio::redirect_error(asio::use_awaitable, error));
      if (error) break;
      const auto message = Json::parse(beast::buffers_to_string(buffer.data()));
      buffer.consume(buffer.size());
      if (!message) throw std::runtime_error("a message is not JSON");
      const std::string type(message->text("type"));
      if (++heard_[type] == count_ && type == "hello") {
        std::puts("open");
        std::fflush(stdout);
      }
    }
    --open_;
  }

  asio::awaitable<void> until_told() {
    asio::posix::stream_descriptor input(io_, ::dup(STDIN_FILENO));
    std::array<char, 64> ignored{};
    for (boost::system::error_code error; !error;)
      co_await input.async_read_some(asio::buffer(ignored), asio::redirect_error(asio::use_awaitable, error));
    io_.stop();
  }

  const std::uint16_t port_;
  int left_;
  const int count_;
  asio::io_context io_{1};
  std::int64_t open_ = 0, heartbeats_ = 0;
  std::map<std::string, std::int64_t> heard_{};
};

}  // namespace

Json load(const LoadPlan& plan) { return Load(plan).run(); }
Json sockets(std::uint16_t port, int count) { return Sockets(port, count).run(); }

}  // namespace sluice::bench
