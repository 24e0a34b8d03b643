#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/ports/login_provider.h"
#include "net/http.h"
#include "net/jwt.h"

namespace sluice {

/// A provider of OpenID Connect, as a person configured it.
struct OidcOptions {
  std::string issuer{};  ///< as the provider writes it
  std::string client_id{};
  std::function<Result<std::string>()> client_secret{};  ///< asked at each login, and its answer kept no longer; unset: a public client
  std::vector<std::string> scopes{"openid", "email", "profile"};
  std::vector<JwtAlgorithm> algorithms{JwtAlgorithm::rs256, JwtAlgorithm::es256};
  std::string name{};  ///< on the button; "": the issuer's host
  std::string groups_claim{"groups"};
  bool wants_groups = false;                   ///< somebody is granted something by a group
  std::vector<std::string> allowed_domains{};  ///< of the address; none: all
  bool takes_unverified_email = false;
  HttpRoute route{};
  std::function<std::chrono::sys_seconds()> now{};  ///< unset: the system's clock
};

/// `client` outlives it. Nothing is fetched before somebody logs in.
std::unique_ptr<LoginProvider> make_oidc(OidcOptions options, HttpClient& client);

}  // namespace sluice
