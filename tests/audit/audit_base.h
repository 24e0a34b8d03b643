#pragma once
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <memory>

#include "journal/artifact_dir.h"
#include "journal/sqlite_journal.h"
#include "journal/test_folder.h"
#include "workflow/audit_check.h"
#include "workflow/engine.h"
#include "workflow/test_ports.h"

namespace sluice {

struct Order {
  std::string text{};
  static constexpr auto fields() { return std::tuple{Field{"text", &Order::text}}; }
};

/// A real journal whose runs ask a person and then act.
class AuditTest : public testing::Test {
 protected:
  AuditTest() { open(); }

  void open() {
    engine_.reset();
    journal_ = *SqliteJournal::open(file_, {.now = [this] { return clock_.now(); }});
    artifacts_ = *ArtifactDir::open(folder_.path("artifacts"));
    engine_ = std::make_unique<Engine>(Engine::Ports{*journal_, *artifacts_, clock_, random_},
                                       EngineOptions{.watch_interval = std::chrono::milliseconds(0)});
    engine_->add<std::string, std::string>("w", "1", [this](Context& run, const std::string& in) -> Result<std::string> {
      TRY(const std::string found, run.step("look", look_, in));
      TRY(auto decision, run.wait_for_approval("may it", Order{found}, {.timeout = std::chrono::hours(1)}));
      if (!decision.approved) return std::string("no");
      return run.step("do", do_, *decision.approved);
    });
  }
  RunId ask(const std::string& in) {
    const auto state = engine_->run("w", Json(in));
    EXPECT_TRUE(state) << state.error().message;
    return state ? state->run.id : RunId{};
  }
  ApprovalId approval_of(const RunId& run) { return journal_->approvals({.open_only = false, .run = run})->front().id; }
  void decide(const RunId& run, DecisionAction action) {
    const auto decided = journal_->decide(approval_of(run), {.action = action, .reason = "because", .decided_by = "ann"});
    ASSERT_TRUE(decided) << decided.error().message;
    ASSERT_TRUE(engine_->drive(run));
  }
  /// A run that acted, one that was refused, one whose time ran out, one that waits.
  void fill() {
    acted_ = ask("one");
    decide(acted_, DecisionAction::approve);
    refused_ = ask("two");
    decide(refused_, DecisionAction::reject);
    expired_ = ask("three");
    clock_.pass(std::chrono::hours(2));
    ASSERT_TRUE(engine_->drive(expired_));
    waits_ = ask("four");
  }
  AuditReport check(const std::vector<AuditAnchor>& anchors = {}) {
    const auto report = check_audit(*journal_, {.anchors = anchors});
    EXPECT_TRUE(report) << report.error().message;
    return report ? *report : AuditReport{};
  }
  /// What somebody does who can write to the file.
  void sql(const std::string& text) const {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file_.c_str(), &db), SQLITE_OK);
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(db, text.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
    EXPECT_GT(sqlite3_total_changes(db), 0) << text;
    sqlite3_close(db);
  }
  /// Writes the chain anew from the entry on, as somebody would who knows how it is made.
  void rechain(std::int64_t from) {
    const auto chain = *journal_->audit(1, kEventsMax);
    std::string before = from > 1 ? chain.at(static_cast<std::size_t>(from - 2)).hash : chain.front().before_hash;
    for (AuditEntry entry : chain) {
      if (entry.no < from) continue;
      entry.before_hash = before;
      before = hash_of(entry);
      sql("UPDATE wf_audit SET before_hash = '" + entry.before_hash + "', hash = '" + before + "' WHERE no = " + std::to_string(entry.no));
    }
    sql("UPDATE wf_audit_head SET no = (SELECT max(no) FROM wf_audit), hash = '" + before + "'");
  }
  void expect_fault(const std::string& part, std::int64_t no = -1, const std::vector<AuditAnchor>& anchors = {}) {
    const AuditReport report = check(anchors);
    ASSERT_FALSE(report.sound()) << "nothing was found";
    bool found = false;
    std::string all;
    for (const AuditFault& fault : report.faults) {
      all += std::to_string(fault.no) + " " + fault.run.text + " " + fault.what + "\n";
      found = found || (fault.what.find(part) != std::string::npos && (no < 0 || fault.no == no));
    }
    EXPECT_TRUE(found) << part << " is not in\n" << all;
    EXPECT_EQ(audit_broken(report).code, "E0131");
  }

  TestFolder folder_{};
  std::string file_ = folder_.path("journal.db");
  FakeClock clock_{};
  SeededRandom random_{7};
  const Activity<std::string, std::string> look_{
      .effect = Effect::read, .act = [](StepContext&, const std::string& in) -> Result<std::string> { return in.substr(0, in.find(' ')) + "!"; }};
  const Activity<Approved<Order>, std::string> do_{
      .effect = Effect::keyed, .act = [](StepContext&, const Approved<Order>& yes) -> Result<std::string> { return "did " + yes.subject().text; }};
  std::unique_ptr<SqliteJournal> journal_{};
  std::unique_ptr<ArtifactDir> artifacts_{};
  std::unique_ptr<Engine> engine_{};
  RunId acted_{}, refused_{}, expired_{}, waits_{};
};

}  // namespace sluice
