#include "story.h"

#include <algorithm>
#include <optional>

#include "failing_disk.h"
#include "process.h"
#include "promises.h"
#include "workflow/fork.h"
#include "workflow/memory_journal.h"

namespace sluice::sim {
namespace {

constexpr int kTurnsMax = 4'000, kCalmAfter = 1'200;
constexpr int kOnSqlite = 25, kDiskFaults = 20;  // of a thousand stories; of a thousand writes in such a one
constexpr TimeMs kIdleMax = 20'000;
constexpr int kSentMax = 6;  // messages to a run

std::vector<RunInfo> runs_of(Journal& journal, bool roots_only = false) {
  auto runs = journal.runs({.limit = kListMax, .roots_only = roots_only});
  return *std::move(runs);
}

/// People: they decide, change their minds too late, send what is waited for, cancel.
class People {
 public:
  explicit People(Stage& stage) : stage_(stage), world_(stage.world), cancels_(stage.world.chance(130)) {}

  void act() {
    if (stage_.root.empty()) return;
    const auto open = stage_.journal.approvals({.open_only = true, .limit = kListMax});
    if (!open->empty() && world_.chance(700)) return decide(open->at(static_cast<std::size_t>(world_.pick(std::ssize(*open)))));
    if (stage_.etl.messages > 0 && world_.chance(300)) send();
    if (cancels_ && !world_.is_calm() && world_.chance(100)) cancel();
  }

 private:
  DecisionInput answer_to(const ApprovalInfo& approval) {
    DecisionInput decision{.action = DecisionAction::approve, .decided_by = "ann"};
    if (approval.policy == "unknown outcome") {
      const std::string step(approval.subject.text("step"));
      if (stage_.truth.happened(approval.run_id.text, step)) {
        decision.action = DecisionAction::refine;
        decision.edited = Json(result_of(approval.run_id.text, step)).dump();
      } else if (world_.chance(100)) {
        decision.action = DecisionAction::reject;
      }
      return decision;
    }
    const std::int64_t mind = world_.pick(10);
    if (mind == 0) decision.action = DecisionAction::reject;
    if (mind == 1 || mind == 2) {
      decision.action = DecisionAction::refine;
      decision.feedback = world_.chance(300) ? "nonsense" : "more";
    }
    if (mind == 3 && stage_.workflow == "ask") {
      decision.action = DecisionAction::refine;
      decision.edited = world_.chance(300) ? "DELETE FROM orders" : "SELECT 2";
    }
    return decision;
  }

  std::string result_of(const std::string& run, const std::string& path) const {
    for (const Happening& one : stage_.truth.all)
      if (one.run == run && one.path == path) return one.service + " " + one.bytes;
    return {};
  }

  void decide(const ApprovalInfo& approval) {
    if (approval.due_at && world_.chance(300) && *approval.due_at > world_.now() + 1) {
      world_.pass(*approval.due_at - world_.now() - 1 + world_.pick(3));
      world_.note(Coverage::expiry_race);
    }
    DecisionInput decision = answer_to(approval);
    const auto decided = stage_.journal.decide(approval.id, decision);
    world_.tell([&] {
      return "ann: " + std::string(enum_name(decision.action)) + " " + approval.id.text + (decided ? "" : ", refused: " + decided.error().code);
    });
    if (!decided) {
      world_.note(decided.error().code == "E0107" ? Coverage::second_decision : Coverage::late_decision);
      return;
    }
    if (approval.due_at && world_.now() >= *approval.due_at) world_.broken("a decision on " + approval.id.text + " was taken after its time");
    stage_.confirmed.decisions[approval.id] = decided->status;
    if (!world_.chance(200)) return;
    decision = {.action = DecisionAction::reject, .decided_by = "bob"};
    if (stage_.journal.decide(approval.id, decision)) world_.broken("a second decision on " + approval.id.text + " was taken");
    world_.note(Coverage::second_decision);
  }

  void send() {
    for (const RunInfo& run : runs_of(stage_.journal, true)) {
      if (is_final(run.status)) continue;
      std::vector<Message>& sent = stage_.confirmed.messages[run.id];
      const bool again = !sent.empty() && (std::ssize(sent) == kSentMax || world_.chance(300));
      const std::string id = "m" + std::to_string(again ? 1 + world_.pick(std::ssize(sent)) : std::ssize(sent) + 1);
      if (!stage_.journal.send(run.id, {.id = id, .topic = "go", .sender = "ann", .body = Json(again ? "said again" : "go on, " + id)})) continue;
      world_.tell([&] { return "ann sends message " + id + " to " + run.id.text; });
      if (!again) sent.push_back({.id = id, .topic = "go", .sender = "ann", .body = Json("go on, " + id)});
    }
  }

  void cancel() {
    cancels_ = false;
    if (stage_.journal.cancel(stage_.root, "ann", "enough")) world_.tell([&] { return "ann cancels " + stage_.root.text; });
  }

  Stage& stage_;
  World& world_;
  bool cancels_;
};

/// Gives processes their turns, people theirs, and lets time pass where everybody waits.
class Director {
 public:
  Director(Stage& stage, Strands& strands) : stage_(stage), world_(stage.world), people_(stage) {
    const int count = 1 + static_cast<int>(world_.pick(kProcessesMax));
    for (int n = 0; n < count; ++n) processes_.push_back(std::make_unique<Process>(n, stage, strands[static_cast<std::size_t>(n)]));
    world_.on_pass = [this] {
      for (const auto& process : processes_) process->watch();
    };
    stage_.people_act = [this] { people_.act(); };
  }
  ~Director() {
    for (const auto& process : processes_) process->kill();
    world_.on_pass = nullptr;
  }

  /// Until all runs have ended.
  void play() {
    stage_.over = false;
    for (int turn = 0; turn < kTurnsMax && world_.violation.empty(); ++turn) {
      if (all_ended()) return;
      if (turn > kCalmAfter) world_.calm_down();
      if (world_.chance(world_.is_calm() ? 500 : 200)) people_.act();
      give_a_turn();
    }
    if (world_.violation.empty()) world_.broken("there is no progress: " + what_waits());
  }

  void end() {
    stage_.over = true;
    for (const auto& process : processes_) process->kill();
  }

 private:
  bool all_ended() const {
    if (stage_.root.empty()) return false;
    const auto runs = stage_.journal.runs({.limit = kListMax});
    return !runs->empty() && std::all_of(runs->begin(), runs->end(), [](const RunInfo& run) { return is_final(run.status); });
  }
  std::string what_waits() const {
    std::string text;
    for (const RunInfo& run : runs_of(stage_.journal))
      if (!is_final(run.status))
        text += run.id.text + " is " + std::string(enum_name(run.status)) + ", wake_no " + std::to_string(run.wake_no) + " of " +
                std::to_string(run.parked_no) + ": " + run.reason + "; ";
    return text;
  }

  void give_a_turn() {
    std::vector<Process*> able;
    for (const auto& process : processes_)
      if (!process->is_alive() || !process->stands_still()) able.push_back(process.get());
    if (able.empty() || idle_ > static_cast<int>(able.size()) * 2) {
      idle_ = 0;
      world_.pass(until_something());
      return;
    }
    Process& process = *able[static_cast<std::size_t>(world_.pick(std::ssize(able)))];
    if (!process.is_alive()) {
      if (!world_.chance(400)) {
        world_.pass(world_.pick(10'000));
        return;
      }
      process.begin();
    }
    process.go_on();
    idle_ = process.is_alive() && process.was_idle() ? idle_ + 1 : 0;
  }

  TimeMs until_something() {
    TimeMs next = world_.now() + 1'000 + world_.pick(kIdleMax);
    for (const RunInfo& run : runs_of(stage_.journal))
      if (run.wake_at && *run.wake_at > world_.now() && world_.chance(500)) next = std::min(next, *run.wake_at);
    for (const auto& process : processes_)
      if (process->is_alive() && process->stands_still()) next = std::min(next, process->still_until());
    return std::max<TimeMs>(next - world_.now(), 1);
  }

  Stage& stage_;
  World& world_;
  People people_;
  std::vector<std::unique_ptr<Process>> processes_{};
  int idle_ = 0;
};

/// Where people may cut it, as the product says for a step, or anywhere else where a cut harms nothing.
std::vector<std::int64_t> cuts_to_choose_from(Stage& stage, const RunInfo& root) {
  if (stage.world.chance(500)) return cuts_of(stage.journal, root);
  std::vector<std::int64_t> cuts;
  const auto events = stage.journal.events(root.id);
  for (const EventInfo& event : *events) {
    if (event.type != EventType::step_completed) continue;
    if (const auto plan = plan_fork(root.id, *events, event.path)) cuts.push_back(plan->keep_seq);
  }
  return cuts;
}

/// A run that has ended is begun again from the middle.
bool fork_somewhere(Stage& stage) {
  const auto root = stage.journal.run(stage.root);
  const auto cuts = cuts_to_choose_from(stage, *root);
  if (cuts.empty()) return false;
  NewFork fork{.id = {stage.root.text + "f"}, .from = stage.root, .labels = Json::object(), .by = "ann"};
  fork.keep_seq = cuts[static_cast<std::size_t>(stage.world.pick(std::ssize(cuts)))];
  const auto made = stage.journal.fork(fork);
  if (!made) return stage.world.broken("a fork was refused: " + made.error().message), false;
  stage.world.tell([&] { return "ann forks " + stage.root.text + " after event " + std::to_string(fork.keep_seq); });
  stage.world.note(Coverage::forked);
  return true;
}

}  // namespace

Ending play(std::uint64_t seed, Strands& strands, Coverage& coverage, bool telling, const Safeguards& safeguards) {
  World world(seed, telling);
  world.mood = draw_mood(world);
  const auto now = [&world] { return world.now(); };
  MemoryJournal memory(now);
  std::optional<ScratchJournal> sqlite;
  if (world.chance(kOnSqlite)) sqlite.emplace(now);
  Journal& journal = sqlite ? sqlite->journal() : memory;
  if (sqlite) world.note(Coverage::sqlite);
  MemoryArtifacts artifacts;
  Truth truth;
  Confirmed confirmed;
  Stage stage{.world = world, .journal = journal, .artifacts = artifacts, .truth = truth, .confirmed = confirmed, .safeguards = safeguards};
  stage.workflow = world.chance(250) ? "ask" : "etl";
  if (stage.workflow == "ask") {
    world.note(Coverage::asked);
    stage.input = encode(draw_ask(world));
  } else {
    stage.etl = draw_etl(world);
    stage.input = encode(stage.etl);
  }
  if (world.chance(50)) stage.timeout_ms = 10'000 + world.pick(200'000);
  stage.disturb_disk = [&world, on_disk = sqlite.has_value()] {
    arm(on_disk && world.goes_wrong(kDiskFaults) ? static_cast<DiskFault>(1 + world.pick(2)) : DiskFault::none);
  };
  stage.settle_disk = [&world] {
    if (has_struck()) world.note(Coverage::disk_fault);
    arm(DiskFault::none);
  };
  Ending ending;
  {
    Director director(stage, strands);
    director.play();
    if (world.violation.empty() && world.chance(300) && fork_somewhere(stage)) director.play();
    director.end();
  }
  if (world.violation.empty()) {
    check_promises(stage, coverage);
    const auto runs = journal.runs({.limit = kListMax, .roots_only = true});
    for (const RunInfo& run : *runs)
      if (world.violation.empty()) ending.compared = compare_with_undisturbed(stage, run) || ending.compared;
  }
  coverage.all += 1;
  coverage.compared += ending.compared ? 1 : 0;
  for (std::size_t n = 0; n < world.noted.size(); ++n) coverage.cases[n] += world.noted[n] ? 1 : 0;
  ending.violation = world.violation;
  ending.story = world.story();
  return ending;
}

}  // namespace sluice::sim
