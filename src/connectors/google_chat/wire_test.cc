#include "connectors/google_chat/wire.h"

#include <gtest/gtest.h>

namespace sluice::google_chat {
namespace {

ChatCard asked(std::vector<ChatPart> parts) {
  return {.key = "approval:apr-1",
          .title = "Run on shop",
          .parts = std::move(parts),
          .approval = "apr-1",
          .subject_hash = "hash",
          .buttons = {{.act = ChatAct::approve, .label = "Approve"}, {.act = ChatAct::choose, .number = 12, .label = "12. other"}},
          .link = "https://sluice.example.org/approvals/apr-1"};
}

std::vector<Json> buttons_of(const Json& card) {
  std::vector<Json> out;
  for (const Json& section : *card["card"]["sections"].as_array())
    for (const Json& widget : *section["widgets"].as_array())
      if (const auto* buttons = widget["buttonList"]["buttons"].as_array()) out.insert(out.end(), buttons->begin(), buttons->end());
  return out;
}

Json event(const char* type) {
  Json user = Json::object().set("name", "users/123").set("type", "HUMAN").set("email", "Ada@Example.org");
  return Json::object().set("type", type).set("eventTime", "2026-01-31T08:30:00.123456Z").set("user", std::move(user));
}

std::string code(const Json& of) {
  const auto read = read_event(of.dump_text());
  return read ? "ok" : read.error().code;
}

TEST(GoogleChatWire, ButtonsAreForTheAppAlone) {
  const ChatCard of = asked({{.heading = "Reads", .text = "a < b & c"}});
  EXPECT_EQ(buttons_of(card(of, Buttons::all)).size(), 3U);
  EXPECT_EQ(buttons_of(card(of, Buttons::links)).size(), 1U);
  EXPECT_EQ((*card(of, Buttons::links)["card"]["sections"].as_array())[0]["widgets"].as_array()->front()["textParagraph"].text("text"),
            "a &lt; b &amp; c");
  EXPECT_EQ(webhook_message(of)["thread"].text("threadKey"), "approval:apr-1");
}

TEST(GoogleChatWire, ADecisionNeedsAllThatItIsAbout) {
  const auto decides = [](std::size_t size) { return ChatPart{.heading = "SQL", .text = std::string(size, 'x'), .code = true, .decides = true}; };
  EXPECT_EQ(buttons_of(card(asked({decides(kTextMax)}), Buttons::all)).size(), 3U);
  EXPECT_EQ(buttons_of(card(asked({decides(kTextMax + 1)}), Buttons::all)).size(), 1U);
  std::vector<ChatPart> many(20, ChatPart{.heading = "Part", .text = std::string(kTextMax, '&')});
  many.push_back(decides(10));
  const Json cut = card(asked(std::move(many)), Buttons::all);
  EXPECT_EQ(buttons_of(cut).size(), 1U) << "what decides is left out";
  EXPECT_LE(cut.dump_text().size(), kMessageMax);
  EXPECT_NE(cut.dump_text().find("cut: the rest is on the page"), std::string::npos);
}

TEST(GoogleChatWire, ReadsWhatItsButtonsSay) {
  const auto buttons = buttons_of(card(asked({}), Buttons::all));
  const Json& action = buttons[1]["onClick"]["action"];
  Json parameters = Json::object();
  for (const Json& one : *action["parameters"].as_array()) parameters.set(one.text("key"), one.text("value"));
  Json clicked = event("CARD_CLICKED");
  clicked.set("common", Json::object().set("invokedFunction", action.text("function")).set("parameters", std::move(parameters)));
  const auto read = read_event(clicked.dump_text());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->at, 1'769'848'200);
  ASSERT_TRUE(read->received.click);
  EXPECT_EQ(read->received.click->act, ChatAct::choose);
  EXPECT_EQ(read->received.click->number, 12);
  EXPECT_EQ(read->received.click->approval, "apr-1");
  EXPECT_EQ(read->received.click->person, "google:123");
  EXPECT_EQ(read->received.click->address, "ada@example.org");
}

TEST(GoogleChatWire, RefusesWhatIsNone) {
  EXPECT_EQ(code(event("MESSAGE")), "ok");
  EXPECT_EQ(code(event("REMOVED_FROM_SPACE")), "ok");
  EXPECT_EQ(code(Json::array()), "E1406");
  for (const char* time : {"", "now", "2026-01-31", "2026-01-31T08:30:00", "2026-01-31T08:30:00+01:00"})
    EXPECT_EQ(code(event("MESSAGE").set("eventTime", time)), "E1406") << time;
  for (const char* name : {"", "users/", "users/a", "123", "users/1/2"})
    EXPECT_EQ(code(event("MESSAGE").set("user", Json::object().set("name", name).set("type", "HUMAN"))), "E1406") << name;
  EXPECT_EQ(code(event("MESSAGE").set("user", Json::object().set("name", "users/1").set("type", "BOT"))), "E1406");
  EXPECT_EQ(code(event("CARD_CLICKED")), "E1406");
}

}  // namespace
}  // namespace sluice::google_chat
