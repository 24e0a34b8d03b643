#include "net/address.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace sluice {
namespace {

using enum AddressReach;

struct Case {
  const char* text;
  AddressReach reach;
};

TEST(Address, IsJudgedByWhoCanBeMetThere) {
  const std::vector<Case> cases{
      {"0.0.0.0", unspecified},
      {"0.255.255.255", unspecified},
      {"1.0.0.0", everywhere},
      {"8.8.8.8", everywhere},
      {"9.255.255.255", everywhere},
      {"10.0.0.0", private_network},
      {"10.255.255.255", private_network},
      {"11.0.0.0", everywhere},
      {"100.63.255.255", everywhere},
      {"100.64.0.0", shared},
      {"100.127.255.255", shared},
      {"100.128.0.0", everywhere},
      {"126.255.255.255", everywhere},
      {"127.0.0.1", loopback},
      {"127.255.255.255", loopback},
      {"128.0.0.0", everywhere},
      {"169.253.255.255", everywhere},
      {"169.254.0.0", link_local},
      {"169.254.169.254", link_local},
      {"169.255.0.0", everywhere},
      {"172.15.255.255", everywhere},
      {"172.16.0.0", private_network},
      {"172.31.255.255", private_network},
      {"172.32.0.0", everywhere},
      {"192.0.0.8", reserved},
      {"192.0.1.0", everywhere},
      {"192.167.255.255", everywhere},
      {"192.168.0.0", private_network},
      {"192.168.255.255", private_network},
      {"192.169.0.0", everywhere},
      {"198.17.255.255", everywhere},
      {"198.18.0.0", reserved},
      {"198.19.255.255", reserved},
      {"198.20.0.0", everywhere},
      {"223.255.255.255", everywhere},
      {"224.0.0.1", multicast},
      {"239.255.255.255", multicast},
      {"240.0.0.0", reserved},
      {"255.255.255.255", reserved},
      {"::", unspecified},
      {"::1", loopback},
      {"::2", unspecified},
      {"2606:4700::1111", everywhere},
      {"2a00:1450:4001:80b::200e", everywhere},
      {"fbff:ffff::1", everywhere},
      {"fc00::", private_network},
      {"fd12:3456::1", private_network},
      {"fdff:ffff::1", private_network},
      {"fe00::1", everywhere},
      {"fe80::1", link_local},
      {"fe80::1%eth0", link_local},
      {"febf::1", link_local},
      {"fec0::1", private_network},
      {"feff::1", private_network},
      {"ff00::1", multicast},
      {"ff02::1", multicast},
  };
  for (const Case& one : cases) EXPECT_EQ(reach_of_text(one.text), one.reach) << one.text;
}

TEST(Address, ThatCarriesAnotherIsJudgedByTheOneInside) {
  const std::vector<Case> cases{
      {"::ffff:10.0.0.1", private_network},
      {"::ffff:127.0.0.1", loopback},
      {"::ffff:169.254.169.254", link_local},
      {"::ffff:8.8.8.8", everywhere},
      {"::10.0.0.1", private_network},
      {"::8.8.8.8", everywhere},
      {"::ffff:0:10.0.0.1", private_network},
      {"::ffff:0:8.8.8.8", everywhere},
      {"64:ff9b::192.168.1.1", private_network},
      {"64:ff9b::8.8.8.8", everywhere},
      {"64:ff9b:1::8.8.8.8", private_network},
      {"2002:0a00:0001::1", private_network},
      {"2002:7f00:0001::1", loopback},
      {"2002:0808:0808::1", everywhere},
      {"2001:0:1234::f5ff:fffe", private_network},  // Teredo: 10.0.0.1, inverted
      {"2001:0:1234::f7f7:f7f7", everywhere},       // Teredo: 8.8.8.8, inverted
      {"2001:1::a00:1", everywhere},
  };
  for (const Case& one : cases) EXPECT_EQ(reach_of_text(one.text), one.reach) << one.text;
}

TEST(Address, IsNoneWhereTheTextOrTheLengthIsNone) {
  for (const char* text : {"", "localhost", "example.com", "10.0.0", "10.0.0.256", "[::1]", "1:2:3"}) EXPECT_FALSE(reach_of_text(text)) << text;
  EXPECT_EQ(reach_of(std::array<std::uint8_t, 5>{8, 8, 8, 8, 8}), reserved);
  EXPECT_EQ(reach_of({}), reserved);
}

TEST(Address, HasAWordForEachReach) {
  for (const AddressReach reach : {everywhere, loopback, private_network, link_local, shared, unspecified, multicast, reserved})
    EXPECT_FALSE(name_of(reach).empty());
}

}  // namespace
}  // namespace sluice
