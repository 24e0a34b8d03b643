#include "net/breaker.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

using Outcome = CircuitBreaker::Outcome;
using std::chrono::milliseconds;

constexpr const char* kOrigin = "https://api.example:443";

/// A breaker with three failures and a pause of 1 s, and a clock that stands still until it is moved.
struct Breaker {
  CircuitBreaker breaker{BreakerOptions{3, milliseconds(1000)}};
  CircuitBreaker::Time now{std::chrono::hours(1)};

  bool passes(const std::string& origin = kOrigin) { return bool(breaker.admit(origin, now)); }
  void attempt(Outcome outcome, const std::string& origin = kOrigin) {
    auto admission = breaker.admit(origin, now);
    ASSERT_TRUE(admission);
    admission->report(outcome, "no connection", now);
  }
  void fail(int times) {
    for (int i = 0; i < times; ++i) attempt(Outcome::failed);
  }
};

TEST(Breaker, OpensAfterSoManyFailuresInARow) {
  Breaker it;
  it.fail(2);
  EXPECT_TRUE(it.passes());
  it.fail(1);
  const auto away = it.breaker.admit(kOrigin, it.now);
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().code, "E1107");
  EXPECT_EQ(away.error().kind, ErrorKind::transient);
  EXPECT_EQ(away.error().retry_after_ms, 1000);
  EXPECT_EQ(away.error().message, "https://api.example:443 failed 3 times in a row and is left alone for 1.0 s; last: no connection");
}

TEST(Breaker, CountsOnlyFailuresInARow) {
  Breaker it;
  it.fail(2);
  it.attempt(Outcome::alive);
  it.fail(2);
  EXPECT_TRUE(it.passes());
  it.attempt(Outcome::unclear);
  it.fail(1);
  EXPECT_FALSE(it.passes());
}

TEST(Breaker, KeepsOriginsApart) {
  Breaker it;
  it.fail(3);
  EXPECT_FALSE(it.passes());
  EXPECT_TRUE(it.passes("http://api.example:443"));
  EXPECT_TRUE(it.passes("https://api.example:8443"));
}

TEST(Breaker, LetsOneProbePassAfterThePause) {
  Breaker it;
  it.fail(3);
  it.now += milliseconds(999);
  EXPECT_FALSE(it.passes());
  it.now += milliseconds(1);
  auto probe = it.breaker.admit(kOrigin, it.now);
  ASSERT_TRUE(probe);
  EXPECT_FALSE(it.passes());
  probe->report(Outcome::alive, "", it.now);
  EXPECT_TRUE(it.passes());
  it.fail(2);
  EXPECT_TRUE(it.passes());
}

TEST(Breaker, OpensAgainWhenTheProbeFails) {
  Breaker it;
  it.fail(3);
  it.now += milliseconds(1000);
  it.attempt(Outcome::failed);
  EXPECT_FALSE(it.passes());
  it.now += milliseconds(999);
  EXPECT_FALSE(it.passes());
  it.now += milliseconds(1);
  EXPECT_TRUE(it.passes());
}

TEST(Breaker, SendsAnotherProbeWhenTheFirstSaidNothing) {
  Breaker it;
  it.fail(3);
  it.now += milliseconds(1000);
  it.attempt(Outcome::unclear);
  EXPECT_TRUE(it.passes());
}

TEST(Breaker, SendsAnotherProbeWhenTheFirstWasDropped) {
  Breaker it;
  it.fail(3);
  it.now += milliseconds(1000);
  EXPECT_TRUE(it.passes());  // and forgets it without a report
  EXPECT_TRUE(it.passes());
}

TEST(Breaker, IsNotHeldOpenByAttemptsFromBefore) {
  Breaker it;
  auto early = it.breaker.admit(kOrigin, it.now);
  ASSERT_TRUE(early);
  it.fail(3);
  it.now += milliseconds(900);
  early->report(Outcome::failed, "late", it.now);
  it.now += milliseconds(100);
  EXPECT_TRUE(it.passes());
}

TEST(Breaker, IsClosedByASuccessFromBefore) {
  Breaker it;
  auto early = it.breaker.admit(kOrigin, it.now);
  ASSERT_TRUE(early);
  it.fail(3);
  early->report(Outcome::alive, "", it.now);
  EXPECT_TRUE(it.passes());
}

TEST(Breaker, RemembersABoundedNumberOfOrigins) {
  CircuitBreaker breaker{BreakerOptions{1, milliseconds(1000)}};
  const CircuitBreaker::Time now{};
  for (std::size_t i = 0; i <= CircuitBreaker::kOriginsMax; ++i) breaker.admit(std::to_string(i), now)->report(Outcome::failed, "", now);
  EXPECT_FALSE(breaker.admit("0", now));
  EXPECT_TRUE(breaker.admit(std::to_string(CircuitBreaker::kOriginsMax), now));
}

}  // namespace
}  // namespace sluice
