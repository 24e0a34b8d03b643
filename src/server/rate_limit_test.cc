#include "server/rate_limit.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const RateLimit::Time kStart{seconds(1'000)};

TEST(RateLimit, LetsABurstThroughAndThenOneForEachToken) {
  RateLimit limit(10, 3);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limit.take("a", kStart)) << i;
  EXPECT_EQ(limit.take("a", kStart), milliseconds(100));
  EXPECT_EQ(limit.take("a", kStart + milliseconds(60)), milliseconds(40));
  EXPECT_FALSE(limit.take("a", kStart + milliseconds(100)));
  EXPECT_TRUE(limit.take("a", kStart + milliseconds(100)));
}

TEST(RateLimit, KeepsNoMoreThanABurst) {
  RateLimit limit(10, 2);
  EXPECT_FALSE(limit.take("a", kStart));
  const auto later = kStart + seconds(60);
  EXPECT_FALSE(limit.take("a", later));
  EXPECT_FALSE(limit.take("a", later));
  EXPECT_TRUE(limit.take("a", later));
}

TEST(RateLimit, KeepsClientsApart) {
  RateLimit limit(1, 1);
  EXPECT_FALSE(limit.take("a", kStart));
  EXPECT_TRUE(limit.take("a", kStart));
  EXPECT_FALSE(limit.take("b", kStart));
}

TEST(RateLimit, HoldsABoundedNumberOfClients) {
  RateLimit limit(1, 1, 3);
  for (const char* client : {"a", "b", "c"}) EXPECT_FALSE(limit.take(client, kStart));
  EXPECT_FALSE(limit.take("d", kStart)) << "those without a bucket of their own share one…";
  EXPECT_TRUE(limit.take("e", kStart)) << "…so that a flood of addresses gets no more than one client";
  EXPECT_LE(limit.clients(), 4U);
  EXPECT_FALSE(limit.take("f", kStart + seconds(5))) << "full buckets are forgotten";
  EXPECT_LE(limit.clients(), 3U);
}

}  // namespace
}  // namespace sluice
