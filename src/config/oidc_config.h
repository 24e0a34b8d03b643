#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "config/secret_text.h"
#include "config/yaml_reading.h"

namespace sluice {

/// How a provider may sign, as RFC 7518 calls it: by a key that only it has.
inline constexpr std::array<std::string_view, 9> kOidcAlgorithms{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"};

/// `server.oidc:` in sluice.yaml: who knows the people that log in.
struct OidcConfig {
  std::string issuer{};        ///< byte by byte as the provider says it
  std::string client_id{};     ///< as Sluice is registered there
  SecretText client_secret{};  ///< empty: registered as a public client
  std::string name{};          ///< on the button; "": the issuer's host
  std::vector<std::string> scopes{"openid", "email", "profile"};
  std::vector<std::string> algorithms{"RS256", "ES256"};
  std::string groups_claim{"groups"};
  std::vector<std::string> allowed_domains{};  ///< of addresses; none: all
  bool takes_unverified_email = false;
  SecretText proxy{};          ///< empty: what the environment says
  std::string ca_file{};       ///< authorities to trust, absolute; empty: those of the system
  bool allow_private = false;  ///< the provider's name may mean a private address

  bool operator==(const OidcConfig&) const = default;
};

/// E0702 to E0706.
Result<OidcConfig> read_oidc(const ConfigSource& source, const YamlNode& node);

}  // namespace sluice
