#include "net/status.h"

#include <gtest/gtest.h>

#include <array>
#include <ctime>
#include <vector>

namespace sluice {
namespace {

HttpResponse response(int status, std::vector<HttpHeader> headers = {}, std::string body = "") {
  return {status, std::move(headers), std::move(body)};
}

TEST(Status, DecidesWhatAnAnswerMeans) {
  for (const int status : {200, 201, 204, 299}) EXPECT_FALSE(judge_status(response(status))) << status;
  const auto expect = [](std::vector<int> statuses, const char* code, ErrorKind kind) {
    for (const int status : statuses) {
      const auto error = judge_status(response(status));
      ASSERT_TRUE(error) << status;
      EXPECT_EQ(error->code, code) << status;
      EXPECT_EQ(error->kind, kind) << status;
      EXPECT_NE(error->message.find(std::to_string(status)), std::string::npos) << error->message;
      EXPECT_FALSE(error->hint.empty()) << status;
    }
  };
  expect({408, 425, 429, 500, 502, 503, 504, 529}, "E1101", ErrorKind::transient);
  expect({401, 403, 407}, "E1102", ErrorKind::refused);
  expect({404, 410}, "E1103", ErrorKind::not_found);
  expect({300, 301, 302, 304, 307, 308, 400, 402, 409, 413, 418, 422, 501, 505, 600, 0, 199}, "E1104", ErrorKind::refused);
}

TEST(Status, QuotesOnlyAClippedPartOfTheBody) {
  const auto error = judge_status(response(400, {{"x-secret", "s3cret"}}, "  bad \x1b[31m\xff thing " + std::string(10'000, 'x')));
  ASSERT_TRUE(error);
  EXPECT_LT(error->message.size(), 400U);
  EXPECT_TRUE(error->message.starts_with("the service answered 400: bad \\u{001B}[31m\xEF\xBF\xBD thing xxx")) << error->message;
  EXPECT_EQ(error->message.find("s3cret"), std::string::npos);
}

TEST(Status, OfARedirectSaysTheHostOnly) {
  const auto error = judge_status(response(302, {{"Location", "https://login.example.com/x?token=s3cret"}}, "s3cret"));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message, "the service answered 302, a redirect to https://login.example.com, which is not followed");
}

TEST(Status, ReadsHowLongToWait) {
  EXPECT_EQ(retry_after_ms(response(429)), 0);
  EXPECT_EQ(retry_after_ms(response(429, {{"Retry-After", "7"}})), 7000);
  EXPECT_EQ(retry_after_ms(response(429, {{"retry-after", " 0.25 "}})), 250);
  EXPECT_EQ(retry_after_ms(response(429, {{"retry-after-ms", "120"}, {"retry-after", "7"}})), 120);
  EXPECT_EQ(retry_after_ms(response(429, {{"retry-after", "-5"}})), 0);
  EXPECT_EQ(retry_after_ms(response(429, {{"retry-after", "soon"}})), 0);
  EXPECT_EQ(retry_after_ms(response(429, {{"retry-after", "nan"}})), 0);
  EXPECT_EQ(retry_after_ms(response(429, {{"retry-after", "1e300"}})), 30L * 24 * 3600 * 1000);
  EXPECT_EQ(retry_after_ms(response(429, {{"retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"}})), 0);
  const std::time_t soon = std::time(nullptr) + 100;
  std::array<char, 64> date{};
  std::tm parts{};
  ::gmtime_r(&soon, &parts);
  ASSERT_GT(std::strftime(date.data(), date.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts), 0U);
  const long wait = retry_after_ms(response(503, {{"retry-after", date.data()}}));
  EXPECT_GE(wait, 98'000);
  EXPECT_LE(wait, 100'000);
  EXPECT_EQ(judge_status(response(503, {{"retry-after", "7"}}))->retry_after_ms, 7000);
}

TEST(Status, TakesTheLastHeaderOfAName) {
  const HttpResponse both = response(200, {{"X-A", "1"}, {"x-a", "2"}});
  EXPECT_EQ(both.header("X-a"), "2");
  EXPECT_EQ(both.header("x-b"), "");
}

}  // namespace
}  // namespace sluice
