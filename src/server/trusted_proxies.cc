#include "server/trusted_proxies.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "base/text.h"

namespace sluice {
namespace {

constexpr int kBits = 128, kIpv4Offset = 96;
using Bytes = std::array<unsigned char, 16>;

/// IPv4 as an IPv4-mapped address, so that both kinds compare.
std::optional<Bytes> address_of(std::string_view text) {
  const std::string name(text);
  Bytes bytes{};
  if (inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1) return bytes;
  bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
  if (inet_pton(AF_INET, name.c_str(), bytes.data() + kIpv4Offset / 8) == 1) return bytes;
  return std::nullopt;
}

bool same_start(const Bytes& one, const Bytes& other, int bits) {
  const int whole = bits / 8, rest = bits % 8;
  if (std::memcmp(one.data(), other.data(), static_cast<std::size_t>(whole)) != 0) return false;
  if (rest == 0) return true;
  const auto index = static_cast<std::size_t>(whole);
  return (one[index] ^ other[index]) >> (8 - rest) == 0;
}

}  // namespace

Result<TrustedProxies> TrustedProxies::of(const std::vector<std::string>& ranges) {
  TrustedProxies proxies;
  for (const std::string& text : ranges) {
    const std::size_t slash = text.find('/');
    const auto bytes = address_of(std::string_view(text).substr(0, slash));
    const bool is_ipv4 = text.find(':') == std::string::npos;
    const int bits_max = is_ipv4 ? kBits - kIpv4Offset : kBits;
    int bits = bits_max;
    bool read = true;
    if (slash != std::string::npos) {
      const char* begin = text.data() + slash + 1;
      const auto [end, failure] = std::from_chars(begin, text.data() + text.size(), bits);
      read = failure == std::errc() && end == text.data() + text.size() && end != begin;
    }
    if (!bytes || !read || bits < 0 || bits > bits_max)
      return Error{ErrorKind::input, "E1203", "\"" + show_hidden(text, false) + "\" is no address and no range of addresses",
                   "write a proxy as 10.1.2.3, and a range as 10.1.0.0/16", 0};
    proxies.ranges_.push_back({*bytes, is_ipv4 ? bits + kIpv4Offset : bits});
  }
  return proxies;
}

bool TrustedProxies::contains(std::string_view address) const {
  const auto bytes = address_of(address);
  return bytes && std::ranges::any_of(ranges_, [&](const Range& range) { return same_start(*bytes, range.bytes, range.bits); });
}

std::string TrustedProxies::client(const std::string& peer, std::string_view forwarded_for) const {
  if (!contains(peer)) return peer;
  std::string client = peer;
  const std::vector<std::string_view> hops = split(forwarded_for, ',');
  for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
    const std::string address(trim(*hop));
    if (!address_of(address)) break;
    client = address;
    if (!contains(address)) break;
  }
  return client;
}

}  // namespace sluice
