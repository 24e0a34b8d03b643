#include "net/for_test/jwt_maker.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <stdexcept>

#include "base/text.h"

namespace sluice {

struct TestKey::Pair {
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key;
};

TestKey::TestKey(std::string kid, const std::string& type, unsigned bits)
    : kid_(std::move(kid)),
      curve_(type == "RSA" ? "" : type),
      pair_(new Pair{{type == "RSA" ? EVP_RSA_gen(bits) : EVP_EC_gen(type.c_str()), EVP_PKEY_free}}) {
  if (!pair_->key) throw std::runtime_error("no key");
}
TestKey::~TestKey() = default;

std::string base64url(std::string_view bytes) {
  std::string out = base64_encode(bytes);
  while (out.ends_with('=')) out.pop_back();
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return out;
}

Json TestKey::jwk() const {
  Json out = Json::object().set("kty", curve_.empty() ? "RSA" : "EC").set("kid", kid_).set("use", "sig");
  if (curve_.empty()) return out.set("n", number(OSSL_PKEY_PARAM_RSA_N)).set("e", number(OSSL_PKEY_PARAM_RSA_E));
  return out.set("crv", curve_).set("x", number(OSSL_PKEY_PARAM_EC_PUB_X)).set("y", number(OSSL_PKEY_PARAM_EC_PUB_Y));
}

std::string TestKey::set_of(const std::vector<const TestKey*>& keys) {
  Json list = Json::array();
  for (const TestKey* key : keys) list.push(key->jwk());
  return Json::object().set("keys", std::move(list)).dump_text();
}

std::string TestKey::token(const std::string& algorithm, const Json& claims, Json header) const {
  if (header.find("alg") == nullptr) header.set("alg", algorithm);
  if (header.find("kid") == nullptr && !kid_.empty()) header.set("kid", kid_);
  return token_of(algorithm, header.dump(), claims.dump());
}

std::string TestKey::token_of(const std::string& algorithm, const std::string& header, const std::string& claims) const {
  const std::string content = base64url(header) + "." + base64url(claims);
  return content + "." + base64url(signature(algorithm, content));
}

std::size_t TestKey::size_of_number() const { return (static_cast<std::size_t>(EVP_PKEY_get_bits(pair_->key.get())) + 7) / 8; }

std::string TestKey::number(const char* name) const {
  BIGNUM* value = nullptr;
  if (EVP_PKEY_get_bn_param(pair_->key.get(), name, &value) != 1) throw std::runtime_error("no such number");
  std::string bytes(curve_.empty() ? static_cast<std::size_t>(BN_num_bytes(value)) : size_of_number(), '\0');
  BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  BN_free(value);
  return base64url(bytes);
}

std::string TestKey::signature(const std::string& algorithm, const std::string& content) const {
  const EVP_MD* digest = algorithm.ends_with("512") ? EVP_sha512() : algorithm.ends_with("384") ? EVP_sha384() : EVP_sha256();
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_PKEY_CTX* options = nullptr;
  bool ok = EVP_DigestSignInit(context.get(), &options, digest, nullptr, pair_->key.get()) == 1;
  if (ok && algorithm.starts_with("PS"))
    ok = EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 && EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1;
  std::size_t size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(content.data());
  ok = ok && EVP_DigestSign(context.get(), nullptr, &size, bytes, content.size()) == 1;
  std::string out(size, '\0');
  ok = ok && EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes, content.size()) == 1;
  if (!ok) throw std::runtime_error("not signed");
  out.resize(size);
  return curve_.empty() ? out : flat(out);
}

std::string TestKey::flat(const std::string& der) const {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* both = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  const std::size_t size = size_of_number();
  std::string out(2 * size, '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(out.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(both), bytes, static_cast<int>(size));
  BN_bn2binpad(ECDSA_SIG_get0_s(both), bytes + size, static_cast<int>(size));
  ECDSA_SIG_free(both);
  return out;
}

std::string hmac_token(const std::string& header, const std::string& claims, const std::string& secret) {
  const std::string content = base64url(header) + "." + base64url(claims);
  std::string mac(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), reinterpret_cast<const unsigned char*>(content.data()), content.size(),
       reinterpret_cast<unsigned char*>(mac.data()), &size);
  return content + "." + base64url(mac.substr(0, size));
}

}  // namespace sluice
