// Names and proxies: what the client may connect to. getaddrinfo is this file's own for names that end in ".test".
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "net/http.h"
#include "net/loopback_server.h"

namespace {

/// What names that end in ".test" lead to, one answer after the other, the last for ever; "" is no address. The linker lets the library call this.
struct FakeNames {
  std::mutex mutex{};
  std::map<std::string, std::vector<std::string>> answers{};
  std::map<std::string, int> lookups{};
  std::chrono::milliseconds delay{0};
  int at_once = 0, at_once_most = 0;
};
FakeNames& fake_names() {
  static FakeNames names;
  return names;
}

std::string fake_answer(const std::string& name) {
  FakeNames& names = fake_names();
  std::unique_lock lock(names.mutex);
  names.at_once_most = std::max(names.at_once_most, ++names.at_once);
  const auto delay = names.delay;
  lock.unlock();
  std::this_thread::sleep_for(delay);
  lock.lock();
  --names.at_once;
  const auto& answers = names.answers[name];
  const auto number = static_cast<std::size_t>(names.lookups[name]++);
  return answers.empty() ? "" : answers[std::min(number, answers.size() - 1)];
}

}  // namespace

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** out) {
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  if (node == nullptr || !std::string_view(node).ends_with(".test")) return real(node, service, hints, out);
  const std::string address = fake_answer(node);
  if (address.empty()) return EAI_NONAME;
  return real(address.c_str(), service, hints, out);
}

namespace sluice {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class Guard : public testing::Test {
 protected:
  Guard() {
    FakeNames& names = fake_names();
    const std::lock_guard lock(names.mutex);
    names.answers.clear();
    names.lookups.clear();
    names.delay = {};
    names.at_once_most = 0;
    for (const char* name : {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"})
      ::unsetenv(name);
  }
  ~Guard() override { ::unsetenv("HTTP_PROXY"); }

  void lead(const std::string& name, std::vector<std::string> addresses) {
    const std::lock_guard lock(fake_names().mutex);
    fake_names().answers[name] = std::move(addresses);
  }
  HttpJob job(const std::string& host, bool allow_private = false) const {
    HttpJob out;
    out.request = {"GET", server.url("/", host), {}, ""};
    out.retry.first_delay = milliseconds(1);
    out.route.allow_private = allow_private;
    return out;
  }
  Result<HttpResponse> perform(const HttpJob& one) {
    return std::move(client.perform(std::span(&one, 1), {steady_clock::now() + std::chrono::seconds(5), {}}).at(0));
  }

  std::atomic<int> requests{0};
  std::mutex mutex{};
  std::string last{};
  LoopbackServer server{LoopbackServer::each([this](Conversation& with, int, const std::string& request) {
    ++requests;
    {
      const std::lock_guard lock(mutex);
      last = request;
    }
    with.answer(200, "ok");
  })};
  HttpClient client{};
};

TEST_F(Guard, RefusesANameThatLeadsInside) {
  for (const char* address : {"127.0.0.1", "127.1.2.3", "10.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1", "::ffff:127.0.0.1", "fd00::1",
                              "fe80::1", "64:ff9b::7f00:1"}) {
    const std::string name = "inside" + std::to_string(std::hash<std::string>()(address)) + ".test";
    lead(name, {address});
    const auto answer = perform(job(name));
    ASSERT_FALSE(answer) << address;
    EXPECT_EQ(answer.error().code, "E1109") << address << ": " << answer.error().message;
    EXPECT_EQ(answer.error().kind, ErrorKind::refused);
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(Guard, LetsItPassWhereAPersonSaidSo) {
  lead("inside.test", {"127.0.0.1"});
  EXPECT_TRUE(perform(job("inside.test", true)));
  EXPECT_EQ(requests, 1);
}

TEST_F(Guard, LetsAnAddressPassThatIsNamedAsItself) {
  EXPECT_TRUE(perform(job("127.0.0.1")));
  EXPECT_TRUE(perform(job("localhost")));
  EXPECT_FALSE(perform(job("sub.localhost")));
  EXPECT_EQ(requests, 2);
}

TEST_F(Guard, JudgesEveryConnectionAnew) {
  lead("rebound.test", {"", "127.0.0.1"});  // has no address at first, then one inside
  std::vector<std::string> failed;
  HttpJob one = job("rebound.test");
  one.on_retry = [&](const HttpRetried& retried) -> Result<> {
    failed.push_back(retried.why.code);
    return {};
  };
  const auto answer = perform(one);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "E1109") << answer.error().message;
  EXPECT_EQ(failed, (std::vector<std::string>{"E1105"}));
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(Guard, DoesNotShareAConnectionWithWhoMayGoInside) {
  lead("inside.test", {"127.0.0.1"});
  EXPECT_TRUE(perform(job("inside.test", true)));
  const auto answer = perform(job("inside.test"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "E1109") << answer.error().message;
  EXPECT_TRUE(perform(job("inside.test", true)));
  EXPECT_EQ(requests, 2);
}

TEST_F(Guard, SaysThatANameHasNoAddress) {
  HttpJob one = job("nowhere.test");
  one.retry.attempts_max = 2;
  const auto answer = perform(one);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "E1105");
  EXPECT_EQ(answer.error().kind, ErrorKind::transient);
  EXPECT_NE(answer.error().message.find("has no address"), std::string::npos) << answer.error().message;
}

TEST_F(Guard, LooksANameUpOnceForManyJobs) {
  lead("inside.test", {"127.0.0.1"});
  fake_names().delay = milliseconds(50);
  const std::vector<HttpJob> jobs(50, job("inside.test", true));
  for (const auto& answer : client.perform(jobs, {steady_clock::now() + std::chrono::seconds(5), {}})) EXPECT_TRUE(answer);
  const std::lock_guard lock(fake_names().mutex);
  EXPECT_EQ(fake_names().lookups["inside.test"], 1);
}

TEST_F(Guard, LooksANameUpOneAfterTheOtherWhereItHasNoAddress) {
  fake_names().delay = milliseconds(10);
  std::vector<HttpJob> jobs(20, job("nowhere.test"));
  for (HttpJob& one : jobs) one.retry.attempts_max = 1;
  for (const auto& answer : client.perform(jobs, {steady_clock::now() + std::chrono::seconds(5), {}})) EXPECT_FALSE(answer);
  const std::lock_guard lock(fake_names().mutex);
  EXPECT_EQ(fake_names().at_once_most, 1);
  EXPECT_LE(fake_names().lookups["nowhere.test"], 5);  // then the breaker opens
}

TEST_F(Guard, StopsWhileANameIsLookedUp) {
  lead("slow.test", {"127.0.0.1"});
  fake_names().delay = milliseconds(1500);
  const HttpJob one = job("slow.test", true);
  std::stop_source source;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(milliseconds(100));
    source.request_stop();
  });
  const auto start = steady_clock::now();
  const auto answers = client.perform(std::span(&one, 1), {start + std::chrono::seconds(5), source.get_token()});
  EXPECT_LT(steady_clock::now() - start, milliseconds(300));
  EXPECT_EQ(answers.at(0).error().kind, ErrorKind::cancelled);
  // The lookup itself cannot be stopped; it ends before the next test begins.
  for (int wait = 0; wait < 3000; ++wait) {
    {
      const std::lock_guard lock(fake_names().mutex);
      if (fake_names().at_once == 0) break;
    }
    std::this_thread::sleep_for(milliseconds(1));
  }
}

TEST_F(Guard, LeavesItToAProxyToLookUp) {
  HttpJob one = job("inside.test");
  one.request.url = "http://inside.test/v1";
  one.route.proxy = server.url("");
  EXPECT_TRUE(perform(one));
  EXPECT_TRUE(last.starts_with("GET http://inside.test/v1 HTTP/1.1\r\n")) << last;
  EXPECT_EQ(fake_names().lookups["inside.test"], 0);
}

TEST_F(Guard, TakesTheProxyThatIsNamedWhateverTheEnvironmentSays) {
  ::setenv("NO_PROXY", "inside.test", 1);
  ::setenv("HTTP_PROXY", "http://127.0.0.1:1", 1);
  lead("inside.test", {"127.0.0.1"});
  HttpJob one = job("inside.test");
  one.route.proxy = server.url("");
  EXPECT_TRUE(perform(one));
  EXPECT_TRUE(last.starts_with("GET http://inside.test:")) << last;
  ::unsetenv("NO_PROXY");
}

TEST_F(Guard, TakesTheProxyOfTheEnvironment) {
  ::setenv("HTTP_PROXY", server.url("").c_str(), 1);
  HttpJob one = job("inside.test");
  one.request.url = "http://inside.test/v1";
  EXPECT_TRUE(perform(one));
  EXPECT_TRUE(last.starts_with("GET http://inside.test/v1 HTTP/1.1\r\n")) << last;
  ::setenv("NO_PROXY", "inside.test", 1);
  lead("inside.test", {"127.0.0.1"});
  const auto direct = perform(one);
  ASSERT_FALSE(direct);
  EXPECT_EQ(direct.error().code, "E1109");
  ::unsetenv("NO_PROXY");
}

TEST_F(Guard, SaysThatAProxyRefused) {
  std::string asked;
  LoopbackServer proxy(LoopbackServer::each([&](Conversation& with, int, const std::string& request) {
    asked = request;
    with.answer(407, "who are you");
  }));
  HttpJob one = job("inside.test");
  one.request.url = "https://inside.test/v1?key=s3cret";
  one.route.proxy = "http://user:s3cret@127.0.0.1:" + std::to_string(proxy.port());
  one.retry.attempts_max = 1;
  const auto answer = perform(one);
  ASSERT_FALSE(answer);
  EXPECT_TRUE(asked.starts_with("CONNECT inside.test:443 ")) << asked;
  EXPECT_EQ(answer.error().code, "E1105");
  EXPECT_EQ(answer.error().kind, ErrorKind::refused);
  EXPECT_NE(answer.error().message.find("407"), std::string::npos) << answer.error().message;
  EXPECT_EQ(answer.error().message.find("s3cret"), std::string::npos) << answer.error().message;
}

}  // namespace
}  // namespace sluice
