#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sluice {

/// Who can be met at an IP address: anybody's service, or something of this machine or network that a name from outside must not lead to.
enum class AddressReach : std::uint8_t {
  everywhere,
  loopback,         ///< 127/8, ::1
  private_network,  ///< RFC 1918, fc00::/7, fec0::/10, the local NAT64 prefix 64:ff9b:1::/48
  link_local,       ///< 169.254/16 (clouds' metadata services), fe80::/10
  shared,           ///< 100.64/10, between a provider and its customers
  unspecified,      ///< 0/8, ::
  multicast,        ///< 224/4, ff00::/8
  reserved,         ///< 240/4, 192.0.0/24, 198.18/15, and whatever is no address
};
/// In words for a message: "private", "link-local".
std::string_view name_of(AddressReach reach);

/// Of 4 bytes (IPv4) or 16 (IPv6) in network order. An IPv6 address that carries an IPv4 address (mapped, compatible, translated, 6to4, NAT64,
/// Teredo) is judged by that one.
AddressReach reach_of(std::span<const std::uint8_t> address);
/// Of an address as text, "10.0.0.1" or "fe80::1%eth0", without brackets; nothing where the text is no address.
std::optional<AddressReach> reach_of_text(std::string_view text);

}  // namespace sluice
