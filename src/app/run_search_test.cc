#include "app/run_search.h"

#include <gtest/gtest.h>

#include "workflow/memory_journal.h"
#include "workflow/test_ports.h"

namespace sluice {
namespace {

class RunSearchTest : public testing::Test {
 protected:
  void add(int from, int to) {
    for (int n = from; n < to; ++n) {
      const std::string id = "r-" + std::to_string(10'000 + n);
      EXPECT_TRUE(
          journal.create_run({.id = {id}, .name = "w", .labels = Json::object().set("text", "question " + std::to_string(n)), .input = Json()}));
    }
  }
  RunList find(const RunSearch& search, const std::string& before = "") {
    auto found = search_runs(journal, search, {before}, [this](RunInfo& run) -> Result<AskStatus> {
      if (run.id.text == damaged) return Error::bug("damaged");
      return run.id.text.ends_with("7") ? AskStatus::paused : AskStatus::waiting;
    });
    EXPECT_TRUE(found);
    return found ? *found : RunList{};
  }
  FakeClock clock{};
  MemoryJournal journal{[this] { return clock.now(); }};
  std::string damaged{};
};

TEST_F(RunSearchTest, PagesFollowOneAnother) {
  add(0, 25);
  std::vector<std::string> seen;
  std::string before;
  for (int page = 0; page < 3; ++page) {
    const RunList found = find({.limit = 10}, before);
    for (const RunSummary& summary : found.runs) seen.push_back(summary.run.id.text);
    before = found.next.text;
    EXPECT_EQ(before.empty(), page == 2);
  }
  EXPECT_EQ(seen.size(), 25U);
  EXPECT_TRUE(std::ranges::is_sorted(seen, std::greater<>()));
  EXPECT_TRUE(find({.limit = 25}).next.empty());  // there is nothing more
}

TEST_F(RunSearchTest, AStatusIsLookedForBeyondThePage) {
  add(0, 2500);
  const RunList found = find({.status = AskStatus::paused, .limit = 240});
  EXPECT_EQ(found.runs.size(), 240U);
  EXPECT_EQ(found.next.text, found.runs.back().run.id.text);
  const RunList rest = find({.status = AskStatus::paused, .limit = 240}, found.next.text);
  EXPECT_EQ(rest.runs.size(), 10U);
  EXPECT_TRUE(rest.next.empty());
  EXPECT_TRUE(find({.status = AskStatus::answered}).runs.empty());
}

TEST_F(RunSearchTest, WhatIsDamagedIsNamedAndPassedOver) {
  add(0, 12);
  damaged = "r-10011";
  const RunList found = find({.limit = 10});
  EXPECT_EQ(found.runs.size(), 10U);
  EXPECT_EQ(found.damaged.size(), 1U);
}

TEST_F(RunSearchTest, TextAndTime) {
  add(0, 5);
  clock.pass(std::chrono::hours(1));
  const TimeMs later = clock.now();
  add(5, 8);
  EXPECT_EQ(find({.since = later}).runs.size(), 3U);
  EXPECT_EQ(find({.until = later}).runs.size(), 5U);
  EXPECT_EQ(find({.text = "QUESTION 6"}).runs.size(), 1U);
  EXPECT_TRUE(find({.workflow = "other"}).runs.empty());
}

}  // namespace
}  // namespace sluice
