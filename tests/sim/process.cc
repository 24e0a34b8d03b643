#include "process.h"

#include <algorithm>

namespace sluice::sim {
namespace {

using std::chrono::milliseconds;
constexpr TimeMs kMomentMax = 40, kSlowMin = 1'000, kSlowMax = 15'000;
constexpr TimeMs kStillMin = 31'000, kStillMax = 200'000;  // longer than a lease
constexpr int kRunsAtOnce = 2;
constexpr int kFullDisk = 15;  // of a thousand writes of large values
constexpr int kStops = 4;      // of a thousand moments: somebody stops the process in an orderly way

/// Large values as a process reaches them: their disk may be full.
class ProcessArtifacts final : public Artifacts {
 public:
  ProcessArtifacts(Artifacts& real, World& world, Process& process) : real_(real), world_(world), process_(process) {}
  Result<std::string> put(std::string_view bytes) override {
    process_.moment("keeps a large value");
    if (world_.goes_wrong(kFullDisk)) return Error{ErrorKind::storage, "E0204", "the disk is full", "free some space", 0};
    return real_.put(bytes);
  }
  Result<std::string> get(const std::string& hash) override { return real_.get(hash); }
  Result<Swept> sweep(const Sweep& sweep) override { return real_.sweep(sweep); }

 private:
  Artifacts& real_;
  World& world_;
  Process& process_;
};

}  // namespace

Process::Process(int number, Stage& stage, Strand& strand)
    : number_(number), stage_(stage), strand_(strand), random_(static_cast<std::uint64_t>(stage.world.pick(1'000'000'000))) {
  skew_ms_ = stage.world.pick(10'000'000);
  rate_ = stage.world.mood.wild_clocks ? 0.3 + 0.1 * static_cast<double>(stage.world.pick(8)) : 1.0;
}

Process::~Process() { kill(); }

void Process::kill() {
  gone_ = true;
  while (is_alive()) strand_.resume();
}

void Process::begin() {
  gone_ = idle_ = false;
  still_until_ = 0;
  stop_ = {};
  stage_.world.tell([&] { return "process " + std::to_string(number_) + " begins"; });
  strand_.begin([this] {
    try {
      live();
    } catch (const Gone&) {  // NOLINT(bugprone-empty-catch): that is what its end looks like
    }
    engine_ = nullptr;
  });
}

void Process::die() {
  World& world = stage_.world;
  world.note(in_recovery_ ? Coverage::crash_in_recovery : Coverage::crash);
  if (in_recovery_) world.note(Coverage::crash);
  in_recovery_ = true;
  world.tell([&] { return "process " + std::to_string(number_) + " dies"; });
  gone_ = true;
  engine_ = nullptr;
  throw Gone{};
}

void Process::moment(std::string_view what) {
  if (gone_) throw Gone{};
  World& world = stage_.world;
  ++world.moments;
  world.pass(world.chance(world.mood.slow) ? kSlowMin + world.pick(kSlowMax) : world.pick(kMomentMax));
  if (world.chance(world.mood.haste)) stage_.people_act();
  if (world.chance(world.is_calm() ? 0 : kStops)) stop_.request_stop();
  if (world.goes_wrong(world.mood.deaths)) {
    world.tell([&] { return "process " + std::to_string(number_) + ": " + std::string(what); });
    die();
  }
  if (world.goes_wrong(world.mood.stalls)) {
    still_until_ = world.now() + kStillMin + world.pick(kStillMax);
    world.note(Coverage::stall);
    world.tell([&] { return "process " + std::to_string(number_) + " stands still where it " + std::string(what); });
    strand_.pause();
    world.tell([&] { return "process " + std::to_string(number_) + " wakes up"; });
    if (!gone_) watch();
  } else if (world.chance(world.mood.switches)) {
    strand_.pause();
  }
  if (gone_) throw Gone{};
}

void Process::watch() {
  if (engine_ == nullptr || gone_ || stands_still()) return;
  [[maybe_unused]] const auto watched = engine_->watch_once();
}

std::chrono::steady_clock::time_point Process::steady() {
  if (!stage_.safeguards.lease_guard) return std::chrono::steady_clock::time_point(milliseconds(skew_ms_));
  const auto now = static_cast<TimeMs>(static_cast<double>(stage_.world.now() - 1'700'000'000'000) * rate_);
  return std::chrono::steady_clock::time_point(milliseconds(now + skew_ms_));
}

void Process::sleep(milliseconds duration, std::stop_token stop) {
  if (stop.stop_requested()) return;
  stage_.world.pass(duration.count());
  moment("slept");
}

bool Process::is_down() {
  if (!stage_.world.goes_wrong(stage_.world.mood.down)) return false;
  note(Coverage::service_down);
  return true;
}

bool Process::loses_reply() {
  if (!stage_.world.goes_wrong(stage_.world.mood.lost_replies)) return false;
  note(Coverage::lost_reply);
  return true;
}

void Process::live() {
  const WeakJournal::Removed above{
      .intents = !stage_.safeguards.intents, .spending = !stage_.safeguards.spending, .taking = !stage_.safeguards.taking};
  const WeakJournal::Removed below{.fencing = !stage_.safeguards.fencing, .wake_numbers = !stage_.safeguards.wake_numbers};
  WeakJournal weak_below(stage_.journal, below);
  ProcessJournal journal({.real = weak_below,
                          .world = stage_.world,
                          .confirmed = stage_.confirmed,
                          .moment = [this](std::string_view what) { moment(what); },
                          .is_gone = [this] { return gone_; },
                          .disturb =
                              [this] {
                                if (stage_.world.chance(stage_.world.mood.haste)) stage_.people_act();  // something arrives right before the write
                                stage_.disturb_disk();
                              },
                          .settle = stage_.settle_disk});
  WeakJournal weak_above(journal, above);
  const Acts acts = make_acts(stage_.truth, *this, stage_.world, stage_.safeguards);
  const AskPorts asking = make_asking(stage_.truth, *this);
  EngineOptions options{.watch_interval = milliseconds(0), .lease = journal.lease(), .inline_max = 200};
  options.at_once = [this](const std::vector<std::function<void()>>& tasks) {
    std::vector<std::size_t> order;
    for (std::size_t n = 0; n < tasks.size(); ++n) order.insert(order.begin() + stage_.world.pick(std::ssize(order) + 1), n);
    for (const std::size_t n : order) tasks[n]();
  };
  ProcessArtifacts artifacts(stage_.artifacts, stage_.world, *this);
  Engine engine({weak_above, artifacts, *this, random_}, std::move(options));
  add_workflows(engine, acts);
  add_ask(engine, asking);
  engine_ = &engine;
  while (!stage_.over && !stop_.stop_requested()) {
    idle_ = true;
    take_turn(engine);
    if (!stage_.over && !gone_) strand_.pause();
    if (gone_) throw Gone{};
  }
  engine_ = nullptr;
}

void Process::look_at(const Result<RunState>& state) {
  if (state) {
    idle_ = false;
    return;
  }
  const Error& error = state.error();
  if (error.code == "E0136") note(Coverage::lease_over);
  if (error.kind == ErrorKind::bug) stage_.world.broken("the engine says: " + error.message);
}

void Process::take_turn(Engine& engine) {
  World& world = stage_.world;
  if (stage_.root.empty()) {
    const StartOptions once{.dedup_key = "once", .timeout = milliseconds(stage_.timeout_ms)};
    if (world.chance(500)) {
      auto id = engine.start(stage_.workflow, stage_.input, once);
      if (id) stage_.root = *id;
    } else {
      auto state = engine.run(stage_.workflow, stage_.input, once, {.stop = stop_.get_token()});
      if (state) stage_.root = state->run.id;
      look_at(state);
    }
    return;
  }
  if (world.chance(500)) {
    const auto claimed = engine.claim_due({QueueLimits{}}, kRunsAtOnce);
    if (!claimed) return;
    for (const RunInfo& run : *claimed) look_at(engine.execute_claimed(run, {.stop = stop_.get_token()}));
    in_recovery_ = false;
    return;
  }
  const auto runs = stage_.journal.runs({.limit = kListMax});
  if (!runs || runs->empty()) return;
  const RunInfo& run = runs->at(static_cast<std::size_t>(world.pick(std::ssize(*runs))));
  const bool paused = run.status == RunStatus::paused;
  const bool tries_anyway = run.status == RunStatus::running && world.chance(300);  // it may be this process that has it, and does not know
  if (is_final(run.status) || (!paused && !tries_anyway && !run.is_due(world.now()))) return;
  if (paused) note(Coverage::paused);
  look_at(engine.drive(run.id, {.stop = stop_.get_token(), .resume = paused, .with_children = world.chance(500)}));
  in_recovery_ = false;
}

}  // namespace sluice::sim
