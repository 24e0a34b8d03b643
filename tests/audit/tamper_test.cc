#include "audit_base.h"
#include "journal/old_formats_for_test.h"

// Somebody who can write to the journal's file changes it, and `check_audit` has to say so.
namespace sluice {
namespace {

// The chain of AuditTest::fill: 1 decision, 2 intent, 3 outcome (acted), 4 decision (refused), 5 expiry.

TEST_F(AuditTest, AnUntouchedJournalIsSound) {
  EXPECT_TRUE(check().sound()) << "an empty one too";
  fill();
  const AuditReport report = check();
  EXPECT_TRUE(report.sound()) << report.faults.front().what;
  EXPECT_TRUE(report.whole);
  EXPECT_EQ(report.entries, 5);
  EXPECT_EQ(report.decisions, 3);
  EXPECT_EQ(report.effects, 1);
  EXPECT_EQ(report.runs, 4);
  EXPECT_EQ(report.older.decisions + report.older.effects, 0);
  EXPECT_EQ(report.head.hash, journal_->audit_head()->hash);
}

TEST_F(AuditTest, ForksCopiesAndWhatWasPrunedAreSound) {
  fill();
  ASSERT_TRUE(journal_->fork({.id = {"r-fork"}, .from = acted_, .keep_seq = 4, .labels = Json::object(), .by = "ann"}));
  RunCopy copy{.run = *journal_->run(refused_), .events = *journal_->events(refused_), .approvals = {}};
  copy.run.id = copy.run.root = {"r-copy"};
  ASSERT_TRUE(journal_->import_run(copy, "ann"));
  EXPECT_TRUE(check().sound());
  clock_.pass(std::chrono::hours(1));
  const auto pruned = journal_->prune({.ended_before = clock_.now()});
  ASSERT_TRUE(pruned) << pruned.error().message;
  EXPECT_EQ(pruned->runs.size(), 4U);
  AuditReport report = check();
  EXPECT_TRUE(report.sound()) << report.faults.front().what;
  EXPECT_EQ(report.pruned_runs, 4);
  ASSERT_TRUE(journal_->prune({.ended_before = clock_.now(), .approvals_before = clock_.now()}));
  report = check();
  EXPECT_TRUE(report.sound()) << report.faults.front().what;
}

TEST_F(AuditTest, RefusalsAreSoundAndGuardedLikeTheRest) {
  fill();
  ASSERT_TRUE(*journal_->note_refusal({.who = "token:ci", .deed = "decide", .run = waits_, .approval = approval_of(waits_), .why = "too low"}));
  ASSERT_TRUE(*journal_->note_refusal({.who = "", .deed = "log in", .why = "unknown"}));
  ASSERT_TRUE(*journal_->note_refusal({.who = "token:ci", .deed = "look", .run = {"r-that-never-was"}, .why = "too low"}));
  const AuditReport report = check();
  EXPECT_TRUE(report.sound()) << report.faults.front().what;
  EXPECT_EQ(report.refusals, 3);
  EXPECT_EQ(report.decisions, 3) << "a refusal decides nothing";
  sql("UPDATE wf_audit SET body = replace(body, 'token:ci', 'token:ann') WHERE no = 6");
  expect_fault("was edited", 6);
  sql("DELETE FROM wf_audit WHERE no = 7");
  expect_fault("the entry was deleted", 7);
}

TEST_F(AuditTest, FindsAnEditedEntry) {
  fill();
  sql("UPDATE wf_audit SET body = replace(body, 'ann', 'bob') WHERE no = 1");
  expect_fault("was edited", 1);
}

TEST_F(AuditTest, FindsAnEntryThatCannotBeRead) {
  fill();
  sql("UPDATE wf_audit SET body = '{' WHERE no = 3");
  expect_fault("cannot be read", 3);
  EXPECT_EQ(check().entries, 4) << "it goes on after it";
}

TEST_F(AuditTest, FindsADeletedEntry) {
  fill();
  sql("DELETE FROM wf_audit WHERE no = 2");
  expect_fault("the entry was deleted", 2);
  sql("DELETE FROM wf_audit WHERE no = 3");
  expect_fault("the entries up to 3 were deleted", 2);
}

TEST_F(AuditTest, FindsEntriesThatChangedPlaces) {
  fill();
  sql("UPDATE wf_audit SET no = 100 WHERE no = 1; UPDATE wf_audit SET no = 1 WHERE no = 4; UPDATE wf_audit SET no = 4 WHERE no = 100");
  expect_fault("", 1);
  expect_fault("", 4);
}

TEST_F(AuditTest, FindsThatTheEndWasCutOff) {
  fill();
  sql("DELETE FROM wf_audit WHERE no = 5");
  expect_fault("cut off", 5);
  sql("UPDATE wf_audit_head SET no = 4, hash = (SELECT hash FROM wf_audit WHERE no = 4)");
  expect_fault("has no entry");  // the approval still says that it expired
}

TEST_F(AuditTest, FindsWithAnAnchorWhatWasCutOffWithAllThatItSpeaksOf) {
  fill();
  const AuditHead head = *journal_->audit_head();
  const AuditAnchor anchor{.no = head.no, .hash = head.hash, .first_hash = journal_->audit(1, 1)->front().hash, .at = clock_.now()};
  EXPECT_TRUE(check({anchor}).sound());
  EXPECT_EQ(check({anchor}).anchors, 1);
  sql("DELETE FROM wf_audit WHERE no > 3; UPDATE wf_audit_head SET no = 3, hash = (SELECT hash FROM wf_audit WHERE no = 3);"
      "DELETE FROM wf_approval WHERE run_id <> '" +
      acted_.text + "'; DELETE FROM wf_event WHERE run_id <> '" + acted_.text + "'; DELETE FROM wf_run WHERE run_id <> '" + acted_.text + "'");
  EXPECT_TRUE(check().sound()) << "nothing is left that could tell";
  expect_fault("the anchor of", 4, {anchor});
}

TEST_F(AuditTest, FindsWithAnAnchorAChainThatWasWrittenAnew) {
  fill();
  const AuditHead head = *journal_->audit_head();
  const AuditAnchor anchor{.no = head.no, .hash = head.hash, .first_hash = journal_->audit(1, 1)->front().hash, .at = clock_.now()};
  sql("UPDATE wf_audit SET body = replace(body, 'because', 'no cause') WHERE no = 4; UPDATE wf_approval SET reason = 'no cause' WHERE run_id = '" +
      refused_.text + "'; UPDATE wf_event SET body = replace(body, 'because', 'no cause') WHERE type = 6 AND run_id = '" + refused_.text + "'");
  rechain(4);
  EXPECT_TRUE(check().sound()) << "whoever knows how it is made can make one";
  expect_fault("not the one that the anchor of", 5, {anchor});
  AuditAnchor of_another = anchor;
  of_another.first_hash = std::string(64, '0');
  expect_fault("of another chain", 5, {of_another});
}

TEST_F(AuditTest, FindsAForgedEntryWithTheRightHashes) {
  fill();
  AuditEntry forged =
      chained(*journal_->audit_head(),
              {"decision", waits_, "may it",
               Json::object().set("approval_id", approval_of(waits_).text).set("subject_hash", "h").set("status", "approved").set("by", "ann")},
              clock_.now());
  sql("INSERT INTO wf_audit VALUES (6, " + std::to_string(forged.at) + ", 'decision', '" + waits_.text + "', 'may it', '" + forged.body.dump() +
      "', '" + forged.before_hash + "', '" + forged.hash + "')");
  expect_fault("not the one that the journal noted", 6);
  sql("UPDATE wf_audit_head SET no = 6, hash = '" + forged.hash + "'");
  expect_fault("its status is \"open\", and was \"approved\"", 6);
}

TEST_F(AuditTest, FindsAnEditedDeletedOrAddedEvent) {
  fill();
  sql("UPDATE wf_event SET body = replace(body, 'did one!', 'did two!') WHERE run_id = '" + acted_.text + "' AND type = 4 AND try_no = 1");
  expect_fault("is not the one that the entry speaks of", 3);
  sql("UPDATE wf_event SET body = replace(body, 'did two!', 'did one!') WHERE run_id = '" + acted_.text + "' AND type = 4 AND try_no = 1");
  EXPECT_TRUE(check().sound());
  sql("UPDATE wf_event SET type = 7 WHERE run_id = '" + acted_.text + "' AND type = 2");
  expect_fault("is not the one that the entry speaks of", 2);
  sql("UPDATE wf_event SET type = 2 WHERE run_id = '" + acted_.text + "' AND type = 7");
  sql("INSERT INTO wf_event SELECT '" + waits_.text + "', 4, epoch, type, path, try_no, in_hash, body, " + std::to_string(clock_.now() + 1) +
      " FROM wf_event WHERE run_id = '" + acted_.text + "' AND type = 2; UPDATE wf_run SET head_seq = 4 WHERE run_id = '" + waits_.text + "'");
  expect_fault("the intent at event 4 has no entry");
  sql("DELETE FROM wf_event WHERE run_id = '" + acted_.text + "' AND seq > 4");
  expect_fault("was deleted", 2);
}

TEST_F(AuditTest, FindsAnEditedApproval) {
  fill();
  const std::string of_refused = " WHERE run_id = '" + refused_.text + "'", of_acted = " WHERE run_id = '" + acted_.text + "'";
  const auto tampered = [&](const std::string& set, const std::string& back, const std::string& part, std::int64_t no) {
    sql("UPDATE wf_approval SET " + set);
    expect_fault(part, no);
    sql("UPDATE wf_approval SET " + back);
    EXPECT_TRUE(check().sound()) << set;
  };
  tampered("status = 'approved'" + of_refused, "status = 'rejected'" + of_refused, "its status is \"approved\", and was \"rejected\"", 4);
  tampered("status = 'open'" + of_refused, "status = 'rejected'" + of_refused, "its status is \"open\"", 4);
  tampered("decided_by = 'bob'" + of_acted, "decided_by = 'ann'" + of_acted, "its decider is \"bob\", and was \"ann\"", 1);
  tampered("reason = ''" + of_acted, "reason = 'because'" + of_acted, "its reason", 1);
  tampered("subject = replace(subject, 'one', 'two')" + of_acted, "subject = replace(subject, 'two', 'one')" + of_acted, "is about was changed", 1);
  tampered("decided_at = decided_at + 86400000" + of_acted, "decided_at = decided_at - 86400000" + of_acted, "at another time", 1);
  tampered("spent_seq = NULL" + of_acted, "spent_seq = 5" + of_acted, "does not say that the event spent it", 2);
}

TEST_F(AuditTest, FindsThatARunWasToldOfAnotherDecision) {
  fill();
  sql("UPDATE wf_event SET body = replace(body, '\"decided_by\":\"ann\"', '\"decided_by\":\"eve\"') WHERE run_id = '" + acted_.text +
      "' AND type = 6");
  expect_fault("says something else of what was decided", 1);
}

TEST_F(AuditTest, FindsADecisionThatWasMadeBehindItsBack) {
  fill();
  clock_.pass(std::chrono::seconds(1));
  sql("UPDATE wf_approval SET status = 'approved', decided_by = 'ann', decided_at = " + std::to_string(clock_.now()) + " WHERE run_id = '" +
      waits_.text + "'");
  expect_fault("(approved) has no entry");
}

TEST_F(AuditTest, FindsOneThatPretendsToBeOlderThanTheChain) {
  fill();
  sql("UPDATE wf_approval SET status = 'approved', decided_by = 'ann', decided_at = 1 WHERE run_id = '" + waits_.text + "'");
  expect_fault("at its beginning there were 0");
}

TEST_F(AuditTest, FindsAnApprovalThatIsSpentTwice) {
  fill();
  const AuditEntry intent = journal_->audit(2, 1)->front();
  AuditEntry again = chained(*journal_->audit_head(), {"intent", acted_, intent.path, intent.body}, clock_.now());
  sql("INSERT INTO wf_audit VALUES (6, " + std::to_string(again.at) + ", 'intent', '" + acted_.text + "', '" + again.path + "', '" +
      again.body.dump() + "', '" + again.before_hash + "', '" + again.hash + "'); UPDATE wf_audit_head SET no = 6, hash = '" + again.hash + "'");
  expect_fault("is spent twice", 6);
}

TEST_F(AuditTest, FindsARunThatWasDeletedByHand) {
  fill();
  sql("DELETE FROM wf_run WHERE run_id = '" + acted_.text + "'; DELETE FROM wf_event WHERE run_id = '" + acted_.text +
      "'; DELETE FROM wf_approval WHERE run_id = '" + acted_.text + "'");
  expect_fault("the run that the entry speaks of was deleted", 1);
  expect_fault("which the entry speaks of, was deleted", 1);
}

TEST_F(AuditTest, FindsARunThatOnlyPretendsToBeACopyOrAFork) {
  fill();
  sql("UPDATE wf_run SET imported = 'by ann' WHERE run_id = '" + acted_.text + "'");
  expect_fault("whether the run is a copy");
  sql("UPDATE wf_run SET imported = '', forked_from = 'r-0', forked_seq = 9 WHERE run_id = '" + acted_.text + "'");
  expect_fault("whether the run is a fork");
}

TEST_F(AuditTest, FindsWhatWasChangedInTheKeptPartOfAFork) {
  fill();
  NewEvent set{.type = EventType::step_completed, .path = "look", .in_hash = "h", .body = Json::object().set("value", "set by hand")};
  ASSERT_TRUE(journal_->fork({.id = {"r-set"}, .from = acted_, .keep_seq = 2, .last = set, .labels = Json::object(), .by = "ann"}));
  ASSERT_TRUE(journal_->fork({.id = {"r-fork"}, .from = acted_, .keep_seq = 6, .labels = Json::object(), .by = "ann"}));
  ASSERT_TRUE(journal_->fork({.id = {"r-fork-2"}, .from = {"r-fork"}, .keep_seq = 6, .labels = Json::object(), .by = "ann"}));
  const std::int64_t set_no = journal_->audit_head()->no - 2;
  ASSERT_TRUE(check().sound());
  const auto tampered = [&](const std::string& run, const std::string& from, const std::string& to, std::int64_t no) {
    sql("UPDATE wf_event SET body = replace(body, '" + from + "', '" + to + "') WHERE run_id = '" + run + "'");
    expect_fault("that the run began with", no);
    sql("UPDATE wf_event SET body = replace(body, '" + to + "', '" + from + "') WHERE run_id = '" + run + "'");
    EXPECT_TRUE(check().sound()) << from;
  };
  tampered("r-set", "set by hand", "set by foot", set_no);
  tampered("r-fork", "did one!", "did two!", set_no + 1);
  tampered("r-fork-2", "did one!", "did two!", set_no + 2);
  sql("UPDATE wf_event SET in_hash = 'h' WHERE run_id = 'r-fork' AND seq = 2");
  expect_fault("that the run began with", set_no + 1);
}

TEST_F(AuditTest, FindsAForkOfWhatWasChangedBefore) {
  fill();
  sql("UPDATE wf_event SET body = replace(body, 'did one!', 'did two!') WHERE run_id = '" + acted_.text + "'");
  ASSERT_TRUE(journal_->fork({.id = {"r-fork"}, .from = acted_, .keep_seq = 6, .labels = Json::object(), .by = "ann"}));
  ASSERT_TRUE(journal_->fork({.id = {"r-fork-2"}, .from = {"r-fork"}, .keep_seq = 6, .labels = Json::object(), .by = "ann"}));
  sql("UPDATE wf_event SET body = replace(body, 'did two!', 'did one!') WHERE run_id = '" + acted_.text + "'");
  const AuditReport report = check();
  ASSERT_EQ(report.fault_count, 2) << "each of the two forks";
  for (const AuditFault& fault : report.faults) {
    EXPECT_NE(fault.what.find("is not the one that run " + acted_.text + " had"), std::string::npos) << fault.what;
    EXPECT_EQ(fault.no, 3);
  }
}

TEST_F(AuditTest, FindsWhatWasChangedInACopy) {
  fill();
  RunCopy copy{
      .run = *journal_->run(acted_), .events = *journal_->events(acted_), .approvals = *journal_->approvals({.open_only = false, .run = acted_})};
  copy.run.id = copy.run.root = {"r-copy"};
  for (ApprovalInfo& approval : copy.approvals) approval.id.text += "-copy", approval.run_id = copy.run.id;
  ASSERT_TRUE(journal_->import_run(copy, "ann"));
  const std::int64_t no = journal_->audit_head()->no;
  ASSERT_TRUE(check().sound());
  const auto tampered = [&](const std::string& table, const std::string& set, const std::string& back, const std::string& part) {
    sql("UPDATE " + table + " SET " + set + " WHERE run_id = 'r-copy'");
    expect_fault(part, no);
    sql("UPDATE " + table + " SET " + back + " WHERE run_id = 'r-copy'");
    EXPECT_TRUE(check().sound()) << set;
  };
  tampered("wf_event", "body = replace(body, 'one', 'two')", "body = replace(body, 'two', 'one')", "that the run began with");
  for (const char* what : {"status = 'rejected'|status = 'approved'", "decided_by = 'bob'|decided_by = 'ann'", "spent_seq = NULL|spent_seq = 5",
                           "card = '1'|card = 'null'", "feedback = 'x'|feedback = ''"}) {
    const std::string both = what;
    const std::size_t bar = both.find('|');
    tampered("wf_approval", both.substr(0, bar), both.substr(bar + 1), "which the copy brought, was changed");
  }
  sql("INSERT INTO wf_event SELECT run_id, 8, epoch, 8, 'x', 0, '', '{}', at_ms FROM wf_event WHERE run_id = 'r-copy' AND seq = 1;"
      "UPDATE wf_run SET head_seq = 8 WHERE run_id = 'r-copy'");
  expect_fault("that the run began with", no);
  sql("DELETE FROM wf_event WHERE run_id = 'r-copy' AND seq = 8; UPDATE wf_run SET head_seq = 7 WHERE run_id = 'r-copy'");
  sql("UPDATE wf_approval SET approval_id = 'a-other' WHERE run_id = 'r-copy'");
  expect_fault("approval a-other was not among those that the copy brought", no);
  expect_fault("which the copy brought, was deleted", no);
}

TEST_F(AuditTest, ChecksApprovalsThatOutlivedTheirRun) {
  fill();
  RunCopy copy{.run = *journal_->run(refused_),
               .events = *journal_->events(refused_),
               .approvals = *journal_->approvals({.open_only = false, .run = refused_})};
  copy.run.id = copy.run.root = {"r-copy"};
  copy.approvals.front().id = {"a-copy"};
  copy.approvals.front().run_id = copy.run.id;
  ASSERT_TRUE(journal_->import_run(copy, "ann"));
  const std::int64_t no = journal_->audit_head()->no;
  clock_.pass(std::chrono::hours(1));
  ASSERT_TRUE(journal_->prune({.ended_before = clock_.now()}));
  ASSERT_TRUE(check().sound());
  const std::string of_acted = " WHERE run_id = '" + acted_.text + "'", of_refused = " WHERE run_id = '" + refused_.text + "'";
  sql("UPDATE wf_approval SET spent_seq = NULL" + of_acted);
  expect_fault("does not say that the event spent it", 2);
  sql("UPDATE wf_approval SET spent_seq = 5" + of_acted + "; UPDATE wf_approval SET spent_seq = 5" + of_refused);
  expect_fault("says that event 5 spent it, and no entry does", 4);
  sql("UPDATE wf_approval SET spent_seq = NULL" + of_refused);
  ASSERT_TRUE(check().sound());
  sql("UPDATE wf_approval SET reason = 'no cause' WHERE approval_id = 'a-copy'");
  expect_fault("which the copy brought, was changed", no);
  sql("DELETE FROM wf_approval WHERE approval_id = 'a-copy'");
  expect_fault("approval a-copy, which the entry speaks of, was deleted", no);
}

/// A release that wrote no hash over what a fork and a copy begin with: nothing can be said of it.
TEST_F(AuditTest, WhatWasBroughtInWithoutAHashIsCountedAsNotCovered) {
  fill();
  ASSERT_TRUE(journal_->fork({.id = {"r-fork"}, .from = acted_, .keep_seq = 6, .labels = Json::object(), .by = "ann"}));
  RunCopy copy{
      .run = *journal_->run(acted_), .events = *journal_->events(acted_), .approvals = *journal_->approvals({.open_only = false, .run = acted_})};
  copy.run.id = copy.run.root = {"r-copy"};
  copy.approvals.front().id = {"a-copy"};
  copy.approvals.front().run_id = copy.run.id;
  ASSERT_TRUE(journal_->import_run(copy, "ann"));
  EXPECT_EQ(check().brought_in.decisions + check().brought_in.effects, 0);
  const std::int64_t no = journal_->audit_head()->no;
  sql("UPDATE wf_audit SET body = json_remove(body, '$.hash', '$.approvals') WHERE no >= " + std::to_string(no - 1));
  rechain(no - 1);
  const AuditReport report = check();
  EXPECT_TRUE(report.sound()) << report.faults.front().what;
  EXPECT_EQ(report.brought_in.decisions, 1);
  EXPECT_EQ(report.brought_in.effects, 4);
  EXPECT_EQ(report.older.decisions + report.older.effects, 0);
}

TEST(AuditOfAnOldJournal, SaysWhatIsNotCoveredAndCountsIt) {
  const TestFolder folder;
  const std::string file = folder.path("journal.db");
  const auto sql = [&](const std::string& text) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, text.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    sqlite3_close(db);
  };
  const std::string
      run =
          "INSERT INTO wf_run (run_id, name, code_version, labels, status, created_at, updated_at, head_seq, epoch, idle_claims)"
          " VALUES ('r-1', 'w', '1', '{}', 'parked', 5, 5, 3, 1, 0);",
      events =
          "INSERT INTO wf_event VALUES ('r-1', 1, 1, 1, '', 0, '', '{}', 5), ('r-1', 2, 1, 2, 'do', 1, '', '{\"effect\":\"keyed\"}', 5),"
          " ('r-1', 3, 1, 4, 'do', 1, '', '{\"effect\":\"keyed\"}', 6);",
      approval =
          "INSERT INTO wf_approval (approval_id, run_id, path, subject_hash, subject, card, policy, status, decided_by, created_at,"
          " decided_at) VALUES ('a-";
  sql(std::string(kRunTables1) + kStamp1 + ";" + run + events + approval + "1', 'r-1', 'p', 'h', '1', '1', '', 'approved', 'ann', 5, 6)");
  std::atomic<TimeMs> now{1'000};
  const auto journal = *SqliteJournal::open(file, {.now = [&] { return now.load(); }});
  EXPECT_EQ(journal->audit_head()->hash, "not covered: 1 decisions, 2 effects");
  auto report = *check_audit(*journal);
  EXPECT_TRUE(report.sound()) << report.faults.front().what;
  EXPECT_EQ(report.older.decisions, 1);
  EXPECT_EQ(report.older.effects, 2);
  ASSERT_TRUE(journal->fork({.id = {"r-2"}, .from = {"r-1"}, .keep_seq = 1, .labels = Json::object(), .by = "ann"}));  // the chain begins
  report = *check_audit(*journal);
  EXPECT_TRUE(report.sound()) << report.faults.front().what;
  EXPECT_EQ(report.begins_at, 1'000);
  sql(approval + "2', 'r-1', 'q', 'h', '1', '1', '', 'approved', 'ann', 5, 6)");
  report = *check_audit(*journal);
  ASSERT_EQ(report.fault_count, 1);
  EXPECT_NE(report.faults.front().what.find("there are 2 decisions and 2 effects, and at its beginning there were 1 and 2"), std::string::npos)
      << report.faults.front().what;
}

TEST_F(AuditTest, CanBeStopped) {
  fill();
  std::stop_source stop;
  stop.request_stop();
  const auto report = check_audit(*journal_, {.stop = stop.get_token()});
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->whole);
}

}  // namespace
}  // namespace sluice
