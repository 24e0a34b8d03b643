#include "net/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace sluice {
namespace {

using Bytes = std::span<const std::uint8_t>;

/// The addresses whose first `bits` bits are those of `first` (the bytes left out are 0).
template <std::size_t size>
struct Range {
  std::array<std::uint8_t, size> first;
  int bits;
  AddressReach reach;

  bool holds(Bytes address) const {
    int left = bits;
    for (std::size_t i = 0; i < size && left > 0; ++i, left -= 8) {
      const auto mask = static_cast<std::uint8_t>(left >= 8 ? 0xFF : 0xFF << (8 - left));
      if ((address[i] & mask) != first[i]) return false;
    }
    return true;
  }
};

// IANA's special-purpose registries (RFC 6890), as far as a name from outside must not lead there.
constexpr std::array<Range<4>, 11> kRanges4{{{{0}, 8, AddressReach::unspecified},
                                             {{10}, 8, AddressReach::private_network},
                                             {{100, 64}, 10, AddressReach::shared},
                                             {{127}, 8, AddressReach::loopback},
                                             {{169, 254}, 16, AddressReach::link_local},
                                             {{172, 16}, 12, AddressReach::private_network},
                                             {{192, 0, 0}, 24, AddressReach::reserved},
                                             {{192, 168}, 16, AddressReach::private_network},
                                             {{198, 18}, 15, AddressReach::reserved},
                                             {{224}, 4, AddressReach::multicast},
                                             {{240}, 4, AddressReach::reserved}}};
constexpr std::array<Range<16>, 7> kRanges6{{{{}, 128, AddressReach::unspecified},
                                             {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, AddressReach::loopback},
                                             {{0, 0x64, 0xFF, 0x9B, 0, 1}, 48, AddressReach::private_network},
                                             {{0xFC}, 7, AddressReach::private_network},
                                             {{0xFE, 0x80}, 10, AddressReach::link_local},
                                             {{0xFE, 0xC0}, 10, AddressReach::private_network},
                                             {{0xFF}, 8, AddressReach::multicast}}};

/// IPv6 addresses that carry an IPv4 address, and at which byte.
struct Carrier {
  Range<16> range;
  std::size_t at;
  bool inverted = false;  ///< Teredo hides it from routers that rewrite addresses (RFC 4380 §4)
};
constexpr std::array<Carrier, 6> kCarriers{{{{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, 96, {}}, 12},     // mapped
                                            {{{}, 96, {}}, 12},                                             // compatible
                                            {{{0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, 96, {}}, 12},           // translated (RFC 2765)
                                            {{{0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0}, 96, {}}, 12},  // NAT64 (RFC 6052)
                                            {{{0x20, 0x02}, 16, {}}, 2},                                    // 6to4 (RFC 3056)
                                            {{{0x20, 0x01, 0, 0}, 32, {}}, 12, true}}};                     // Teredo

template <std::size_t size, std::size_t count>
AddressReach reach_in(const std::array<Range<size>, count>& ranges, Bytes address) {
  const auto found = std::find_if(ranges.begin(), ranges.end(), [&](const Range<size>& range) { return range.holds(address); });
  return found == ranges.end() ? AddressReach::everywhere : found->reach;
}

}  // namespace

std::string_view name_of(AddressReach reach) {
  static constexpr std::array<std::string_view, 8> kNames{"public", "loopback",    "private",   "link-local",
                                                          "shared", "unspecified", "multicast", "reserved"};
  return kNames.at(static_cast<std::size_t>(reach));
}

AddressReach reach_of(Bytes address) {
  if (address.size() == 4) return reach_in(kRanges4, address);
  if (address.size() != 16) return AddressReach::reserved;
  if (const AddressReach own = reach_in(kRanges6, address); own != AddressReach::everywhere) return own;
  for (const Carrier& carrier : kCarriers) {
    if (!carrier.range.holds(address)) continue;
    std::array<std::uint8_t, 4> inner{};
    std::copy_n(address.begin() + static_cast<std::ptrdiff_t>(carrier.at), inner.size(), inner.begin());
    if (carrier.inverted)
      for (std::uint8_t& byte : inner) byte = static_cast<std::uint8_t>(~byte);
    return reach_in(kRanges4, inner);
  }
  return AddressReach::everywhere;
}

std::optional<AddressReach> reach_of_text(std::string_view text) {
  const std::string address(text.substr(0, text.find('%')));
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, address.c_str(), bytes.data()) == 1) return reach_of(Bytes(bytes).first(4));
  if (inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1) return reach_of(bytes);
  return std::nullopt;
}

}  // namespace sluice
