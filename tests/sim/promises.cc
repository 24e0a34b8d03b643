#include "promises.h"

#include <algorithm>
#include <set>

#include "workflow/audit_check.h"
#include "workflow/memory_journal.h"

namespace sluice::sim {
namespace {

using std::chrono::milliseconds;
using Events = std::vector<EventInfo>;

/// One run's history, as the journal has it in the end.
class HistoryCheck {
 public:
  HistoryCheck(Stage& stage, const RunInfo& run, const Events& events) : stage_(stage), run_(run), events_(events) {}

  void order() {
    std::int64_t seq = 0, epoch = 0;
    for (const EventInfo& event : events_) {
      if (event.seq != ++seq) broken("event " + std::to_string(seq) + " is missing");
      if (event.epoch < epoch) broken("event " + std::to_string(seq) + " is of an older epoch than the one before");
      epoch = event.epoch;
    }
    if (seq != run_.head_seq) broken("its head is not its newest event");
    const auto confirmed = stage_.confirmed.events.find(run_.id);
    if (confirmed == stage_.confirmed.events.end()) return;
    for (const auto& [at, print] : confirmed->second) {
      if (at > seq) return broken("event " + std::to_string(at) + " was confirmed and is lost");
      const EventInfo& event = events_[static_cast<std::size_t>(at - 1)];
      if (print_of(event.path, event.type, event.body) != print) return broken("event " + std::to_string(at) + " is not what was confirmed");
    }
  }

  void ends() {
    std::map<std::string, int> completed, ends;
    for (const EventInfo& event : events_) {
      if (event.type == EventType::step_completed && ++completed[event.path] > 1) broken("step \"" + event.path + "\" was completed twice");
      if (event.type >= EventType::cancelled && ++ends["end"] > 1) broken("it ended twice");
      if (event.type != EventType::step_completed || event.body.find("error") != nullptr) continue;
      const std::string_view effect = event.body.text("effect");
      const bool given = event.body.text("note").starts_with("its result was given");
      if (effect != "read" && effect != "pure" && !given && !inherited(event) && !stage_.truth.happened(run_.id.text, event.path))
        broken("step \"" + event.path + "\" is recorded as done, and it did not happen");
    }
    if (run_.status != RunStatus::done && run_.status != RunStatus::failed) return;
    if (const std::string step = in_doubt(); !step.empty())
      broken("it is " + std::string(enum_name(run_.status)) + " although step \"" + step + "\" may have happened, and nobody was asked");
  }

  /// Messages are taken once each, in the order in which they were sent, as they were sent.
  void messages() {
    const auto place = stage_.confirmed.messages.find(run_.id);
    const std::vector<Message> sent = place == stage_.confirmed.messages.end() ? std::vector<Message>{} : place->second;
    std::size_t taken = 0;
    for (const EventInfo& event : events_) {
      if (event.type != EventType::signal_received || inherited(event)) continue;
      const std::string id(event.body.text("msg_id"));
      if (taken == sent.size() || sent[taken].id != id) return broken("message " + id + " was not the next to be taken");
      if (event.body["body"] != sent[taken].body) return broken("message " + id + " is not what was sent");
      ++taken;
    }
  }

 private:
  /// An effect with an intent that neither an outcome nor a person's answer settles.
  std::string in_doubt() const {
    std::set<std::string> open;
    for (const EventInfo& event : events_) {
      const std::string_view effect = event.body.text("effect");
      if (event.type == EventType::step_started && effect != "pure" && effect != "read") open.insert(event.path);
      const bool known_failed = event.type == EventType::step_attempt_failed && event.body.flag("known_failed");
      if (event.type == EventType::step_completed || known_failed) open.erase(event.path);
      if (event.type == EventType::approval_decided) open.erase(event.path.substr(0, event.path.find("#outcome[")));
    }
    return open.empty() ? "" : *open.begin();
  }
  bool inherited(const EventInfo& event) const { return !run_.forked_from.empty() && event.seq <= run_.forked_seq; }
  void broken(const std::string& what) { stage_.world.broken("run " + run_.id.text + ": " + what); }
  Stage& stage_;
  const RunInfo& run_;
  const Events& events_;
};

/// What really happened: once each, and with a yes for exactly this where one is needed.
void check_truth(Stage& stage) {
  World& world = stage.world;
  std::map<std::pair<std::string, std::string>, int> times;
  std::map<std::string, int> by_approval;
  for (const Happening& one : stage.truth.all) {
    const bool may_repeat = one.service == "query";  // a read, also where it is approved: until its result is recorded
    const bool rests_on_clocks = one.service != "put" && one.service != "load";
    if (++times[{one.run, one.path}] > 1 && !may_repeat && !(rests_on_clocks && world.mood.wild_clocks))
      world.broken("step \"" + one.path + "\" of run " + one.run + " happened twice (" + one.service + ")");
    if (one.service != "load" && one.service != "query") continue;
    if (++by_approval[one.approval] > 1 && !may_repeat) world.broken("approval " + one.approval + " was carried out twice");
    const auto approval = stage.journal.approval({one.approval});
    if (!approval || approval->status != ApprovalStatus::approved) return world.broken("an effect without a yes: " + one.approval);
    if (approval->run_id.text != one.run) world.broken("run " + one.run + " used the approval of run " + approval->run_id.text);
    if (approval->subject.dump() != one.bytes) world.broken("approved were other bytes than " + one.bytes);
    if (!approval->spent_seq) world.broken("approval " + one.approval + " was carried out and is not spent");
  }
}

void check_approvals(Stage& stage) {
  World& world = stage.world;
  for (const auto& [id, status] : stage.confirmed.decisions) {
    const auto approval = stage.journal.approval(id);
    if (!approval || approval->status != status) world.broken("the decision on " + id.text + " was confirmed and is lost");
  }
  const auto all = stage.journal.approvals({.open_only = false, .limit = kListMax});
  for (const ApprovalInfo& approval : *all) {
    if (approval.status == ApprovalStatus::open) world.broken("approval " + approval.id.text + " is open although its run has ended");
    if (!approval.spent_seq) continue;
    const auto intent = stage.journal.events(approval.run_id, *approval.spent_seq - 1, 1);
    if (intent->empty() || intent->front().type != EventType::step_started || intent->front().body.text("approval_id") != approval.id.text)
      world.broken("approval " + approval.id.text + " is spent, but not by an intent");
  }
}

/// As `sluice audit verify` would: every hash, and every decision and effect of the runs against its entry.
void check_audit(Stage& stage) {
  const auto report = sluice::check_audit(stage.journal);
  if (!report || !report->whole) return stage.world.broken("the audit chain cannot be checked");
  if (!report->sound()) stage.world.broken("the audit chain: " + report->faults.front().what + " (run " + report->faults.front().run.text + ")");
}

void note_history(World& world, const RunInfo& run, const Events& events) {
  if (run.status == RunStatus::failed) world.note(Coverage::failed_run);
  if (run.status == RunStatus::cancelled) {
    world.note(Coverage::cancelled);
    if (run.reason.find("was in flight") != std::string::npos) world.note(Coverage::cancel_in_flight);
  }
  for (const EventInfo& event : events) {
    if (event.type == EventType::child_started) world.note(Coverage::child);
    if (event.type == EventType::signal_received) world.note(Coverage::message);
    if (event.type == EventType::failed && event.body["error"].text("code") == "E0119") world.note(Coverage::deadline);
    if (event.type == EventType::branches_joined && event.body["made"].size() < 2) world.note(Coverage::branch_late);
  }
}

/// Nobody disturbs an undisturbed run.
class Peace final : public Caller {
 public:
  explicit Peace(FakeClock& clock) : clock_(clock) {}
  void moment(std::string_view) override {}
  TimeMs now() override { return clock_.now(); }
  std::chrono::steady_clock::time_point steady() override { return clock_.steady(); }
  void wait(milliseconds duration) override { clock_.pass(duration); }
  bool is_down() override { return false; }
  bool loses_reply() override { return false; }
  void note(Coverage::What) override {}

 private:
  FakeClock& clock_;
};

/// Answers an undisturbed run's questions as they were answered in the story.
void answer(Journal& journal, FakeClock& clock, const std::map<std::string, Json>& decided, const RunState& state) {
  for (const ApprovalId& id : state.open_approvals) {
    const auto open = journal.approval(id);
    const auto said = decided.find(open->path);
    if (said == decided.end()) continue;
    const std::string_view status = said->second.text("status");
    DecisionInput decision{.action = DecisionAction::approve, .decided_by = std::string(said->second.text("decided_by"))};
    if (status == "expired") {
      clock.pass(milliseconds(*open->due_at - clock.now() + 1));
      continue;
    }
    if (status == "rejected") decision.action = DecisionAction::reject;
    if (status == "refined") {
      decision.action = DecisionAction::refine;
      decision.feedback = said->second.text("feedback");
      decision.edited = said->second.text("edited");
    }
    [[maybe_unused]] const auto done = journal.decide(id, decision);
  }
}

/// A result without what is a matter of time: who made a deadline.
Json timeless(const Stage& stage, const Json& result) {
  if (stage.workflow != "etl" || stage.etl.fan_ms <= 0) return result;
  auto output = decode<EtlOutput>(result);
  if (!output) return result;
  output->left.clear();
  output->right.clear();
  return encode(*output);
}

/// Whether a step fails so without any disturbance too: a yes that is used up, data that changed, words that say nothing.
bool is_part_of_the_story(const Json& error) {
  const std::string_view code = error.text("code");
  return code == "E0113" || code == "E0350" || code == "E0600";
}

std::optional<Json> undisturbed(const Stage& stage, const std::map<std::string, Json>& decided, const std::vector<Json>& told) {
  constexpr int kTurnsMax = 40;
  FakeClock clock;
  SeededRandom random(1);
  MemoryJournal journal([&clock] { return clock.now(); });
  MemoryArtifacts artifacts;
  World nothing(0, false);
  Truth truth;
  Peace peace(clock);
  const Safeguards all;
  const Acts acts = make_acts(truth, peace, nothing, all);
  const AskPorts asking = make_asking(truth, peace);
  EngineOptions options{.watch_interval = milliseconds(0), .inline_max = 200};
  options.at_once = [](const auto& tasks) {
    for (const auto& task : tasks) task();
  };
  Engine engine({journal, artifacts, clock, random}, std::move(options));
  add_workflows(engine, acts);
  add_ask(engine, asking);
  auto state = engine.run(stage.workflow, stage.input);
  for (int turn = 0; turn < kTurnsMax && state && !is_final(state->status()); ++turn) {
    answer(journal, clock, decided, *state);
    for (std::size_t n = 0; n < told.size(); ++n) [[maybe_unused]]
      const auto sent = journal.send(state->run.id, {.id = "m" + std::to_string(n), .topic = "go", .sender = "people", .body = told[n]});
    if (state->open_approvals.empty() && state->run.wake_at) clock.pass(milliseconds(std::max<TimeMs>(*state->run.wake_at - clock.now(), 0)));
    if (state->open_approvals.empty()) clock.pass(milliseconds(1'000));  // for children
    state = engine.drive(state->run.id);
  }
  return state && state->output ? state->output : std::nullopt;
}

}  // namespace

void check_promises(Stage& stage, Coverage& coverage) {
  const auto runs = stage.journal.runs({.limit = kListMax});
  int roots = 0;
  std::set<RunId> there;
  for (const RunInfo& run : *runs) {
    there.insert(run.id);
    roots += run.parent.empty() && run.forked_from.empty() ? 1 : 0;
    const auto events = stage.journal.events(run.id);
    HistoryCheck check(stage, run, *events);
    check.order();
    check.ends();
    check.messages();
    note_history(stage.world, run, *events);
  }
  if (roots != 1) stage.world.broken("the run was created " + std::to_string(roots) + " times");
  for (const RunId& run : stage.confirmed.runs)
    if (!there.contains(run)) stage.world.broken("run " + run.text + " was confirmed and is lost");
  check_truth(stage);
  check_approvals(stage);
  check_audit(stage);
  coverage.moments += stage.world.moments;
  coverage.appends += stage.world.appends;
}

bool compare_with_undisturbed(Stage& stage, const RunInfo& run) {
  if (run.status != RunStatus::done) return false;
  const auto events = stage.journal.events(run.id);
  std::map<std::string, Json> decided;
  std::vector<Json> told;
  for (const EventInfo& event : *events) {
    if (event.type == EventType::signal_received) told.push_back(event.body["body"]);
    if (event.type == EventType::approval_decided) decided[event.path] = event.body;
    const Json* error = event.type == EventType::step_completed ? event.body.find("error") : nullptr;
    if (error != nullptr && !is_part_of_the_story(*error)) return false;
  }
  Json got = events->back().body["output"];
  if (const auto artifact = events->back().body.text("artifact"); !artifact.empty()) {
    auto stored = read_artifact<Json>(stage.artifacts, std::string(artifact));
    if (!stored) return stage.world.broken("run " + run.id.text + ": its result is lost"), false;
    got = *std::move(stored);
  }
  const auto expected = undisturbed(stage, decided, told);
  if (!expected) return stage.world.broken("the undisturbed run has no result"), false;
  const Json ours = timeless(stage, got), theirs = timeless(stage, *expected);
  if (ours == theirs) return true;
  stage.world.broken("run " + run.id.text + " came to " + ours.dump() + ", undisturbed to " + theirs.dump());
  return true;
}

std::vector<std::int64_t> cuts_of(Journal& journal, const RunInfo& run) {
  std::vector<std::int64_t> cuts;
  std::set<std::string> open;
  const auto events = journal.events(run.id);
  for (const EventInfo& event : *events) {
    switch (event.type) {
      case EventType::step_started:
        open.insert(event.path);
        if (const auto id = event.body.text("approval_id"); !id.empty()) open.erase(std::string(id));
        break;
      case EventType::step_attempt_failed: open.insert(event.path); break;
      case EventType::step_completed:
      case EventType::child_ended:
      case EventType::branches_joined: open.erase(event.path); break;
      case EventType::child_started:
      case EventType::branches_opened: open.insert(event.path); break;
      case EventType::approval_requested: open.insert(std::string(event.body.text("approval_id"))); break;
      case EventType::approval_decided:
        if (event.body.text("status") != "approved") open.erase(std::string(event.body.text("approval_id")));
        break;
      default: break;
    }
    if (open.empty() && event.type < EventType::drift) cuts.push_back(event.seq);
  }
  return cuts;
}

}  // namespace sluice::sim
