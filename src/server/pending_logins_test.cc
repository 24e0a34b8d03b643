#include "server/pending_logins.h"

#include <gtest/gtest.h>

#include <vector>

namespace sluice {
namespace {

const PendingLogins::Time kStart{std::chrono::hours(1'000)};

PendingLogins::Pending begun(const std::string& state, const std::string& client = "10.0.0.1") {
  return {.attempt = {.state = state, .nonce = "n-" + state}, .return_to = "/runs", .client = client};
}

TEST(PendingLogins, AreGoodOnceAndForTheBrowserThatBeganThem) {
  PendingLogins logins;
  const std::string cookie = logins.open(begun("a"), kStart), other = logins.open(begun("b"), kStart);
  EXPECT_EQ(cookie.size(), 64U);
  EXPECT_FALSE(logins.take(other, "a", kStart)) << "somebody else's state";
  EXPECT_FALSE(logins.take("", "a", kStart));
  EXPECT_FALSE(logins.take(cookie, "", kStart));
  EXPECT_FALSE(logins.take(std::string(64, '0'), "a", kStart));
  EXPECT_FALSE(logins.take(cookie, "made up", kStart));
  const auto taken = logins.take(cookie, "a", kStart);
  ASSERT_TRUE(taken) << "a made-up state does not end it";
  EXPECT_EQ(taken->attempt.nonce, "n-a");
  EXPECT_FALSE(logins.take(cookie, "a", kStart)) << "once";
  EXPECT_TRUE(logins.take(other, "b", kStart + PendingLogins::kLife - std::chrono::seconds(1)));
}

TEST(PendingLogins, AnEmptyStateIsNone) {
  PendingLogins logins;
  const std::string cookie = logins.open(begun(""), kStart);
  EXPECT_FALSE(logins.take(cookie, "", kStart));
}

TEST(PendingLogins, EndAfterTenMinutes) {
  PendingLogins logins;
  const std::string cookie = logins.open(begun("a"), kStart);
  EXPECT_FALSE(logins.take(cookie, "a", kStart + PendingLogins::kLife));
}

TEST(PendingLogins, OneClientDrivesOutNoOther) {
  PendingLogins logins;
  const std::string mine = logins.open(begun("mine", "10.0.0.2"), kStart);
  const std::string first = logins.open(begun("first"), kStart);
  std::string last;
  for (std::size_t n = 0; n < PendingLogins::kOfClientMax; ++n) last = logins.open(begun("flood"), kStart + std::chrono::seconds(n + 1));
  EXPECT_FALSE(logins.take(first, "first", kStart + std::chrono::minutes(1)));
  EXPECT_TRUE(logins.take(last, "flood", kStart + std::chrono::minutes(1)));
  EXPECT_TRUE(logins.take(mine, "mine", kStart + std::chrono::minutes(1)));
}

TEST(PendingLogins, AreBounded) {
  PendingLogins logins;
  const std::string first = logins.open(begun("first", "c"), kStart);
  for (std::size_t n = 0; n < PendingLogins::kMax; ++n)
    logins.open(begun("x", "client " + std::to_string(n / PendingLogins::kOfClientMax)), kStart + std::chrono::milliseconds(n + 1));
  EXPECT_FALSE(logins.take(first, "first", kStart + std::chrono::minutes(1)));
}

TEST(PageToReturnTo, IsOneOfOurs) {
  for (const char* ours : {"/", "/runs", "/runs/r1?tab=events", "/approvals?all=true#x", "/ask"}) EXPECT_EQ(page_to_return_to(ours), ours);
  for (const std::string& not_ours :
       {std::string(), std::string("https://evil.test/runs"), std::string("//evil.test/runs"), std::string("/\\evil.test"),
        std::string("/\t/evil.test"), std::string("/runs\\..\\x"), std::string("/runs\r\nSet-Cookie: a=b"), std::string("/runs\0", 6),
        std::string("runs"), std::string("/api/v1/logout"), std::string("/login/start"), std::string("/runsx"), std::string("?//evil.test"),
        std::string("/@evil.test"), std::string("/runs/") + std::string(2'000, 'a'), std::string("/rüns"), std::string("javascript:alert(1)")})
    EXPECT_EQ(page_to_return_to(not_ours), "/") << not_ours;
}

}  // namespace
}  // namespace sluice
