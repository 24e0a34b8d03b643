#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/codec.h"
#include "base/json.h"
#include "base/result.h"

// Signed tokens of somebody else's (JWT in JWS compact form: RFC 7519, 7515), verified as RFC 8725 has it. Values; any thread.
namespace sluice {

/// How a token may be signed: by a key that only its issuer has. There is no `none`, and no HS*, where the issuer's public key would be the secret.
enum class JwtAlgorithm : std::uint8_t { rs256, rs384, rs512, ps256, ps384, ps512, es256, es384, es512 };
template <>
struct EnumNames<JwtAlgorithm> {
  static constexpr std::array<std::pair<JwtAlgorithm, std::string_view>, 9> names{{{JwtAlgorithm::rs256, "RS256"},
                                                                                   {JwtAlgorithm::rs384, "RS384"},
                                                                                   {JwtAlgorithm::rs512, "RS512"},
                                                                                   {JwtAlgorithm::ps256, "PS256"},
                                                                                   {JwtAlgorithm::ps384, "PS384"},
                                                                                   {JwtAlgorithm::ps512, "PS512"},
                                                                                   {JwtAlgorithm::es256, "ES256"},
                                                                                   {JwtAlgorithm::es384, "ES384"},
                                                                                   {JwtAlgorithm::es512, "ES512"}}};
};

/// A public key of an issuer.
struct Jwk {
  std::string kid{};        ///< "" where it has none
  std::string algorithm{};  ///< the only one that it is for; "" for any of its type
  std::string curve{};      ///< "P-256"; "" for RSA
  std::string json{};       ///< kty and the public members alone, as they are given to the library
};

/// The keys of an issuer (RFC 7517).
class JwkSet {
 public:
  static constexpr std::size_t kBytesMax = 256 * 1024, kKeysMax = 100;
  /// Keys that are for something else than signatures, of a type or size that is not taken, or that hold a secret, are passed over. E1309: it is no
  /// such document, too large, or has no key that is left.
  static Result<JwkSet> parse(std::string_view document);
  const std::vector<Jwk>& keys() const { return keys_; }

 private:
  std::vector<Jwk> keys_{};
};

/// What a token has to be. What is left empty lets nothing through.
struct JwtRules {
  std::vector<std::string> issuers{};  ///< `iss` is one of them, byte by byte
  std::string audience{};              ///< `aud` is it, or has it among others with `azp` naming it
  std::vector<JwtAlgorithm> algorithms{JwtAlgorithm::rs256, JwtAlgorithm::es256};
  std::chrono::seconds leeway{60};    ///< by which clocks may differ
  std::size_t max_bytes = 16 * 1024;  ///< of the token
  std::chrono::sys_seconds now{};
};

/// The claims of a token that holds: signed with one of the keys by a permitted algorithm, said before a key is looked for; of an issuer and for the
/// audience of the rules; begun and not expired (`exp` and `iat` have to be there). Refused are members that are there twice, `crit`, and headers
/// that bring or name a key of their own (`jwk`, `jku`, `x5c`, `x5u`).
/// E1307 (forbidden): why not, in a message for logs and the audit chain that quotes no claim. E1308 (forbidden): no key of the set has its `kid`.
Result<Json> verify_jwt(std::string_view token, const JwkSet& keys, const JwtRules& rules);

/// What of that can be said without any key: size, form, algorithm, header. E1307.
Result<> check_jwt_form(std::string_view token, const JwtRules& rules);

/// Whether a member stands twice in an object, anywhere in it: two readers would take two values.
bool has_member_twice(const Json& value);

}  // namespace sluice
