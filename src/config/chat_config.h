#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/codec.h"
#include "config/secret_text.h"

namespace sluice {

struct Config;
struct ConfigSource;
struct YamlNode;

/// What a channel is told.
enum class ChatEvent : std::uint8_t {
  approvals,  ///< a decision is asked for, and what became of it
  results,    ///< a run was answered
  failures,   ///< a run failed, has no answer, or has to be looked at by a person
};
template <>
struct EnumNames<ChatEvent> {
  static constexpr std::array<std::pair<ChatEvent, std::string_view>, 3> names{
      {{ChatEvent::approvals, "approvals"}, {ChatEvent::results, "results"}, {ChatEvent::failures, "failures"}}};
};

/// `chat.slack:`. Secrets are references, each of them.
struct SlackConfig {
  SecretText bot_token{}, signing_secret{};
  std::string channel{};                          ///< its id: "C0APPROVALS"
  std::map<std::string, std::string> channels{};  ///< of connections that have one of their own
  std::string api_url{"https://slack.com/api"};
  bool people_by_email = false;  ///< `people: email`

  bool operator==(const SlackConfig&) const = default;
};

/// `chat.google_chat:`
struct GoogleChatConfig {
  SecretText webhook{};    ///< empty: nothing is sent, people ask the app
  std::string audience{};  ///< the project's number; "": nothing is taken
  std::string keys_url{"https://www.googleapis.com/service_accounts/v1/jwk/chat@system.gserviceaccount.com"};
  bool people_by_email = false;

  bool operator==(const GoogleChatConfig&) const = default;
};

/// `chat:` in sluice.yaml.
struct ChatConfig {
  std::vector<ChatEvent> events{ChatEvent::approvals};
  std::int64_t sample_rows = 0;  ///< of a card's sample: whoever reads the channel sees them
  std::optional<SlackConfig> slack{};
  std::optional<GoogleChatConfig> google{};

  static constexpr std::int64_t kSampleRowsMax = 10;
  bool sends(ChatEvent event) const;
  bool operator==(const ChatConfig&) const = default;
};

/// Once the connections have been read. E0702 to E0706, E0710.
Result<> read_chat(const ConfigSource& source, const YamlNode& root, Config& config);

}  // namespace sluice
