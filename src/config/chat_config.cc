#include "config/chat_config.h"

#include <algorithm>

#include "base/text.h"
#include "config/config.h"

namespace sluice {
namespace {

constexpr std::size_t kIdMax = 30, kUrlMax = 500, kAudienceMax = 30;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A secret by reference: a file that many read is no place for it.
Result<SecretText> reference_at(const ConfigSource& source, const YamlNode& node, const std::string& key, const std::string& example) {
  const std::string expected = "a reference to the secret such as " + example + ", not the secret itself";
  if (node.kind != YamlNode::Kind::scalar) return wrong_type(source, node, key, expected);
  auto parsed = SecretText::parse(node.text, source.folder);
  if (!parsed) return at_line(source, node, parsed.error().code.c_str(), key + ": " + parsed.error().message, parsed.error().hint);
  if (parsed->empty() || parsed->has_literal()) return wrong_type(source, node, key, expected);
  return parsed;
}

/// https, or this machine: what is sent there are secrets, or what comes from there is believed.
Result<std::string> url_at(const ConfigSource& source, const YamlNode& node, const std::string& key) {
  TRY(std::string url, text_at(source, node, key));
  if (url.ends_with('/')) url.pop_back();
  const auto here = [&](std::string_view host) {
    return url.starts_with("http://" + std::string(host) + ":") || url.starts_with("http://" + std::string(host) + "/");
  };
  if (url.size() <= kUrlMax && (url.starts_with("https://") || here("127.0.0.1") || here("[::1]") || here("localhost"))) return url;
  return wrong_type(source, node, key, "an address that begins with https:// (http:// at this machine alone)");
}

Result<std::string> channel_at(const ConfigSource& source, const YamlNode& node, const std::string& key) {
  TRY(std::string id, text_at(source, node, key));
  const bool begins = !id.empty() && std::string_view("CGD").find(id.front()) != std::string_view::npos;
  const bool fits = std::ranges::all_of(id, [](char c) { return (c >= 'A' && c <= 'Z') || is_digit(c); });
  if (begins && fits && id.size() > 2 && id.size() <= kIdMax) return id;
  return wrong_type(source, node, key, "the channel's id such as C0123456789 (in Slack: the channel's details, at their end), not its name");
}

Result<bool> by_email_at(const ConfigSource& source, const YamlNode& node) {
  TRY(const std::string text, text_at(source, node, "people"));
  if (text == "id" || text == "email") return text == "email";
  return at_line(source, node, "E0703", "people has to be id or email" + did_you_mean(text, {"id", "email"}),
                 "id: `server.access` names people by their id in the chat; email: by the e-mail address that the chat has of them");
}

Result<SlackConfig> read_slack(const ConfigSource& source, const YamlNode& node, const std::vector<std::string>& connections) {
  TRY_VOID(known_keys(source, node, "chat.slack", {"bot_token", "signing_secret", "channel", "channels", "api_url", "people"}));
  SlackConfig out;
  for (const char* key : {"bot_token", "signing_secret", "channel"})
    if (node.find(key) == nullptr)
      return at_line(source, node, "E0704", std::string("chat.slack lacks \"") + key + "\"",
                     "write {bot_token: \"${SLACK_BOT_TOKEN}\", signing_secret: \"${SLACK_SIGNING_SECRET}\", channel: C0123456789}");
  TRY(out.bot_token, reference_at(source, *node.find("bot_token"), "bot_token", "${SLACK_BOT_TOKEN}"));
  TRY(out.signing_secret, reference_at(source, *node.find("signing_secret"), "signing_secret", "${SLACK_SIGNING_SECRET}"));
  TRY(out.channel, channel_at(source, *node.find("channel"), "channel"));
  if (const YamlNode* channels = node.find("channels")) {
    TRY_VOID(known_keys(source, *channels, "chat.slack.channels", connections));
    for (const auto& [connection, channel] : channels->members) {
      TRY(out.channels[connection], channel_at(source, channel, connection));
    }
  }
  if (const YamlNode* value = node.find("api_url")) {
    TRY(out.api_url, url_at(source, *value, "api_url"));
  }
  if (const YamlNode* value = node.find("people")) {
    TRY(out.people_by_email, by_email_at(source, *value));
  }
  return out;
}

Result<GoogleChatConfig> read_google(const ConfigSource& source, const YamlNode& node) {
  TRY_VOID(known_keys(source, node, "chat.google_chat", {"webhook", "audience", "keys_url", "people"}));
  GoogleChatConfig out;
  if (const YamlNode* value = node.find("webhook")) {
    TRY(out.webhook, reference_at(source, *value, "webhook", "${GOOGLE_CHAT_WEBHOOK}"));
  }
  if (const YamlNode* value = node.find("audience")) {
    TRY(out.audience, text_at(source, *value, "audience"));
    if (out.audience.empty() || out.audience.size() > kAudienceMax || !std::ranges::all_of(out.audience, is_digit))
      return wrong_type(source, *value, "audience", "the number of the Google Cloud project that the app belongs to, in quotes");
  }
  if (const YamlNode* value = node.find("keys_url")) {
    TRY(out.keys_url, url_at(source, *value, "keys_url"));
  }
  if (const YamlNode* value = node.find("people")) {
    TRY(out.people_by_email, by_email_at(source, *value));
  }
  if (out.webhook.empty() && out.audience.empty())
    return at_line(source, node, "E0704", "chat.google_chat has neither \"webhook\" nor \"audience\"",
                   "webhook: where messages go; audience: the project's number of the app whose buttons are taken");
  return out;
}

Result<std::vector<ChatEvent>> read_events(const ConfigSource& source, const YamlNode& node) {
  if (node.kind != YamlNode::Kind::list || node.items.empty()) return wrong_type(source, node, "events", "a list of approvals, results, failures");
  std::vector<ChatEvent> out;
  for (const YamlNode& item : node.items) {
    TRY(const std::string text, text_at(source, item, "events"));
    const auto event = decode<ChatEvent>(Json(text));
    if (!event)
      return at_line(
          source, item, "E0703",
          "there is no event \"" + show_hidden(text.substr(0, kIdMax), false) + "\"" + did_you_mean(text, {"approvals", "results", "failures"}),
          "one of approvals, results, failures");
    if (std::ranges::find(out, *event) != out.end()) return wrong_type(source, item, "each of events", "another one");
    out.push_back(*event);
  }
  return out;
}

}  // namespace

bool ChatConfig::sends(ChatEvent event) const { return std::ranges::find(events, event) != events.end(); }

Result<> read_chat(const ConfigSource& source, const YamlNode& root, Config& config) {
  const YamlNode* node = root.find("chat");
  if (node == nullptr || node->kind == YamlNode::Kind::null) return {};
  TRY_VOID(known_keys(source, *node, "chat", {"events", "sample_rows", "slack", "google_chat"}));
  if (const YamlNode* value = node->find("events")) {
    TRY(config.chat.events, read_events(source, *value));
  }
  if (const YamlNode* value = node->find("sample_rows")) {
    TRY(config.chat.sample_rows, amount_at(source, *value, "sample_rows", whole_number, false));
    if (config.chat.sample_rows > ChatConfig::kSampleRowsMax)
      return wrong_type(source, *value, "sample_rows", "at most " + std::to_string(ChatConfig::kSampleRowsMax));
  }
  std::vector<std::string> connections;
  connections.reserve(config.connections.size());
  for (const ConnectionConfig& connection : config.connections) connections.push_back(connection.name);
  if (const YamlNode* value = node->find("slack")) {
    TRY(config.chat.slack, read_slack(source, *value, connections));
  }
  if (const YamlNode* value = node->find("google_chat")) {
    TRY(config.chat.google, read_google(source, *value));
  }
  return {};
}

}  // namespace sluice
