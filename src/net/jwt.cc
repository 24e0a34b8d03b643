#include "net/jwt.h"

#include <cjose/base64.h>
#include <cjose/jwk.h>
#include <cjose/jws.h>
#include <cjose/util.h>
#include <openssl/err.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <memory>
#include <optional>
#include <set>

#include "base/text.h"

namespace sluice {
namespace {

constexpr int kDepthMax = 16;
constexpr std::size_t kRsaBytesMin = 256, kRsaBytesMax = 1024, kExponentBytesMax = 4;  // 2048 to 8192 bits: a huge key would cost seconds a token
constexpr double kTimeMax = 1e12;                                                      // seconds: some 30,000 years, so that sums do not overflow

template <auto release>
struct Release {
  template <class T>
  void operator()(T* held) const {
    release(held);
  }
};
using Key = std::unique_ptr<cjose_jwk_t, Release<cjose_jwk_release>>;
using Signed = std::unique_ptr<cjose_jws_t, Release<cjose_jws_release>>;

/// What an algorithm needs of a key and a signature.
struct Needs {
  std::string_view curve{};         ///< "" for RSA
  std::size_t signature_bytes = 0;  ///< of ECDSA; 0: as long as the key
};
Needs needs_of(JwtAlgorithm algorithm) {
  constexpr std::size_t kBytes256 = 64, kBytes384 = 96, kBytes521 = 132;
  switch (algorithm) {
    case JwtAlgorithm::es256: return {"P-256", kBytes256};
    case JwtAlgorithm::es384: return {"P-384", kBytes384};
    case JwtAlgorithm::es512: return {"P-521", kBytes521};
    default: return {};
  }
}

Error refused(const std::string& why) {
  return {ErrorKind::forbidden, "E1307", "the token does not count: " + why, "get a new one from who issues it; docs/access.md says what is checked",
          0};
}

std::string quoted(std::string_view text) {
  constexpr int kShown = 40;
  return "\"" + clipped(show_hidden(text, false), kShown) + "\"";
}

/// Nothing where it is not exactly what the encoder would write: one spelling for the same bytes (RFC 7515 §2: no padding, no blanks).
std::optional<std::string> base64url_decoded(std::string_view text) {
  const auto fits = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_'; };
  if (text.empty() || !std::ranges::all_of(text, fits)) return std::nullopt;
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  cjose_err error{};
  if (!cjose_base64url_decode(text.data(), text.size(), &bytes, &size, &error)) return std::nullopt;
  std::string out(reinterpret_cast<const char*>(bytes), size);
  cjose_get_dealloc()(bytes);
  char* again = nullptr;
  std::size_t again_size = 0;
  if (!cjose_base64url_encode(reinterpret_cast<const std::uint8_t*>(out.data()), out.size(), &again, &again_size, &error)) return std::nullopt;
  const bool same = std::string_view(again, again_size) == text;
  cjose_get_dealloc()(again);
  return same ? std::optional(std::move(out)) : std::nullopt;
}

/// A JSON object with no member twice.
Result<Json> object_of(std::string_view text, const std::string& what) {
  auto parsed = Json::parse(text, kDepthMax);
  if (!parsed || parsed->as_object() == nullptr) return refused(what + " is no JSON object");
  if (has_member_twice(*parsed)) return refused(what + " has a member twice");
  return *std::move(parsed);
}

// --- keys -----------------------------------------------------------------------------------------------------------

Error no_keys(const std::string& why) {
  return {ErrorKind::transient, "E1309", "the issuer's keys cannot be read: " + why,
          "they are a JSON Web Key Set (RFC 7517); ask who runs the issuer", 0};
}

bool is_for_signatures(const Json& key) {
  if (const Json* use = key.find("use"); use != nullptr && key.text("use") != "sig") return false;
  const Json* deeds = key.find("key_ops");
  if (deeds == nullptr) return true;
  const auto* list = deeds->as_array();
  return list != nullptr && std::ranges::find(*list, Json("verify")) != list->end();
}

bool has_secret(const Json& key) {
  return std::ranges::any_of(std::array{"d", "p", "q", "dp", "dq", "qi", "oth", "k"}, [&](const char* name) { return key.find(name) != nullptr; });
}

std::size_t decoded_bytes(const Json& key, std::string_view member) {
  const auto bytes = base64url_decoded(key.text(member));
  return bytes ? bytes->size() : 0;
}

/// Nothing for a key that is not taken.
std::optional<Jwk> public_key(const Json& key) {
  if (key.as_object() == nullptr || !is_for_signatures(key) || has_secret(key)) return std::nullopt;
  Jwk out{.kid = std::string(key.text("kid")), .algorithm = std::string(key.text("alg")), .curve = std::string(key.text("crv"))};
  const std::string_view type = key.text("kty");
  Json kept = Json::object().set("kty", type);
  if (type == "RSA") {
    const std::size_t size = decoded_bytes(key, "n"), exponent = decoded_bytes(key, "e");
    constexpr std::string_view kOne = "AQ";  // everything would be its own signature
    if (size < kRsaBytesMin || size > kRsaBytesMax || exponent == 0 || exponent > kExponentBytesMax || key.text("e") == kOne) return std::nullopt;
    out.curve.clear();
    kept.set("n", key.text("n")).set("e", key.text("e"));
  } else if (type == "EC") {
    if (decoded_bytes(key, "x") == 0 || decoded_bytes(key, "y") == 0) return std::nullopt;
    kept.set("crv", out.curve).set("x", key.text("x")).set("y", key.text("y"));
  } else {
    return std::nullopt;
  }
  out.json = kept.dump();
  cjose_err error{};
  const Key usable(cjose_jwk_import(out.json.data(), out.json.size(), &error));  // a point that is not on its curve ends here
  return usable ? std::optional(std::move(out)) : std::nullopt;
}

bool fits(const Jwk& key, JwtAlgorithm algorithm) {
  return key.curve == needs_of(algorithm).curve && (key.algorithm.empty() || key.algorithm == enum_name(algorithm));
}

/// The keys that the token may be signed with: those of its name. One that names none can mean only one.
Result<std::vector<const Jwk*>> candidates(const Json& header, JwtAlgorithm algorithm, const JwkSet& keys) {
  const Json* kid = header.find("kid");
  if (kid != nullptr && kid->as_string() == nullptr) return refused("its kid is no text");
  std::vector<const Jwk*> named, out;
  for (const Jwk& key : keys.keys())
    if (kid == nullptr || key.kid == *kid->as_string()) named.push_back(&key);
  std::ranges::copy_if(named, std::back_inserter(out), [&](const Jwk* key) { return fits(*key, algorithm); });
  if (kid != nullptr && named.empty())
    return Error{ErrorKind::forbidden, "E1308", "the token names a key that its issuer does not have: " + quoted(*kid->as_string()),
                 "get a new one from who issues it", 0};
  if (out.empty()) return refused("no key of the issuer's is for " + std::string(enum_name(algorithm)));
  if (kid == nullptr && out.size() > 1) return refused("it names no key, and the issuer has several");
  return out;
}

// --- the token ------------------------------------------------------------------------------------------------------

/// Checked before anything is looked up, so that a token cannot choose how it is checked.
Result<JwtAlgorithm> algorithm_of(const Json& header, const JwtRules& rules) {
  const Json* said = header.find("alg");
  if (said == nullptr || said->as_string() == nullptr) return refused("it does not say how it is signed");
  for (const JwtAlgorithm algorithm : rules.algorithms)
    if (enum_name(algorithm) == *said->as_string()) return algorithm;
  return refused("it is signed by " + quoted(*said->as_string()) + ", which is not permitted");
}

Result<> check_header(const Json& header) {
  for (const char* member : {"crit", "b64", "jwk", "jku", "x5c", "x5u", "zip", "enc"})
    if (header.find(member) != nullptr) return refused("its header has \"" + std::string(member) + "\"");
  const Json* type = header.find("typ");
  // Other kinds of tokens of the same issuer (at+jwt, logout+jwt) say something else (RFC 8725 §3.11).
  if (type != nullptr && !equals_ignoring_case(header.text("typ"), "JWT"))
    return refused("it is another kind of token: " + quoted(header.text("typ")));
  return {};
}

/// The payload as it was signed; nothing where no key of these signed it.
std::optional<std::string> signed_payload(std::string_view token, const std::vector<const Jwk*>& keys) {
  cjose_err error{};
  const Signed jws(cjose_jws_import(token.data(), token.size(), &error));
  if (!jws) return std::nullopt;
  std::optional<std::string> payload;
  for (const Jwk* candidate : keys) {
    const Key key(cjose_jwk_import(candidate->json.data(), candidate->json.size(), &error));
    std::uint8_t* bytes = nullptr;  // the token's own
    std::size_t size = 0;
    if (!key || !cjose_jws_verify(jws.get(), key.get(), &error) || !cjose_jws_get_plaintext(jws.get(), &bytes, &size, &error)) continue;
    payload.emplace(reinterpret_cast<const char*>(bytes), size);
    break;
  }
  ERR_clear_error();  // what OpenSSL notes of a wrong signature would be taken for a failure of this thread's next TLS call
  return payload;
}

/// Seconds since 1970 (RFC 7519 §2, which allows fractions).
Result<std::optional<double>> time_of(const Json& claims, const char* name) {
  const Json* claim = claims.find(name);
  if (claim == nullptr) return std::optional<double>();
  const double seconds = claim->as_int() != nullptr      ? static_cast<double>(*claim->as_int())
                         : claim->as_double() != nullptr ? *claim->as_double()
                                                         : std::nan("");
  if (!std::isfinite(seconds) || seconds < 0 || seconds > kTimeMax) return refused("its " + std::string(name) + " is no time");
  return std::optional(seconds);
}

Result<> check_times(const Json& claims, const JwtRules& rules) {
  const auto now = static_cast<double>(rules.now.time_since_epoch().count()), leeway = static_cast<double>(rules.leeway.count());
  TRY(const auto expires, time_of(claims, "exp"));
  TRY(const auto begins, time_of(claims, "nbf"));
  TRY(const auto issued, time_of(claims, "iat"));
  if (!expires) return refused("it does not say when it expires");
  if (!issued) return refused("it does not say when it was issued");
  if (now >= *expires + leeway) return refused("it has expired");
  if (begins && now < *begins - leeway) return refused("it is not valid yet");
  if (now < *issued - leeway) return refused("it was issued in the future: compare the clocks");
  return {};
}

Result<> check_audience(const Json& claims, const JwtRules& rules) {
  const Json& audience = claims["aud"];
  if (audience.as_string() != nullptr) {
    if (*audience.as_string() == rules.audience && !rules.audience.empty()) return {};
    return refused("it is for somebody else");
  }
  const auto* list = audience.as_array();
  if (list == nullptr || rules.audience.empty() || std::ranges::find(*list, Json(rules.audience)) == list->end())
    return refused("it is for somebody else");
  if (list->size() > 1 && claims.text("azp") != rules.audience) return refused("it is for several, and was not issued to this one (azp)");
  return {};
}

Result<> check_claims(const Json& claims, const JwtRules& rules) {
  const Json* issuer = claims.find("iss");
  const bool known = issuer != nullptr && issuer->as_string() != nullptr && !issuer->as_string()->empty() &&
                     std::ranges::find(rules.issuers, *issuer->as_string()) != rules.issuers.end();
  if (!known) return refused("it is of another issuer");
  TRY_VOID(check_audience(claims, rules));
  return check_times(claims, rules);
}

}  // namespace

bool has_member_twice(const Json& value) {  // NOLINT(misc-no-recursion): depth is bounded where it is parsed
  if (const auto* list = value.as_array()) return std::ranges::any_of(*list, has_member_twice);
  const auto* members = value.as_object();
  if (members == nullptr) return false;
  std::set<std::string_view> seen;
  return std::ranges::any_of(*members,
                             [&](const Json::Member& member) { return !seen.insert(member.first).second || has_member_twice(member.second); });
}

Result<JwkSet> JwkSet::parse(std::string_view document) {
  if (document.size() > kBytesMax) return no_keys("they are larger than " + human_bytes(kBytesMax));
  const auto parsed = Json::parse(document, kDepthMax);
  const auto* list = parsed ? (*parsed)["keys"].as_array() : nullptr;
  if (list == nullptr || has_member_twice(*parsed)) return no_keys("this is no JSON with a list \"keys\"");
  if (list->size() > kKeysMax) return no_keys("there are more than " + std::to_string(kKeysMax));
  JwkSet out;
  for (const Json& key : *list)
    if (auto taken = public_key(key)) out.keys_.push_back(*std::move(taken));
  if (out.keys_.empty()) return no_keys("there is no public key for signatures, RSA from 2048 bits or on a curve P-256, P-384, P-521");
  return out;
}

namespace {

/// A token as far as it can be read without its issuer's keys.
struct OpenedToken {
  Json header{};
  JwtAlgorithm algorithm{};
  std::size_t signature_bytes = 0;
};

Result<OpenedToken> open_token(std::string_view token, const JwtRules& rules) {
  if (token.size() > rules.max_bytes) return refused("it is larger than " + human_bytes(static_cast<std::int64_t>(rules.max_bytes)));
  constexpr std::size_t kParts = 3;
  const std::vector<std::string_view> parts = split(token, '.');
  if (parts.size() != kParts) return refused("it is no signed token");
  const auto header_text = base64url_decoded(parts[0]), signature = base64url_decoded(parts[2]);
  if (!header_text || !base64url_decoded(parts[1]) || !signature) return refused("it is no signed token");
  OpenedToken opened{.signature_bytes = signature->size()};
  TRY(opened.header, object_of(*header_text, "its header"));
  TRY(opened.algorithm, algorithm_of(opened.header, rules));
  TRY_VOID(check_header(opened.header));
  return opened;
}

}  // namespace

Result<> check_jwt_form(std::string_view token, const JwtRules& rules) {
  TRY_VOID(open_token(token, rules));
  return {};
}

Result<Json> verify_jwt(std::string_view token, const JwkSet& keys, const JwtRules& rules) {
  TRY(const OpenedToken opened, open_token(token, rules));
  TRY(const std::vector<const Jwk*> named, candidates(opened.header, opened.algorithm, keys));
  const std::size_t size = needs_of(opened.algorithm).signature_bytes;
  if (size != 0 && opened.signature_bytes != size) return refused("its signature has another length");
  const auto payload = signed_payload(token, named);
  if (!payload) return refused("its issuer did not sign it");
  TRY(Json claims, object_of(*payload, "what it says"));
  TRY_VOID(check_claims(claims, rules));
  return claims;
}

}  // namespace sluice
