#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

// Makes keys and tokens with OpenSSL alone, so that what verifies them is not also what made them. Only for tests.
namespace sluice {

/// As RFC 7515 writes bytes.
std::string base64url(std::string_view bytes);

/// An issuer's key: "RSA", or the name of a curve.
class TestKey {
 public:
  explicit TestKey(std::string kid, const std::string& type = "RSA", unsigned bits = 2048);
  ~TestKey();
  TestKey(const TestKey&) = delete;
  TestKey& operator=(const TestKey&) = delete;

  const std::string& kid() const { return kid_; }
  Json jwk() const;
  /// As JSON of a set.
  static std::string set_of(const std::vector<const TestKey*>& keys);
  /// The header gets `alg` and `kid`, where it does not have its own.
  std::string token(const std::string& algorithm, const Json& claims, Json header = Json::object()) const;
  /// Of texts as they are.
  std::string token_of(const std::string& algorithm, const std::string& header, const std::string& claims) const;

 private:
  struct Pair;
  std::string number(const char* name) const;
  std::size_t size_of_number() const;
  std::string signature(const std::string& algorithm, const std::string& content) const;
  std::string flat(const std::string& der) const;

  std::string kid_, curve_;
  std::unique_ptr<Pair> pair_;
};

/// Signed with a secret: what whoever knows the public key alone can make.
std::string hmac_token(const std::string& header, const std::string& claims, const std::string& secret);

}  // namespace sluice
