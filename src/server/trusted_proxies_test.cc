#include "server/trusted_proxies.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(TrustedProxies, KnowAddressesAndRanges) {
  const auto proxies = TrustedProxies::of({"10.1.0.0/16", "192.168.7.9", "fd00::/8"});
  ASSERT_TRUE(proxies) << proxies.error().message;
  for (const char* inside : {"10.1.0.1", "10.1.255.255", "192.168.7.9", "fd12::1", "::ffff:10.1.2.3"})
    EXPECT_TRUE(proxies->contains(inside)) << inside;
  for (const char* outside : {"10.2.0.1", "192.168.7.8", "fe80::1", "", "10.1", "nonsense"}) EXPECT_FALSE(proxies->contains(outside)) << outside;
}

TEST(TrustedProxies, BelieveNobodyElse) {
  const auto proxies = TrustedProxies::of({"10.0.0.0/8"});
  ASSERT_TRUE(proxies);
  EXPECT_EQ(proxies->client("203.0.113.5", "198.51.100.1"), "203.0.113.5") << "no proxy of ours: its word counts nothing";
  EXPECT_EQ(proxies->client("10.0.0.1", "198.51.100.1"), "198.51.100.1");
  EXPECT_EQ(proxies->client("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2"), "198.51.100.1") << "what the client wrote itself is in front";
  EXPECT_EQ(proxies->client("10.0.0.1", ""), "10.0.0.1");
  EXPECT_EQ(proxies->client("10.0.0.1", "198.51.100.1, <script>"), "10.0.0.1");
  EXPECT_EQ(proxies->client("10.0.0.1", "10.0.0.3, 10.0.0.2"), "10.0.0.3");
}

TEST(TrustedProxies, RefuseWhatIsNoRange) {
  for (const char* wrong : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x", "/8", "ten", "fd00::/129", "10.0.0.0/-1"}) {
    const auto proxies = TrustedProxies::of({wrong});
    ASSERT_FALSE(proxies) << wrong;
    EXPECT_EQ(proxies.error().code, "E1203") << wrong;
  }
}

}  // namespace
}  // namespace sluice
