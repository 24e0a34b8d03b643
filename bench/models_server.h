#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

namespace sluice {

/// A server on a free port of 127.0.0.1 that answers every request with the same chat completion, streamed where the request asks for that, after a
/// while that is the same for all. One thread, by epoll, connections kept: what it takes itself is little beside what a client takes. Only for
/// benchmarks: it trusts its clients to speak HTTP/1.1 with a Content-Length.
class ChatServer {
 public:
  explicit ChatServer(std::chrono::milliseconds delay);
  ~ChatServer();
  ChatServer(const ChatServer&) = delete;
  ChatServer& operator=(const ChatServer&) = delete;

  int port() const { return port_; }
  /// Serves until standard input ends: with whoever started the program.
  void run();

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Connection {
    std::uint64_t number = 0;  ///< file descriptors are used again
    std::string in{}, out{};
    std::size_t sent = 0;
  };
  struct Due {
    Time at{};
    int fd = 0;
    std::uint64_t number = 0;
    bool streamed = false;
  };

  void watch(int fd, std::uint32_t events, int operation) const;
  void accept_all();
  void read_from(int fd);
  void take_requests(int fd, Connection& connection);
  void send_due();
  void write_to(int fd, Connection& connection);
  void hang_up(int fd);
  int wait_ms() const;

  std::chrono::milliseconds delay_;
  std::string whole_, streamed_;               ///< the answers, head and body
  int port_ = 0, listener_ = -1, epoll_ = -1;  ///< the port first: making the listener sets it
  std::uint64_t accepted_ = 0;
  std::map<int, Connection> connections_{};
  std::deque<Due> due_{};  ///< in the order of their time, as all wait alike
};

/// The reply's text, about 500 tokens of JSON that fit the schema of SQL replies.
std::string chat_reply_text();

}  // namespace sluice
