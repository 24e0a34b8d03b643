#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/ports/login_provider.h"
#include "base/json.h"
#include "net/http.h"

// OpenID Connect's words, without a network: the authorization code flow with PKCE (OpenID Connect Core 1.0, RFC 6749, RFC 7636, RFC 9207).
namespace sluice::oidc {

/// What a provider says of itself (OpenID Connect Discovery 1.0).
struct Discovery {
  std::string authorization_endpoint{}, token_endpoint{}, jwks_uri{};
  std::string userinfo_endpoint{};  ///< "" where there is none
  bool takes_basic = true;          ///< the client's secret in a header; else in the body
  bool says_issuer = false;         ///< in what comes back with the browser
};
constexpr std::size_t kDiscoveryBytesMax = 256 * 1024, kAnswerBytesMax = 1'000'000;
constexpr std::size_t kIdTokenBytesMax = 64 * 1024;  ///< with hundreds of groups

/// Where an issuer's description is.
std::string discovery_url(const std::string& issuer);
/// E1310: it is none, of another issuer (compared byte by byte), or names an address that is not https.
Result<Discovery> read_discovery(std::string_view document, const std::string& issuer);

/// Who asks.
struct Client {
  std::string id{};
  std::string secret{};  ///< "": it has none
  std::vector<std::string> scopes{};
};

/// "a=1&b=x%20y" (application/x-www-form-urlencoded).
std::string form(const std::vector<std::pair<std::string, std::string>>& fields);
/// SHA-256 of the verifier, as RFC 7636 §4.2 writes it.
std::string challenge_of(const std::string& verifier);
std::string authorization_url(const Discovery& provider, const Client& client, const LoginAttempt& attempt);
HttpRequest token_request(const Discovery& provider, const Client& client, const LoginAttempt& attempt, const std::string& code);
HttpRequest userinfo_request(const Discovery& provider, const std::string& access_token);

/// What an answer of the token endpoint means that is no success; nothing: it is one. E1311 with the provider's word ("invalid_grant"), else as
/// `judge_status`.
std::optional<Error> judge_token_answer(const HttpResponse& response);
struct Tokens {
  std::string id_token{};
  std::string access_token{};  ///< "" where there is none
};
/// E1310.
Result<Tokens> read_tokens(std::string_view body);

/// How claims become a person.
struct PersonRules {
  std::string groups_claim{"groups"};
  std::vector<std::string> allowed_domains{};  ///< none: all
  bool takes_unverified_email = false;
};
/// E1313.
Result<LoggedIn> person_of(const Json& claims, const PersonRules& rules);

/// E1310.
Error not_usable(const std::string& what);

}  // namespace sluice::oidc
