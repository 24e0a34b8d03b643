#pragma once
#include <memory>
#include <semaphore>
#include <stop_token>
#include <string>
#include <vector>

#include "app/app.h"
#include "server/api_route.h"
#include "server/pending_logins.h"
#include "server/sessions.h"

namespace sluice {

/// Logins at a provider, from `/login/start` to the session. Any thread; its routes call the network, so they run on the pool. All that it is given
/// outlives it.
class ProviderLogin {
 public:
  static constexpr int kAtOnceMax = 4;              ///< that ask the provider: it being slow leaves threads for everybody else
  static constexpr std::chrono::seconds kTime{25};  ///< of one answer

  ProviderLogin(App& app, LoginProvider& provider, Sessions& sessions, std::string public_url, std::stop_token stop);

  std::string shown_name() const { return provider_.shown_name(); }
  std::vector<ApiRoute> routes();

 private:
  ApiAnswer start(const ApiCall& call);
  ApiAnswer callback(const ApiCall& call);
  Result<WebResponse> begin(const ApiCall& call);
  Result<WebResponse> finish(const ApiCall& call, std::string& return_to);
  /// What went wrong, as a page for whoever came with a browser, and noted where somebody was turned away.
  WebResponse refused(const Error& error, const std::string& return_to);
  Call network_call() const;

  App& app_;
  LoginProvider& provider_;
  Sessions& sessions_;
  const std::string public_url_;
  const std::stop_token stop_;
  PendingLogins pending_{};
  std::counting_semaphore<kAtOnceMax> turns_{kAtOnceMax};
};

/// An error as a page, in HTML.
WebResponse error_page(const Error& error, const std::string& title, const std::string& again);

}  // namespace sluice
