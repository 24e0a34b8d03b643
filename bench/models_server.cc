#include "models_server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <string_view>

#include "base/json.h"

namespace sluice {
namespace {

constexpr std::size_t kReplyTokens = 500, kBytesPerToken = 4, kReadBytes = 256 * 1024;
constexpr int kBacklog = 512, kEventsMax = 64;

int listen_on_loopback(int& port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (listener < 0 || ::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, kBacklog) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no port on 127.0.0.1");
  port = ntohs(address.sin_port);
  return listener;
}

Json usage() { return Json::object().set("prompt_tokens", 12'000).set("completion_tokens", std::int64_t{kReplyTokens}).set("total_tokens", 12'500); }

Json completion(const char* object, const char* member, Json said, Json finish) {
  Json choice = Json::object().set("index", 0).set(member, std::move(said)).set("logprobs", Json()).set("finish_reason", std::move(finish));
  return Json::object()
      .set("id", "chatcmpl-0123456789")
      .set("object", object)
      .set("created", 1'700'000'000)
      .set("model", "bench-1")
      .set("choices", Json::array().push(std::move(choice)));
}

std::string whole_answer() {
  const Json said = Json::object().set("role", "assistant").set("content", chat_reply_text());
  const std::string body = completion("chat.completion", "message", said, "stop").set("usage", usage()).dump_text();
  return "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

void add_chunk(std::string& out, const std::string& data) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  const std::string event = "data: " + data + "\n\n";
  std::string size;
  for (std::size_t left = event.size(); left > 0; left /= kDigits.size()) size.insert(size.begin(), kDigits[left % kDigits.size()]);
  out += size + "\r\n" + event + "\r\n";
}

/// An event for each token, as providers send them.
std::string streamed_answer() {
  std::string out = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
  const std::string text = chat_reply_text();
  for (std::size_t at = 0; at < text.size(); at += kBytesPerToken)
    add_chunk(out, completion("chat.completion.chunk", "delta", Json::object().set("content", text.substr(at, kBytesPerToken)), Json()).dump_text());
  add_chunk(out, completion("chat.completion.chunk", "delta", Json::object(), "stop").dump_text());
  Json last = completion("chat.completion.chunk", "delta", Json::object(), Json());
  add_chunk(out, last.set("choices", Json::array()).set("usage", usage()).dump_text());
  add_chunk(out, "[DONE]");
  return out + "0\r\n\r\n";
}

/// Of a head in whatever case.
std::size_t content_length(std::string_view head) {
  constexpr std::string_view kName = "content-length:";
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; };
  const auto found = std::search(head.begin(), head.end(), kName.begin(), kName.end(), same);
  if (found == head.end()) return 0;
  return std::stoul(std::string(head.substr(static_cast<std::size_t>(found - head.begin()) + kName.size(), 20)));
}

}  // namespace

std::string chat_reply_text() {
  std::string sql = "SELECT c.carrier";
  std::string explanation = "For each carrier, over the flights that left New York: the mean of what is asked.";
  const auto text = [&] { return Json::object().set("kind", "sql").set("sql", sql).set("explanation", explanation).dump_text(); };
  for (int n = 0; text().size() < (kReplyTokens - 10) * kBytesPerToken; ++n)
    sql += ", avg(f.measure_" + std::to_string(n) + ") AS \"mean " + std::to_string(n) + "\"";
  explanation.append(kReplyTokens * kBytesPerToken - std::min(text().size(), kReplyTokens * kBytesPerToken), '.');
  return text();
}

ChatServer::ChatServer(std::chrono::milliseconds delay)
    : delay_(delay),
      whole_(whole_answer()),
      streamed_(streamed_answer()),
      listener_(listen_on_loopback(port_)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  ::fcntl(STDIN_FILENO, F_SETFL, ::fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
  watch(listener_, EPOLLIN, EPOLL_CTL_ADD);
  watch(STDIN_FILENO, EPOLLIN, EPOLL_CTL_ADD);
}

ChatServer::~ChatServer() {
  for (const auto& [fd, connection] : connections_) ::close(fd);
  ::close(epoll_);
  ::close(listener_);
}

void ChatServer::watch(int fd, std::uint32_t events, int operation) const {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  if (::epoll_ctl(epoll_, operation, fd, &event) != 0) throw std::runtime_error("epoll does not take a descriptor");
}

void ChatServer::run() {
  std::array<epoll_event, kEventsMax> events{};
  for (;;) {  // until standard input ends
    const int count = ::epoll_wait(epoll_, events.data(), kEventsMax, wait_ms());
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      const int fd = event.data.fd;
      if (fd == STDIN_FILENO) {
        char byte = 0;
        const auto got = ::read(STDIN_FILENO, &byte, 1);
        if (got == 0 || (got < 0 && errno != EAGAIN)) return;
      } else if (fd == listener_) {
        accept_all();
      } else if ((event.events & EPOLLOUT) != 0U) {
        if (const auto found = connections_.find(fd); found != connections_.end()) write_to(fd, found->second);
      } else {
        read_from(fd);
      }
    }
    send_due();
  }
}

int ChatServer::wait_ms() const {
  if (due_.empty()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(due_.front().at - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<std::int64_t>(0, left.count()));
}

void ChatServer::accept_all() {
  for (int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK); fd >= 0;
       fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)) {
    const int now = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &now, sizeof now);
    watch(fd, EPOLLIN, EPOLL_CTL_ADD);
    connections_[fd] = {.number = ++accepted_};
  }
}

void ChatServer::hang_up(int fd) {
  ::close(fd);
  connections_.erase(fd);
}

void ChatServer::read_from(int fd) {
  static std::array<char, kReadBytes> bytes;
  const auto found = connections_.find(fd);
  if (found == connections_.end()) return;
  const ssize_t got = ::recv(fd, bytes.data(), bytes.size(), 0);
  if (got == 0 || (got < 0 && errno != EAGAIN)) return hang_up(fd);
  if (got < 0) return;
  found->second.in.append(bytes.data(), static_cast<std::size_t>(got));
  take_requests(fd, found->second);
}

void ChatServer::take_requests(int fd, Connection& connection) {
  for (;;) {  // ends with the bytes that came
    const std::size_t end = connection.in.find("\r\n\r\n");
    if (end == std::string::npos) return;
    const std::size_t size = end + 4 + content_length(std::string_view(connection.in).substr(0, end));
    if (connection.in.size() < size) return;
    const std::string_view body = std::string_view(connection.in).substr(end + 4, size - end - 4);
    const bool streamed = body.rfind("\"stream\":true") != std::string_view::npos || body.rfind("\"stream\": true") != std::string_view::npos;
    due_.push_back({std::chrono::steady_clock::now() + delay_, fd, connection.number, streamed});
    connection.in.erase(0, size);
  }
}

void ChatServer::send_due() {
  while (!due_.empty() && due_.front().at <= std::chrono::steady_clock::now()) {
    const Due due = due_.front();
    due_.pop_front();
    const auto found = connections_.find(due.fd);
    if (found == connections_.end() || found->second.number != due.number) continue;
    found->second.out += due.streamed ? streamed_ : whole_;
    write_to(due.fd, found->second);
  }
}

void ChatServer::write_to(int fd, Connection& connection) {
  while (connection.sent < connection.out.size()) {
    const ssize_t sent = ::send(fd, connection.out.data() + connection.sent, connection.out.size() - connection.sent, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return watch(fd, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
    if (sent < 0) return hang_up(fd);
    connection.sent += static_cast<std::size_t>(sent);
  }
  connection.out.clear();
  connection.sent = 0;
  watch(fd, EPOLLIN, EPOLL_CTL_MOD);
}

}  // namespace sluice
