#include "connectors/slack/signature.h"

#include <gtest/gtest.h>

namespace sluice::slack {
namespace {

// Slack's own example: https://docs.slack.dev/authentication/verifying-requests-from-slack
constexpr const char* kSecret = "8f742231b10e8888abcd99yyyzzz85a5";  // pragma: allowlist secret
constexpr const char* kTimestamp = "1531420618";
constexpr std::int64_t kThen = 1'531'420'618;
constexpr const char* kBody =
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&"
    "user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%"
    "2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
constexpr const char* kSignature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

class Signature : public testing::Test {
 protected:
  std::string check(std::string_view timestamp, std::string_view signature, std::string_view body = kBody, std::string_view secret = kSecret) {
    const auto checked = check_.check(secret, timestamp, signature, body);
    return checked ? "ok" : checked.error().code;
  }
  std::string signed_at(std::int64_t at, std::string_view body = kBody) {
    const std::string timestamp = std::to_string(at);
    return check(timestamp, signature_of(kSecret, timestamp, body), body);
  }
  std::int64_t now_ = kThen;
  SignatureCheck check_{[this] { return now_; }, 3};
};

TEST_F(Signature, IsAsSlackSays) {
  EXPECT_EQ(signature_of(kSecret, kTimestamp, kBody), kSignature);
  EXPECT_EQ(check(kTimestamp, kSignature), "ok");
}

TEST_F(Signature, OfSomebodyElseIsNone) {
  std::string last = kSignature;
  last.back() = '4';
  for (const std::string& wrong : {std::string(), std::string("v0="), std::string(kSignature).substr(3), last, std::string(kSignature) + "0"})
    EXPECT_EQ(check(kTimestamp, wrong), "E1401") << wrong;
  EXPECT_EQ(check(kTimestamp, kSignature, std::string(kBody) + " "), "E1401");
  EXPECT_EQ(check("1531420619", kSignature), "E1401") << "the time is signed as well";
  EXPECT_EQ(check(kTimestamp, signature_of("another", kTimestamp, kBody)), "E1401");
  EXPECT_EQ(check(kTimestamp, signature_of("", kTimestamp, kBody), kBody, ""), "E1401") << "no secret signs nothing";
  for (const char* time : {"", "now", "1531420618.0", " 1531420618", "+1531420618", "99999999999999999999", "0x5b477a4a"})
    EXPECT_EQ(check(time, signature_of(kSecret, time, kBody)), "E1401") << time;
}

TEST_F(Signature, CountsForFiveMinutes) {
  EXPECT_EQ(signed_at(kThen - kWindowSeconds - 1), "E1402");
  EXPECT_EQ(signed_at(kThen - kWindowSeconds), "ok");
  EXPECT_EQ(signed_at(kThen + kWindowSeconds), "ok");
  EXPECT_EQ(signed_at(kThen + kWindowSeconds + 1), "E1402");
}

TEST_F(Signature, CountsOnceAsLongAsItCounts) {
  EXPECT_EQ(signed_at(kThen + kWindowSeconds), "ok");
  now_ += 2 * kWindowSeconds;  // the end of its time
  EXPECT_EQ(signed_at(kThen + kWindowSeconds), "E1403");
  now_ += 1;
  EXPECT_EQ(signed_at(kThen + kWindowSeconds), "E1402") << "and then its time is over";
}

TEST_F(Signature, WhatCannotBeRememberedIsRefused) {
  for (int n = 0; n < 3; ++n) EXPECT_EQ(signed_at(kThen, "body " + std::to_string(n)), "ok");
  EXPECT_EQ(signed_at(kThen, "one more"), "E1405");
  EXPECT_EQ(check(kTimestamp, "v0=0", "a stranger's"), "E1401");
  now_ += kWindowSeconds + 1;
  EXPECT_EQ(signed_at(now_, "one more"), "ok") << "there is room again";
}

}  // namespace
}  // namespace sluice::slack
