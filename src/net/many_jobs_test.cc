#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "net/http.h"
#include "net/loopback_server.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::ptrdiff_t threads_of_this_process() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"), std::filesystem::directory_iterator());
}

/// A server of one thread that answers nobody until `hold` requests wait at the same time, or nothing new has come for a second; then all of them.
class HoldingServer {
 public:
  explicit HoldingServer(std::size_t hold) : hold_(hold), listener_(LoopbackServer::listen_on_loopback(port_)), thread_([this] { serve(); }) {}
  ~HoldingServer() {
    stop_ = true;
    thread_.join();
    for (const pollfd& one : fds_) ::close(one.fd);
  }
  HoldingServer(const HoldingServer&) = delete;
  HoldingServer& operator=(const HoldingServer&) = delete;
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }
  std::size_t held_most() const { return held_most_; }

 private:
  void serve() {
    fds_.push_back({listener_, POLLIN, 0});
    auto last_new = steady_clock::now();
    while (!stop_) {
      ::poll(fds_.data(), fds_.size(), 20);
      const std::size_t known = fds_.size();
      for (std::size_t i = 0; i < known; ++i) {
        if ((fds_[i].revents & (POLLIN | POLLHUP)) == 0) continue;
        if (i == 0) {
          if (const int fd = ::accept(listener_, nullptr, nullptr); fd >= 0) fds_.push_back({fd, POLLIN, 0});
        } else if (read_request(fds_[i])) {
          waiting_.push_back(fds_[i].fd);
        }
        last_new = steady_clock::now();
      }
      held_most_ = std::max<std::size_t>(held_most_, waiting_.size());
      if (waiting_.size() >= hold_ || steady_clock::now() - last_new > milliseconds(400)) answer_all();
    }
  }
  /// A request of these tests comes in one piece.
  static bool read_request(pollfd& from) {
    std::array<char, 4096> bytes{};
    const bool got = ::recv(from.fd, bytes.data(), bytes.size(), 0) > 0;
    if (!got) from.events = 0;
    return got;
  }
  void answer_all() {
    constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    for (const int fd : waiting_) EXPECT_EQ(::send(fd, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL), static_cast<ssize_t>(kAnswer.size()));
    waiting_.clear();
  }

  std::size_t hold_;
  int port_ = 0;
  int listener_;
  std::vector<pollfd> fds_{};
  std::vector<int> waiting_{};
  std::atomic<std::size_t> held_most_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

HttpJob get(const std::string& url) {
  HttpJob job;
  job.request = {"GET", url, {}, ""};
  return job;
}

TEST(ManyJobs, AreAllUnderWayInOneThread) {
  constexpr std::size_t kJobs = 200;
  HoldingServer server(kJobs);
  HttpClient client;
  std::vector<HttpJob> jobs(kJobs, get(server.url()));
  const auto threads = threads_of_this_process();
  auto threads_most = threads;
  const auto caller = std::this_thread::get_id();
  for (HttpJob& job : jobs)
    job.on_data = [&](std::string_view) {
      threads_most = std::max(threads_most, threads_of_this_process());
      EXPECT_EQ(std::this_thread::get_id(), caller);
      return Result<>();
    };
  const auto answers = client.perform(jobs, {steady_clock::now() + std::chrono::seconds(20), {}});
  for (const auto& answer : answers) EXPECT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(server.held_most(), kJobs);
  EXPECT_EQ(threads_most, threads);
  EXPECT_EQ(threads_of_this_process(), threads);
}

TEST(ManyJobs, WaitForTheirTurn) {
  HoldingServer server(HttpClient::kInFlightMax + 1);
  HttpClient client;
  const std::vector<HttpJob> jobs(HttpClient::kInFlightMax + 40, get(server.url()));
  const auto answers = client.perform(jobs, {steady_clock::now() + std::chrono::seconds(20), {}});
  for (const auto& answer : answers) EXPECT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(server.held_most(), HttpClient::kInFlightMax);
}

TEST(ManyJobs, ShareAClientFromManyThreads) {
  LoopbackServer server(LoopbackServer::each([](Conversation& with, int, const std::string&) { with.answer(200, "ok"); }));
  HttpClient client;
  std::atomic<int> good{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] {
        for (int round = 0; round < 20; ++round) {
          const std::vector<HttpJob> jobs(3, get(server.url()));
          for (const auto& answer : client.perform(jobs, {steady_clock::now() + std::chrono::seconds(20), {}})) good += answer ? 1 : 0;
        }
      });
  }
  EXPECT_EQ(good, 8 * 20 * 3);
  EXPECT_LE(server.connections(), 8 * 3);
}

}  // namespace
}  // namespace sluice
