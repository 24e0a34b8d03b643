#pragma once
// One connection, of a stream in the clear or over TLS: included by http_plain.cc and http_tls.cc alone.
#include "server/http_shared.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <algorithm>
#include <array>
#include <future>
#include <optional>

#include "base/text.h"
#include "server/live_reader.h"

namespace sluice {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using ErrorCode = boost::system::error_code;

constexpr unsigned kHttp11 = 11;               ///< as Beast writes versions
constexpr std::size_t kReadAhead = 64 * 1024;  ///< bytes, beside a header, that are read before they are parsed

/// Makes an operation something to `co_await` that leaves its error there.
inline auto into(ErrorCode& error) { return asio::redirect_error(asio::use_awaitable, error); }

/// All of it runs on one strand, but for `finish`, `cut` and what is said to be a lane's.
template <class Stream>
class HttpConnection : public OpenConnection, public std::enable_shared_from_this<HttpConnection<Stream>> {
 public:
  HttpConnection(HttpShared& shared, Stream stream, std::string peer)
      : shared_(shared), limits_(shared.options.limits), stream_(std::move(stream)), executor_(stream_->get_executor()), peer_(std::move(peer)) {
    const std::lock_guard lock(shared_.open_mutex);
    shared_.open.insert(this);
  }
  ~HttpConnection() override {
    {
      const std::lock_guard lock(shared_.open_mutex);
      shared_.open.erase(this);
    }
    shared_.connections.leave(peer_);
  }
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  /// `begin` is what comes before the first request: TLS's handshake.
  void start(std::function<asio::awaitable<bool>(Stream&)> begin = {}) {
    asio::co_spawn(
        executor_, [self = this->shared_from_this(), begin = std::move(begin)]() -> asio::awaitable<void> { return self->serve(begin); },
        // What is thrown here is out of memory or a defect; either way this connection alone ends.
        [self = this->shared_from_this()](const std::exception_ptr&) {});
  }

  void finish() override {
    asio::post(executor_, [weak = this->weak_from_this()] {
      const auto self = weak.lock();
      if (!self) return;
      if (self->reader_) self->reader_->end();
      if (self->idle_) self->close();
    });
  }
  void cut() override {
    asio::post(executor_, [weak = this->weak_from_this()] {
      if (const auto self = weak.lock()) self->close();
    });
  }

 private:
  using Message = http::request<http::string_body>;
  template <class T>
  using Awaitable = asio::awaitable<T>;

  auto& transport() { return beast::get_lowest_layer(ws_ ? ws_->next_layer() : *stream_); }
  void expires_after(std::chrono::milliseconds time) { transport().expires_after(time); }
  void close() {
    ErrorCode ignored;
    transport().socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    transport().socket().close(ignored);
  }

  Awaitable<void> serve(const std::function<Awaitable<bool>(Stream&)>& begin) {
    if (begin) {
      expires_after(limits_.header_time);
      const bool begun = co_await begin(*stream_);
      if (!begun) co_return close();
    }
    bool goes_on = true;
    while (goes_on && !shared_.stopping) goes_on = co_await serve_one();
    if (stream_ && !ws_) co_await linger();
    close();
  }

  /// Reads a request and answers it. False: the connection is to be closed.
  Awaitable<bool> serve_one() {
    ErrorCode error;
    if (buffer_.size() == 0) {  // the time for a header begins with its first byte
      idle_ = true;
      expires_after(served_ ? limits_.idle_time : limits_.header_time);
      constexpr std::size_t kFirstRead = 4'096;
      const std::size_t read = co_await stream_->async_read_some(buffer_.prepare(kFirstRead), into(error));
      idle_ = false;
      if (error) co_return false;
      buffer_.commit(read);
    }
    http::request_parser<http::string_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
    parser.body_limit(limits_.body_bytes);
    expires_after(limits_.header_time);
    co_await http::async_read_header(*stream_, buffer_, parser, into(error));
    if (error) co_return co_await refuse_broken(error);
    const Message& head = parser.get();
    keep_alive_ = parser.keep_alive();
    version_ = head.version();
    head_only_ = head.method() == http::verb::head;
    const std::string client = client_of(head);
    if (is_ambiguous(head)) {
      ++shared_.refused;
      keep_alive_ = false;
      co_return co_await send(shared_.refusal(400, "where this request ends, or whom it is for, can be read in two ways"));
    }
    if (const auto wait = shared_.rate.take(client, std::chrono::steady_clock::now())) {
      ++shared_.refused;
      WebResponse response = shared_.refusal(429, "");
      constexpr std::int64_t kMsPerSecond = 1'000;
      response.with("Retry-After", std::to_string((wait->count() + kMsPerSecond - 1) / kMsPerSecond));
      if (!parser.is_done()) keep_alive_ = false;  // what it sends is not read
      co_return co_await send(std::move(response));
    }
    if (!parser.is_done()) {
      expires_after(limits_.body_time);
      if (beast::iequals(head[http::field::expect], "100-continue")) {
        http::response<http::empty_body> go_on{http::status::continue_, version_};
        co_await http::async_write(*stream_, go_on, into(error));
        if (error) co_return false;
      }
      co_await http::async_read(*stream_, buffer_, parser, into(error));
      if (error) co_return co_await refuse_broken(error);
    }
    ++shared_.requests;
    served_ = true;
    Message message = parser.release();
    WebRequest request = request_of(message, client);
    WebResponse response = co_await answer(std::move(request));
    if (response.live) co_return co_await serve_live(std::move(message), std::move(response), client);
    if (response.stream) co_return co_await send_stream(std::move(response));
    co_return co_await send(std::move(response));
  }

  /// What has no length is sent in chunks, which HTTP/1.0 does not know; only the end of the connection would tell where it ends, or breaks off.
  bool takes_parts() const { return version_ >= kHttp11; }
  WebResponse takes_no_parts() {
    keep_alive_ = false;
    return shared_.refusal(505, "");
  }

  /// What a proxy before this server may have read otherwise: then a part of this body would be somebody else's request (RFC 9112, 6.3 and 11.2).
  static bool is_ambiguous(const Message& head) {
    if (head.count(http::field::host) > 1) return true;
    const auto codings = head.count(http::field::transfer_encoding);
    if (codings == 0) return false;
    return codings > 1 || !beast::iequals(head[http::field::transfer_encoding], "chunked") || head.count(http::field::content_length) > 0;
  }

  std::string client_of(const Message& head) const {
    std::string forwarded;
    const auto [from, to] = head.equal_range("X-Forwarded-For");
    for (auto field = from; field != to; ++field) forwarded += (forwarded.empty() ? "" : ",") + std::string(field->value());
    return client_behind(peer_, forwarded, shared_.options.trusts);
  }

  WebRequest request_of(Message& message, const std::string& client) const {
    WebRequest request{.method = std::string(message.method_string()), .target = std::string(message.target()), .client = client};
    request.path = request.target.substr(0, request.target.find('?'));
    for (const auto& field : message) request.headers.emplace_back(to_lower(std::string(field.name_string())), std::string(field.value()));
    request.body = std::move(message.body());
    request.websocket = websocket::is_upgrade(message);
    request.secure = is_tls() || shared_.options.public_by_tls ||
                     (shared_.options.trusts && shared_.options.trusts(peer_) && beast::iequals(message["X-Forwarded-Proto"], "https"));
    return request;
  }
  static constexpr bool is_tls() { return !std::is_same_v<Stream, beast::tcp_stream>; }

  /// What cannot be read as a request.
  Awaitable<bool> refuse_broken(ErrorCode error) {
    keep_alive_ = false;
    if (error == http::error::end_of_stream || error == asio::error::eof || error == asio::error::connection_reset) co_return false;
    if (error == beast::error::timeout) {
      ++shared_.refused;
      co_return false;  // the socket is closed already
    }
    if (error.category() != make_error_code(http::error::bad_method).category()) co_return false;
    ++shared_.refused;
    int status = 400;
    if (error == http::error::header_limit || error == http::error::buffer_overflow) status = 431;
    if (error == http::error::body_limit) status = 413;
    WebResponse response = shared_.refusal(status, error.message());
    co_return co_await send(std::move(response));
  }

  /// False: too much waits there already. Else it is left once it was done.
  bool enter(LanePool& lane) {
    if (lane.enter()) return true;
    ++shared_.refused;
    return false;
  }

  /// The operation, on a thread of its lane.
  Awaitable<WebResponse> answer(WebRequest request) {
    LanePool& lane = shared_.lane(shared_.lane_of(request));
    if (!enter(lane)) {
      WebResponse busy = shared_.refusal(503, "too many requests wait for an answer");
      busy.with("Retry-After", "1");
      co_return busy;
    }
    auto work = [this, &lane, request = std::move(request)] {
      WebResponse response = shared_.answer(request);
      lane.leave();
      return response;
    };
    co_return co_await on_lane<WebResponse>(lane, std::move(work));
  }

  /// Runs it on a thread of the lane; the coroutine goes on here with what it gives.
  template <class T, class Work>
  Awaitable<T> on_lane(LanePool& lane, Work work) {
    auto initiate = [this, &lane](auto handler, Work what) {
      asio::post(
          lane.threads(), [executor = executor_, handler = std::move(handler), what = std::move(what), self = this->shared_from_this()]() mutable {
            T result = what();
            asio::post(executor, [handler = std::move(handler), result = std::move(result)]() mutable { std::move(handler)(std::move(result)); });
          });
    };
    return asio::async_initiate<const asio::use_awaitable_t<>, void(T)>(initiate, asio::use_awaitable, std::move(work));
  }

  template <class Body>
  void head_of(http::response<Body>& message, const WebResponse& response) {
    message.version(version_);
    message.result(static_cast<unsigned>(response.status));
    if (!response.type.empty()) message.set(http::field::content_type, response.type);
    for (const auto& [name, value] : response.headers) message.insert(name, value);
    if (shared_.stopping) keep_alive_ = false;
    message.keep_alive(keep_alive_);
  }

  Awaitable<bool> send(WebResponse response) {
    ErrorCode error;
    expires_after(limits_.write_time);
    http::response<http::string_body> message;
    head_of(message, response);
    const bool bodiless = response.status == 204 || response.status == 304;
    message.body() = std::move(response.body);
    if (!bodiless) message.prepare_payload();
    if (head_only_) message.body().clear();  // its length is said all the same
    http::response_serializer<http::string_body> serializer(message);
    co_await http::async_write(*stream_, serializer, into(error));
    co_return !error && keep_alive_;
  }

  /// Sends the parts that a thread of a lane writes; that thread waits for each of them.
  class Parts : public BodySink {
   public:
    explicit Parts(HttpConnection& to) : to_(to) {}
    Result<> write(std::string_view part) override {
      if (part.empty()) return {};
      const auto sent = std::make_shared<std::promise<ErrorCode>>();
      auto done = sent->get_future();
      const auto bytes = std::make_shared<std::string>(part);  // outlives this call, should it be given up
      asio::post(to_.executor_, [self = to_.shared_from_this(), sent, bytes] {
        self->expires_after(self->limits_.write_time);
        asio::async_write(*self->stream_, http::make_chunk(asio::buffer(*bytes)),
                          [sent, bytes, self](ErrorCode error, std::size_t) { sent->set_value(error); });
      });
      const bool answered = done.wait_for(2 * to_.limits_.write_time) == std::future_status::ready;
      if (!answered || done.get()) return Error{ErrorKind::cancelled, "E1204", "the client is gone, or takes nothing any more", "", 0};
      return {};
    }

   private:
    HttpConnection& to_;
  };

  Awaitable<bool> send_stream(WebResponse response) {
    if (!takes_parts()) co_return co_await send(takes_no_parts());
    if (shared_.streams.fetch_add(1) >= limits_.streams) {
      --shared_.streams;
      ++shared_.refused;
      WebResponse busy = shared_.refusal(503, "too many downloads at once");
      busy.with("Retry-After", "5");
      co_return co_await send(std::move(busy));
    }
    const std::shared_ptr<void> counted(nullptr, [this](void*) { --shared_.streams; });
    const bool sent = co_await send_head(response);
    if (!sent || head_only_) co_return sent&& keep_alive_;
    auto work = [this, write = std::move(response.stream)] {
      Parts parts(*this);
      return bool(write(parts));
    };
    const bool whole = co_await on_lane<bool>(shared_.lane(Lane::databases), std::move(work));
    if (!whole) co_return false;
    ErrorCode error;
    expires_after(limits_.write_time);
    const auto last = http::make_chunk_last();
    co_await asio::async_write(*stream_, last, into(error));
    co_return !error && keep_alive_;
  }

  Awaitable<bool> send_head(const WebResponse& response) {
    ErrorCode error;
    expires_after(limits_.write_time);
    http::response<http::empty_body> message;
    head_of(message, response);
    message.chunked(true);
    http::response_serializer<http::empty_body> serializer(message);
    co_await http::async_write_header(*stream_, serializer, into(error));
    co_return !error;
  }

  /// Whoever still sends is heard for a moment, so that an answer is not lost with what it did not read.
  Awaitable<void> linger() {
    ErrorCode error;
    transport().socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
    expires_after(std::chrono::milliseconds(500));
    constexpr int kReadsMax = 64;
    for (int n = 0; n < kReadsMax && !error; ++n) {
      buffer_.consume(buffer_.size());
      constexpr std::size_t kRead = 16 * 1024;
      co_await transport().async_read_some(buffer_.prepare(kRead), into(error));
    }
  }

  // --- live events ---------------------------------------------------------------------------------------------------

  /// Whoever reads events, for as long as this connection serves them: also where the server ends and drops what still waits, nothing is told to a
  /// connection that is no more.
  class Reading {
   public:
    Reading(HttpShared& shared, std::shared_ptr<LiveReader> reader) : shared_(shared), reader_(std::move(reader)) { ++shared_.live; }
    ~Reading() {
      reader_->gone();
      --shared_.live;
    }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;

   private:
    HttpShared& shared_;
    std::shared_ptr<LiveReader> reader_;
  };

  Awaitable<bool> serve_live(Message message, WebResponse response, const std::string& client) {
    reader_ = response.live;
    const auto wake = std::make_shared<asio::steady_timer>(executor_);
    const Reading reading(shared_, reader_);
    const bool is_websocket = websocket::is_upgrade(message);
    if (!is_websocket && !takes_parts()) co_return co_await send(takes_no_parts());
    reader_->on_news([wake, executor = executor_, weak = this->weak_from_this()] {
      asio::post(executor, [wake, weak] {
        const auto self = weak.lock();
        // Who takes nothing while too much waits gets no closing words either: whatever it says meanwhile would keep it here.
        if (self && self->telling_ && self->reader_->state() == LiveReader::State::too_slow) self->close();
        wake->cancel();
      });
    });
    if (shared_.stopping) reader_->end();  // `finish` came while there was no reader
    if (is_websocket)
      co_await serve_websocket(std::move(message), *wake, client);
    else
      co_await serve_sse(std::move(response), *wake);
    co_return false;
  }

  /// Waits until there is something new to see in the reader.
  Awaitable<void> news(asio::steady_timer& wake) {
    ErrorCode ignored;
    wake.expires_at(asio::steady_timer::time_point::max());
    co_await wake.async_wait(into(ignored));
  }

  Awaitable<void> serve_websocket(Message message, asio::steady_timer& wake, const std::string& client) {
    using asio::experimental::awaitable_operators::operator&&;
    ErrorCode error;
    transport().expires_never();
    ws_.emplace(std::move(*stream_));
    stream_.reset();
    ws_->set_option(websocket::stream_base::timeout{limits_.header_time, 2 * limits_.ping_every, true});
    ws_->read_message_max(limits_.message_bytes);
    ws_->auto_fragment(false);
    ws_->text(true);
    co_await ws_->async_accept(message, into(error));
    if (error) co_return;
    co_await (hear(wake, client) && tell(wake));
  }

  /// A message is as good as a request: it counts for the client's rate, and is looked into on a thread of a lane.
  Awaitable<void> hear(asio::steady_timer& wake, const std::string& client) {
    ErrorCode error;
    beast::flat_buffer heard;
    LanePool& lane = shared_.lane(Lane::usual);
    while (!refused_words_) {
      co_await ws_->async_read(heard, into(error));
      if (error) break;
      const bool too_many = shared_.rate.take(client, std::chrono::steady_clock::now()).has_value();
      if (too_many) ++shared_.refused;
      if (too_many || !ws_->got_text() || !enter(lane)) {
        refused_words_ = true;
        break;
      }
      auto work = [&lane, reader = reader_, text = beast::buffers_to_string(heard.data())] {
        const bool understood = bool(reader->hear(text));
        lane.leave();
        return understood;
      };
      heard.consume(heard.size());
      const bool understood = co_await on_lane<bool>(lane, std::move(work));
      refused_words_ = !understood;
    }
    over_ = true;
    wake.cancel();
  }

  Awaitable<void> tell(asio::steady_timer& wake) {
    ErrorCode error;
    while (!error && !over_) {
      const LiveReader::State state = reader_->state();
      if (state == LiveReader::State::too_slow) break;
      if (const auto message = reader_->take()) {
        telling_ = true;
        co_await ws_->async_write(asio::buffer(message->text), into(error));
        telling_ = false;
      } else if (state == LiveReader::State::ended) {
        break;
      } else {
        co_await news(wake);
      }
    }
    if (!over_ || refused_words_) {
      const auto why = refused_words_                                    ? websocket::close_code::policy_error
                       : reader_->state() == LiveReader::State::too_slow ? websocket::close_code::try_again_later
                                                                         : websocket::close_code::going_away;
      co_await ws_->async_close(why, into(error));
    }
    close();  // ends the reading, too
  }

  Awaitable<void> serve_sse(WebResponse response, asio::steady_timer& wake) {
    using asio::experimental::awaitable_operators::operator&&;
    response.type = "text/event-stream";
    keep_alive_ = false;
    const bool sent = co_await send_head(response);
    if (!sent || head_only_) co_return;
    co_await (watch_end(wake) && tell_sse(wake));
  }

  /// A client of server-sent events says nothing more: what comes is its end.
  Awaitable<void> watch_end(asio::steady_timer& wake) {
    ErrorCode error;
    transport().expires_never();
    std::array<char, 1> byte{};
    co_await stream_->async_read_some(asio::buffer(byte), into(error));
    over_ = true;
    wake.cancel();
  }

  Awaitable<void> tell_sse(asio::steady_timer& wake) {
    ErrorCode error;
    while (!error && !over_) {
      const LiveReader::State state = reader_->state();
      if (state == LiveReader::State::too_slow) break;
      if (const auto message = reader_->take()) {
        const std::string text = (message->id.empty() ? "" : "id: " + message->id + "\n") + "data: " + message->text + "\n\n";
        const auto chunk = http::make_chunk(asio::buffer(text));
        expires_after(limits_.write_time);
        co_await asio::async_write(*stream_, chunk, into(error));
        transport().expires_never();
      } else if (state == LiveReader::State::ended) {
        const auto last = http::make_chunk_last();
        co_await asio::async_write(*stream_, last, into(error));
        break;
      } else {
        co_await news(wake);
      }
    }
    close();
  }

  HttpShared& shared_;
  const HttpLimits& limits_;
  std::optional<Stream> stream_;
  std::optional<websocket::stream<Stream, false>> ws_{};  // without compression: many small messages, and memory for each connection
  asio::any_io_executor executor_;
  const std::string peer_;
  /// What is read and not parsed yet: extensions of chunks and trailers lie in it, too, which no limit of the parser counts.
  beast::flat_buffer buffer_{limits_.header_bytes + kReadAhead};
  std::shared_ptr<LiveReader> reader_{};
  unsigned version_ = 11;
  bool keep_alive_ = false, head_only_ = false, idle_ = false, served_ = false, over_ = false, refused_words_ = false, telling_ = false;
};

}  // namespace sluice
