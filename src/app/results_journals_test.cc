#include "app/results_journals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace sluice {
namespace {

namespace fs = std::filesystem;
using Places = std::vector<std::string>;

class ResultsJournals : public testing::Test {
 protected:
  fs::path home_ = fs::temp_directory_path() / ("sluice-results-of-" + std::to_string(getpid()));
  ResultsJournals() { fs::create_directories(home_); }
  ~ResultsJournals() override { fs::remove_all(home_); }

  Config with_journal(const std::string& url) const {
    Config config;
    config.home = home_.string();
    if (!url.empty()) config.journal = SecretText::literal(url);
    return config;
  }
  Places noted() const {
    const auto places = noted_journals(with_journal(""));
    EXPECT_TRUE(places) << places.error().message;
    return places ? *places : Places{"an error"};
  }
};

TEST_F(ResultsJournals, AreNotedOnceAndWithoutWhoLogsIn) {
  EXPECT_EQ(noted(), Places{}) << "no list was begun";
  for (const char* url : {"", "postgresql://ann:secret@here:5432/runs", "postgresql://bob:other@here:5432/runs?sslmode=require", ""})
    ASSERT_TRUE(note_journal(with_journal(url)));
  EXPECT_EQ(noted(), (Places{"file", "here:5432/runs"}));
}

TEST_F(ResultsJournals, WhatLayThereBeforeBelongsToTheFoldersOwn) {
  fs::create_directories(home_ / "results" / "ab");
  ASSERT_TRUE(note_journal(with_journal("postgresql://here/runs")));
  EXPECT_EQ(noted(), (Places{"file", "here/runs"}));
}

/// Whoever took it for an empty list would delete what the journals in it need.
TEST_F(ResultsJournals, AListThatCannotBeReadIsNotTakenForNone) {
  fs::create_directories(home_ / "results-of");  // root reads every file, but no folder as one
  const auto places = noted_journals(with_journal(""));
  ASSERT_FALSE(places);
  EXPECT_EQ(places.error().code, "E0201");
  EXPECT_NE(places.error().message.find("results-of cannot be read: Is a directory"), std::string::npos) << places.error().message;
  const auto written = note_journal(with_journal(""));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, "E0201");
  // What stands in the way of the list's folder is no missing list either.
  Config below = with_journal("");
  std::ofstream(home_ / "plain") << "a file";
  below.home = (home_ / "plain").string();
  ASSERT_FALSE(noted_journals(below));
  EXPECT_EQ(noted_journals(below).error().code, "E0201");
}

}  // namespace
}  // namespace sluice
