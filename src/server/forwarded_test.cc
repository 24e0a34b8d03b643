#include "server/forwarded.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(Forwarded, BelievesTrustedProxiesAlone) {
  const TrustsProxy trusts = [](std::string_view address) { return address.starts_with("10."); };
  EXPECT_EQ(client_behind("203.0.113.5", "198.51.100.1", trusts), "203.0.113.5") << "no proxy of ours: its word counts nothing";
  EXPECT_EQ(client_behind("10.0.0.1", "198.51.100.1", trusts), "198.51.100.1");
  EXPECT_EQ(client_behind("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", trusts), "198.51.100.1") << "what the client wrote itself is in front";
  EXPECT_EQ(client_behind("10.0.0.1", "", trusts), "10.0.0.1");
  EXPECT_EQ(client_behind("10.0.0.1", "198.51.100.1, <script>", trusts), "10.0.0.1");
  EXPECT_EQ(client_behind("10.0.0.1", "10.0.0.3, 10.0.0.2", trusts), "10.0.0.3");
  EXPECT_EQ(client_behind("10.0.0.1", "198.51.100.1", {}), "10.0.0.1");
}

}  // namespace
}  // namespace sluice
