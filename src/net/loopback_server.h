#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace sluice {

/// One connection as a test's server sees it, in a thread of its own.
class Conversation {
 public:
  explicit Conversation(int fd) : fd_(fd) {
    read = [this](char* bytes, std::size_t size) { return ::recv(fd_, bytes, size, 0); };
    write = [this](const char* bytes, std::size_t size) { return ::send(fd_, bytes, size, MSG_NOSIGNAL); };
  }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  /// The next request, head and body; "" where the client went away.
  std::string request() {
    if (ended_) return "";
    std::size_t end = std::string::npos;
    while ((end = unread_.find("\r\n\r\n")) == std::string::npos)
      if (!more()) return "";
    const std::size_t at = unread_.find("ontent-Length: ");
    const std::size_t size = end + 4 + (at < end ? std::stoul(unread_.substr(at + 15)) : 0);
    while (unread_.size() < size)
      if (!more()) return "";
    const std::string whole = unread_.substr(0, size);
    unread_.erase(0, size);
    return whole;
  }
  bool send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = write(text.data(), text.size());
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  /// A whole answer; `headers` are lines with their ends.
  bool answer(int status, std::string_view body, const std::string& headers = "") {
    return send("HTTP/1.1 " + std::to_string(status) + " Text\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                std::string(body));
  }
  bool chunk(const std::string& data) {
    std::string size;
    for (std::size_t left = data.size(); left > 0 || size.empty(); left /= 16) size.insert(size.begin(), "0123456789abcdef"[left % 16]);
    return send(size + "\r\n" + data + "\r\n");
  }
  void hang_up() { ended_ = true; }
  /// Ends with a RST instead of a FIN.
  void reset() {
    ended_ = true;
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  /// Says nothing until the client goes away.
  void keep_silent() {
    while (more()) {
    }
  }
  int fd() const { return fd_; }

  std::function<ssize_t(char*, std::size_t)> read{};
  std::function<ssize_t(const char*, std::size_t)> write{};

 private:
  bool more() {
    std::array<char, 4096> bytes{};
    const ssize_t got = read(bytes.data(), bytes.size());
    if (got > 0) unread_.append(bytes.data(), static_cast<std::size_t>(got));
    return got > 0;
  }

  int fd_;
  std::string unread_{};
  bool ended_ = false;
};

/// A server on a free port of 127.0.0.1 that does in each connection what the test says. Only for tests.
class LoopbackServer {
 public:
  using Script = std::function<void(Conversation&)>;

  explicit LoopbackServer(Script script) : script_(std::move(script)), listener_(listen_on_loopback(port_)) {
    accepting_ = std::thread([this] { accept_all(); });
  }
  /// A server that answers each request by a function of its number (from 1) and text, and keeps the connection.
  static Script each(std::function<void(Conversation&, int number, const std::string& request)> answer) {
    auto number = std::make_shared<std::atomic<int>>(0);
    return [answer = std::move(answer), number](Conversation& with) {
      for (std::string request = with.request(); !request.empty(); request = with.request()) answer(with, ++*number, request);
    };
  }
  ~LoopbackServer() {
    ::shutdown(listener_, SHUT_RDWR);
    accepting_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const int fd : fds_) ::shutdown(fd, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    ::close(listener_);
  }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  int port() const { return port_; }
  std::string url(const std::string& path = "/", const std::string& host = "127.0.0.1") const {
    return "http://" + host + ":" + std::to_string(port_) + path;
  }
  int connections() const { return connections_; }

  static int listen_on_loopback(int& port) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (listener < 0 || ::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, 512) != 0 ||
        ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("no port on 127.0.0.1");
    port = ntohs(address.sin_port);
    return listener;
  }

 private:
  void accept_all() {
    for (int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC); fd >= 0; fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) {
      ++connections_;
      const std::lock_guard lock(mutex_);
      fds_.push_back(fd);
      threads_.emplace_back([this, fd] {
        // A server's writing to who went away doesn't end the tests; the client's writing would.
        sigset_t pipe{};
        sigaddset(&pipe, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
        Conversation with(fd);
        script_(with);
        forget_and_close(fd);
      });
    }
  }
  void forget_and_close(int fd) {
    const std::lock_guard lock(mutex_);
    std::erase(fds_, fd);
    ::close(fd);
  }

  Script script_;
  int port_ = 0;
  int listener_;
  std::atomic<int> connections_{0};
  std::mutex mutex_{};
  std::vector<int> fds_{};
  std::vector<std::thread> threads_{};
  std::thread accepting_{};
};

}  // namespace sluice
