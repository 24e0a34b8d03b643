#pragma once
// A server on the loopback interface that answers as a test says, and remembers what it was asked.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/json.h"
#include "base/text.h"

namespace sluice {

/// A request as it arrived.
struct SeenRequest {
  std::string head{}, body{};
  std::size_t number = 0;  ///< 0 for the first

  std::string path() const {
    const std::size_t from = head.find(' ') + 1;
    return head.substr(from, head.find(' ', from) - from);
  }
  std::string header(std::string_view name) const {
    for (const std::string_view line : split(head, '\n'))
      if (const std::size_t colon = line.find(':'); colon != std::string_view::npos && equals_ignoring_case(line.substr(0, colon), name))
        return std::string(trim(line.substr(colon + 1)));
    return "";
  }
  Json json() const {
    auto parsed = Json::parse(body);
    return parsed ? *std::move(parsed) : Json();
  }
};

/// What is sent back, piece by piece; the connection is closed afterwards.
struct ScriptedAnswer {
  int status = 200;
  std::string type = "application/json", body{};
  std::vector<std::string> headers{};
  std::size_t piece = 0;              ///< bytes sent at a time; 0: all
  std::chrono::milliseconds delay{};  ///< before the answer begins
};

class ScriptedServer {
 public:
  using Script = std::function<ScriptedAnswer(const SeenRequest&)>;

  explicit ScriptedServer(Script script) : script_(std::move(script)), socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    constexpr int kBacklog = 64;
    if (bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(socket_, kBacklog) != 0) std::abort();
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~ScriptedServer() {
    stopping_ = true;
    shutdown(socket_, SHUT_RDWR);
    acceptor_.join();
    close(socket_);
    for (std::thread& thread : connections_) thread.join();
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::vector<SeenRequest> seen() const {
    const std::scoped_lock lock(mutex_);
    return seen_;
  }

 private:
  void accept_all() {
    for (;;) {
      const int peer = accept(socket_, nullptr, nullptr);
      if (peer < 0) return;
      connections_.emplace_back([this, peer] {
        serve(peer);
        close(peer);
      });
    }
  }

  static bool receive(int peer, SeenRequest& request) {
    std::string got;
    std::size_t head = 0, length = 0;
    constexpr std::size_t kBuffer = 65536;
    std::vector<char> buffer(kBuffer);
    for (;;) {
      const ssize_t size = recv(peer, buffer.data(), buffer.size(), 0);
      if (size <= 0) return false;
      got.append(buffer.data(), static_cast<std::size_t>(size));
      if (head == 0 && got.find("\r\n\r\n") != std::string::npos) {
        head = got.find("\r\n\r\n") + 4;
        request.head = got.substr(0, head);
        const std::string stated = request.header("content-length");
        length = stated.empty() ? 0 : std::stoul(stated);
        if (equals_ignoring_case(request.header("expect"), "100-continue")) write_all(peer, "HTTP/1.1 100 Continue\r\n\r\n");
      }
      if (head != 0 && got.size() >= head + length) break;
    }
    request.body = got.substr(head);
    return true;
  }

  static void write_all(int peer, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t size = send(peer, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
  }

  void serve(int peer) {
    SeenRequest request;
    if (!receive(peer, request)) return;
    {
      const std::scoped_lock lock(mutex_);
      request.number = seen_.size();
      seen_.push_back(request);
    }
    const ScriptedAnswer answer = script_(request);
    constexpr std::chrono::milliseconds kStep{5};
    for (auto waited = kStep; waited <= answer.delay && !stopping_; waited += kStep) std::this_thread::sleep_for(kStep);
    std::string head = "HTTP/1.1 " + std::to_string(answer.status) + " Scripted\r\ncontent-type: " + answer.type + "\r\nconnection: close\r\n";
    for (const std::string& header : answer.headers) head += header + "\r\n";
    write_all(peer, head + "\r\n");
    const std::size_t piece = answer.piece == 0 ? answer.body.size() : answer.piece;
    for (std::size_t at = 0; at < answer.body.size(); at += piece) {
      write_all(peer, std::string_view(answer.body).substr(at, piece));
      if (answer.piece != 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  Script script_;
  int socket_;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  std::vector<SeenRequest> seen_;
  std::vector<std::thread> connections_;
  std::thread acceptor_;
};

}  // namespace sluice
