#include "net/proxy.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>

#include "base/text.h"
#include "net/address.h"

namespace sluice {
namespace {

std::string variable(const char* lower, const char* upper) {
  for (const char* name : {lower, upper})
    if (const char* value = name != nullptr ? std::getenv(name) : nullptr; value != nullptr && *value != '\0') return value;
  return {};
}

struct Address {
  std::array<std::uint8_t, 16> bytes{};
  std::size_t size = 0;
};
std::optional<Address> address_of(const std::string& text) {
  Address out;
  if (inet_pton(AF_INET, text.c_str(), out.bytes.data()) == 1) return Address{out.bytes, 4};
  if (inet_pton(AF_INET6, text.c_str(), out.bytes.data()) == 1) return Address{out.bytes, 16};
  return std::nullopt;
}

bool is_in_network(const std::string& host, std::string_view network) {
  const std::size_t slash = network.find('/');
  const auto address = address_of(host), first = address_of(std::string(network.substr(0, slash)));
  if (!address || !first || address->size != first->size) return false;
  int bits = static_cast<int>(first->size) * 8;
  if (slash != std::string_view::npos) {
    const std::string_view digits = network.substr(slash + 1);
    const int most = bits;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc() || end != digits.data() + digits.size() || bits < 0 || bits > most) return false;
  }
  for (std::size_t i = 0; i < first->size && bits > 0; ++i, bits -= 8) {
    const auto mask = static_cast<std::uint8_t>(bits >= 8 ? 0xFF : 0xFF << (8 - bits));
    if (((address->bytes[i] ^ first->bytes[i]) & mask) != 0) return false;
  }
  return true;
}

/// Whether an entry of NO_PROXY means the origin.
bool means(std::string_view entry, const HttpOrigin& origin) {
  if (entry == "*") return true;
  // A port follows a name, an IPv4 address or a bracket; other colons are an IPv6 address's own.
  const std::size_t colon = entry.rfind(':');
  if (colon != std::string_view::npos && (entry.find(':') == colon || (colon > 0 && entry[colon - 1] == ']'))) {
    if (entry.substr(colon + 1) != std::to_string(origin.port)) return false;
    entry = entry.substr(0, colon);
  }
  if (entry.starts_with('[') && entry.ends_with(']')) entry = entry.substr(1, entry.size() - 2);
  if (origin.is_address) return is_in_network(origin.host, entry);
  if (entry.starts_with('*')) entry.remove_prefix(1);
  if (entry.starts_with('.')) entry.remove_prefix(1);
  if (entry.ends_with('.')) entry.remove_suffix(1);
  std::string_view host = origin.host;
  if (host.ends_with('.')) host.remove_suffix(1);
  if (entry.empty() || host.size() < entry.size()) return false;
  const std::size_t before = host.size() - entry.size();
  return equals_ignoring_case(host.substr(before), entry) && (before == 0 || host[before - 1] == '.');
}

}  // namespace

ProxyVariables ProxyVariables::of_environment() {
  const std::string all = variable("all_proxy", "ALL_PROXY");
  const bool is_cgi = std::getenv("REQUEST_METHOD") != nullptr;
  ProxyVariables out{variable("https_proxy", "HTTPS_PROXY"), variable("http_proxy", is_cgi ? nullptr : "HTTP_PROXY"),
                     variable("no_proxy", "NO_PROXY")};
  if (out.https.empty()) out.https = all;
  if (out.http.empty()) out.http = all;
  return out;
}

std::string proxy_for(const HttpOrigin& origin, const ProxyVariables& variables) {
  const std::string& proxy = origin.is_secure() ? variables.https : variables.http;
  if (proxy.empty() || origin.host == "localhost" || reach_of_text(origin.host) == AddressReach::loopback) return {};
  std::string list = variables.none;
  for (char& c : list)
    if (c == ' ' || c == '\t') c = ',';
  for (const std::string_view entry : split(list, ','))
    if (!entry.empty() && means(entry, origin)) return {};
  return proxy;
}

}  // namespace sluice
