#include "connectors/slack/wire.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sluice::slack {
namespace {

ChatCard card(std::vector<ChatPart> parts) {
  return {.key = "approval:apr-1",
          .title = "Run on shop (reads 1 table)",
          .parts = std::move(parts),
          .approval = "apr-1",
          .subject_hash = "hash",
          .buttons = {{.act = ChatAct::approve, .label = "Approve"}, {.act = ChatAct::refine, .label = "Refine…"}},
          .link = "https://sluice.example.org/approvals/apr-1"};
}

std::vector<std::string> actions_of(const Json& message) {
  std::vector<std::string> out;
  for (const Json& block : *message["blocks"].as_array())
    if (block.text("type") == "actions")
      for (const Json& element : *block["elements"].as_array()) out.emplace_back(element.text("action_id"));
  return out;
}

std::string texts_of(const Json& message) {
  std::string out;
  for (const Json& block : *message["blocks"].as_array()) out += std::string(block["text"].text("text")) + "\n";
  return out;
}

/// What Slack holds a message to.
void expect_within_limits(const Json& message) {
  EXPECT_LE(message["blocks"].size(), kBlocksMax);
  EXPECT_LE(length_of(message.text("text")), 4'000U);
  for (const Json& block : *message["blocks"].as_array()) {
    const bool header = block.text("type") == "header";
    EXPECT_LE(length_of(block["text"].text("text")), header ? kHeaderMax : kSectionMax);
  }
}

using Ids = std::vector<std::string>;
Ids decides() { return {"sluice_approve", "sluice_refine", "sluice_open"}; }
Ids only_opens() { return {"sluice_open"}; }

TEST(SlackWire, EscapesWhatNamesSomebody) {
  EXPECT_EQ(escaped("a < b & c > <!channel>"), "a &lt; b &amp; c &gt; &lt;!channel&gt;");
  EXPECT_EQ(length_of("aé€😀"), 5U) << "UTF-16 units";
  const Json message = slack::message(card({{.heading = "Reads", .text = "<!here> *bold*"}, {.heading = "SQL", .text = "a <> b", .code = true}}));
  const auto& blocks = *message["blocks"].as_array();
  EXPECT_EQ(blocks[1]["text"].text("type"), "plain_text") << "marks are no marks";
  EXPECT_EQ(blocks[1]["text"].text("text"), "Reads\n&lt;!here&gt; *bold*");
  EXPECT_EQ(blocks[3]["text"].text("text"), "```\na &lt;&gt; b\n```");
}

TEST(SlackWire, ADecisionNeedsAllThatItIsAbout) {
  const auto with_sql = [](std::string sql) {
    return slack::message(card({{.heading = "SQL", .text = std::move(sql), .code = true, .decides = true}}));
  };
  EXPECT_EQ(actions_of(with_sql("SELECT 1")), decides());
  EXPECT_EQ(actions_of(with_sql(std::string(2'992, 'x'))), decides()) << "the longest that fits";
  for (const std::string& sql : {std::string(2'993, 'x'), std::string(800, '<'), "SELECT '```'" + std::string(10, ' ')}) {
    const Json message = with_sql(sql);
    expect_within_limits(message);
    EXPECT_EQ(actions_of(message), only_opens()) << sql.substr(0, 20);
    EXPECT_NE(texts_of(message).find("This is cut: a decision needs all of it"), std::string::npos);
  }
  const Json sample = slack::message(card({{.heading = "First rows", .text = std::string(5'000, 'x'), .code = true}}));
  EXPECT_EQ(actions_of(sample), decides()) << "nobody decides on these";
  EXPECT_NE(texts_of(sample).find("This is cut."), std::string::npos);
}

TEST(SlackWire, KeepsToTheLimitsAndSaysWhatIsCut) {
  ChatCard large = card({});
  large.title = std::string(400, '&');
  for (int n = 0; n < 100; ++n) large.parts.push_back({.heading = "Part", .text = std::string(4'000, n % 2 == 0 ? '&' : 'x')});
  const Json message = slack::message(large);
  expect_within_limits(message);
  EXPECT_NE(texts_of(message).find("… cut: the rest is on the page"), std::string::npos);
  EXPECT_EQ(actions_of(message), decides());
  ChatCard wide = card({{.heading = "", .text = std::string(2'999, 'x') + "😀"}});
  expect_within_limits(slack::message(wide));
}

TEST(SlackWire, APartThatDecidesIsNeverLeftOutUnsaid) {
  ChatCard large = card({});
  for (int n = 0; n < 100; ++n) large.parts.push_back({.heading = "Part", .text = "x"});
  large.parts.push_back({.heading = "SQL", .text = "SELECT 1", .code = true, .decides = true});
  EXPECT_EQ(actions_of(slack::message(large)), only_opens());
}

TEST(SlackWire, ReadsWhatItsButtonsSay) {
  const Json message = post_arguments(card({}), "C1");
  const Json& button = (*message["blocks"].as_array()).back()["elements"].as_array()->front();
  Json action = Json::object().set("action_id", button.text("action_id")).set("value", button.text("value"));
  Json payload = Json::object().set("type", "block_actions").set("trigger_id", "t").set("response_url", "https://hooks.slack.com/x");
  payload.set("user", Json::object().set("id", "U1").set("team_id", "T2")).set("team", Json::object().set("id", "T1"));
  payload.set("actions", Json::array().push(std::move(action)));
  const auto encoded = [](const Json& of) {
    std::string out = "payload=";
    for (const char c : of.dump_text()) {
      constexpr std::string_view kHex = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      out += std::string("%") + kHex[byte / 16U] + kHex[byte % 16U];
    }
    return out;
  };
  const auto read = read_interaction(encoded(payload));
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_TRUE(read->click);
  EXPECT_EQ(read->click->act, ChatAct::approve);
  EXPECT_EQ(read->click->approval, "apr-1");
  EXPECT_EQ(read->click->subject_hash, "hash");
  EXPECT_EQ(read->click->person, "slack:T2/U1") << "of their own workspace";
  EXPECT_FALSE(read->click->words);
  for (const char* broken : {"", "payload=", "payload=%7", "payload=%7B%7D&payload=%7B%7D", "other=%7B%7D", "payload=%5B%5D", "payload=%7B%7D"})
    EXPECT_EQ(read_interaction(broken).error().code, "E1406") << broken;
  payload.set("user", Json::object().set("id", "U1/../U2"));
  EXPECT_EQ(read_interaction(encoded(payload)).error().code, "E1406") << "no name is made of what is no id";
}

TEST(SlackWire, KnowsWhatMayGoWellLater) {
  const auto failure = [](int status, const char* body) {
    const auto why = failure_of({.status = status, .body = body});
    return why ? why->code + " " + std::string(name_of(why->kind)) : "ok";
  };
  EXPECT_EQ(failure(200, R"({"ok":true})"), "ok");
  EXPECT_EQ(failure(200, R"({"ok":false,"error":"ratelimited"})"), "E1411 " + std::string(name_of(ErrorKind::transient)));
  EXPECT_EQ(failure(200, "<html>"), "E1411 " + std::string(name_of(ErrorKind::transient)));
  EXPECT_EQ(failure(200, R"({"ok":false,"error":"invalid_auth"})"), "E1410 " + std::string(name_of(ErrorKind::forbidden)));
  EXPECT_EQ(failure(200, R"({"ok":false,"error":"invalid_blocks"})"), "E1412 " + std::string(name_of(ErrorKind::input)));
  EXPECT_EQ(failure(429, ""), "E1101 " + std::string(name_of(ErrorKind::transient)));
}

TEST(SlackWire, FindsItsOwnMessageAgain) {
  const Json arguments = post_arguments(card({}), "C1");
  Json message = Json::object().set("ts", "17.3").set("metadata", arguments["metadata"]);
  const Json history = Json::object().set("messages", Json::array().push(Json::object().set("ts", "17.4")).push(std::move(message)));
  const auto ref = find_key(history, "approval:apr-1", "C1");
  ASSERT_TRUE(ref);
  const auto update = update_arguments(card({}), *ref);
  ASSERT_TRUE(update);
  EXPECT_EQ(update->text("ts"), "17.3");
  EXPECT_EQ(update->text("channel"), "C1");
  EXPECT_FALSE(find_key(history, "approval:apr-2", "C1"));
}

}  // namespace
}  // namespace sluice::slack
