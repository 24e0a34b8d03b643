#include "approvals/chat_card.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "approvals/card.h"

namespace sluice {
namespace {

constexpr TimeMs kNow = 1'769'848'200'000;  // 2026-01-31 08:30 UTC
constexpr TimeMs kHour = 3'600'000;

Card sql_card() {
  Card card;
  card.act = "Run on shop (reads 1 table)";
  card.connection = "shop";
  card.question = "how many?\u202E";
  card.sql = "SELECT count(*) FROM orders WHERE status = 'a\u202Eb'";
  card.reading = {"Counts the rows."};
  card.tables = {{.display = "orders", .columns = {"status"}}};
  card.checks = {{.check = "parses", .outcome = Outcome::passed, .detail = "yes"}, {.check = "cost", .outcome = Outcome::warning, .detail = "much"}};
  card.sample.columns = {ResultColumn{.name = "n"}};
  card.sample.rows = {Json::array().push(1), Json::array().push(2), Json::array().push(3)};
  card.answered_by = "built-in";
  return card;
}

ApprovalInfo open_approval(const Card& card) {
  return {.id = {"apr-1"}, .run_id = {"r-1"}, .subject_hash = "hash", .card = encode(card), .due_at = kNow + 2 * kHour, .created_at = kNow};
}

ChatStyle usual() { return {.public_url = "https://sluice.example.org", .now = kNow}; }

std::string all_of(const ChatCard& card) {
  std::string out = card.title;
  for (const ChatPart& part : card.parts) out += "\n" + part.heading + "\n" + part.text;
  return out;
}

std::vector<ChatAct> acts_of(const ChatCard& card) {
  std::vector<ChatAct> out;
  out.reserve(card.buttons.size());
  for (const ChatButton& button : card.buttons) out.push_back(button.act);
  return out;
}

TEST(ChatCard, ShowsWhatADecisionIsAbout) {
  const ChatCard card = approval_chat_card(open_approval(sql_card()), usual());
  const std::string all = all_of(card);
  for (const char* shown : {"Run on shop (reads 1 table)", "SELECT", "Counts the rows.", "orders: status", "! cost", "1 check passed",
                            "Until 2026-01-31 10:30 UTC, in 2 h 00 min", "Proposed by built-in"})
    EXPECT_NE(all.find(shown), std::string::npos) << shown << "\n" << all;
  EXPECT_EQ(all.find("\u202E"), std::string::npos) << "nothing hidden";
  EXPECT_NE(all.find("'a\\u{202E}b'"), std::string::npos);
  EXPECT_EQ(card.link, "https://sluice.example.org/approvals/apr-1");
  EXPECT_EQ(card.connection, "shop");
  EXPECT_EQ(card.subject_hash, "hash");
  EXPECT_EQ(acts_of(card), (std::vector{ChatAct::approve, ChatAct::refine, ChatAct::reject}));
  const auto decides = std::ranges::count_if(card.parts, [](const ChatPart& part) { return part.decides && part.code; });
  EXPECT_EQ(decides, 1) << "the SQL, and nothing else";
}

TEST(ChatCard, HasRowsOnlyWhereSomebodyWantsThat) {
  EXPECT_EQ(all_of(approval_chat_card(open_approval(sql_card()), usual())).find("First rows"), std::string::npos);
  ChatStyle with_rows = usual();
  with_rows.sample_rows = 2;
  const ChatCard card = approval_chat_card(open_approval(sql_card()), with_rows);
  const auto rows = std::ranges::find(card.parts, "First rows", &ChatPart::heading);
  ASSERT_NE(rows, card.parts.end());
  EXPECT_NE(rows->text.find('2'), std::string::npos);
  EXPECT_EQ(rows->text.find('3'), std::string::npos);
}

TEST(ChatCard, WithoutAnAddressItNamesTheCommand) {
  const ChatCard card = approval_chat_card(open_approval(sql_card()), {.now = kNow});
  EXPECT_EQ(card.link, "");
  EXPECT_NE(all_of(card).find("sluice approvals show apr-1"), std::string::npos);
}

TEST(ChatCard, AQuestionBackHasItsAnswersAsButtons) {
  Card asks;
  asks.act = "Answer: which sales?";
  asks.asks = "which sales?";
  asks.choices = {{"freight", "f"}, {"orders", "o"}};
  const ChatCard card = approval_chat_card(open_approval(asks), usual());
  EXPECT_EQ(acts_of(card), (std::vector{ChatAct::choose, ChatAct::choose, ChatAct::refine, ChatAct::reject}));
  EXPECT_EQ(card.buttons[1].number, 2);
  EXPECT_EQ(card.buttons[1].label, "2. orders");
}

TEST(ChatCard, WhatIsDecidedSaysByWhomAndHasNoButtons) {
  struct Case {
    ApprovalStatus status;
    const char *by, *words;
  };
  for (const Case& one : {Case{ApprovalStatus::approved, "slack:T1/U1", "approved by slack:T1/U1 at 2026-01-31 08:30 UTC, in Slack"},
                          Case{ApprovalStatus::approved, "google:1", "approved by google:1 at 2026-01-31 08:30 UTC, in Google Chat"},
                          Case{ApprovalStatus::rejected, "token:ci", "refused by token:ci at 2026-01-31 08:30 UTC, by a token of the API: why"},
                          Case{ApprovalStatus::refined, "ada@desk", "sent back by ada@desk at 2026-01-31 08:30 UTC: else"},
                          Case{ApprovalStatus::expired, "", "expired at 2026-01-31 10:30 UTC: nobody decided in time"},
                          Case{ApprovalStatus::voided, "", "no longer asked: its run ended"}}) {
    ApprovalInfo approval = open_approval(sql_card());
    approval.status = one.status;
    approval.decided_by = one.by;
    approval.decided_at = kNow;
    approval.reason = "why";
    approval.feedback = "else";
    if (one.status == ApprovalStatus::approved) approval.reason = "";
    EXPECT_EQ(decided_words(approval), one.words);
    const ChatCard card = approval_chat_card(approval, usual());
    EXPECT_TRUE(card.buttons.empty());
    EXPECT_NE(all_of(card).find("This was " + std::string(one.words)), std::string::npos);
  }
}

TEST(ChatCard, ThatCannotBeReadOffersNothing) {
  ApprovalInfo approval = open_approval(sql_card());
  approval.card = Json("torn");
  EXPECT_TRUE(approval_chat_card(approval, usual()).buttons.empty());
}

}  // namespace
}  // namespace sluice
