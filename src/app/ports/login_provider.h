#pragma once
#include <string>
#include <vector>

#include "base/call.h"
#include "base/result.h"

namespace sluice {

/// One person's login, from the way to the provider to the way back. The three texts are random (256 bits each), and nobody else knows the verifier.
struct LoginAttempt {
  std::string state{};         ///< comes back with the browser
  std::string nonce{};         ///< comes back in what the provider signs
  std::string verifier{};      ///< shows that who redeems the code is who asked for it (PKCE, RFC 7636): 43 to 128 letters and digits
  std::string redirect_uri{};  ///< where the browser comes back to
};

/// What the browser brings back.
struct LoginAnswer {
  std::string code{};
  std::string issuer{};  ///< who says to have sent it (RFC 9207); "" where nothing is said
};

/// Somebody whom the provider knows.
struct LoggedIn {
  std::string name{};                 ///< an address: "ada@example.org"
  std::vector<std::string> groups{};  ///< that the provider says they are in
};

/// Who people are, by somebody who knows them: OpenID Connect. Any thread; calls the network.
class LoginProvider {
 public:
  LoginProvider() = default;
  LoginProvider(const LoginProvider&) = delete;
  LoginProvider& operator=(const LoginProvider&) = delete;
  virtual ~LoginProvider() = default;

  /// For the button: "id.example.org".
  virtual std::string shown_name() const = 0;
  /// The address that the browser is sent to. E1310: the provider cannot be asked, or is not what it should be.
  virtual Result<std::string> where_to(const LoginAttempt& attempt, const Call& call) = 0;
  /// Redeems what came back. E1310; E1311: the provider does not take it; E1307 to E1309: what it signed does not count; E1313: who that is may not
  /// log in here.
  virtual Result<LoggedIn> who(const LoginAttempt& attempt, const LoginAnswer& answer, const Call& call) = 0;
};

}  // namespace sluice
