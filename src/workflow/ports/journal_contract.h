#pragma once
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>

#include "workflow/ports/journal.h"

// What every journal has to do: instantiate JournalContract in the test program of each adapter.
namespace sluice {

struct JournalHarness {
  virtual ~JournalHarness() = default;
  virtual Journal& journal() = 0;
  /// The same journal as another process sees it (a connection of its own where there are connections).
  virtual Journal& other() = 0;
  virtual void pass(TimeMs ms) { now += ms; }
  std::atomic<TimeMs> now{1'000'000};
};
struct JournalMaker {
  std::string name{};
  std::unique_ptr<JournalHarness> (*make)() = nullptr;
};

class JournalContract : public testing::TestWithParam<JournalMaker> {
 protected:
  void SetUp() override {
    harness_ = GetParam().make();
    if (harness_ == nullptr) {  // its store is not on this machine
      if (std::getenv("CI") != nullptr) FAIL() << "a part that the journal's tests need is missing";
      GTEST_SKIP() << "the store is not on this machine";
    }
    auto node = journal().register_node();
    ASSERT_TRUE(node) << node.error().message;
    node_ = *node;
  }
  Journal& journal() { return harness_->journal(); }
  Journal& other() { return harness_->other(); }
  TimeMs now() const { return harness_->now; }
  void pass(TimeMs ms) { harness_->pass(ms); }

  NewRun new_run(const std::string& id, bool claimed = true) {
    NewRun run{.id = {id}, .name = "ask", .code_version = "1", .labels = Json::object().set("question", "why?"), .input = Json("in")};
    if (claimed) run.claim_by = node_;
    return run;
  }
  RunInfo create(const std::string& id, bool claimed = true) {
    auto created = journal().create_run(new_run(id, claimed));
    EXPECT_TRUE(created) << created.error().message;
    return created ? created->run : RunInfo{};
  }
  static Append step(const RunInfo& run, const std::string& path, std::int64_t head) {
    Append append{.run = run.id, .epoch = run.epoch, .head_seq = head};
    append.events.push_back({EventType::step_completed, path, 0, "hash", Json::object().set("value", "v")});
    return append;
  }
  ApprovalId open_approval(const RunInfo& run, std::optional<TimeMs> due = {}, const std::string& id = "a-1") {
    Append append{.run = run.id, .epoch = run.epoch, .head_seq = 1};
    append.events.push_back({EventType::approval_requested, "ok", 0, "subject-hash", Json::object().set("approval_id", id)});
    append.approvals.push_back({.id = {id}, .path = "ok", .subject_hash = "subject-hash", .subject = Json("SELECT 1"), .card = Json("card")});
    append.approvals.back().due_at = due;
    append.transition = Transition{.to = RunStatus::parked, .reason = "waits", .wake_at = due, .wake_no_seen = run.wake_no};
    auto answer = journal().append(append);
    EXPECT_TRUE(answer) << answer.error().message;
    return {id};
  }
  static DecisionInput yes(const std::string& by = "ann") { return {.action = DecisionAction::approve, .decided_by = by}; }
  template <class T>
  static std::string code(const Result<T>& result) {
    return result ? "ok" : result.error().code;
  }

  std::unique_ptr<JournalHarness> harness_{};
  NodeId node_{};
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(JournalContract);

TEST_P(JournalContract, KeepsARunAndItsEvents) {
  const RunInfo run = create("r-1");
  EXPECT_EQ(run.status, RunStatus::running);
  EXPECT_EQ(run.epoch, 1);
  Append two = step(run, "a", 1);
  two.events.push_back({EventType::step_completed, "b", 3, "h2", Json::object().set("value", std::string("\xff\0x", 3))});
  auto answer = journal().append(two);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->head_seq, 3);
  auto events = other().events(run.id);
  ASSERT_TRUE(events);
  ASSERT_EQ(events->size(), 3U);
  EXPECT_EQ(events->at(0).type, EventType::run_started);
  EXPECT_EQ(events->at(0).body["input"], Json("in"));
  EXPECT_EQ(events->at(2).path, "b");
  EXPECT_EQ(events->at(2).try_no, 3);
  EXPECT_EQ(events->at(2).in_hash, "h2");
  EXPECT_EQ(events->at(2).at, now());
  EXPECT_EQ(*events->at(2).body["value"].as_string(), std::string("\xff\0x", 3));
  auto shown = other().run(run.id);
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->labels.text("question"), "why?");
  EXPECT_EQ(shown->head_seq, 3);
  EXPECT_EQ(journal().events(run.id, 1, 1)->size(), 1U);
  EXPECT_EQ(code(journal().run({"r-none"})), "E0102");
  EXPECT_EQ(code(journal().events({"r-none"}, 0, 1)), "E0102");
}

TEST_P(JournalContract, FencesAStaleEpochAndAMovedHead) {
  const RunInfo old = create("r-1");
  auto rival = other().register_node();
  ASSERT_TRUE(rival);
  EXPECT_EQ(code(other().claim(old.id, *rival)), "E0104");
  journal().release_node(node_);
  auto claimed = other().claim(old.id, *rival);
  ASSERT_TRUE(claimed) << claimed.error().message;
  EXPECT_EQ(claimed->epoch, 2);
  EXPECT_EQ(code(journal().append(step(old, "a", 1))), "E0105");
  EXPECT_TRUE(other().append(step(*claimed, "a", 1)));
  EXPECT_EQ(code(other().append(step(*claimed, "b", 1))), "E0105") << "the head has moved";
  EXPECT_EQ(journal().events(old.id)->size(), 2U);
}

TEST_P(JournalContract, TakesOverAfterTheLeaseOnly) {
  const RunInfo run = create("r-1");
  auto rival = other().register_node();
  ASSERT_TRUE(rival);
  const TimeMs nearly = journal().lease().count() - 1'000;
  pass(nearly);
  EXPECT_EQ(code(other().claim(run.id, *rival)), "E0104");
  EXPECT_FALSE(other().run(run.id)->owner_dead);
  ASSERT_TRUE(journal().heartbeat(node_));
  pass(nearly);
  EXPECT_EQ(code(other().claim(run.id, *rival)), "E0104");
  pass(2'000);
  EXPECT_TRUE(other().run(run.id)->owner_dead);
  EXPECT_EQ(code(other().claim(run.id, *rival)), "ok");
}

TEST_P(JournalContract, AClaimLeavesHalfOfALeaseAtLeast) {
  const TimeMs length = journal().lease().count();
  const RunInfo run = create("r-1");
  ASSERT_TRUE(journal().heartbeat(node_));
  pass(length * 3 / 4);
  ASSERT_EQ(code(journal().claim(run.id, node_)), "ok");
  pass(length / 2);  // the heartbeat's time is over
  EXPECT_FALSE(other().run(run.id)->owner_dead);
  pass(length * 3 / 4);
  EXPECT_TRUE(other().run(run.id)->owner_dead);
}

TEST_P(JournalContract, ParkingIsNotSleptThroughByNews) {
  const RunInfo run = create("r-1");
  ASSERT_TRUE(other().cancel(run.id, "ann", "enough"));
  ASSERT_TRUE(other().cancel(run.id, "ann", "enough")) << "asking twice is no error";
  Append park = step(run, "a", 1);
  park.transition = Transition{.to = RunStatus::parked, .reason = "waits", .wake_no_seen = run.wake_no};
  auto answer = journal().append(park);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->woken);
  EXPECT_EQ(journal().run(run.id)->status, RunStatus::running);
  EXPECT_EQ(journal().events(run.id)->size(), 2U) << "the events are written all the same";
  auto inbox = journal().inbox(run.id);
  ASSERT_EQ(inbox->size(), 1U);
  EXPECT_EQ(inbox->front().sender, "ann");
  EXPECT_EQ(inbox->front().body.text("reason"), "enough");
  EXPECT_EQ(journal().cancelled_runs(node_)->size(), 1U);
  Append end{.run = run.id, .epoch = 1, .head_seq = 2};
  end.transition = Transition{.to = RunStatus::cancelled, .reason = "cancelled"};
  ASSERT_TRUE(journal().append(end));
  EXPECT_EQ(code(other().cancel(run.id, "ann", "")), "E0115");
  EXPECT_EQ(code(journal().claim(run.id, node_)), "E0115");
  EXPECT_TRUE(journal().inbox(run.id)->empty());
}

TEST_P(JournalContract, ADecisionWakesAParkedRun) {
  const RunInfo run = create("r-1");
  const ApprovalId id = open_approval(run);
  EXPECT_FALSE(journal().run(run.id)->is_due(now()));
  EXPECT_EQ(journal().open_approval_of(run.id)->id, id);
  DecisionInput refine{.action = DecisionAction::refine, .feedback = "only JFK", .edited = "SELECT 2", .reason = "r", .decided_by = "ann"};
  refine.expected_subject_hash = "subject-hash";
  auto decided = other().decide(id, refine);
  ASSERT_TRUE(decided) << decided.error().message;
  EXPECT_EQ(decided->status, ApprovalStatus::refined);
  auto read = journal().approval(id);
  EXPECT_EQ(read->feedback, "only JFK");
  EXPECT_EQ(read->edited, "SELECT 2");
  EXPECT_EQ(read->reason, "r");
  EXPECT_EQ(read->decided_by, "ann");
  EXPECT_EQ(read->subject, Json("SELECT 1"));
  EXPECT_EQ(read->card, Json("card"));
  EXPECT_TRUE(journal().run(run.id)->is_due(now()));
  EXPECT_EQ(code(journal().open_approval_of(run.id)), "E0106");
  EXPECT_EQ(code(journal().open_approval_of({"r-none"})), "E0102");
}

TEST_P(JournalContract, RefusesSecondLateForeignAndMalformedDecisions) {
  const RunInfo run = create("r-1");
  const ApprovalId id = open_approval(run, now() + 500);
  EXPECT_EQ(code(journal().decide({"a-none"}, yes())), "E0106");
  EXPECT_EQ(code(journal().decide(id, yes(""))), "E0111");
  EXPECT_EQ(code(journal().decide(id, {.action = DecisionAction::refine, .decided_by = "ann"})), "E0111");
  EXPECT_EQ(code(journal().decide(id, {.action = DecisionAction::approve, .feedback = "x", .decided_by = "ann"})), "E0111");
  EXPECT_EQ(code(journal().decide(id, {.action = DecisionAction::reject, .reason = std::string(200'000, 'x'), .decided_by = "ann"})), "E0111");
  DecisionInput foreign = yes();
  foreign.expected_subject_hash = "another";
  EXPECT_EQ(code(journal().decide(id, foreign)), "E0110");
  ASSERT_TRUE(journal().decide(id, yes()));
  auto second = other().decide(id, yes("bob"));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "E0107");
  EXPECT_NE(second.error().message.find("approved by ann at 1970-01-01 00:16:40 UTC"), std::string::npos) << second.error().message;

  const ApprovalId late = open_approval(create("r-2"), now() + 500, "a-2");
  pass(500);
  EXPECT_EQ(code(journal().decide(late, yes())), "E0108") << "its time has passed, though nobody has expired it yet";
  EXPECT_EQ(journal().expire(late)->status, ApprovalStatus::expired);
  EXPECT_EQ(code(journal().decide(late, yes())), "E0108");
  EXPECT_EQ(journal().expire(id)->status, ApprovalStatus::approved) << "a decided one does not expire";
}

TEST_P(JournalContract, AfterAConfirmedCancellationNothingIsDecided) {
  const RunInfo run = create("r-1");
  const ApprovalId id = open_approval(run);
  ASSERT_TRUE(other().cancel(run.id, "bob", "enough"));
  EXPECT_EQ(code(journal().decide(id, yes())), "E0109");
  EXPECT_EQ(journal().approval(id)->status, ApprovalStatus::open);
}

TEST_P(JournalContract, AnEndedRunVoidsItsOpenApprovals) {
  const RunInfo run = create("r-1");
  const ApprovalId id = open_approval(run);
  auto claimed = journal().claim(run.id, node_);
  ASSERT_TRUE(claimed);
  Append end{.run = run.id, .epoch = claimed->epoch, .head_seq = 2};
  end.transition = Transition{.to = RunStatus::cancelled};
  ASSERT_TRUE(journal().append(end));
  EXPECT_EQ(code(journal().decide(id, yes())), "E0109");
}

TEST_P(JournalContract, SpendsAnApprovalOnceForItsRunAndSubject) {
  const RunInfo run = create("r-1");
  const ApprovalId id = open_approval(run);
  auto claimed = journal().claim(run.id, node_);
  ASSERT_TRUE(claimed);
  const auto intent = [&](const RunInfo& owner, std::int64_t head, const std::string& hash) {
    Append append{.run = owner.id, .epoch = owner.epoch, .head_seq = head};
    append.events.push_back({EventType::step_started, "execute", 1, "h", Json::object()});
    append.spend = Spend{id, hash};
    return append;
  };
  EXPECT_EQ(code(journal().append(intent(*claimed, 2, "subject-hash"))), "E0113") << "nobody has decided";
  ASSERT_TRUE(journal().decide(id, yes()));
  EXPECT_EQ(code(journal().append(intent(*claimed, 2, "another"))), "E0113");
  const RunInfo thief = create("r-2");
  EXPECT_EQ(code(journal().append(intent(thief, 1, "subject-hash"))), "E0113");
  EXPECT_EQ(journal().events(thief.id)->size(), 1U) << "a refused append leaves nothing behind";
  RunInfo stale = *claimed;
  stale.epoch -= 1;
  EXPECT_EQ(code(journal().append(intent(stale, 2, "subject-hash"))), "E0105");
  EXPECT_FALSE(journal().approval(id)->spent_seq) << "a fenced append spends nothing";
  ASSERT_TRUE(journal().append(intent(*claimed, 2, "subject-hash")));
  EXPECT_EQ(journal().approval(id)->spent_seq, 3);
  EXPECT_EQ(code(journal().append(intent(*claimed, 3, "subject-hash"))), "E0113");
  EXPECT_EQ(journal().run(run.id)->head_seq, 3);
}

TEST_P(JournalContract, ADedupKeyGivesTheSameRun) {
  NewRun first = new_run("r-1", false);
  first.dedup_key = "k";
  ASSERT_TRUE(journal().create_run(first));
  NewRun again = first;
  again.id = {"r-2"};
  auto same = other().create_run(again);
  ASSERT_TRUE(same);
  EXPECT_TRUE(same->existed);
  EXPECT_EQ(same->run.id.text, "r-1");
  again.input = Json("another");
  EXPECT_EQ(code(other().create_run(again)), "E0121");
  EXPECT_EQ(code(journal().run({"r-2"})), "E0102");
}

TEST_P(JournalContract, ListsWithFiltersAndCursors) {
  for (const char* id : {"r-1", "r-2", "r-3"}) create(id, std::string(id) == "r-2");
  EXPECT_EQ(journal().runs({})->size(), 3U);
  EXPECT_EQ(journal().runs({})->front().id.text, "r-3");
  EXPECT_EQ(journal().runs({.status = RunStatus::running})->size(), 1U);
  EXPECT_EQ(journal().runs({.limit = 1, .before = {"r-3"}})->front().id.text, "r-2");
  open_approval(create("r-4"), {}, "a-4");
  const ApprovalId second = open_approval(create("r-5"), {}, "a-5");
  ASSERT_TRUE(journal().decide({"a-4"}, yes()));
  EXPECT_EQ(journal().approvals({})->size(), 1U);
  EXPECT_EQ(journal().approvals({.open_only = false})->front().id, second);
  EXPECT_EQ(journal().approvals({.open_only = false, .after = second})->front().id.text, "a-4");
  EXPECT_EQ(journal().approvals({.open_only = false, .run = {"r-4"}})->size(), 1U);
}

TEST_P(JournalContract, CountsWhatHasNotEnded) {
  create("r-1");
  create("r-2", false);
  const RunInfo ended = create("r-3");
  Append end{.run = ended.id, .epoch = ended.epoch, .head_seq = 1};
  end.events.push_back({EventType::finished, "", 0, "", Json::object().set("output", 1)});
  end.transition = Transition{.to = RunStatus::done};
  ASSERT_TRUE(journal().append(end));
  std::map<RunStatus, std::int64_t> counts;
  const auto found = journal().run_counts({});
  ASSERT_TRUE(found) << found.error().message;
  for (const RunCount& count : *found) {
    EXPECT_EQ(count.queue, "default");
    counts[count.status] += count.runs;
  }
  EXPECT_EQ(counts, (std::map<RunStatus, std::int64_t>{{RunStatus::ready, 1}, {RunStatus::running, 1}}));
}

TEST_P(JournalContract, CountsClaimsThatCameToNothing) {
  const RunInfo run = create("r-1");
  EXPECT_EQ(journal().claim(run.id, node_)->idle_claims, 2);
  auto claimed = journal().claim(run.id, node_);
  EXPECT_EQ(claimed->idle_claims, 3);
  ASSERT_TRUE(journal().append(step(*claimed, "a", 1)));
  EXPECT_EQ(journal().run(run.id)->idle_claims, 0);
}

TEST_P(JournalContract, DecisionAndExpiryHaveOneWinner) {
  constexpr int kRounds = 200;
  for (int n = 0; n < kRounds; ++n) {
    const std::string name = std::to_string(n);
    const ApprovalId id = open_approval(create("r-" + name), now() + 1, "a-" + name);
    Result<ApprovalInfo> decided = Error{}, expired = Error{};
    std::atomic<int> ready{0};
    const auto meet = [&] {
      ++ready;
      while (ready < 3) std::this_thread::yield();
    };
    std::thread first([&] {
      meet();
      decided = journal().decide(id, yes());
    });
    std::thread second([&] {
      meet();
      expired = other().expire(id);
    });
    meet();
    pass(1);
    first.join();
    second.join();
    ASSERT_TRUE(expired);
    auto after = journal().expire(id);
    ASSERT_TRUE(after);
    if (decided) {
      EXPECT_EQ(after->status, ApprovalStatus::approved) << "round " << n;
      EXPECT_NE(expired->status, ApprovalStatus::expired) << "round " << n;
    } else {
      EXPECT_EQ(decided.error().code, "E0108") << "round " << n;
      EXPECT_EQ(after->status, ApprovalStatus::expired) << "round " << n;
    }
  }
}

TEST_P(JournalContract, TwoDecisionsHaveOneWinner) {
  constexpr int kRounds = 100;
  for (int n = 0; n < kRounds; ++n) {
    const std::string name = std::to_string(n);
    const ApprovalId id = open_approval(create("r-" + name), {}, "a-" + name);
    Result<ApprovalInfo> ann = Error{}, bob = Error{};
    std::thread first([&] { ann = journal().decide(id, yes("ann")); });
    std::thread second([&] { bob = other().decide(id, {.action = DecisionAction::reject, .decided_by = "bob"}); });
    first.join();
    second.join();
    ASSERT_NE(bool(ann), bool(bob)) << "round " << n;
    EXPECT_EQ((ann ? bob : ann).error().code, "E0107");
    EXPECT_EQ(journal().approval(id)->decided_by, ann ? "ann" : "bob");
  }
}

}  // namespace sluice
