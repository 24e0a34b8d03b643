#include "server/sessions.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

const Sessions::Time kStart{std::chrono::hours(1'000)};

TEST(Sessions, AreFoundUntilTheyEnd) {
  Sessions sessions;
  const std::string cookie = sessions.open("slu_a", kStart), other = sessions.open("slu_b", kStart);
  EXPECT_EQ(cookie.size(), 64U);
  EXPECT_NE(cookie, other);
  const auto found = sessions.find(cookie, kStart + std::chrono::hours(11));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->secret, "slu_a");
  EXPECT_EQ(found->csrf.size(), 64U);
  EXPECT_NE(found->csrf, sessions.find(other, kStart)->csrf);
  EXPECT_FALSE(sessions.find(cookie, kStart + Sessions::kLife));
  EXPECT_FALSE(sessions.find("", kStart));
  EXPECT_FALSE(sessions.find(cookie.substr(1) + "0", kStart));
  sessions.end(cookie);
  EXPECT_FALSE(sessions.find(cookie, kStart));
  EXPECT_TRUE(sessions.find(other, kStart));
}

TEST(Sessions, AreReadOutOfTheCookieHeader) {
  EXPECT_EQ(session_cookie("a=b; sluice_session=xyz; c=d"), "xyz");
  EXPECT_EQ(session_cookie("sluice_session=xyz"), "xyz");
  EXPECT_EQ(session_cookie("other_sluice_session=xyz"), "");
  EXPECT_EQ(session_cookie(""), "");
}

}  // namespace
}  // namespace sluice
