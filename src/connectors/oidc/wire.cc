#include "connectors/oidc/wire.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"
#include "net/jwks_cache.h"
#include "net/jwt.h"

namespace sluice::oidc {
namespace {

constexpr int kDepthMax = 16;
constexpr int kBadRequest = 400, kServerError = 500, kTooManyRequests = 429;

Error not_this_person(const std::string& why, const std::string& hint) { return {ErrorKind::forbidden, "E1313", why, hint, 0}; }

std::string quoted(std::string_view text) {
  constexpr int kShown = 100;
  return "\"" + clipped(show_hidden(text, false), kShown) + "\"";
}

Result<Json> object_of(std::string_view document, const std::string& what) {
  auto parsed = Json::parse(document, kDepthMax);
  if (!parsed || parsed->as_object() == nullptr || has_member_twice(*parsed)) return not_usable(what + " is no JSON object");
  return *std::move(parsed);
}

bool has(const Json& list, std::string_view text) {
  const auto* array = list.as_array();
  return array != nullptr && std::ranges::find(*array, Json(text)) != array->end();
}

/// Some providers say it as text.
bool is_true(const Json& value) {
  return (value.as_bool() != nullptr && *value.as_bool()) || (value.as_string() != nullptr && *value.as_string() == "true");
}

std::vector<std::string> groups_of(const Json& claim) {
  std::vector<std::string> groups;
  if (claim.as_string() != nullptr) groups.push_back(*claim.as_string());
  if (const auto* list = claim.as_array())
    for (const Json& group : *list)
      if (group.as_string() != nullptr) groups.push_back(*group.as_string());
  std::erase(groups, "");
  return groups;
}

}  // namespace

Error not_usable(const std::string& what) {
  return {ErrorKind::transient, "E1310", "the login provider cannot be used: " + what,
          "try again; if it stays, whoever runs this server compares `server: oidc:` in sluice.yaml with the provider", 0};
}

std::string discovery_url(const std::string& issuer) {
  return (issuer.ends_with('/') ? issuer.substr(0, issuer.size() - 1) : issuer) + "/.well-known/openid-configuration";
}

Result<Discovery> read_discovery(std::string_view document, const std::string& issuer) {
  if (document.size() > kDiscoveryBytesMax) return not_usable("what it says of itself is too long");
  TRY(const Json said, object_of(document, "what it says of itself"));
  if (said.text("issuer") != issuer) return not_usable("it says to be " + quoted(said.text("issuer")) + ", and `issuer` is " + quoted(issuer));
  Discovery out{.authorization_endpoint = std::string(said.text("authorization_endpoint")),
                .token_endpoint = std::string(said.text("token_endpoint")),
                .jwks_uri = std::string(said.text("jwks_uri")),
                .userinfo_endpoint = std::string(said.text("userinfo_endpoint"))};
  for (const auto& [name, url] : {std::pair{"authorization_endpoint", &out.authorization_endpoint},
                                  {"token_endpoint", &out.token_endpoint},
                                  {"jwks_uri", &out.jwks_uri},
                                  {"userinfo_endpoint", &out.userinfo_endpoint}}) {
    if (url->empty() && url == &out.userinfo_endpoint) continue;
    if (const auto trusted = check_trustworthy_url(*url); !trusted) return not_usable("its " + std::string(name) + ": " + trusted.error().message);
    if (url->find('#') != std::string::npos) return not_usable("its " + std::string(name) + " has a fragment");
  }
  const Json& methods = said["token_endpoint_auth_methods_supported"];
  out.takes_basic = methods.is_null() || has(methods, "client_secret_basic") || !has(methods, "client_secret_post");
  out.says_issuer = said.flag("authorization_response_iss_parameter_supported");
  return out;
}

std::string form(const std::vector<std::pair<std::string, std::string>>& fields) {
  static constexpr std::string_view kHex = "0123456789ABCDEF", kPlain = "-._~";
  std::string out;
  const auto append = [&out](std::string_view text) {
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (std::isalnum(byte) != 0 || kPlain.find(c) != std::string_view::npos) {
        out += c;
      } else {
        out += '%';
        out += kHex[byte >> 4U];
        out += kHex[byte & 15U];
      }
    }
  };
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out += '&';
    append(name);
    out += '=';
    append(value);
  }
  return out;
}

std::string challenge_of(const std::string& verifier) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(verifier.data()), verifier.size(), digest.data());
  std::string out = base64_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
  while (out.ends_with('=')) out.pop_back();
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return out;
}

std::string authorization_url(const Discovery& provider, const Client& client, const LoginAttempt& attempt) {
  const std::string& url = provider.authorization_endpoint;
  return url + (url.find('?') == std::string::npos ? "?" : "&") +
         form({{"response_type", "code"},
               {"client_id", client.id},
               {"redirect_uri", attempt.redirect_uri},
               {"scope", join(client.scopes, " ")},
               {"state", attempt.state},
               {"nonce", attempt.nonce},
               {"code_challenge", challenge_of(attempt.verifier)},
               {"code_challenge_method", "S256"}});
}

HttpRequest token_request(const Discovery& provider, const Client& client, const LoginAttempt& attempt, const std::string& code) {
  std::vector<std::pair<std::string, std::string>> fields{
      {"grant_type", "authorization_code"}, {"code", code}, {"redirect_uri", attempt.redirect_uri}, {"code_verifier", attempt.verifier}};
  HttpRequest request{.method = "POST", .url = provider.token_endpoint};
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
  const bool basic = !client.secret.empty() && provider.takes_basic;
  if (basic) {  // both parts encoded first: RFC 6749 §2.3.1
    const std::string id = form({{client.id, ""}}), secret = form({{client.secret, ""}});
    request.headers.push_back({"Authorization", "Basic " + base64_encode(id.substr(0, id.size() - 1) + ":" + secret.substr(0, secret.size() - 1))});
  } else {
    fields.emplace_back("client_id", client.id);
    if (!client.secret.empty()) fields.emplace_back("client_secret", client.secret);
  }
  request.body = form(fields);
  return request;
}

HttpRequest userinfo_request(const Discovery& provider, const std::string& access_token) {
  return {
      .method = "GET", .url = provider.userinfo_endpoint, .headers = {{"Authorization", "Bearer " + access_token}, {"Accept", "application/json"}}};
}

std::optional<Error> judge_token_answer(const HttpResponse& response) {
  const bool refused = response.status >= kBadRequest && response.status < kServerError && response.status != kTooManyRequests;
  if (!refused) return judge_status(response);
  // Only the word: the description may quote what it was sent.
  const auto said = Json::parse(response.body, kDepthMax);
  std::string word = said ? std::string(said->text("error")) : std::string();
  constexpr std::size_t kWordMax = 60;
  const auto fits = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.'; };
  if (word.empty() || word.size() > kWordMax || !std::ranges::all_of(word, fits)) word = "status " + std::to_string(response.status);
  const bool ours = word == "invalid_client" || word == "unauthorized_client";
  return Error{ErrorKind::refused, "E1311", "the login provider does not take what the browser brought back: " + word,
               ours ? "whoever runs this server compares `client_id` and `client_secret` with the provider" : "sign in again", 0};
}

Result<Tokens> read_tokens(std::string_view body) {
  TRY(const Json said, object_of(body, "its answer"));
  Tokens out{.id_token = std::string(said.text("id_token")), .access_token = std::string(said.text("access_token"))};
  if (out.id_token.empty()) return not_usable("it gave no id_token; `scopes` has to have openid");
  // It goes into a header.
  const auto visible = [](char c) { return c > ' ' && c < '\x7f'; };
  if (!std::ranges::all_of(out.access_token, visible)) return not_usable("its access token cannot be sent");
  return out;
}

Result<LoggedIn> person_of(const Json& claims, const PersonRules& rules) {
  const std::string email(claims.text("email"));
  if (email.empty()) return not_this_person("the login provider says no email address", "`scopes` has to have email, and the account an address");
  if (!rules.takes_unverified_email && !is_true(claims["email_verified"]))
    return not_this_person("the login provider does not say that " + quoted(email) + " is verified: anybody could have written it there",
                           "verify the address at the provider; where it verifies all and does not say so: `unverified_email: accept`");
  const std::string domain = email.substr(email.rfind('@') == std::string::npos ? email.size() : email.rfind('@') + 1);
  const auto same = [&](const std::string& allowed) { return equals_ignoring_case(allowed, domain); };
  if (!rules.allowed_domains.empty() && std::ranges::none_of(rules.allowed_domains, same))
    return not_this_person(quoted(email) + " is of a domain whose people may not log in here",
                           "use another account, or ask whoever runs this server");
  return LoggedIn{.name = to_lower(email), .groups = groups_of(claims[rules.groups_claim])};
}

}  // namespace sluice::oidc
