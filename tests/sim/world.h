#pragma once
#include <array>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "workflow/ports/clock.h"
#include "workflow/ports/journal_types.h"
#include "workflow/test_ports.h"

namespace sluice::sim {

/// A thread that runs only while it is given the turn, and gives it back: of all strands and the thread that resumes them, one runs at a time, so
/// that a story is the same every time. Kept over many stories, as threads cost more than a story.
class Strand {
 public:
  Strand();
  ~Strand();
  Strand(const Strand&) = delete;
  Strand& operator=(const Strand&) = delete;

  /// What it does when it is resumed next. Only while it is idle.
  void begin(std::function<void()> task);
  /// Lets it run until it pauses or its task ends.
  void resume();
  /// Called in its own thread: gives the turn back until the next `resume`.
  void pause();
  bool is_idle() const { return !task_; }

 private:
  enum class Turn : std::uint8_t { theirs, mine, over };
  void work();
  void hand_over(Turn to, std::unique_lock<std::mutex>& lock);
  std::mutex mutex_{};
  std::condition_variable changed_{};
  Turn turn_ = Turn::theirs;
  std::function<void()> task_{};
  std::thread thread_{};
};

/// What goes wrong in a story, and how often: drawn once from its seed, so that stories differ in kind. Shares are of a thousand.
struct Mood {
  int switches = 300;        ///< moments at which another process goes on
  int deaths = 0;            ///< moments at which the process dies
  int stalls = 0;            ///< moments at which the process stands still for longer than its lease
  int refused_writes = 0;    ///< writes that fail before anything is written: busy, disk full, no connection
  int lost_answers = 0;      ///< writes that are done and whose answer is lost
  int failed_reads = 0;      ///< reads of the journal that fail
  int down = 0;              ///< calls of services that fail
  int lost_replies = 0;      ///< calls of services that are done and whose reply is lost
  int slow = 0;              ///< moments that last for seconds
  int haste = 0;             ///< moments at which a person acts, whatever is going on
  bool wild_clocks = false;  ///< processes' clocks run at half speed: what rests on a lease being over in time cannot hold, fencing has to
  int faults_max = 0;        ///< of all kinds in a story: it gets calm after that
};

/// What happened in stories; printed, so that it can be seen that they were not all quiet.
struct Coverage {
  enum What : std::uint8_t {
    crash,
    crash_in_recovery,
    takeover,
    stall,
    fenced,
    lease_over,
    refused_write,
    lost_answer,
    failed_read,
    service_down,
    lost_reply,
    unknown_outcome,
    adopted,
    deduplicated,
    expiry,
    expiry_race,
    late_decision,
    second_decision,
    cancelled,
    cancel_in_flight,
    paused,
    forked,
    branch_late,
    child,
    message,
    failed_run,
    deadline,
    sqlite,
    disk_fault,
    asked,
    count_
  };
  std::array<std::int64_t, count_> cases{};
  std::int64_t all = 0, moments = 0, appends = 0, compared = 0;
  void add(const Coverage& other);
  std::string table() const;
};

/// Time, chance and the order of things in one story.
class World {
 public:
  World(std::uint64_t seed, bool telling);

  TimeMs now() const { return now_; }
  /// In [0, below).
  std::int64_t pick(std::int64_t below) { return static_cast<std::int64_t>(random_.next() % static_cast<std::uint64_t>(below)); }
  bool chance(int of_a_thousand) { return of_a_thousand > 0 && pick(1000) < of_a_thousand; }
  /// As `chance`, but only while the story may still go wrong; counted.
  bool goes_wrong(int of_a_thousand);
  bool is_calm() const { return faults_ >= mood.faults_max; }
  void calm_down() { faults_ = mood.faults_max; }

  /// Lets time pass; `on_pass` is told in steps that are short beside a lease.
  void pass(TimeMs duration);
  std::function<void()> on_pass{};

  /// Of the story that a person reads. `words` gives the text, and is only asked where there is a reader.
  template <class Words>
  void tell(const Words& words) {
    if (telling_) write(words());
  }
  const std::string& story() const { return story_; }
  void note(Coverage::What what) { noted[what] = true; }

  Mood mood{};
  std::array<bool, Coverage::count_> noted{};
  std::int64_t moments = 0, appends = 0;
  /// The first promise that was broken; "" as long as none was.
  std::string violation{};
  void broken(const std::string& promise) {
    if (!violation.empty()) return;
    violation = promise;
    tell([&] { return "BROKEN: " + promise; });
  }

 private:
  void write(const std::string& words);
  SeededRandom random_;
  bool telling_;
  TimeMs now_ = 1'700'000'000'000;
  int faults_ = 0;
  std::string story_{};
};

/// Draws what a story is like.
Mood draw_mood(World& world);

}  // namespace sluice::sim
