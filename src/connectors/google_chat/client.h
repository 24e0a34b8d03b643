#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "approvals/ports/channel.h"
#include "net/http.h"

namespace sluice {

/// A space in Google Chat: messages go there by a webhook, which can neither change nor find them; people press buttons on what the app answers them.
struct GoogleChatOptions {
  std::function<Result<std::string>()> webhook{};  ///< a secret; unset: nothing is sent
  std::string audience{};                          ///< the project's number; "": nothing is taken
  std::string keys_url{};                          ///< of who signs what comes in; https, or this machine as its URL itself says
  bool people_by_email = false;                    ///< who clicked is their e-mail address, not their id
  HttpRoute route{};
  std::function<std::int64_t()> now{};  ///< seconds since 1970
};

/// `http` outlives it. E1110 for a keys_url that is none or not https.
Result<std::unique_ptr<Channel>> make_google_chat(GoogleChatOptions options, HttpClient& http);

}  // namespace sluice
