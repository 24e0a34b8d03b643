#pragma once
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "app/ports/outbox.h"

// What every outbox has to do: instantiate OutboxContract in the test program of each adapter.
namespace sluice {

struct OutboxHarness {
  virtual ~OutboxHarness() = default;
  virtual Outbox& store() = 0;
  /// The same store as another process sees it.
  virtual Outbox& other() = 0;
  virtual void pass(std::int64_t ms) = 0;
  virtual std::int64_t time() const = 0;
};
struct OutboxMaker {
  std::string name{};
  std::unique_ptr<OutboxHarness> (*make)() = nullptr;
};

class OutboxContract : public testing::TestWithParam<OutboxMaker> {
 protected:
  static constexpr std::int64_t kLease = 1'000;
  void SetUp() override {
    harness_ = GetParam().make();
    if (harness_ != nullptr) return;  // else its store is not on this machine
    if (std::getenv("CI") != nullptr) FAIL() << "a part that the store's tests need is missing";
    GTEST_SKIP() << "the store is not on this machine";
  }
  Outbox& store() { return harness_->store(); }
  Outbox& other() { return harness_->other(); }
  OutboxEntry add(const std::string& key, const std::string& channel = "slack") {
    auto added = store().outbox_add({.channel = channel, .key = key, .kind = "approval", .run = "r-1", .about = "apr-1"});
    EXPECT_TRUE(added) << added.error().message;
    return added ? *added : OutboxEntry{};
  }
  std::optional<OutboxEntry> take(Outbox& from, const std::string& holder, const std::string& channel = "slack") {
    auto taken = from.outbox_take(channel, holder, kLease);
    EXPECT_TRUE(taken) << taken.error().message;
    return taken ? *taken : std::nullopt;
  }
  std::unique_ptr<OutboxHarness> harness_{};
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(OutboxContract);

TEST_P(OutboxContract, KeepsWhatIsToBeToldOnce) {
  const OutboxEntry first = add("approval:1");
  EXPECT_EQ(first.created_at, harness_->time());
  EXPECT_EQ(first.next_at, harness_->time());
  harness_->pass(5);
  const auto again = other().outbox_add({.channel = "slack", .key = "approval:1", .kind = "approval", .run = "r-2"});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, first) << "what is there, stays";
  EXPECT_NE(add("approval:1", "google_chat").no, first.no) << "another channel is told as well";
}

TEST_P(OutboxContract, OneHolderAtATimeUntilItsLeaseEnds) {
  const OutboxEntry entry = add("approval:1");
  const auto taken = take(store(), "one");
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->no, entry.no);
  EXPECT_EQ(taken->attempts, 1);
  EXPECT_FALSE(taken->unclear);
  EXPECT_FALSE(take(other(), "two")) << "it is in somebody's hands";
  harness_->pass(kLease);
  const auto left = take(other(), "two");
  ASSERT_TRUE(left);
  EXPECT_TRUE(left->unclear) << "nobody knows what became of the first attempt";
  EXPECT_EQ(left->attempts, 2);
  EXPECT_FALSE(*store().outbox_settle(entry.no, "one", {.delivered = 1, .ref = "late"})) << "the first one lost it";
  EXPECT_TRUE(*other().outbox_settle(entry.no, "two", {.delivered = 1, .ref = "here"}));
  EXPECT_FALSE(take(store(), "one")) << "it is through";
  EXPECT_EQ(store().outbox_wanting("approval", 1)->front().ref, "here");
}

TEST_P(OutboxContract, OneOfManyGetsIt) {
  constexpr int kThreads = 4;
  add("approval:1");
  std::atomic<int> got = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      const auto taken = (t % 2 == 0 ? store() : other()).outbox_take("slack", "holder " + std::to_string(t), kLease);
      if (taken && *taken) ++got;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(got, 1);
}

TEST_P(OutboxContract, WaitsBetweenAttemptsAndGivesUp) {
  const OutboxEntry entry = add("approval:1");
  ASSERT_TRUE(take(store(), "one"));
  ASSERT_TRUE(*store().outbox_settle(entry.no, "one", {.unclear = true, .error = "E1105: no way there", .wait_ms = 50}));
  EXPECT_FALSE(take(store(), "one"));
  auto counts = *other().outbox_counts();
  ASSERT_EQ(counts.size(), 1U);
  EXPECT_EQ(counts[0].waiting, 1);
  EXPECT_EQ(counts[0].error, "E1105: no way there");
  EXPECT_EQ(counts[0].oldest_at, entry.created_at);
  harness_->pass(50);
  const auto again = take(store(), "one");
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->unclear);
  ASSERT_TRUE(*store().outbox_settle(entry.no, "one", {.error = "E1410: no such channel", .gives_up = true}));
  harness_->pass(10 * kLease);
  EXPECT_FALSE(take(store(), "one"));
  counts = *other().outbox_counts();
  EXPECT_EQ(counts[0].waiting, 0);
  EXPECT_EQ(counts[0].given_up, 1);
  harness_->pass(kOutboxGivenUpMs);
  EXPECT_TRUE(other().outbox_counts()->empty()) << "and then that is enough";
}

TEST_P(OutboxContract, WhatIsWantedRises) {
  const OutboxEntry entry = add("approval:1");
  ASSERT_TRUE(take(store(), "one"));
  EXPECT_EQ(*other().outbox_raise("approval:1", 2), 1) << "while the first step is in flight";
  ASSERT_TRUE(*store().outbox_settle(entry.no, "one", {.delivered = 1, .ref = "here"}));
  const auto next = take(store(), "one");
  ASSERT_TRUE(next);
  EXPECT_EQ(next->wanted, 2);
  EXPECT_EQ(next->delivered, 1);
  EXPECT_EQ(next->ref, "here");
  EXPECT_EQ(next->attempts, 1) << "of this step";
  EXPECT_EQ(*store().outbox_raise("approval:1", 2), 0);
  EXPECT_TRUE(store().outbox_wanting("approval", 1)->empty());
}

TEST_P(OutboxContract, ForgetsWhatIsThroughAfterAWhile) {
  const OutboxEntry through = add("result:1"), open = add("approval:2");
  for (int n = 0; n < 2; ++n) {
    const auto taken = take(store(), "one");
    ASSERT_TRUE(taken);
    ASSERT_TRUE(*store().outbox_settle(taken->no, "one", {.delivered = 1, .ref = "here"}));
  }
  EXPECT_EQ(*store().outbox_raise("result:1", 2), 1);
  ASSERT_TRUE(take(store(), "one"));
  ASSERT_TRUE(*store().outbox_settle(through.no, "one", {.delivered = 2, .ref = "here"}));
  EXPECT_EQ(*store().outbox_forget(), 0);
  harness_->pass(kOutboxKeptMs + kLease);
  EXPECT_EQ(*other().outbox_forget(), 1);
  EXPECT_EQ(store().outbox_wanting("approval", 2)->front().no, open.no) << "what is still to be brought to its end stays";
}

}  // namespace sluice
