#pragma once
#include "workflow/ports/audit.h"
#include "workflow/ports/journal_contract.h"

// The rest of what every journal has to do: queues, messages, children, forks, copies, pruning, the audit chain.
namespace sluice {

class JournalQueueContract : public JournalContract {
 protected:
  RunInfo put(const std::string& id, Place place = {}, const std::string& name = "ask") {
    NewRun run = new_run(id, false);
    run.name = name;
    run.place = std::move(place);
    auto created = journal().create_run(run);
    EXPECT_TRUE(created) << created.error().message;
    return created ? created->run : RunInfo{};
  }
  ClaimDue all(int limit = kClaimsMax) const { return {.node = node_, .queues = {{}}, .versions = {{"ask", "1"}}, .limit = limit}; }
  std::vector<std::string> claim(const ClaimDue& wanted) { return claim(journal(), wanted); }
  static std::vector<std::string> claim(Journal& of, const ClaimDue& wanted) {
    auto claimed = of.claim_due(wanted);
    EXPECT_TRUE(claimed) << claimed.error().message;
    std::vector<std::string> ids;
    if (!claimed) return ids;
    for (const RunInfo& run : *claimed) {
      EXPECT_EQ(run.status, RunStatus::running);
      EXPECT_EQ(run.owner, wanted.node);
      ids.push_back(run.id.text);
    }
    return ids;
  }
  void end(const std::string& id, RunStatus status = RunStatus::done) { leave(id, {.to = status}); }
  void leave(const std::string& id, Transition transition) {
    auto run = journal().run({id});
    ASSERT_TRUE(run);
    Append last{.run = run->id, .epoch = run->epoch, .head_seq = run->head_seq};
    transition.wake_no_seen = run->wake_no;
    last.transition = std::move(transition);
    auto answer = journal().append(last);
    ASSERT_TRUE(answer) << answer.error().message;
  }
  std::vector<std::string> ids_of(const RunFilter& filter) {
    auto runs = journal().runs(filter);
    EXPECT_TRUE(runs);
    std::vector<std::string> ids;
    for (const RunInfo& run : *runs) ids.push_back(run.id.text);
    return ids;
  }
  using Ids = std::vector<std::string>;
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(JournalQueueContract);

TEST_P(JournalQueueContract, ClaimsByPriorityThenAge) {
  put("r-1");
  pass(1);
  put("r-2", {.priority = -1});
  pass(1);
  put("r-3");
  EXPECT_EQ(claim(all(1)), Ids{"r-2"});
  EXPECT_EQ(claim(all()), (Ids{"r-1", "r-3"}));
  EXPECT_EQ(claim(all()), Ids{});
  const auto run = journal().run({"r-1"});
  EXPECT_EQ(run->epoch, 1);
  EXPECT_EQ(run->root, run->id);
  EXPECT_EQ(run->place.queue, "default");
}

TEST_P(JournalQueueContract, ClaimsOnlyWhatItCanExecuteAndServes) {
  put("r-1", {}, "other");
  put("r-2", {.queue = "slow"});
  put("r-3", {.tenant = "t", .queue = "slow", .priority = 7});
  EXPECT_EQ(claim(all()), Ids{});
  ClaimDue slow = all();
  slow.queues = {{.queue = "slow"}};
  EXPECT_EQ(claim(slow), (Ids{"r-2", "r-3"}));
  EXPECT_EQ(journal().run({"r-3"})->place.tenant, "t");
  EXPECT_EQ(journal().run({"r-3"})->place.priority, 7);
  ClaimDue others = all();
  others.versions = {{"other", "2"}};
  EXPECT_EQ(claim(others), Ids{});
  others.versions = {{"ask", "1"}, {"other", "1"}};
  EXPECT_EQ(claim(others), Ids{"r-1"});
}

TEST_P(JournalQueueContract, ClaimsParkedRunsWhenTheirTimeOrNewsHasCome) {
  for (const char* id : {"r-1", "r-2", "r-3"}) put(id);
  ASSERT_EQ(claim(all()).size(), 3U);
  leave("r-1", {.to = RunStatus::parked, .reason = "waits", .wake_at = now() + 500});
  leave("r-2", {.to = RunStatus::parked, .reason = "waits"});
  leave("r-3", {.to = RunStatus::paused, .reason = "drift"});
  EXPECT_EQ(claim(all()), Ids{});
  ASSERT_TRUE(other().send({"r-2"}, {.id = "m-1", .topic = "go", .sender = "ann", .body = Json("now")}));
  ASSERT_TRUE(other().send({"r-3"}, {.id = "m-1", .topic = "go", .sender = "ann", .body = Json("now")}));
  EXPECT_EQ(claim(all()), Ids{"r-2"}) << "news do not mend a paused run";
  pass(500);
  EXPECT_EQ(claim(all()), Ids{"r-1"});
  ASSERT_TRUE(other().cancel({"r-3"}, "ann", "enough"));
  EXPECT_EQ(claim(all()), Ids{"r-3"}) << "but a cancellation ends it";
}

TEST_P(JournalQueueContract, TakesOverTheRunsOfADeadNode) {
  put("r-1");
  ASSERT_EQ(claim(all()), Ids{"r-1"});
  auto rival = other().register_node();
  ASSERT_TRUE(rival);
  ClaimDue his = all();
  his.node = *rival;
  EXPECT_EQ(claim(other(), his), Ids{});
  pass(journal().lease().count() + 1);
  EXPECT_EQ(claim(other(), his), Ids{"r-1"});
  EXPECT_EQ(other().run({"r-1"})->epoch, 2);
}

TEST_P(JournalQueueContract, HoldsTheLimitsOfAQueue) {
  for (const char* id : {"r-1", "r-2", "r-3"}) put(id, {.tenant = "a"});
  put("r-4", {.tenant = "b"});
  ClaimDue two = all();
  two.queues = {{.running_max = 2}};
  EXPECT_EQ(claim(two), (Ids{"r-1", "r-2"}));
  EXPECT_EQ(claim(two), Ids{});
  end("r-1");
  end("r-2");
  ClaimDue one_each = all();
  one_each.queues = {{.tenant_running_max = 1}};
  EXPECT_EQ(claim(one_each), (Ids{"r-3", "r-4"})) << "a tenant's waiting runs do not hold up another's";
}

TEST_P(JournalQueueContract, HoldsTheRateOfAQueue) {
  for (const char* id : {"r-1", "r-2", "r-3"}) put(id);
  ClaimDue slowly = all();
  slowly.queues = {{.starts_max = 2, .starts_per_ms = 1'000}};
  EXPECT_EQ(claim(slowly), (Ids{"r-1", "r-2"}));
  leave("r-1", {.to = RunStatus::parked, .reason = "waits", .wake_at = now()});
  EXPECT_EQ(claim(slowly), Ids{"r-1"}) << "going on is no beginning";
  pass(1'001);
  EXPECT_EQ(claim(slowly), Ids{"r-3"});
}

TEST_P(JournalQueueContract, WhatHasBegunNeedsNoStart) {
  ClaimDue one = all();
  one.queues = {{.starts_max = 1, .starts_per_ms = 60'000}};
  one.limit = 1;
  put("r-1", {.priority = 10});
  ASSERT_EQ(claim(one), Ids{"r-1"});
  leave("r-1", {.to = RunStatus::ready});
  for (const char* id : {"r-2", "r-3"}) put(id);
  EXPECT_EQ(claim(one), Ids{"r-1"}) << "although those that may not begin yet come before it";
}

TEST_P(JournalQueueContract, NoTwoClaimersGetTheSameRun) {
  constexpr int kRuns = 200;
  for (int n = 0; n < kRuns; ++n) put("r-" + std::to_string(n));
  auto rival = other().register_node();
  ASSERT_TRUE(rival);
  const auto drain = [this](Journal& of, const NodeId& node, Ids& got) {
    ClaimDue few = all(3);
    few.node = node;
    for (int n = 0; n < kRuns; ++n) {
      const Ids some = claim(of, few);
      if (some.empty()) return;
      got.insert(got.end(), some.begin(), some.end());
    }
  };
  Ids mine, his;
  std::thread first([&] { drain(journal(), node_, mine); });
  std::thread second([&] { drain(other(), *rival, his); });
  first.join();
  second.join();
  mine.insert(mine.end(), his.begin(), his.end());
  std::sort(mine.begin(), mine.end());
  EXPECT_EQ(std::adjacent_find(mine.begin(), mine.end()), mine.end());
  for (const std::string& late : claim(all())) mine.push_back(late);  // what one had locked while the other looked
  EXPECT_EQ(mine.size(), static_cast<std::size_t>(kRuns));
}

TEST_P(JournalQueueContract, ADedupKeyIsATenantsOwn) {
  NewRun run = new_run("r-1", false);
  run.dedup_key = "k";
  ASSERT_TRUE(journal().create_run(run));
  run.id = {"r-2"};
  EXPECT_EQ(journal().create_run(run)->run.id.text, "r-1");
  run.place.tenant = "other";
  auto created = journal().create_run(run);
  ASSERT_TRUE(created);
  EXPECT_FALSE(created->existed);
}

TEST_P(JournalQueueContract, AMessageComesOnceAndLeavesWhenItIsTaken) {
  RunInfo run = create("r-1");
  ASSERT_TRUE(other().send(run.id, {.id = "m-1", .topic = "go", .sender = "ann", .body = Json("now")}));
  ASSERT_TRUE(other().send(run.id, {.id = "m-1", .topic = "go", .sender = "bob", .body = Json("again")})) << "the same id again is no error";
  ASSERT_TRUE(other().send(run.id, {.id = "m-2", .topic = "go", .sender = "ann", .body = Json("later")}));
  auto inbox = journal().inbox(run.id);
  ASSERT_TRUE(inbox);
  ASSERT_EQ(inbox->size(), 2U);
  EXPECT_EQ(inbox->front().id, "m-1");
  EXPECT_EQ(inbox->front().sender, "ann");
  EXPECT_EQ(inbox->front().body, Json("now"));
  Append taking = step(run, "a", 1);
  taking.taken = {"m-1"};
  ASSERT_TRUE(journal().append(taking));
  ASSERT_TRUE(other().send(run.id, {.id = "m-1", .topic = "go", .sender = "ann", .body = Json("now")})) << "nor is it after it was taken";
  inbox = journal().inbox(run.id);
  ASSERT_EQ(inbox->size(), 1U);
  EXPECT_EQ(inbox->front().id, "m-2");
  EXPECT_TRUE(journal().cancelled_runs(node_)->empty());
  EXPECT_EQ(code(journal().send({"r-none"}, {.id = "m", .topic = "go"})), "E0102");
  end("r-1");
  EXPECT_EQ(code(journal().send(run.id, {.id = "m-3", .topic = "go"})), "E0115");
}

TEST_P(JournalQueueContract, AFullInboxStillTakesACancellation) {
  const RunInfo run = create("r-1");
  for (int n = 0; n < kMessagesMax; ++n) ASSERT_TRUE(journal().send(run.id, {.id = "m-" + std::to_string(n), .topic = "go", .sender = "ann"}));
  EXPECT_EQ(code(journal().send(run.id, {.id = "m-more", .topic = "go", .sender = "ann"})), "E0137");
  EXPECT_TRUE(journal().send(run.id, {.id = "m-1", .topic = "go", .sender = "ann"})) << "it is there already";
  ASSERT_TRUE(journal().cancel(run.id, "ann", ""));
  const auto inbox = journal().inbox(run.id);
  ASSERT_EQ(std::ssize(*inbox), kMessagesMax + 1);
  EXPECT_TRUE(std::any_of(inbox->begin(), inbox->end(), [](const Message& message) { return message.topic == kCancelTopic; }));
}

TEST_P(JournalQueueContract, WhatIsWrittenBetweenTwoWaitsIsNotMissed) {
  const RunInfo run = create("r-1");
  const std::uint64_t seen = journal().change_no();
  ASSERT_TRUE(other().send(run.id, {.id = "m-1", .topic = "go", .sender = "ann", .body = Json("now")}));
  EXPECT_NE(journal().wait_for_change(seen, std::chrono::minutes(1), {}), seen);
  EXPECT_NE(journal().change_no(), seen);
}

TEST_P(JournalQueueContract, AChildWakesItsParentAndEndsWithIt) {
  RunInfo run = put("r-1", {.tenant = "t", .priority = 3});
  ASSERT_EQ(claim(all()), Ids{"r-1"});
  Append starting = step(*journal().run(run.id), "a", 1);
  starting.children = {{.id = {"r-1.a"}, .path = "left", .name = "ask", .code_version = "1", .labels = Json::object(), .input = Json("in")},
                       {.id = {"r-1.b"}, .path = "right", .name = "ask", .code_version = "1", .labels = Json::object(), .input = Json("in")}};
  ASSERT_TRUE(journal().append(starting));
  starting.head_seq = 2;
  ASSERT_TRUE(journal().append(starting)) << "they are there already";
  EXPECT_EQ(ids_of({.parent = run.id}), (Ids{"r-1.b", "r-1.a"}));
  EXPECT_EQ(ids_of({.roots_only = true}), Ids{"r-1"});
  const auto child = journal().run({"r-1.a"});
  EXPECT_EQ(child->root, run.id);
  EXPECT_EQ(child->parent_path, "left");
  EXPECT_EQ(child->place.tenant, "t");
  EXPECT_EQ(child->place.priority, 3);
  ASSERT_EQ(claim(all()).size(), 2U);
  leave("r-1", {.to = RunStatus::parked, .reason = "waits"});
  end("r-1.a");
  EXPECT_TRUE(journal().run(run.id)->is_due(now()));
  ASSERT_EQ(claim(all()), Ids{"r-1"});
  end("r-1", RunStatus::failed);
  auto asked = journal().inbox({"r-1.b"});
  ASSERT_EQ(asked->size(), 1U);
  EXPECT_EQ(asked->front().topic, "cancel");
  EXPECT_EQ(asked->front().sender, "run r-1");
  EXPECT_EQ(journal().cancelled_runs(node_)->size(), 1U);
}

TEST_P(JournalQueueContract, AForkHasTheHistoryAndNoApproval) {
  const RunInfo run = create("r-1");
  ASSERT_TRUE(journal().append(step(run, "a", 1)));
  Append asking{.run = run.id, .epoch = 1, .head_seq = 2};
  asking.events.push_back({EventType::approval_requested, "ok", 0, "subject-hash", Json::object().set("approval_id", "a-1")});
  asking.approvals.push_back({.id = {"a-1"}, .path = "ok", .subject_hash = "subject-hash", .subject = Json("SELECT 1"), .card = Json("card")});
  asking.approvals.back().status = ApprovalStatus::approved;
  asking.approvals.back().decided_by = "policy: p";
  ASSERT_TRUE(journal().append(asking));
  NewFork wanted{.id = {"r-2"}, .from = run.id, .keep_seq = 9, .labels = Json::object().set("text", "again"), .by = "ann"};
  EXPECT_EQ(code(journal().fork(wanted)), "E0127");
  wanted.keep_seq = 2;
  wanted.last = NewEvent{EventType::step_completed, "a", 0, "hash", Json::object().set("value", "another")};
  auto fork = other().fork(wanted);
  ASSERT_TRUE(fork) << fork.error().message;
  EXPECT_EQ(fork->status, RunStatus::ready);
  EXPECT_EQ(fork->forked_from, run.id);
  EXPECT_EQ(fork->forked_seq, 2);
  EXPECT_EQ(fork->head_seq, 2);
  EXPECT_EQ(fork->root.text, "r-2");
  auto events = journal().events({"r-2"});
  ASSERT_EQ(events->size(), 2U);
  EXPECT_EQ(events->at(0).body["input"], Json("in"));
  EXPECT_EQ(events->at(1).body.text("value"), "another");
  EXPECT_TRUE(journal().approvals({.open_only = false, .run = {"r-2"}})->empty());
  auto claimed = journal().claim({"r-2"}, node_);
  ASSERT_TRUE(claimed);
  Append spending = step(*claimed, "b", 2);
  spending.spend = Spend{.id = {"a-1"}, .subject_hash = "subject-hash"};
  EXPECT_EQ(code(journal().append(spending)), "E0113") << "an approval is one run's";
  wanted.from = {"r-none"};
  EXPECT_EQ(code(journal().fork(wanted)), "E0102");
}

TEST_P(JournalQueueContract, ACopyIsLookedAtAndNotExecuted) {
  const RunInfo run = create("r-1");
  const ApprovalId id = open_approval(run);
  RunCopy copy{.run = *journal().run(run.id), .events = *journal().events(run.id), .approvals = *journal().approvals({.run = run.id})};
  EXPECT_EQ(code(journal().import_run(copy, "ann")), "E0128");
  copy.run.id = copy.run.root = {"r-2"};
  copy.approvals.front().run_id = {"r-2"};
  copy.approvals.front().id = {"a-2"};
  auto imported = journal().import_run(copy, "ann");
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->status, RunStatus::paused);
  EXPECT_EQ(journal().events({"r-2"})->size(), 2U);
  EXPECT_EQ(journal().approval({"a-2"})->status, ApprovalStatus::voided);
  EXPECT_EQ(journal().approval(id)->status, ApprovalStatus::open);
  EXPECT_EQ(code(journal().claim({"r-2"}, node_)), "E0129");
  EXPECT_EQ(code(journal().cancel({"r-2"}, "ann", "")), "E0129") << "there is nothing to end";
  EXPECT_EQ(claim(all()), Ids{});
  pass(10);
  EXPECT_EQ(journal().prune({.ended_before = now(), .approvals_before = now()})->runs, std::vector<RunId>{{"r-2"}}) << "and it goes when it is old";
}

TEST_P(JournalQueueContract, FindsRunsByWhatTheyAre) {
  NewRun run = new_run("r-1", false);
  run.labels = Json::object().set("connection", "shop").set("text", "Delays by Carrier, 100%");
  ASSERT_TRUE(journal().create_run(run));
  pass(10);
  run.id = {"r-2"};
  run.name = "etl";
  run.labels = Json::object().set("connection", "lake").set("text", "carriers_x");
  run.place = {.tenant = "t", .queue = "slow"};
  ASSERT_TRUE(journal().create_run(run));
  EXPECT_EQ(ids_of({.name = "etl"}), Ids{"r-2"});
  EXPECT_EQ(ids_of({.queue = "slow"}), Ids{"r-2"});
  EXPECT_EQ(ids_of({.tenant = ""}), Ids{"r-1"});
  EXPECT_EQ(ids_of({.connection = "shop"}), Ids{"r-1"});
  EXPECT_EQ(ids_of({.text = "carrier"}), (Ids{"r-2", "r-1"}));
  EXPECT_EQ(ids_of({.text = "100%"}), Ids{"r-1"}) << "no pattern";
  EXPECT_EQ(ids_of({.text = "r_"}), Ids{}) << "no pattern";
  EXPECT_EQ(ids_of({.text = "s_x"}), Ids{"r-2"});
  EXPECT_EQ(ids_of({.created_from = now()}), Ids{"r-2"});
  EXPECT_EQ(ids_of({.created_before = now()}), Ids{"r-1"});
  EXPECT_EQ(ids_of({.status = RunStatus::ready, .limit = 1}), Ids{"r-2"});
  EXPECT_EQ(ids_of({.status = RunStatus::done}), Ids{});
}

TEST_P(JournalQueueContract, WhoMayNotSeeARunFindsNothingOfIt) {
  const auto begin = [&](const std::string& id, const std::string& workflow, const std::string& connection) {
    NewRun run = new_run(id, true);
    run.name = workflow;
    run.labels = Json::object().set("connection", connection).set("text", "secret of " + connection);
    const auto created = journal().create_run(run);
    ASSERT_TRUE(created) << created.error().message;
    open_approval(created->run, {}, "a-" + id);
  };
  begin("r-1", "ask", "shop");
  begin("r-2", "ask", "crm");
  begin("r-3", "etl", "shop");
  begin("r-4", "ask", "");
  const auto sees = [&](std::vector<std::pair<std::string, std::string>> of, const Ids& wanted) {
    const Sight sight{.all = false, .of = std::move(of)};
    EXPECT_EQ(ids_of({.sight = sight}), wanted);
    EXPECT_EQ(ids_of({.text = "secret", .sight = sight}), wanted);
    Ids approvals;
    const auto asked = *other().approvals({.sight = sight});
    for (const ApprovalInfo& approval : asked) approvals.push_back(approval.run_id.text);
    EXPECT_EQ(approvals, wanted);
    for (const char* id : {"r-1", "r-2", "r-3", "r-4"})
      EXPECT_EQ(other().approvals({.run = {id}, .sight = sight})->size(), std::ranges::count(wanted, id)) << id;
    std::int64_t counted = 0;
    const auto counts = *journal().run_counts(sight);
    for (const RunCount& count : counts) counted += count.runs;
    EXPECT_EQ(counted, std::ssize(wanted));
  };
  sees({}, {});
  sees({{"shop", "ask"}}, {"r-1"});
  sees({{"shop", "ask"}, {"crm", "ask"}}, {"r-2", "r-1"});
  sees({{"shop", ""}}, {"r-3", "r-1"});
  sees({{"", "ask"}}, {"r-4", "r-2", "r-1"});
  sees({{"", ""}}, {"r-4", "r-3", "r-2", "r-1"});
  sees({{"sho", "ask"}, {"SHOP", "ask"}, {"%", "ask"}, {"shop", "as"}, {"x|crm", "ask"}}, {});
  EXPECT_EQ(ids_of({.limit = 1, .before = {"r-4"}, .sight = {.all = false, .of = {{"shop", "ask"}}}}), Ids{"r-1"})
      << "what is between does not count";
}

TEST_P(JournalQueueContract, ACopyIsSeenByWhoMaySeeWhatItIsAbout) {
  create("r-1");
  RunCopy copy{.run = *journal().run({"r-1"}), .events = *journal().events({"r-1"}), .approvals = {}};
  copy.run.id = copy.run.root = {"r-2"};
  copy.run.labels = Json::object().set("connection", "shop");
  copy.events.front().body = Json::object().set("input", Json::object().set("connection", "crm"));
  ASSERT_TRUE(journal().import_run(copy, "eve"));
  EXPECT_EQ(ids_of({.sight = {.all = false, .of = {{"shop", ""}}}}), Ids{}) << "whatever its label said";
  EXPECT_EQ(ids_of({.sight = {.all = false, .of = {{"crm", ""}}}}), Ids{"r-2"});
  EXPECT_EQ(journal().run({"r-2"})->labels.text("connection"), "crm");
}

TEST_P(JournalQueueContract, AForkWithItsKeyIsBegunOnce) {
  const RunInfo run = create("r-1");
  ASSERT_TRUE(journal().append(step(run, "a", 1)));
  NewFork fork{.id = {"f-1"}, .from = run.id, .keep_seq = 1, .labels = Json::object(), .by = "ann", .dedup_key = "k"};
  ASSERT_EQ(journal().fork(fork)->id.text, "f-1");
  fork.id = {"f-2"};
  const auto again = other().fork(fork);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->id.text, "f-1");
  EXPECT_EQ(code(journal().run({"f-2"})), "E0102");
  NewFork further = fork;
  further.keep_seq = 2;
  EXPECT_EQ(code(journal().fork(further)), "E0121");
  NewFork set = fork;
  set.last = NewEvent{.type = EventType::step_completed, .path = "a", .try_no = 0, .in_hash = "", .body = Json::object().set("value", 1)};
  EXPECT_EQ(code(journal().fork(set)), "E0121");
  NewRun plain = new_run("r-9", false);
  plain.dedup_key = "k";
  EXPECT_EQ(code(journal().create_run(plain)), "E0121") << "a fork is no answer to who wanted a run";
  EXPECT_EQ(journal().audit(1, 10)->size(), 1U) << "one fork";
  set.dedup_key.clear();
  EXPECT_TRUE(journal().fork(set)) << "without a key each is another one";
}

TEST_P(JournalQueueContract, PrunesWhatEndedLongAgoWithAllOfItsChildren) {
  for (const char* id : {"r-1", "r-2", "r-3"}) create(id);
  Append starting = step(*journal().run({"r-1"}), "a", 1);
  starting.children = {{.id = {"r-1.a"}, .path = "left", .name = "ask", .code_version = "1", .labels = Json::object(), .input = Json("in")}};
  starting.approvals.push_back({.id = {"a-1"}, .path = "ok", .subject_hash = "h", .subject = Json("s"), .card = Json("c")});
  starting.approvals.back().status = ApprovalStatus::approved;
  starting.approvals.back().decided_by = "policy: p";
  ASSERT_TRUE(journal().append(starting));
  end("r-1");
  end("r-2");
  pass(1'000);
  const TimeMs later = now();
  EXPECT_EQ(journal().prune({.ended_before = later, .dry = true})->runs.size(), 1U) << "r-1's child goes on, r-3 too";
  ASSERT_EQ(claim(all()), Ids{"r-1.a"});
  end("r-1.a", RunStatus::cancelled);
  EXPECT_EQ(journal().prune({.ended_before = later, .dry = true})->runs.size(), 1U);
  pass(1'000);
  auto pruned = journal().prune({.ended_before = now(), .approvals_before = 0});
  ASSERT_TRUE(pruned) << pruned.error().message;
  EXPECT_EQ(pruned->runs, (std::vector<RunId>{{"r-1"}, {"r-1.a"}, {"r-2"}}));
  EXPECT_EQ(pruned->events, 4);
  EXPECT_TRUE(pruned->approvals.empty());
  EXPECT_FALSE(pruned->more);
  EXPECT_EQ(ids_of({}), Ids{"r-3"});
  EXPECT_EQ(code(journal().events({"r-1"})), "E0102");
  EXPECT_EQ(code(journal().approval({"a-1"})), "ok") << "approvals are kept longer";
  const AuditEntry entry = journal().audit(1, 10)->back();
  EXPECT_EQ(entry.kind, "prune");
  EXPECT_EQ(entry.body["runs"], Json(Json::Array{"r-1", "r-1.a", "r-2"}));
  EXPECT_EQ(journal().size()->runs, 1);
  auto later_still = journal().prune({.ended_before = now(), .approvals_before = now(), .dry = true});
  ASSERT_TRUE(later_still);
  EXPECT_EQ(later_still->approvals, std::vector<ApprovalId>{{"a-1"}}) << "they go without their run";
  EXPECT_EQ(code(journal().approval({"a-1"})), "ok") << "it only counted";
  EXPECT_EQ(journal().prune({.ended_before = now(), .approvals_before = now()})->approvals.size(), 1U);
  EXPECT_EQ(code(journal().approval({"a-1"})), "E0106");
  EXPECT_EQ(journal().audit(1, 10)->back().body["approvals"], Json(Json::Array{"a-1"}));
}

TEST_P(JournalQueueContract, DecisionsAndEffectsFormAChain) {
  const RunInfo run = create("r-1");
  const ApprovalId id = open_approval(run);
  ASSERT_TRUE(other().decide(id, yes()));
  auto claimed = journal().claim(run.id, node_);
  ASSERT_TRUE(claimed);
  Append effect{.run = run.id, .epoch = claimed->epoch, .head_seq = 2};
  effect.events.push_back({EventType::step_completed, "look", 0, "h", Json::object().set("effect", "read").set("value", "v")});
  effect.events.push_back({EventType::step_started, "do", 1, "h", Json::object().set("effect", "keyed").set("key", "k").set("approval_id", id.text)});
  effect.spend = Spend{.id = id, .subject_hash = "subject-hash"};
  ASSERT_TRUE(journal().append(effect));
  Append outcome{.run = run.id, .epoch = claimed->epoch, .head_seq = 4};
  outcome.events.push_back({EventType::step_completed, "do", 1, "h", Json::object().set("effect", "keyed").set("value", "done")});
  ASSERT_TRUE(journal().append(outcome));
  const ApprovalId late = open_approval(create("r-2"), now() + 5, "a-2");
  pass(5);
  ASSERT_TRUE(journal().expire(late));
  auto chain = other().audit(1, 100);
  ASSERT_TRUE(chain);
  std::string before;
  Ids kinds;
  for (const AuditEntry& entry : *chain) {
    kinds.push_back(entry.kind);
    EXPECT_EQ(entry.no, std::ssize(kinds));
    EXPECT_EQ(entry.before_hash, before);
    EXPECT_EQ(entry.hash, hash_of(entry));
    before = entry.hash;
  }
  EXPECT_EQ(kinds, (Ids{"decision", "intent", "outcome", "expiry"}));
  EXPECT_EQ(chain->at(0).body.text("by"), "ann");
  EXPECT_EQ(chain->at(1).body.text("approval_id"), id.text);
  EXPECT_EQ(chain->at(1).path, "do");
  EXPECT_EQ(journal().audit(3, 1)->size(), 1U);
  EXPECT_EQ(journal().audit(3, 1)->front().kind, "outcome");
  EXPECT_EQ(journal().audit(1, 9, {"r-2"})->size(), 1U);
  EXPECT_EQ(journal().audit(2, 9, {"r-1"})->size(), 2U);
  EXPECT_EQ(journal().audit_head()->no, 4);
  EXPECT_EQ(journal().audit_head()->hash, before);
}

TEST_P(JournalQueueContract, RefusalsAreChainedWithAllThatIsKnown) {
  const std::string long_text(1'000, 'x');
  ASSERT_TRUE(*journal().note_refusal({.who = "token:ci",
                                       .deed = "decide",
                                       .connection = "shop",
                                       .workflow = "ask",
                                       .run = {"r-1"},
                                       .approval = {"a-1"},
                                       .why = "the role is viewer"}));
  ASSERT_TRUE(
      *other().note_refusal({.who = std::string("a\0\xff\xe2\x80\xae", 6), .deed = "look", .run = {std::string("r\0", 2)}, .why = long_text + "é"}));
  const auto chain = other().audit(1, 10);
  ASSERT_TRUE(chain) << chain.error().message;
  ASSERT_EQ(chain->size(), 2U);
  const AuditEntry &first = chain->at(0), &second = chain->at(1);
  EXPECT_EQ(first.kind, "refused");
  EXPECT_EQ(first.run.text, "r-1");
  EXPECT_EQ(first.body.dump(), Json::object()
                                   .set("who", "token:ci")
                                   .set("deed", "decide")
                                   .set("connection", "shop")
                                   .set("workflow", "ask")
                                   .set("approval_id", "a-1")
                                   .set("why", "the role is viewer")
                                   .dump());
  EXPECT_EQ(second.body.text("who"), "a\\u{0000}\\x{FF}\\u{202E}") << "what comes from outside is readable, and no store stumbles over it";
  EXPECT_EQ(second.run.text, "r\\u{0000}");
  EXPECT_EQ(second.body.text("why").size(), kRefusalTextMax);
  EXPECT_EQ(second.before_hash, first.hash);
  EXPECT_EQ(second.hash, hash_of(second));
}

TEST_P(JournalQueueContract, AFloodOfRefusalsDoesNotFillTheChain) {
  const NewRefusal refusal{.who = "token:ci", .deed = "ask", .why = "the role is viewer"};
  for (int n = 0; n < kRefusalsNoted; ++n) ASSERT_TRUE(*(n % 2 == 0 ? journal() : other()).note_refusal(refusal)) << n;
  for (int n = 0; n < 5; ++n) EXPECT_FALSE(*(n % 2 == 0 ? journal() : other()).note_refusal(refusal)) << "also of another process";
  EXPECT_EQ(journal().audit(1, 1'000)->size(), std::size_t{kRefusalsNoted});
  EXPECT_EQ(journal().audit(kRefusalsNoted, 1)->front().body.integer("no_more_until"), now() + kRefusalsPerMs)
      << "the last one says that more may come";
  EXPECT_EQ(journal().audit(kRefusalsNoted - 1, 1)->front().body.find("no_more_until"), nullptr);
  EXPECT_TRUE(*journal().note_refusal({.who = "token:ci", .deed = "decide"})) << "something else";
  EXPECT_TRUE(*journal().note_refusal({.who = "", .deed = "ask"})) << "somebody else";
  pass(kRefusalsPerMs - 1);
  EXPECT_FALSE(*journal().note_refusal(refusal));
  pass(1);
  EXPECT_TRUE(*journal().note_refusal(refusal));
  EXPECT_EQ(other().audit(1, 1'000)->size(), std::size_t{kRefusalsNoted} + 3);
  pass(TimeMs{48} * 3'600'000);
  EXPECT_TRUE(*other().note_refusal(refusal)) << "and much later";
}

TEST_P(JournalQueueContract, RefusalsAtTheSameMomentAreNotedOnceEach) {
  constexpr int kThreads = 4, kEach = 20;
  std::atomic<int> noted = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (int n = 0; n < kEach; ++n)
        if (const auto one = (t % 2 == 0 ? journal() : other()).note_refusal({.who = "token:ci", .deed = "ask"}); one && *one) ++noted;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(noted, kRefusalsNoted);
  EXPECT_EQ(journal().audit(1, 1'000)->size(), std::size_t{kRefusalsNoted});
}

}  // namespace sluice
