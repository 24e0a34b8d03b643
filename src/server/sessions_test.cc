#include "server/sessions.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

const Sessions::Time kStart{std::chrono::hours(1'000)};

TEST(Sessions, AreFoundUntilTheyEnd) {
  Sessions sessions;
  const std::string cookie = sessions.open(std::string("slu_a"), kStart), other = sessions.open(std::string("slu_b"), kStart);
  EXPECT_EQ(cookie.size(), 64U);
  EXPECT_NE(cookie, other);
  const auto found = sessions.find(cookie, kStart + std::chrono::hours(11));
  ASSERT_TRUE(found);
  EXPECT_EQ(std::get<std::string>(found->by), "slu_a");
  EXPECT_EQ(found->csrf.size(), 64U);
  EXPECT_NE(found->csrf, sessions.find(other, kStart)->csrf);
  EXPECT_FALSE(sessions.find(cookie, kStart + Sessions::kLife));
  EXPECT_FALSE(sessions.find("", kStart));
  EXPECT_FALSE(sessions.find(cookie.substr(1) + "0", kStart));
  sessions.end(cookie);
  EXPECT_FALSE(sessions.find(cookie, kStart));
  EXPECT_TRUE(sessions.find(other, kStart));
}

TEST(Sessions, OfOneEndWhereTheyLogInAnewOrTooOften) {
  Sessions sessions;
  const std::string first = sessions.open(std::string("slu_a"), kStart), other = sessions.open(LoggedIn{"ada@example.org", {}}, kStart);
  const std::string second = sessions.open(std::string("slu_a"), kStart, first);
  EXPECT_FALSE(sessions.find(first, kStart));
  EXPECT_TRUE(sessions.find(second, kStart));
  for (std::size_t n = 1; n <= Sessions::kOfOneMax; ++n) sessions.open(std::string("slu_a"), kStart + std::chrono::seconds(n));
  EXPECT_FALSE(sessions.find(second, kStart)) << "the oldest of this token";
  EXPECT_TRUE(sessions.find(other, kStart));
}

TEST(Sessions, AreReadOutOfTheCookieHeader) {
  const auto read = [](const char* cookies, bool secure) { return session_cookie({.headers = {{"cookie", cookies}}, .secure = secure}); };
  EXPECT_EQ(read("a=b; sluice_session=xyz; c=d", false), "xyz");
  EXPECT_EQ(read("sluice_session=xyz", false), "xyz");
  EXPECT_EQ(read("other_sluice_session=xyz", false), "");
  EXPECT_EQ(read("", false), "");
  EXPECT_EQ(read("sluice_session=xyz", true), "") << "another host of the domain can set this one";
  EXPECT_EQ(read("sluice_session=abc; __Host-sluice_session=xyz", true), "xyz");
}

}  // namespace
}  // namespace sluice
