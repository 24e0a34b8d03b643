#include "net/jwt.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "net/for_test/jwt_maker.h"

namespace sluice {
namespace {

using std::chrono::seconds;

constexpr std::int64_t kNow = 1'800'000'000;
constexpr const char* kIssuer = "https://id.example.org";

JwtRules rules() { return {.issuers = {kIssuer}, .audience = "sluice", .now = std::chrono::sys_seconds(seconds(kNow))}; }
Json claims() { return Json::object().set("iss", kIssuer).set("aud", "sluice").set("sub", "ada").set("iat", kNow - 10).set("exp", kNow + 300); }
/// Made once: RSA keys take a moment.
const TestKey& rsa() {
  static const TestKey kKey("rsa-1");
  return kKey;
}
const TestKey& other_rsa() {
  static const TestKey kKey("rsa-1");  // another key by the same name
  return kKey;
}
const TestKey& ec() {
  static const TestKey kKey("ec-1", "P-256");
  return kKey;
}
JwkSet keys_of(const std::vector<const TestKey*>& keys) { return *JwkSet::parse(TestKey::set_of(keys)); }
const JwkSet& both() {
  static const JwkSet kKeys = keys_of({&rsa(), &ec()});
  return kKeys;
}

/// "" where the token holds; else what is wrong, with its code.
std::string why_not(const std::string& token, const JwtRules& with = rules(), const JwkSet& keys = both()) {
  const auto verified = verify_jwt(token, keys, with);
  if (verified) return "";
  EXPECT_EQ(verified.error().kind, ErrorKind::forbidden);
  return verified.error().code + " " + verified.error().message;
}
testing::AssertionResult refuses(const std::string& token, const std::string& because, const JwtRules& with = rules(), const JwkSet& keys = both()) {
  const std::string why = why_not(token, with, keys);
  if (why.find(because) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << (why.empty() ? "it holds" : why);
}

TEST(Jwt, TakesWhatTheIssuerSigned) {
  const auto verified = verify_jwt(rsa().token("RS256", claims()), both(), rules());
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->text("sub"), "ada");
  EXPECT_EQ(why_not(ec().token("ES256", claims())), "");
}

TEST(Jwt, TakesEachAlgorithmThatIsPermittedAndNoOther) {
  const TestKey p384("p384", "P-384"), p521("p521", "P-521");
  const JwkSet keys = keys_of({&rsa(), &ec(), &p384, &p521});
  const std::vector<std::pair<JwtAlgorithm, const TestKey*>> cases{
      {JwtAlgorithm::rs256, &rsa()}, {JwtAlgorithm::rs384, &rsa()}, {JwtAlgorithm::rs512, &rsa()},
      {JwtAlgorithm::ps256, &rsa()}, {JwtAlgorithm::ps384, &rsa()}, {JwtAlgorithm::ps512, &rsa()},
      {JwtAlgorithm::es256, &ec()},  {JwtAlgorithm::es384, &p384},  {JwtAlgorithm::es512, &p521}};
  for (const auto& [algorithm, key] : cases) {
    const std::string name(enum_name(algorithm)), token = key->token(name, claims());
    JwtRules with = rules();
    with.algorithms = {algorithm};
    EXPECT_EQ(why_not(token, with, keys), "") << name;
    with.algorithms.clear();
    for (const auto& [other, unused] : cases)
      if (other != algorithm) with.algorithms.push_back(other);
    EXPECT_TRUE(refuses(token, "is not permitted", with, keys)) << name;
  }
}

TEST(Jwt, RefusesAForgedSignature) {
  const std::string token = rsa().token("RS256", claims()), made_by_ec = ec().token("ES256", claims());
  const std::string content = token.substr(0, token.rfind('.') + 1);
  EXPECT_TRUE(refuses(other_rsa().token("RS256", claims()), "did not sign"));
  EXPECT_TRUE(refuses(content + base64url(std::string(256, 'x')), "did not sign"));
  EXPECT_TRUE(refuses(content + base64url("short"), "did not sign"));
  EXPECT_TRUE(refuses(content, "no signed token"));
  const Json another = claims().set("sub", "eve");
  const std::string eve = rsa().token("RS256", another);
  EXPECT_TRUE(refuses(eve.substr(0, eve.rfind('.')) + token.substr(token.rfind('.')), "did not sign")) << "a signature of other claims";
  const std::string ec_content = made_by_ec.substr(0, made_by_ec.rfind('.') + 1);
  EXPECT_TRUE(refuses(ec_content + base64url(std::string(64, '\0')), "did not sign")) << "r = s = 0";
  EXPECT_TRUE(refuses(ec_content + base64url(std::string(66, 'x')), "another length"));
  EXPECT_TRUE(refuses(ec_content + base64url(std::string(2, '\1')), "another length"));
}

TEST(Jwt, LeavesNothingForTheNextTlsCallOfTheThread) {
  EXPECT_TRUE(refuses(other_rsa().token("RS256", claims()), "did not sign"));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(Jwt, RefusesNoSignatureAndKeysTakenForSecrets) {
  const std::string text = claims().dump();
  for (const char* none : {"none", "None", "NONE", ""}) {
    const std::string header = Json::object().set("alg", none).set("kid", "rsa-1").dump();
    EXPECT_TRUE(refuses(base64url(header) + "." + base64url(text) + ".", "no signed token")) << none;
    EXPECT_TRUE(refuses(base64url(header) + "." + base64url(text) + "." + base64url("x"), "not permitted")) << none;
  }
  // Key confusion: the public key, which everybody knows, as the secret of an HMAC.
  const std::string header = Json::object().set("alg", "HS256").set("kid", "rsa-1").dump();
  for (const std::string& secret : {rsa().jwk().dump(), std::string(rsa().jwk().text("n")), both().keys().front().json, std::string()})
    EXPECT_TRUE(refuses(hmac_token(header, text, secret), "not permitted"));
  const std::string lying = Json::object().set("alg", "RS256").set("kid", "rsa-1").dump();
  EXPECT_TRUE(refuses(hmac_token(lying, text, rsa().jwk().dump()), "did not sign"));
  // A secret in the set of public keys is no key for it.
  const auto with_secret = JwkSet::parse(
      Json::object()
          .set("keys", Json::array().push(rsa().jwk()).push(Json::object().set("kty", "oct").set("kid", "s").set("k", base64url("s3cret"))))
          .dump());
  ASSERT_TRUE(with_secret);
  EXPECT_EQ(with_secret->keys().size(), 1U);
}

TEST(Jwt, RefusesAKeyOfAnotherTypeThanTheAlgorithm) {
  EXPECT_TRUE(refuses(ec().token("ES256", claims(), Json::object().set("kid", "rsa-1")), "no key of the issuer's is for ES256"));
  const TestKey p384("ec-1", "P-384");
  const std::string token = p384.token("ES384", claims(), Json::object().set("alg", "ES256"));
  EXPECT_TRUE(refuses(token, "no key of the issuer's is for ES256", rules(), keys_of({&p384})));
  Json for_384 = rsa().jwk();
  for_384.set("alg", "RS384");
  const auto keys = JwkSet::parse(Json::object().set("keys", Json::array().push(for_384)).dump());
  ASSERT_TRUE(keys);
  EXPECT_TRUE(refuses(rsa().token("RS256", claims()), "no key of the issuer's is for RS256", rules(), *keys));
}

TEST(Jwt, FindsTheKeyByItsName) {
  EXPECT_TRUE(refuses(rsa().token("RS256", claims(), Json::object().set("kid", "new")), "E1308"));
  EXPECT_TRUE(refuses(rsa().token("RS256", claims(), Json::object().set("kid", 7)), "its kid is no text"));
  const TestKey nameless("");
  EXPECT_EQ(why_not(nameless.token("RS256", claims()), rules(), keys_of({&nameless})), "") << "one key alone needs no name";
  const TestKey second("second");
  EXPECT_TRUE(refuses(nameless.token("RS256", claims()), "names no key", rules(), keys_of({&nameless, &second})));
}

TEST(Jwt, RefusesATokenThatBringsItsOwnKeyOrRules) {
  Json own = Json::object().set("jwk", other_rsa().jwk());
  EXPECT_TRUE(refuses(other_rsa().token("RS256", claims(), own), "its header has \"jwk\""));
  for (const char* member : {"crit", "b64", "jku", "x5u", "x5c", "zip"})
    EXPECT_TRUE(refuses(rsa().token("RS256", claims(), Json::object().set(member, "x")), "its header has \"" + std::string(member) + "\"")) << member;
  EXPECT_TRUE(refuses(rsa().token("RS256", claims(), Json::object().set("typ", "at+jwt")), "another kind of token"));
  EXPECT_TRUE(refuses(rsa().token("RS256", claims(), Json::object().set("typ", 1)), "another kind of token"));
  EXPECT_EQ(why_not(rsa().token("RS256", claims(), Json::object().set("typ", "jwt"))), "");
}

TEST(Jwt, RefusesMembersThatAreThereTwice) {
  const std::string text = claims().dump();
  EXPECT_TRUE(refuses(rsa().token_of("RS256", R"({"alg":"RS256","kid":"rsa-1","alg":"RS256"})", text), "its header has a member twice"));
  EXPECT_TRUE(refuses(rsa().token_of("RS256", R"({"alg":"RS256","kid":"x","kid":"rsa-1"})", text), "its header has a member twice"));
  std::string twice = text;
  twice.insert(1, R"("sub":"eve",)");
  EXPECT_TRUE(refuses(rsa().token_of("RS256", R"({"alg":"RS256","kid":"rsa-1"})", twice), "what it says has a member twice"));
  EXPECT_TRUE(refuses(rsa().token("RS256", claims().set("deep", Json::array().push(Json(Json::Object{{"a", 1}, {"a", 2}})))), "a member twice"));
}

TEST(Jwt, RefusesWhatIsTooOldOrTooYoung) {
  EXPECT_TRUE(refuses(rsa().token("RS256", claims().set("exp", kNow - 60)), "it has expired"));
  EXPECT_EQ(why_not(rsa().token("RS256", claims().set("exp", kNow - 59))), "") << "clocks differ";
  EXPECT_TRUE(refuses(rsa().token("RS256", claims().set("nbf", kNow + 61)), "not valid yet"));
  EXPECT_EQ(why_not(rsa().token("RS256", claims().set("nbf", kNow + 60))), "");
  EXPECT_TRUE(refuses(rsa().token("RS256", claims().set("iat", kNow + 61)), "issued in the future"));
  EXPECT_EQ(why_not(rsa().token("RS256", claims().set("exp", static_cast<double>(kNow) + 0.5))), "");
  for (const char* name : {"exp", "iat", "nbf"})
    for (const Json& odd : {Json("1800000300"), Json(-1), Json(1e300), Json(true), Json::array(), Json()})
      EXPECT_TRUE(refuses(rsa().token("RS256", claims().set(name, odd)), "its " + std::string(name) + " is no time")) << name << odd.dump();
  Json no_end = Json::object().set("iss", kIssuer).set("aud", "sluice").set("iat", kNow);
  EXPECT_TRUE(refuses(rsa().token("RS256", no_end), "when it expires"));
  Json no_start = Json::object().set("iss", kIssuer).set("aud", "sluice").set("exp", kNow + 1);
  EXPECT_TRUE(refuses(rsa().token("RS256", no_start), "when it was issued"));
}

TEST(Jwt, RefusesAnotherIssuerOrAudience) {
  for (const char* issuer : {"https://id.example.org/", "https://ID.example.org", "https://id.example.org.evil.test", "http://id.example.org", ""})
    EXPECT_TRUE(refuses(rsa().token("RS256", claims().set("iss", issuer)), "another issuer")) << issuer;
  EXPECT_TRUE(refuses(rsa().token("RS256", claims().set("iss", Json::array().push(kIssuer))), "another issuer"));
  for (const Json& audience :
       {Json("other"), Json(""), Json("Sluice"), Json(), Json(1), Json::array(), Json::array().push("other"), Json::object().set("sluice", "sluice")})
    EXPECT_TRUE(refuses(rsa().token("RS256", claims().set("aud", audience)), "somebody else")) << audience.dump();
  EXPECT_EQ(why_not(rsa().token("RS256", claims().set("aud", Json::array().push("sluice")))), "");
  const Json several = claims().set("aud", Json::array().push("other").push("sluice"));
  EXPECT_TRUE(refuses(rsa().token("RS256", several), "azp"));
  EXPECT_TRUE(refuses(rsa().token("RS256", Json(several).set("azp", "other")), "azp"));
  EXPECT_EQ(why_not(rsa().token("RS256", Json(several).set("azp", "sluice"))), "");
}

TEST(Jwt, RulesThatSayNothingLetNothingThrough) {
  const std::string token = rsa().token("RS256", claims().set("aud", ""));
  JwtRules none = rules();
  none.audience = "";
  EXPECT_TRUE(refuses(token, "somebody else", none));
  JwtRules nobody = rules();
  nobody.issuers.clear();
  EXPECT_TRUE(refuses(rsa().token("RS256", claims()), "another issuer", nobody));
  JwtRules no_way = rules();
  no_way.algorithms.clear();
  EXPECT_TRUE(refuses(rsa().token("RS256", claims()), "not permitted", no_way));
  JwtRules no_time = rules();
  no_time.now = {};
  EXPECT_TRUE(refuses(rsa().token("RS256", claims()), "in the future", no_time));
}

TEST(Jwt, RefusesGarbageAndWhatIsTooLarge) {
  EXPECT_TRUE(refuses(rsa().token("RS256", claims().set("more", std::string(16 * 1024, 'x'))), "larger than"));
  const std::string token = rsa().token("RS256", claims());
  for (const std::string& garbage :
       {std::string(), std::string("."), std::string(".."), std::string("..."), std::string("a.b.c"), std::string("\0.\0.\0", 5),
        std::string("💣.💣.💣"), token + ".", token + "=", token + "\n", " " + token, token + "." + token, token.substr(1),
        base64url("[]") + ".e30.AAAA", base64url("{}") + ".e30.AAAA", base64url("{\"alg\":") + ".e30.AAAA",
        base64url(R"({"alg":["RS256"]})") + ".e30.AAAA", base64url(std::string(5'000, '[')) + ".e30.AAAA"})
    EXPECT_TRUE(refuses(garbage, "E1307")) << garbage.substr(0, 40);
  EXPECT_TRUE(refuses(rsa().token_of("RS256", R"({"alg":"RS256","kid":"rsa-1"})", "[1]"), "no JSON object"));
  EXPECT_TRUE(refuses(rsa().token_of("RS256", R"({"alg":"RS256","kid":"rsa-1"})", "\xff\xfe"), "no JSON object"));
}

TEST(Jwt, ATokenHasOneSpelling) {
  std::string token = rsa().token("RS256", claims());  // 256 bytes of signature: the last character has four bits that say nothing
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const std::size_t last = kAlphabet.find(token.back());
  ASSERT_EQ(last % 16, 0U);
  token.back() = kAlphabet[last + 1];
  EXPECT_TRUE(refuses(token, "no signed token"));
}

TEST(JwkSet, PassesOverKeysThatAreNotTaken) {
  const TestKey weak("weak", "RSA", 1024);
  Json encrypting = other_rsa().jwk(), signing_only = other_rsa().jwk(), secret = other_rsa().jwk(), one = other_rsa().jwk(), off_curve = ec().jwk();
  encrypting.set("use", "enc");
  signing_only.set("key_ops", Json::array().push("sign"));
  secret.set("d", "AQAB");
  one.set("e", "AQ");
  off_curve.set("x", off_curve.text("y"));
  Json list = Json::array().push(weak.jwk()).push(encrypting).push(signing_only).push(secret).push(one).push(off_curve).push(1).push("x");
  list.push(Json::object().set("kty", "OKP").set("crv", "Ed25519").set("x", base64url(std::string(32, 'x'))));
  const auto none = JwkSet::parse(Json::object().set("keys", list).dump());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, "E1309");
  list.push(rsa().jwk());
  const auto some = JwkSet::parse(Json::object().set("keys", list).dump());
  ASSERT_TRUE(some) << some.error().message;
  ASSERT_EQ(some->keys().size(), 1U);
  EXPECT_EQ(some->keys().front().kid, "rsa-1");
  EXPECT_TRUE(refuses(other_rsa().token("RS256", claims()), "did not sign", rules(), *some));
}

TEST(JwkSet, RefusesWhatIsNone) {
  Json many = Json::array();
  for (std::size_t i = 0; i <= JwkSet::kKeysMax; ++i) many.push(Json::object());
  const std::string one = rsa().jwk().dump();
  for (const std::string& text :
       {std::string(), std::string("<html>"), std::string("[]"), std::string("{}"), std::string(R"({"keys":{}})"), std::string(R"({"keys":[]})"),
        Json::object().set("keys", many).dump(), std::string(R"({"keys":[],"keys":[)") + one + "]}", std::string(JwkSet::kBytesMax + 1, ' ')}) {
    const auto set = JwkSet::parse(text);
    ASSERT_FALSE(set) << text.substr(0, 40);
    EXPECT_EQ(set.error().code, "E1309");
  }
}

}  // namespace
}  // namespace sluice
