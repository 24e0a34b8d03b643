#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "approvals/ports/channel.h"
#include "net/http.h"

namespace sluice {

/// An app in a Slack workspace. Secrets are looked up when they are needed, and kept nowhere.
struct SlackOptions {
  std::function<Result<std::string>()> bot_token{}, signing_secret{};
  std::string channel{};                          ///< its id: "C0APPROVALS"
  std::map<std::string, std::string> channels{};  ///< of connections that have one of their own
  std::string api_url{"https://slack.com/api"};   ///< https, or this machine as its URL itself says
  bool people_by_email = false;                   ///< who clicked is their e-mail address in Slack, not their id there
  HttpRoute route{};
  std::function<std::int64_t()> now{};  ///< seconds since 1970
};

/// `http` outlives it. E1110 for an api_url that is none or not https.
Result<std::unique_ptr<Channel>> make_slack(SlackOptions options, HttpClient& http);

}  // namespace sluice
