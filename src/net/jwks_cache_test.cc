#include "net/jwks_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "net/for_test/jwt_maker.h"
#include "net/loopback_server.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr std::int64_t kNow = 1'800'000'000;

JwtRules rules() { return {.issuers = {"https://id.example.org"}, .audience = "sluice", .now = std::chrono::sys_seconds(seconds(kNow))}; }
Call soon() { return {steady_clock::now() + seconds(20), {}}; }
std::string token_of(const TestKey& key) {
  return key.token("ES256", Json::object().set("iss", "https://id.example.org").set("aud", "sluice").set("iat", kNow).set("exp", kNow + 60));
}

/// An issuer that publishes its keys, and a clock that the test moves.
struct Issuer {
  TestKey old{"old", "P-256"}, next{"next", "P-256"};
  std::mutex mutex{};
  std::string published = TestKey::set_of({&old});
  int status = 200;
  std::atomic<int> looks{0};
  milliseconds slow{0};
  std::atomic<int> minutes_on{0}, seconds_on{0};
  LoopbackServer server{LoopbackServer::each([this](Conversation& with, int, const std::string&) {
    ++looks;
    std::this_thread::sleep_for(slow);
    const std::lock_guard lock(mutex);
    with.answer(status, published);
  })};
  HttpClient client{};
  const steady_clock::time_point start = steady_clock::now();
  JwksCache cache{client, {.url = server.url("/jwks")}, [this] { return start + minutes(minutes_on) + seconds(seconds_on); }};

  void publish(const std::string& text, int with_status = 200) {
    const std::lock_guard lock(mutex);
    published = text;
    status = with_status;
  }
  std::string verify(const TestKey& key) {
    const auto claims = cache.verify(token_of(key), rules(), soon());
    return claims ? "" : claims.error().code;
  }
};

TEST(JwksCache, LooksOnceAndKeepsTheKeysForAnHour) {
  Issuer issuer;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(issuer.verify(issuer.old), "");
  EXPECT_EQ(issuer.looks, 1);
  issuer.minutes_on = 59;
  EXPECT_EQ(issuer.verify(issuer.old), "");
  EXPECT_EQ(issuer.looks, 1);
  issuer.publish(TestKey::set_of({&issuer.next}));
  issuer.minutes_on = 60;
  EXPECT_EQ(issuer.verify(issuer.old), "E1308") << "a key that was withdrawn";
  EXPECT_EQ(issuer.looks, 2);
}

TEST(JwksCache, DoesNotLookForWhatNoKeyCouldMakeGood) {
  Issuer issuer;
  const std::string unsigned_token = "eyJhbGciOiJub25lIn0.e30.";  // {"alg":"none"}, {}
  for (const std::string& token : {std::string("x"), std::string("a.b.c"), std::string(100'000, 'x'), unsigned_token}) {
    const auto verified = issuer.cache.verify(token, rules(), soon());
    ASSERT_FALSE(verified);
    EXPECT_EQ(verified.error().code, "E1307");
  }
  EXPECT_EQ(issuer.looks, 0);
}

TEST(JwksCache, LooksForAnUnknownKeyOnceAMinute) {
  Issuer issuer;
  EXPECT_EQ(issuer.verify(issuer.old), "");
  issuer.publish(TestKey::set_of({&issuer.old, &issuer.next}));
  EXPECT_EQ(issuer.verify(issuer.next), "E1308") << "within a minute of the last look";
  issuer.seconds_on = 60;
  EXPECT_EQ(issuer.verify(issuer.next), "");
  EXPECT_EQ(issuer.verify(issuer.old), "");
  const TestKey forged("forged", "P-256");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(issuer.verify(forged), "E1308");
  EXPECT_EQ(issuer.looks, 2);
}

TEST(JwksCache, AKeyThatIsNotTheNamedOneIsNoReasonToLook) {
  Issuer issuer;
  EXPECT_EQ(issuer.verify(issuer.old), "");
  issuer.minutes_on = 30;
  const TestKey forged("old", "P-256");
  EXPECT_EQ(issuer.verify(forged), "E1307");
  EXPECT_EQ(issuer.looks, 1);
}

TEST(JwksCache, AnIssuerThatIsDownIsAskedAgainAfterAPause) {
  Issuer issuer;
  issuer.publish("gone", 404);
  EXPECT_EQ(issuer.verify(issuer.old), "E1309");
  EXPECT_EQ(issuer.verify(issuer.old), "E1309");
  EXPECT_EQ(issuer.looks, 1);
  issuer.publish(TestKey::set_of({&issuer.old}));
  issuer.seconds_on = 5;
  EXPECT_EQ(issuer.verify(issuer.old), "");
  issuer.publish("gone", 404);
  issuer.minutes_on = 2;
  EXPECT_EQ(issuer.verify(issuer.next), "E1308");
  EXPECT_EQ(issuer.verify(issuer.old), "") << "keys that are young enough count while the issuer is down";
  issuer.minutes_on = 61;
  EXPECT_EQ(issuer.verify(issuer.old), "E1309") << "and no longer";
}

TEST(JwksCache, ManyWhoComeAtOnceCostOneLook) {
  Issuer issuer;
  issuer.slow = milliseconds(200);
  std::atomic<int> held{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { held += issuer.verify(issuer.old).empty() ? 1 : 0; });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(held, 8);
  EXPECT_EQ(issuer.looks, 1);
}

TEST(JwksCache, RefusesKeysThatAreTooLargeOrNotTrustworthy) {
  Issuer issuer;
  issuer.publish(std::string(JwkSet::kBytesMax + 1, ' '));
  EXPECT_EQ(issuer.verify(issuer.old), "E1309");
  for (const char* url :
       {"http://id.example.org/jwks", "http://10.0.0.1/jwks", "http://localhost.example.org/", "ftp://127.0.0.1/", "file:///etc/passwd", ""}) {
    const auto checked = check_trustworthy_url(url);
    ASSERT_FALSE(checked) << url;
    EXPECT_EQ(checked.error().code, "E1110") << url;
  }
  for (const char* url : {"https://id.example.org/jwks", "http://127.0.0.1:8080/", "http://[::1]:1/", "http://localhost/"})
    EXPECT_TRUE(check_trustworthy_url(url)) << url;
}

}  // namespace
}  // namespace sluice
