#include "net/retry.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

using std::chrono::milliseconds;

TEST(Retry, WaitsLongerAfterEachFailure) {
  const HttpRetry retry{};
  EXPECT_EQ(retry_delay(retry, 1, 0), milliseconds(500));
  EXPECT_EQ(retry_delay(retry, 2, 0), milliseconds(1000));
  EXPECT_EQ(retry_delay(retry, 4, 0), milliseconds(4000));
  EXPECT_EQ(retry_delay(retry, 7, 0), milliseconds(30'000));
  EXPECT_EQ(retry_delay(retry, 100'000, 0), milliseconds(30'000));
}

TEST(Retry, IsShortenedByARandomPart) {
  const HttpRetry retry{};
  EXPECT_EQ(retry_delay(retry, 1, 1), milliseconds(250));
  EXPECT_EQ(retry_delay(retry, 1, 0.5), milliseconds(375));
  HttpRetry odd{};
  odd.jitter = 7;
  EXPECT_EQ(retry_delay(odd, 1, 1), milliseconds(0));
  odd.first_delay = milliseconds(-1);
  odd.delay_max = milliseconds(-1);
  EXPECT_EQ(retry_delay(odd, 1, 0), milliseconds(0));
}

}  // namespace
}  // namespace sluice
