#include "connectors/oidc/client.h"

#include <array>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "connectors/oidc/wire.h"
#include "net/jwks_cache.h"
#include "net/kept_fetch.h"
#include "net/origin.h"

namespace sluice {
namespace {

constexpr std::chrono::seconds kRequestTime{10};  // of one request to the provider; a login makes at most four
constexpr long kRetryAfterMs = 5'000;

Error still_asking() { return {ErrorKind::transient, "E1310", "the login provider has not answered yet", "try again", kRetryAfterMs}; }

/// A provider as it described itself, and its keys.
struct Known {
  oidc::Discovery says{};
  std::unique_ptr<JwksCache> keys{};
};

class OidcProvider final : public LoginProvider {
 public:
  OidcProvider(OidcOptions options, HttpClient& client)
      : options_(std::move(options)), client_(client), known_([this](const Call& call) { return discover(call); }, still_asking()) {}

  std::string shown_name() const override {
    if (!options_.name.empty()) return options_.name;
    const auto origin = origin_of(options_.issuer);
    return origin ? origin->host : options_.issuer;
  }

  Result<std::string> where_to(const LoginAttempt& attempt, const Call& call) override {
    TRY(const auto known, known_.get(call));
    return oidc::authorization_url(known->says, {.id = options_.client_id, .secret = "", .scopes = options_.scopes}, attempt);
  }

  Result<LoggedIn> who(const LoginAttempt& attempt, const LoginAnswer& answer, const Call& call) override {
    TRY(const auto known, known_.get(call));
    const bool mixed_up = answer.issuer.empty() ? known->says.says_issuer : answer.issuer != options_.issuer;
    if (mixed_up) return Error{ErrorKind::refused, "E1311", "what came back is not of the provider that was asked", "sign in again", 0};
    TRY(const oidc::Tokens tokens, redeem(*known, attempt, answer.code, call));
    TRY(const Json claims, known->keys->verify(tokens.id_token, rules(), call));
    TRY_VOID(check_id_token(claims, attempt));
    TRY(const Json all, with_userinfo(*known, claims, tokens.access_token, call));
    return oidc::person_of(all, {options_.groups_claim, options_.allowed_domains, options_.takes_unverified_email});
  }

 private:
  Result<HttpResponse> send(HttpRequest request, std::size_t bytes_max, const Call& call, int attempts,
                            std::function<std::optional<Error>(const HttpResponse&)> judge = {}) {
    HttpJob job{.request = std::move(request), .route = options_.route, .retry = {.attempts_max = attempts}, .timeout = kRequestTime};
    job.route.response_bytes_max = bytes_max;
    job.judge = std::move(judge);
    auto answered = client_.perform(std::array{job}, call.within(kRequestTime));
    if (answered.front()) return std::move(answered.front());
    const Error& error = answered.front().error();
    if (error.kind == ErrorKind::cancelled || error.code == "E1311") return error;
    return oidc::not_usable(error.message + " (" + error.code + ")");
  }

  Result<std::shared_ptr<const Known>> discover(const Call& call) {
    const std::string url = oidc::discovery_url(options_.issuer);
    if (const auto trusted = check_trustworthy_url(url); !trusted) return oidc::not_usable(trusted.error().message);
    TRY(const HttpResponse answered,
        send({.method = "GET", .url = url, .headers = {{"Accept", "application/json"}}}, oidc::kDiscoveryBytesMax, call, 2));
    auto known = std::make_shared<Known>();
    TRY(known->says, oidc::read_discovery(answered.body, options_.issuer));
    known->keys = std::make_unique<JwksCache>(client_, JwksSource{known->says.jwks_uri, options_.route});
    return std::shared_ptr<const Known>(std::move(known));
  }

  /// Once: a code is good for one request.
  Result<oidc::Tokens> redeem(const Known& known, const LoginAttempt& attempt, const std::string& code, const Call& call) {
    oidc::Client client{.id = options_.client_id, .scopes = options_.scopes};
    if (options_.client_secret) {
      TRY(client.secret, options_.client_secret());
    }
    TRY(const HttpResponse answered,
        send(oidc::token_request(known.says, client, attempt, code), oidc::kAnswerBytesMax, call, 1, oidc::judge_token_answer));
    return oidc::read_tokens(answered.body);
  }

  JwtRules rules() const {
    return {.issuers = {options_.issuer},
            .audience = options_.client_id,
            .algorithms = options_.algorithms,
            .max_bytes = oidc::kIdTokenBytesMax,
            .now = options_.now ? options_.now() : std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())};
  }

  /// What an id_token has to say beyond being one (OpenID Connect Core §3.1.3.7).
  Result<> check_id_token(const Json& claims, const LoginAttempt& attempt) const {
    const auto refused = [](const std::string& why) {
      return Error{ErrorKind::forbidden, "E1307", "the token does not count: " + why, "sign in again", 0};
    };
    if (attempt.nonce.empty() || !equal_in_constant_time(claims.text("nonce"), attempt.nonce)) return refused("it was made for another login");
    if (claims.find("azp") != nullptr && claims.text("azp") != options_.client_id) return refused("it was issued to somebody else (azp)");
    if (claims.text("sub").empty()) return refused("it does not say whose it is");
    return {};
  }

  /// Many providers keep the address for this second question.
  Result<Json> with_userinfo(const Known& known, const Json& claims, const std::string& access_token, const Call& call) {
    const bool whole = claims.find("email") != nullptr && (!options_.wants_groups || claims.find(options_.groups_claim) != nullptr);
    if (whole || known.says.userinfo_endpoint.empty() || access_token.empty()) return claims;
    TRY(const HttpResponse answered, send(oidc::userinfo_request(known.says, access_token), oidc::kAnswerBytesMax, call, 2));
    constexpr int kDepthMax = 16;
    const auto more = Json::parse(answered.body, kDepthMax);
    if (!more || more->as_object() == nullptr || has_member_twice(*more)) return oidc::not_usable("its userinfo is no JSON object");
    if (more->text("sub") != claims.text("sub")) return oidc::not_usable("its userinfo is about somebody else");
    Json all = claims;
    // An address and whether it is verified are said in one place.
    if (claims.find("email") == nullptr) all.set("email", (*more)["email"]).set("email_verified", (*more)["email_verified"]);
    if (claims.find(options_.groups_claim) == nullptr) all.set(options_.groups_claim, (*more)[options_.groups_claim]);
    return all;
  }

  const OidcOptions options_;
  HttpClient& client_;
  KeptFetch<Known> known_;
};

}  // namespace

std::unique_ptr<LoginProvider> make_oidc(OidcOptions options, HttpClient& client) {
  return std::make_unique<OidcProvider>(std::move(options), client);
}

}  // namespace sluice
