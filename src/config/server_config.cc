#include "config/server_config.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "config/config.h"

namespace sluice {
namespace {

constexpr std::size_t kProxiesMax = 100, kLabelMax = 40, kHostMax = 253;
constexpr int kMappedBits = 96;  // an IPv4 address behind ::ffff:
constexpr int kBitsMax = 128, kBits4Max = 32, kBitsOfByte = 8;

/// The address in 16 bytes; nothing where it is none.
std::optional<std::array<std::uint8_t, 16>> bytes_of(std::string_view text) {
  const std::string address(text);
  if (address.find('\0') != std::string::npos) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1) return bytes;
  constexpr std::size_t kBehind = kMappedBits / kBitsOfByte;
  bytes = {};
  bytes[kBehind - 2] = bytes[kBehind - 1] = 0xff;
  if (inet_pton(AF_INET, address.c_str(), bytes.data() + kBehind) == 1) return bytes;
  return std::nullopt;
}

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

bool begins_alike(const std::array<std::uint8_t, 16>& one, const std::array<std::uint8_t, 16>& other, int bits) {
  for (int bit = 0; bit < bits; ++bit) {
    const auto byte = static_cast<std::size_t>(bit / kBitsOfByte);
    const int shift = kBitsOfByte - 1 - bit % kBitsOfByte;
    if (((one.at(byte) ^ other.at(byte)) >> shift & 1) != 0) return false;
  }
  return true;
}

const AddressBlock& loopback4() {
  static const AddressBlock kBlock = *parse_address_block("127.0.0.0/8");
  return kBlock;
}
const AddressBlock& loopback6() {
  static const AddressBlock kBlock = *parse_address_block("::1");
  return kBlock;
}

bool is_loopback_host(std::string_view host) { return host == "localhost" || loopback4().contains(host) || loopback6().contains(host); }

Error no_listen(std::string_view text) {
  return {ErrorKind::input, "E0703", "\"" + show_hidden(text, false) + "\" is no address with a port",
          "an address of this machine and a port: 127.0.0.1:8080, '[::1]:8080', localhost:8080, 0.0.0.0:8080 for all", 0};
}

Error no_block(std::string_view text, const std::string& why) {
  return {ErrorKind::input, "E0703", "\"" + show_hidden(text, false) + "\" " + why, "write for example 127.0.0.1/32, 10.0.0.0/8 or ::1/128", 0};
}

/// The same with the line at which it stands.
Error at(const ConfigSource& source, const YamlNode& node, const std::string& key, const Error& error) {
  return at_line(source, node, error.code.c_str(), key + ": " + error.message, error.hint);
}

/// "https://sluice.example.org:8443", without what browsers do not send as an origin.
Result<std::string> read_public_url(const ConfigSource& source, const YamlNode& node) {
  TRY(std::string text, text_at(source, node, "public_url"));
  std::string url = to_lower(text);
  if (url.ends_with('/')) url.pop_back();
  const std::string scheme = url.starts_with("https://") ? "https://" : "http://";
  const std::string_view host = url.starts_with(scheme) ? std::string_view(url).substr(scheme.size()) : std::string_view();
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || std::string_view("-.:[]").find(c) != std::string::npos; };
  const std::string_view usual_port = scheme == "https://" ? ":443" : ":80";  // browsers leave it out of Host and Origin
  if (!host.empty() && host.size() <= kHostMax && std::ranges::all_of(host, fits))
    return url.ends_with(usual_port) ? url.substr(0, url.size() - usual_port.size()) : url;
  return wrong_type(source, node, "public_url", "where people reach the server, without a path: https://sluice.example.org");
}

Result<> read_tls(const ConfigSource& source, const YamlNode& node, ServerConfig& out) {
  TRY_VOID(known_keys(source, node, "server.tls", {"certificate", "key"}));
  for (const auto& [key, member] : {std::pair{"certificate", &ServerConfig::certificate}, std::pair{"key", &ServerConfig::key}}) {
    const YamlNode* value = node.find(key);
    if (value == nullptr)
      return at_line(source, node, "E0704", std::string("server.tls lacks \"") + key + "\"",
                     "name both files: {certificate: server.pem, key: server.key}");
    TRY(const std::string file, text_at(source, *value, key));
    if (file.empty()) return wrong_type(source, *value, key, "a file");
    out.*member = absolute(source, file);
  }
  return {};
}

Result<> read_proxies(const ConfigSource& source, const YamlNode& node, ServerConfig& out) {
  if (node.kind != YamlNode::Kind::list || node.items.size() > kProxiesMax)
    return wrong_type(source, node, "trusted_proxies", "a list of at most " + std::to_string(kProxiesMax) + " addresses such as 127.0.0.1/32");
  for (const YamlNode& item : node.items) {
    TRY(const std::string text, text_at(source, item, "trusted_proxies"));
    const auto block = parse_address_block(text);
    if (!block) return at(source, item, "trusted_proxies", block.error());
    out.trusted_proxies.push_back(*block);
  }
  return {};
}

Result<> read_limits(const ConfigSource& source, const YamlNode& node, ServerLimits& out) {
  struct Limit {
    const char* key;
    std::int64_t ServerLimits::* member;
    Parse parse;
    std::int64_t most;
  };
  static constexpr std::array<Limit, 5> kLimits{{{"connections", &ServerLimits::connections, whole_number, 100'000},
                                                 {"connections_per_client", &ServerLimits::connections_per_client, whole_number, 100'000},
                                                 {"requests_per_second", &ServerLimits::requests_per_second, whole_number, 1'000'000},
                                                 {"burst", &ServerLimits::burst, whole_number, 1'000'000},
                                                 {"body_bytes", &ServerLimits::body_bytes, parse_bytes, 100'000'000}}};
  std::vector<std::string> keys;
  for (const Limit& limit : kLimits) keys.emplace_back(limit.key);
  TRY_VOID(known_keys(source, node, "server.limits", keys));
  for (const Limit& limit : kLimits) {
    const YamlNode* value = node.find(limit.key);
    if (value == nullptr) continue;
    TRY(out.*limit.member, amount_at(source, *value, limit.key, limit.parse, true));
    if (out.*limit.member > limit.most) return wrong_type(source, *value, limit.key, "at most " + std::to_string(limit.most));
  }
  return {};
}

Result<Login> read_login(const ConfigSource& source, const YamlNode& node) {
  TRY(const std::string text, text_at(source, node, "login"));
  for (const auto& [login, name] : EnumNames<Login>::names)
    if (name == text) return login;
  return at_line(source, node, "E0703", "login has to be off, tokens or oidc" + did_you_mean(text, {"off", "tokens", "oidc"}),
                 "oidc: people log in at the provider of `oidc`; tokens: whoever comes shows a token of `sluice tokens create`; off: whoever comes "
                 "may do everything");
}

Result<> read_keys(const ConfigSource& source, const YamlNode& node, const std::vector<std::string>& connections, ServerConfig& out) {
  if (const YamlNode* value = node.find("listen")) {
    TRY(const std::string text, text_at(source, *value, "listen"));
    const auto listen = parse_listen(text);
    if (!listen) return at(source, *value, "listen", listen.error());
    out.listen = *listen;
  }
  if (const YamlNode* value = node.find("tls")) TRY_VOID(read_tls(source, *value, out));
  if (const YamlNode* value = node.find("public_url")) {
    TRY(out.public_url, read_public_url(source, *value));
  }
  if (const YamlNode* value = node.find("trusted_proxies")) TRY_VOID(read_proxies(source, *value, out));
  if (const YamlNode* value = node.find("environment")) {
    TRY(out.environment, text_at(source, *value, "environment"));
    if (out.environment.size() > kLabelMax || show_hidden(out.environment, false) != out.environment)
      return wrong_type(source, *value, "environment", "a short label such as staging");
  }
  if (const YamlNode* value = node.find("login")) {
    TRY(out.login, read_login(source, *value));
  }
  const YamlNode* oidc = node.find("oidc");
  if ((out.login == Login::oidc) != (oidc != nullptr))
    return at_line(
        source, oidc != nullptr ? *oidc : node, "E0704",
        oidc != nullptr ? "server.oidc is there, and `login` is not oidc" : "server lacks \"oidc\", which `login: oidc` needs",
        "write both: login: oidc, and oidc: {issuer: https://id.example.org, client_id: sluice, client_secret: \"${OIDC_CLIENT_SECRET}\"}");
  if (oidc != nullptr) {
    TRY(out.oidc, read_oidc(source, *oidc));
  }
  if (const YamlNode* value = node.find("limits")) TRY_VOID(read_limits(source, *value, out.limits));
  if (const YamlNode* value = node.find("access")) {
    TRY(out.access, read_access(source, *value, connections));
  }
  return {};
}

}  // namespace

bool ListenAddress::is_loopback() const { return is_loopback_host(host); }

std::string ListenAddress::text() const { return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port); }

Result<ListenAddress> parse_listen(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return no_listen(text);
  std::string_view host = text.substr(0, colon);
  const bool in_brackets = host.starts_with('[') && host.ends_with(']');
  if (in_brackets) host = host.substr(1, host.size() - 2);
  const auto port = number_of<std::uint16_t>(text.substr(colon + 1));
  const bool is_host = host == "localhost" || (bytes_of(host) && in_brackets == (host.find(':') != std::string_view::npos));
  if (!port || !is_host) return no_listen(text);
  return ListenAddress{std::string(host), *port};
}

bool AddressBlock::contains(std::string_view address) const {
  const auto other = bytes_of(address);
  return other && bits > 0 && begins_alike(bytes, *other, bits);
}

Result<AddressBlock> parse_address_block(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view address = text.substr(0, slash);
  const auto bytes = bytes_of(address);
  if (!bytes) return no_block(text, "is no address");
  const bool is_4 = address.find(':') == std::string_view::npos;
  const int most = is_4 ? kBits4Max : kBitsMax;
  const auto bits = slash == std::string_view::npos ? std::optional(most) : number_of<int>(text.substr(slash + 1));
  if (!bits || *bits < 0 || *bits > most) return no_block(text, "has no length from 1 to " + std::to_string(most) + " behind its /");
  if (*bits == 0) return no_block(text, "is everybody: then anybody could say to come from anywhere");
  const AddressBlock block{*bytes, *bits + (is_4 ? kMappedBits : 0)};
  for (int bit = block.bits; bit < kBitsMax; ++bit)
    if ((bytes->at(static_cast<std::size_t>(bit / kBitsOfByte)) >> (kBitsOfByte - 1 - bit % kBitsOfByte) & 1) != 0)
      return no_block(text, "has more bits than its length says");
  return block;
}

Login login_of(const ServerConfig& server) {
  const bool alone = server.listen.is_loopback() && server.public_url.empty() && server.trusted_proxies.empty() && server.access.empty();
  return server.login.value_or(alone ? Login::off : Login::tokens);
}

Result<> check_access(const ServerConfig& server) {
  if (login_of(server) == Login::off || !server.access.empty()) return {};
  return Error{
      ErrorKind::input, "E0713",
      "whoever comes to the server at " + server.listen.text() + " has to show who they are, and nobody may do anything: there is no `access`",
      "say who may do what in sluice.yaml:\nserver:\n  access:\n    - {who: token:ci, role: analyst, connections: all, workflows: [ask]}\n"
      "or let it listen where only this machine comes, and leave `login` out: listen: 127.0.0.1:8080",
      0};
}

std::vector<std::string> server_warnings(const ServerConfig& server) {
  std::vector<std::string> out;
  const bool off = login_of(server) == Login::off, away = !server.listen.is_loopback();
  if (off && away)
    out.push_back("nobody has to log in (`login: off`), and the server listens at " + server.listen.text() +
                  ": whoever reaches that address can see all data, ask, approve and cancel. Set `login: oidc` or `login: tokens`, and `access`, or "
                  "listen at 127.0.0.1.");
  if (off && !away && (!server.trusted_proxies.empty() || !server.public_url.empty()))
    out.emplace_back(
        "nobody has to log in, and a proxy brings others to this server (trusted_proxies, public_url): whoever reaches the proxy can see all data, "
        "ask, "
        "approve and cancel. Set `login: oidc` or `login: tokens`, and `access`, unless the proxy lets nobody else in.");
  if (away && server.certificate.empty() && server.trusted_proxies.empty())
    out.push_back("the server listens at " + server.listen.text() +
                  " without TLS: tokens and data can be read on their way. Set `tls: {certificate, key}`, or put a proxy before it that has TLS.");
  if (server.oidc.client_secret.has_literal())
    out.emplace_back(
        "the secret of `oidc` is written out in sluice.yaml: whoever can read that file can log in as Sluice. Set `client_secret: ${NAME}`.");
  return out;
}

Result<> read_server(const ConfigSource& source, const YamlNode& root, Config& config) {
  const YamlNode* node = root.find("server");
  if (node == nullptr || node->kind == YamlNode::Kind::null) return {};
  TRY_VOID(
      known_keys(source, *node, "server", {"listen", "tls", "public_url", "trusted_proxies", "environment", "login", "oidc", "limits", "access"}));
  std::vector<std::string> connections;
  for (const ConnectionConfig& connection : config.connections) connections.push_back(connection.name);
  TRY_VOID(read_keys(source, *node, connections, config.server));
  const auto useful = check_access(config.server);
  if (useful) return {};
  return at(source, *node, "server", useful.error());
}

}  // namespace sluice
