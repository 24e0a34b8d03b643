#include "agents/replay.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "agents/memory_replies_for_test.h"
#include "agents/request_diff.h"
#include "base/text.h"

namespace sluice {
namespace {

ModelRequest request(const std::string& text, const std::string& system = "You write SQL.") {
  ModelRequest out{.system = system, .reply_name = "query"};
  out.messages = {{.text = text}};
  return out;
}

class Recordings : public testing::Test {
 protected:
  void record(const ModelRequest& asked) {
    const ModelRequest sent = asked_of(info_, asked);
    const RecordedCall call{
        .request = sent, .provider = info_.provider, .model = info_.model, .reply = {.text = "re: " + asked.messages.back().text}};
    ASSERT_TRUE(replies_.keep(call));
  }
  Error miss(const ModelRequest& asked) {
    auto reply = replay_.answer({{asked}}, {}, {}).front();
    return reply ? Error{} : reply.error();
  }

  MemoryReplies replies_{};
  ModelInfo info_{.name = "default", .provider = "anthropic", .model = "claude"};
  ReplayModel replay_{info_, replies_};
};

TEST_F(Recordings, PlayBackWhatWasRecorded) {
  const std::vector<ModelRequest> requests{request("one"), request("two")};
  for (const ModelRequest& one : requests) record(one);
  std::vector<std::string> heard;
  const auto hear = [&](std::size_t index, const Result<ModelReply>& reply) { heard.push_back(std::to_string(index) + reply->text); };
  const auto replies = replay_.answer(requests, {.on_reply = hear}, {});
  ASSERT_EQ(replies.size(), 2U);
  EXPECT_EQ(replies[0]->text, "re: one");
  EXPECT_EQ(replies[1]->text, "re: two");
  EXPECT_EQ(heard, (std::vector<std::string>{"0re: one", "1re: two"}));
  EXPECT_EQ(replay_.info().model, "claude");
}

TEST_F(Recordings, AStoreThatCannotBeReadIsNoMiss) {
  replies_.fails = Error{ErrorKind::storage, "E0204", "the disk is full", "free some space", 0};
  EXPECT_EQ(miss(request("one")).code, "E0204");
}

TEST_F(Recordings, AMissShowsTheNearestRequestOfItsKind) {
  record(request("line 1\nHow many flights were late?\nline 3\nline 4"));
  record(request("something else entirely, of some length\nwith lines"));
  ModelRequest other = request("line 1\nHow many planes were late?\nline 3\nline 4");
  other.reply_name = "diagnosis";
  record(other);
  const Error error = miss(request("line 1\nHow many trains were late?\nline 3\nline 4"));
  EXPECT_EQ(error.kind, ErrorKind::input);
  EXPECT_EQ(error.code, "E1032");
  EXPECT_FALSE(error.hint.empty());
  EXPECT_TRUE(error.message.starts_with("no recording answers a request for \"query\" to anthropic/claude (key ")) << error.message;
  EXPECT_TRUE(
      error.message.ends_with("; the nearest differs so:\n"
                              "--- recorded\n+++ asked\n@@ -6 +6 @@\n system| You write SQL.\n user| line 1\n"
                              "-user| How many flights were late?\n+user| How many trains were late?"))
      << error.message;
}

TEST_F(Recordings, AMissSaysWhereThereIsNothingToCompareWith) {
  EXPECT_TRUE(miss(request("one")).message.ends_with("; nothing is recorded"));
  ModelRequest other = request("one");
  other.reply_name = "";
  record(other);
  EXPECT_TRUE(miss(request("one")).message.ends_with("; no recorded request asks for that"));
}

TEST_F(Recordings, EveryPartOfARequestThatChangesItsKeyShowsInAMiss) {
  const ModelRequest original = request("one");
  record(original);
  struct Case {
    const char* line;
    std::function<void(ModelRequest&)> change;
  };
  for (const auto& [line, change] :
       {Case{"\n+temperature: 0.5", [](ModelRequest& r) { r.temperature = 0.5; }},
        Case{"\n+max_tokens: 9", [](ModelRequest& r) { r.max_tokens = 9; }}, Case{"\n+sample: 2", [](ModelRequest& r) { r.sample = 2; }},
        Case{"\n+system| Else.", [](ModelRequest& r) { r.system = "Else."; }},
        Case{"\n+schema| {", [](ModelRequest& r) { r.reply_schema = Json::object().set("type", "object"); }},
        Case{"\n+assistant| one", [](ModelRequest& r) { r.messages.front().role = ModelMessage::Role::assistant; }},
        Case{"\n+user| more", [](ModelRequest& r) { r.messages.push_back({.text = "more"}); }},
        Case{"\n+user| one\\u{0020}", [](ModelRequest& r) { r.messages.front().text += " "; }},
        Case{"\n+user| o\\u{200B}ne", [](ModelRequest& r) { r.messages.front().text = "o\u200Bne"; }}}) {
    ModelRequest changed = original;
    change(changed);
    const Error error = miss(changed);
    EXPECT_NE(error.message.find(line), std::string::npos) << line << "\n" << error.message;
  }
  ReplayModel other({.provider = "anthropic", .model = "claude-2"}, replies_);
  const std::string message = other.answer({{original}}, {}, {}).front().error().message;
  EXPECT_NE(message.find("\n-model: anthropic/claude\n+model: anthropic/claude-2"), std::string::npos) << message;
}

std::vector<std::string> numbered(int from, int to) {
  std::vector<std::string> lines;
  for (int n = from; n < to; ++n) lines.push_back("line " + std::to_string(n));
  return lines;
}

TEST(RequestDiff, ShowsEachPlaceWithWhatComesBefore) {
  const auto recorded = numbered(0, 1'000);
  auto asked = recorded;
  asked[10] = "changed";
  asked.erase(asked.begin() + 100);
  asked.insert(asked.begin() + 200, "new");
  EXPECT_EQ(first_differences(recorded, asked),
            "--- recorded\n+++ asked\n@@ -9 +9 @@\n line 8\n line 9\n-line 10\n+changed\n@@ -99 +99 @@\n line 98\n line 99\n-line 100\n"
            "@@ -200 +199 @@\n line 199\n line 200\n+new");
  EXPECT_EQ(first_differences(recorded, recorded), "");
  EXPECT_EQ(first_differences({}, {"a"}), "--- recorded\n+++ asked\n@@ -1 +1 @@\n+a");
}

TEST(RequestDiff, HasABound) {
  const std::string diff = first_differences(numbered(0, 5'000), numbered(10'000, 15'000));
  EXPECT_EQ(std::count(diff.begin(), diff.end(), '\n') + 1, kDiffLinesMax);
  EXPECT_TRUE(diff.ends_with("\n… and more")) << diff;
  const std::string wide = first_differences({std::string(100'000, 'a')}, {std::string(100'000, 'b')});
  EXPECT_LT(wide.size(), 400U);
}

TEST(RequestDiff, ALongLineIsShownFromWhereItDiffers) {
  std::string a(5'000, 'x'), b = a;
  a.replace(3'000, 1, "A");
  b.replace(3'000, 1, "B");
  const std::string diff = first_differences({a}, {b});
  const std::string before = "…" + std::string(40, 'x');
  EXPECT_NE(diff.find("\n-" + before + "Ax"), std::string::npos) << diff;
  EXPECT_NE(diff.find("\n+" + before + "Bx"), std::string::npos) << diff;
  std::string wide;
  for (int n = 0; n < 200; ++n) wide += "é";
  EXPECT_TRUE(is_valid_utf8(first_differences({wide + "a" + wide}, {wide + "b" + wide})));
  EXPECT_EQ(first_differences({wide}, {wide + "!"}).find("\\x{"), std::string::npos) << "no character is cut";
}

TEST(RequestDiff, TheNearestSharesTheMostText) {
  const std::vector<std::string> asked{"a long line that both have", "b", "c"};
  EXPECT_EQ(difference(asked, asked), 0U);
  EXPECT_LT(difference({"a long line that both have", "x", "y"}, asked), difference({"b", "c"}, asked));
  EXPECT_EQ(difference({"a"}, {"a", "a"}), 2U) << "a repeated line counts each time";
}

}  // namespace
}  // namespace sluice
