#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/access_config.h"
#include "config/oidc_config.h"

namespace sluice {

/// Where the server listens: an address and a port.
struct ListenAddress {
  std::string host{"127.0.0.1"};  ///< as written, an IPv6 address without its brackets; or "localhost"
  std::uint16_t port = 8080;

  bool is_loopback() const;
  /// "127.0.0.1:8080", "[::1]:8080"
  std::string text() const;
  bool operator==(const ListenAddress&) const = default;
};
/// E0703.
Result<ListenAddress> parse_listen(std::string_view text);

/// Addresses that begin alike: "10.0.0.0/8", "::1/128".
struct AddressBlock {
  std::array<std::uint8_t, 16> bytes{};  ///< an IPv4 address as IPv6 writes it: ::ffff:10.0.0.0
  int bits = 0;                          ///< of these 16 bytes

  /// Whether the address (without port or brackets) is in it; never for what is no address.
  bool contains(std::string_view address) const;
  bool operator==(const AddressBlock&) const = default;
};
/// An address alone is a block of one. E0703 for what is none, has bits behind its length, or is everything.
Result<AddressBlock> parse_address_block(std::string_view text);

/// How people show who they are. API tokens count wherever somebody has to.
enum class Login : std::uint8_t { off, tokens, oidc };
template <>
struct EnumNames<Login> {
  static constexpr std::array<std::pair<Login, std::string_view>, 3> names{{{Login::off, "off"}, {Login::tokens, "tokens"}, {Login::oidc, "oidc"}}};
};

struct ServerLimits {
  std::int64_t connections = 1000;
  std::int64_t connections_per_client = 200;  ///< proxies that are trusted are no clients
  std::int64_t requests_per_second = 100;     ///< of one client
  std::int64_t burst = 300;                   ///< …at once, before that counts
  std::int64_t body_bytes = 1'000'000;        ///< of a request

  bool operator==(const ServerLimits&) const = default;
};

/// `server:` in sluice.yaml. Paths are absolute.
struct ServerConfig {
  ListenAddress listen{};
  std::string certificate{}, key{};  ///< of TLS, PEM; both or none
  std::string public_url{};          ///< as people reach it, without a slash at its end; "" for the address where it listens
  std::vector<AddressBlock> trusted_proxies{};
  std::string environment{};     ///< a label for people: "staging"
  std::optional<Login> login{};  ///< as it is written; what counts says `login_of`
  OidcConfig oidc{};             ///< where `login` is oidc
  ServerLimits limits{};
  std::vector<AccessConfig> access{};

  bool operator==(const ServerConfig&) const = default;
};

/// Whether people have to log in where nothing is said: not where only this machine can come, no proxy brings others, and nobody has said who may do
/// what.
Login login_of(const ServerConfig& server);
/// E0713: people have to log in, and nobody may do anything. For a server that listens elsewhere than sluice.yaml says, to be asked again.
Result<> check_access(const ServerConfig& server);
/// What makes the server less safe than it could be, a sentence each, for whoever starts it.
std::vector<std::string> server_warnings(const ServerConfig& server);

struct Config;
/// `server:`, once the connections have been read. E0702 to E0706, E0713.
Result<> read_server(const ConfigSource& source, const YamlNode& root, Config& config);

}  // namespace sluice
