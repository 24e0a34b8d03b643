#pragma once
#include <memory>
#include <string>

#include "ask_flow.h"
#include "etl_flow.h"
#include "sim_journal.h"
#include "world.h"

namespace sluice::sim {

/// What all processes of a story share.
struct Stage {
  World& world;
  Journal& journal;  ///< as it is: nothing goes wrong between it and who looks at it here
  Artifacts& artifacts;
  Truth& truth;
  Confirmed& confirmed;
  const Safeguards& safeguards;
  std::string workflow{};
  Json input{};
  TimeMs timeout_ms = 0;                                ///< of the run; 0: none
  EtlInput etl{};                                       ///< the same, where the workflow is `etl`
  RunId root{};                                         ///< once it is known to be there
  bool over = false;                                    ///< processes are to end in an orderly way
  std::function<void()> people_act{};                   ///< somebody decides, sends or cancels
  std::function<void()> disturb_disk{}, settle_disk{};  ///< before and after each write
};

/// A process with an engine: begun, killed, stopped and begun again by the story. Its calls go through it.
class Process final : public Caller, public Clock {
 public:
  Process(int number, Stage& stage, Strand& strand);
  ~Process() override;

  bool is_alive() const { return !strand_.is_idle(); }
  bool stands_still() const { return stage_.world.now() < still_until_; }
  TimeMs still_until() const { return still_until_; }
  bool was_idle() const { return idle_; }
  void begin();
  void go_on() { strand_.resume(); }
  /// Nothing of it reaches the outside any more.
  void kill();
  /// What its other threads do while time passes.
  void watch();

  void moment(std::string_view what) override;
  TimeMs now() override { return stage_.world.now(); }
  std::chrono::steady_clock::time_point steady() override;
  void sleep(std::chrono::milliseconds duration, std::stop_token stop) override;
  void wait(std::chrono::milliseconds duration) override { sleep(duration, {}); }
  bool is_down() override;
  bool loses_reply() override;
  void note(Coverage::What what) override { stage_.world.note(what); }

 private:
  void live();
  void take_turn(Engine& engine);
  void look_at(const Result<RunState>& state);
  void die();
  int number_;
  Stage& stage_;
  Strand& strand_;
  SeededRandom random_;
  TimeMs skew_ms_ = 0, still_until_ = 0;
  double rate_ = 1;
  bool gone_ = false, idle_ = false, in_recovery_ = false;
  std::stop_source stop_{};
  Engine* engine_ = nullptr;
};

}  // namespace sluice::sim
