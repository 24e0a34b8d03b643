#include "world.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace sluice::sim {
namespace {

constexpr TimeMs kStepMax = 3'000;    // of passing time: short beside a lease of 30 s
constexpr TimeMs kLongMax = 120'000;  // more than that passes at once: nobody who is at work waits so long
constexpr TimeMs kBegin = 1'700'000'000'000;

constexpr std::array<std::string_view, Coverage::count_> kNames{"a process died",
                                                                "a process died in another's recovery",
                                                                "a run was taken over",
                                                                "a process stood still past its lease",
                                                                "the journal refused a stale append",
                                                                "a process stopped because its lease was over",
                                                                "a write failed: busy, full, no connection",
                                                                "a write's answer was lost",
                                                                "a read of the journal failed",
                                                                "a service was down",
                                                                "a service's reply was lost",
                                                                "an unknown outcome was asked about",
                                                                "an effect was found and adopted",
                                                                "a service recognised a key",
                                                                "an approval expired",
                                                                "a decision fell within 2 ms of expiry",
                                                                "a decision came too late",
                                                                "a second decision was refused",
                                                                "a run was cancelled",
                                                                "a cancellation met a step in flight",
                                                                "a run paused and was resumed",
                                                                "a run was forked",
                                                                "a branch missed its deadline",
                                                                "a run started a child",
                                                                "a message was taken",
                                                                "a run failed",
                                                                "a run's deadline passed",
                                                                "the journal was SQLite",
                                                                "SQLite's files failed",
                                                                "the workflow was ask"};

}  // namespace

Strand::Strand() : thread_([this] { work(); }) {}

Strand::~Strand() {
  {
    const std::scoped_lock lock(mutex_);
    turn_ = Turn::over;
  }
  changed_.notify_all();
  thread_.join();
}

void Strand::begin(std::function<void()> task) { task_ = std::move(task); }

void Strand::hand_over(Turn to, std::unique_lock<std::mutex>& lock) {
  turn_ = to;
  changed_.notify_all();
  changed_.wait(lock, [this, to] { return turn_ != to; });
}

void Strand::resume() {
  std::unique_lock lock(mutex_);
  hand_over(Turn::mine, lock);
}

void Strand::pause() {
  std::unique_lock lock(mutex_);
  hand_over(Turn::theirs, lock);
}

void Strand::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return turn_ != Turn::theirs; });
    if (turn_ == Turn::over) return;
    lock.unlock();
    task_();
    lock.lock();
    task_ = nullptr;
    turn_ = Turn::theirs;
    changed_.notify_all();
  }
}

World::World(std::uint64_t seed, bool telling) : random_(seed * 0x9e3779b97f4a7c15U + 1), telling_(telling) {}

bool World::goes_wrong(int of_a_thousand) {
  if (is_calm() || !chance(of_a_thousand)) return false;
  ++faults_;
  return true;
}

void World::pass(TimeMs duration) {
  if (duration > kLongMax) {
    now_ += duration;
    duration = 0;
    if (on_pass) on_pass();
  }
  while (duration > 0) {
    const TimeMs step = std::min(duration, kStepMax);
    now_ += step;
    duration -= step;
    if (on_pass) on_pass();
  }
}

void World::write(const std::string& words) {
  char at[32];
  std::snprintf(at, sizeof at, "%12.3f s  ", static_cast<double>(now_ - kBegin) / 1000.0);
  story_ += at + words + "\n";
}

Mood draw_mood(World& world) {
  constexpr int kQuiet = 50;  // of a thousand stories nothing goes wrong
  Mood mood;
  mood.switches = static_cast<int>(world.pick(600)) + 20;
  if (world.chance(kQuiet)) return mood;
  mood.faults_max = static_cast<int>(world.pick(12)) + 1;
  const auto some = [&](int share, int most) { return world.chance(share) ? static_cast<int>(world.pick(most)) + 1 : 0; };
  mood.deaths = some(650, 60);
  mood.stalls = some(400, 30);
  mood.refused_writes = some(400, 80);
  mood.lost_answers = some(400, 80);
  mood.failed_reads = some(200, 20);
  mood.down = some(350, 150);
  mood.lost_replies = some(450, 150);
  mood.slow = some(300, 100);
  mood.haste = some(600, 100);
  mood.wild_clocks = world.chance(150);
  return mood;
}

void Coverage::add(const Coverage& other) {
  for (std::size_t n = 0; n < cases.size(); ++n) cases[n] += other.cases[n];
  all += other.all;
  moments += other.moments;
  appends += other.appends;
  compared += other.compared;
}

std::string Coverage::table() const {
  std::string text;
  char line[160];
  for (std::size_t n = 0; n < cases.size(); ++n) {
    std::snprintf(line, sizeof line, "%9lld  %s\n", static_cast<long long>(cases[n]), std::string(kNames[n]).c_str());
    text += line;
  }
  std::snprintf(line, sizeof line, "%lld cases, %lld compared with an undisturbed run; %lld moments, %lld appends\n", static_cast<long long>(all),
                static_cast<long long>(compared), static_cast<long long>(moments), static_cast<long long>(appends));
  return text + line;
}

}  // namespace sluice::sim
