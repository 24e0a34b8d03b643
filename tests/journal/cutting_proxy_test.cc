#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "cutting_proxy.h"

namespace sluice {
namespace {

sockaddr_un address_of(const std::string& folder, int port) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = folder + "/.s.PGSQL." + std::to_string(port);
  CHECK(path.size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

bool send_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {  // bounded by the bytes
    const ssize_t sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

CuttingProxy::CuttingProxy(std::string folder, std::string folder_of_server, int port)
    : folder_(std::move(folder)), server_(std::move(folder_of_server)), port_(port) {
  listening_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of(folder_, port_);
  CHECK(::bind(listening_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  CHECK(::listen(listening_, 64) == 0);
  thread_ = std::jthread([this](const std::stop_token& stop) { listen(stop); });
}

CuttingProxy::~CuttingProxy() {
  thread_ = {};
  ::close(listening_);
}

void CuttingProxy::cut(Cut where, int times) {
  left_ = times;
  where_ = where;
}

bool CuttingProxy::is_time(Cut where) {
  if (where_ != where || left_.fetch_sub(1) <= 0) return false;
  ++cuts_;
  if (leaves_) away_ = true;
  return true;
}

void CuttingProxy::listen(const std::stop_token& stop) {
  std::vector<std::jthread> relays;
  while (!stop.stop_requested()) {
    pollfd watched{listening_, POLLIN, 0};
    if (::poll(&watched, 1, 20) <= 0) continue;
    const int client = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client >= 0 && away_) {
      ::close(client);
      ++refused_;
    } else if (client >= 0) {
      relays.emplace_back([this, client] { relay(client); });
    }
  }
  // Relays end with their clients, who are gone by now.
}

void CuttingProxy::relay(int client) {
  const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of(server_, port_);
  bool open = ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  bool cut_answer = false;
  while (open) {
    std::array<pollfd, 2> watched{{{client, POLLIN, 0}, {server, POLLIN, 0}}};
    if (::poll(watched.data(), watched.size(), 1'000) < 0) break;
    if (away_ && !cut_answer) break;  // a cut one still brings its COMMIT to the server
    std::array<char, 65'536> buffer{};
    if (watched[0].revents != 0) {
      const ssize_t got = ::recv(client, buffer.data(), buffer.size(), 0);
      const std::string_view bytes(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
      const bool commits = bytes.find("COMMIT") != std::string_view::npos && bytes.find("ON COMMIT") == std::string_view::npos;
      if (got <= 0 || (commits && is_time(Cut::before_commit))) break;
      if (bytes.find("step-value") != std::string_view::npos && is_time(Cut::in_statement)) break;
      cut_answer = cut_answer || (commits && is_time(Cut::after_commit));
      open = send_all(server, bytes);
    }
    if (open && watched[1].revents != 0) {
      const ssize_t got = ::recv(server, buffer.data(), buffer.size(), 0);
      if (got <= 0 || cut_answer) break;
      open = send_all(client, {buffer.data(), static_cast<std::size_t>(got)});
    }
  }
  ::close(client);
  ::close(server);
}

}  // namespace sluice
