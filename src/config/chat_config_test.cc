#include "config/chat_config.h"

#include <gtest/gtest.h>

#include "config/config.h"

namespace sluice {
namespace {

Result<Config> parse(const std::string& text) {
  return parse_config("connections:\n  shop: {kind: duckdb, path: shop.duckdb}\n" + text, "/project/sluice.yaml",
                      [](const std::string&) -> std::optional<std::string> { return std::nullopt; });
}

TEST(ChatConfig, ReadsEveryKey) {
  const auto config = parse(R"(chat:
  events: [results, failures]
  sample_rows: 3
  slack:
    bot_token: ${BOT}
    signing_secret: secret://env/SIGNING
    channel: C0123
    channels: {shop: G0456}
    api_url: http://127.0.0.1:9/api/
    people: email
  google_chat: {webhook: "${HOOK}", audience: "123456", keys_url: "https://keys.example.org", people: email}
)");
  ASSERT_TRUE(config) << config.error().message;
  const ChatConfig& chat = config->chat;
  EXPECT_FALSE(chat.sends(ChatEvent::approvals));
  EXPECT_TRUE(chat.sends(ChatEvent::results) && chat.sends(ChatEvent::failures));
  EXPECT_EQ(chat.sample_rows, 3);
  ASSERT_TRUE(chat.slack && chat.google);
  EXPECT_EQ(*chat.slack->bot_token.reveal([](const std::string& name) { return std::optional(name + "!"); }), "BOT!");
  EXPECT_EQ(chat.slack->channel, "C0123");
  EXPECT_EQ(chat.slack->channels.at("shop"), "G0456");
  EXPECT_EQ(chat.slack->api_url, "http://127.0.0.1:9/api");
  EXPECT_TRUE(chat.slack->people_by_email);
  EXPECT_EQ(chat.google->audience, "123456");
  EXPECT_EQ(chat.google->keys_url, "https://keys.example.org");
}

TEST(ChatConfig, SaysNothingAndTellsNobody) {
  const auto config = parse("");
  ASSERT_TRUE(config);
  EXPECT_FALSE(config->chat.slack || config->chat.google);
  EXPECT_EQ(config->chat.sample_rows, 0) << "rows of data go nowhere that nobody named";
  EXPECT_FALSE(parse("chat: {slack: {bot_token: '${T}', signing_secret: '${S}', channel: C01}}")->chat.slack->people_by_email);
}

TEST(ChatConfig, NeverQuotesASecretAndNamesTheLine) {
  const auto config = parse("chat:\n  slack:\n    bot_token: xoxb-very-secret\n    signing_secret: ${S}\n    channel: C01\n");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, "E0703");
  EXPECT_EQ((config.error().message + config.error().hint).find("very-secret"), std::string::npos);
  EXPECT_NE(config.error().message.find("line 5"), std::string::npos) << config.error().message;
}

TEST(ChatConfig, AChannelIsOfAConnectionThatIsThere) {
  const auto config = parse("chat: {slack: {bot_token: '${T}', signing_secret: '${S}', channel: C01, channels: {shp: C02}}}");
  ASSERT_FALSE(config);
  EXPECT_NE(config.error().message.find("shop"), std::string::npos) << "did you mean";
}

}  // namespace
}  // namespace sluice
