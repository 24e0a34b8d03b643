#include "journal/reply_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "journal/synced_for_test.h"
#include "journal/test_folder.h"

namespace sluice {
namespace {

class ReplyDirTest : public testing::Test {
 protected:
  static RecordedCall call_of(const std::string& question, const std::string& answer) {
    RecordedCall call{.provider = "anthropic", .model = "claude"};
    call.request.system = "You write SQL.\nOne statement.";
    call.request.messages = {{.text = question}};
    call.request.reply_name = "query";
    call.request.reply_schema = *Json::parse(R"({"type":"object","properties":{"sql":{"type":"string"}},"minimum":1.0})");
    call.request.temperature = 0.0;
    call.reply = {.text = answer, .usage = {.input = 10, .output = 3}, .answered_by = "claude-1"};
    call.latency_ms = 1'234;
    return call;
  }
  static std::string key_of(const RecordedCall& call) { return call_key(call); }
  std::string file_of(const std::string& key) const { return root_ + "/" + key.substr(0, 2) + "/" + key + ".json"; }
  static std::string content(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  }
  static void replace(const std::string& file, const std::string& from, const std::string& to) {
    std::string text = content(file);
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << text;
    std::ofstream(file) << text.replace(at, from.size(), to);
  }
  std::string code_of_find(const RecordedCall& asked) {
    auto found = replies_->find(asked);
    if (found) return *found ? "found" : "absent";
    EXPECT_NE(found.error().message.find(file_of(key_of(asked))), std::string::npos) << found.error().message;
    EXPECT_FALSE(found.error().hint.empty());
    return found.error().code;
  }

  TestFolder folder_{};
  std::string root_ = folder_.path("replies");
  std::unique_ptr<ReplyDir> replies_ = *ReplyDir::open(root_);
  RecordedCall call_ = call_of("How many flights?", R"({"sql":"SELECT 1"})");
  std::string key_ = key_of(call_);
};

TEST_F(ReplyDirTest, AnswersWhatWasKeptAlsoToAnotherProcess) {
  EXPECT_EQ(code_of_find(call_), "absent");
  ASSERT_TRUE(replies_->keep(call_));
  auto found = (*ReplyDir::open(root_))->find(call_);
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_TRUE(*found);
  EXPECT_EQ(encode(**found), encode(call_));
  EXPECT_EQ(code_of_find(call_of("How many planes?", "")), "absent");
}

TEST_F(ReplyDirTest, APersonCanReadTheFile) {
  ASSERT_TRUE(replies_->keep(call_));
  const std::string text = content(file_of(key_));
  EXPECT_NE(text.find("\n  \"provider\": \"anthropic\",\n"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("}\n")) << text;
}

TEST_F(ReplyDirTest, TheFirstReplyStays) {
  ASSERT_TRUE(replies_->keep(call_));
  ASSERT_TRUE(replies_->keep(call_of("How many flights?", "another answer")));
  EXPECT_EQ((*replies_->find(call_))->reply.text, call_.reply.text);
}

TEST_F(ReplyDirTest, WhatIsNoTextComesBackToTheByte) {
  for (const std::string& bytes :
       {std::string("a\0b", 3), std::string("\xff\xfe"), std::string("{\"$base64\":\"YQ==\"}"), std::string(100'000, '\x80')}) {
    RecordedCall call = call_of(bytes, bytes);
    call.request.reply_schema = Json::object().set("const", bytes).set("number", 0.1 + 0.2);
    ASSERT_TRUE(replies_->keep(call));
    auto found = replies_->find(call);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(encode(**found), encode(call));
  }
}

TEST_F(ReplyDirTest, WhatItConfirmsIsSynced) {
  synced().clear();
  ASSERT_TRUE(replies_->keep(call_));
  const std::string root = std::filesystem::canonical(root_).string();
  const auto is_synced = [](const std::string& path) {
    return std::any_of(synced().begin(), synced().end(), [&](const std::string& each) { return each.starts_with(path); });
  };
  EXPECT_TRUE(is_synced(root + "/tmp-"));
  for (const std::string& folder : {root + "/" + key_.substr(0, 2), root}) EXPECT_TRUE(synced().contains(folder)) << folder;
  synced().clear();
  ASSERT_TRUE(replies_->keep(call_));
  EXPECT_TRUE(is_synced(std::filesystem::canonical(file_of(key_)).string())) << "whoever wrote it may have died before its sync";
}

TEST_F(ReplyDirTest, NoticesAnEditedRequest) {
  ASSERT_TRUE(replies_->keep(call_));
  replace(file_of(key_), "How many flights?", "How many planes?");
  EXPECT_EQ(code_of_find(call_), "E1030");
  EXPECT_EQ(replies_->all(10).error().code, "E1030");
  ASSERT_TRUE(replies_->keep(call_)) << "recording again repairs it";
  EXPECT_EQ(code_of_find(call_), "found");
  replace(file_of(key_), "SELECT 1", "SELECT 2");
  EXPECT_EQ((*replies_->find(call_))->reply.text, R"({"sql":"SELECT 2"})") << "a reply is what somebody says it is";
}

TEST_F(ReplyDirTest, NoticesAFileUnderAnothersName) {
  ASSERT_TRUE(replies_->keep(call_));
  const RecordedCall other = call_of("How many planes?", "");
  std::filesystem::create_directories(root_ + "/" + key_of(other).substr(0, 2));
  std::filesystem::copy_file(file_of(key_), file_of(key_of(other)));
  EXPECT_EQ(code_of_find(other), "E1030");
}

TEST_F(ReplyDirTest, NamesAFileThatIsNoRecording) {
  ASSERT_TRUE(replies_->keep(call_));
  const std::string whole = content(file_of(key_));
  for (const std::string& text : {std::string(), whole.substr(0, whole.size() / 2), std::string("{}"), std::string("[1]"),
                                  std::string("{\"request\": 7}"), std::string("{\"theirs\": true}"), std::string(5'000, '[')}) {
    std::ofstream(file_of(key_)) << text;
    EXPECT_EQ(code_of_find(call_), "E1031") << text.substr(0, 40);
  }
  ASSERT_TRUE(replies_->keep(call_));
  EXPECT_EQ(code_of_find(call_), "found");
}

TEST_F(ReplyDirTest, BoundsWhatItReadsAndWrites) {
  ASSERT_TRUE(replies_->keep(call_));
  std::filesystem::resize_file(file_of(key_), ReplyDir::kBytesMax + 1);
  EXPECT_EQ(code_of_find(call_), "E1031");
  const RecordedCall large = call_of(std::string(ReplyDir::kBytesMax, 'x'), "");
  EXPECT_EQ(replies_->keep(large).error().code, "E1033");
  EXPECT_EQ(code_of_find(large), "absent");
}

TEST_F(ReplyDirTest, ARecordingAnswersWhereverTheModelIsReached) {
  RecordedCall made = call_;
  made.endpoint = "https://api.anthropic.com";
  made.run = "run_1";
  ASSERT_TRUE(replies_->keep(made));
  EXPECT_EQ(code_of_find(call_), "found");
  EXPECT_EQ(content(file_of(key_)).find("api.anthropic.com"), std::string::npos);
  ASSERT_TRUE(replies_->forget(made));
  EXPECT_EQ(code_of_find(made), "found") << "nobody forgets what a person wanted recorded";
}

TEST_F(ReplyDirTest, ACacheTellsEndpointsAndRunsApartAndForgets) {
  replies_ = *ReplyDir::open_cache(root_);
  RecordedCall here = call_, there = call_, mine = call_;
  here.endpoint = "http://one:8000";
  there.endpoint = "http://two:8000";
  mine.endpoint = here.endpoint;
  mine.run = "run_1";
  ASSERT_TRUE(replies_->keep(here));
  EXPECT_EQ(code_of_find(here), "found");
  EXPECT_EQ(code_of_find(there), "absent");
  EXPECT_EQ(code_of_find(mine), "absent");
  ASSERT_TRUE(replies_->keep(mine));
  ASSERT_TRUE(replies_->forget(here));
  ASSERT_TRUE(replies_->forget(there)) << "none there";
  EXPECT_EQ(code_of_find(here), "absent");
  EXPECT_EQ(code_of_find(mine), "found");
}

TEST_F(ReplyDirTest, ACacheIsBoundInAgeAndNumber) {
  using std::chrono::hours;
  const auto aged = [&](const RecordedCall& call, hours age) {
    std::filesystem::last_write_time(file_of(key_of(call)), std::filesystem::file_time_type::clock::now() - age);
  };
  replies_ = *ReplyDir::open_cache(root_, {.age_max = hours(48), .folder_files_max = 2});
  std::vector<RecordedCall> beside;  // whose files lie in one folder
  for (int n = 0; beside.size() < 4; ++n)
    if (RecordedCall call = call_of("question " + std::to_string(n), "old"); key_of(call).starts_with(key_.substr(0, 2))) beside.push_back(call);
  ASSERT_TRUE(replies_->keep(call_));
  aged(call_, hours(47));
  EXPECT_EQ(code_of_find(call_), "found");
  aged(call_, hours(49));
  EXPECT_EQ(code_of_find(call_), "absent");
  RecordedCall again = call_;
  again.reply.text = "new";
  ASSERT_TRUE(replies_->keep(again));
  EXPECT_EQ((*replies_->find(call_))->reply.text, "new");
  aged(call_, hours(49));
  ASSERT_TRUE(replies_->keep(beside[0]));
  EXPECT_FALSE(std::filesystem::exists(file_of(key_))) << "what is too old goes when another comes";
  aged(beside[0], hours(3));
  ASSERT_TRUE(replies_->keep(beside[1]));
  aged(beside[1], hours(2));
  ASSERT_TRUE(replies_->keep(beside[2]));
  EXPECT_EQ(code_of_find(beside[0]), "absent") << "the oldest goes first";
  EXPECT_EQ(code_of_find(beside[1]), "found");
  EXPECT_EQ(code_of_find(beside[2]), "found");
}

TEST_F(ReplyDirTest, GivesAllInOrderUpToTheLimit) {
  std::vector<std::string> keys;
  for (int n = 0; n < 6; ++n) {
    const RecordedCall call = call_of("question " + std::to_string(n), "");
    ASSERT_TRUE(replies_->keep(call));
    keys.push_back(key_of(call));
  }
  std::sort(keys.begin(), keys.end());
  std::ofstream(root_ + "/README.md") << "recordings";
  std::ofstream(root_ + "/" + keys[0].substr(0, 2) + "/notes.json") << "{}";
  std::ofstream(root_ + "/" + keys[0].substr(0, 2) + "/" + keys[0] + ".json~") << "{";
  auto all = replies_->all(100);
  ASSERT_TRUE(all) << all.error().message;
  ASSERT_EQ(all->size(), keys.size());
  for (std::size_t n = 0; n < keys.size(); ++n) EXPECT_EQ(key_of((*all)[n]), keys[n]);
  EXPECT_EQ(replies_->all(2)->size(), 2U);
  EXPECT_TRUE(replies_->all(0)->empty());
  std::filesystem::remove_all(root_);
  EXPECT_EQ(replies_->all(2).error().kind, ErrorKind::storage);
}

TEST_F(ReplyDirTest, ThreadsThatKeepTheSameCallDoNotSpoilIt) {
  constexpr int kThreads = 4, kTimes = 20;
  std::atomic<int> failed{0};
  {
    std::vector<std::jthread> threads;
    for (int n = 0; n < kThreads; ++n)
      threads.emplace_back([&] {
        for (int time = 0; time < kTimes; ++time) {
          const RecordedCall call = call_of("question " + std::to_string(time), "same");
          if (!replies_->keep(call)) ++failed;
          auto found = replies_->find(call);
          if (!found || !*found || (*found)->reply.text != "same") ++failed;
        }
      });
  }
  EXPECT_EQ(failed, 0);
  for (const auto& entry : std::filesystem::directory_iterator(root_)) EXPECT_TRUE(entry.is_directory()) << "left over: " << entry.path();
}

}  // namespace
}  // namespace sluice
