#pragma once
#include <gtest/gtest.h>

#include <memory>

#include "workflow/engine.h"
#include "workflow/memory_journal.h"
#include "workflow/test_ports.h"

namespace sluice {
using std::chrono::milliseconds;

struct Subject {
  std::string sql{};
  std::int64_t rows_max = 0;
  static constexpr auto fields() { return std::tuple{Field{"sql", &Subject::sql}, Field{"rows_max", &Subject::rows_max}}; }
};
using In = std::string;

/// One journal over any number of engines, which stand for processes.
class EngineTest : public testing::Test {
 protected:
  FakeClock clock_{};
  SeededRandom random_{7};
  MemoryJournal journal_{[this] { return clock_.now(); }};
  MemoryArtifacts artifacts_{};
  EngineOptions options_{.watch_interval = milliseconds(0), .inline_max = 1000};
  std::unique_ptr<Engine> engine_ = fresh();

  std::unique_ptr<Engine> fresh() { return std::make_unique<Engine>(Engine::Ports{journal_, artifacts_, clock_, random_}, options_); }
  void restart() { engine_ = fresh(); }
  void add(const std::function<Result<std::string>(Context&, const In&)>& fn, const std::string& version = "1") {
    engine_->add<In, std::string>("w", version, fn);
  }
  RunState run(const StartOptions& start = {}, const DriveOptions& drive = {}) {
    auto state = engine_->run("w", Json("in"), start, drive);
    EXPECT_TRUE(state) << state.error().message;
    return state ? *state : RunState{};
  }
  RunState drive(const RunId& id, const DriveOptions& options = {}) {
    auto state = engine_->drive(id, options);
    EXPECT_TRUE(state) << state.error().message;
    return state ? *state : RunState{};
  }
  int count(const RunId& id, EventType type) {
    int found = 0;
    auto events = journal_.events(id);
    for (const EventInfo& event : *events) found += event.type == type ? 1 : 0;
    return found;
  }
  void decide(const RunState& state, DecisionInput decision) {
    ASSERT_EQ(state.open_approvals.size(), 1U);
    decision.decided_by = "ann";
    auto decided = journal_.decide(state.open_approvals.front(), decision);
    ASSERT_TRUE(decided) << decided.error().message;
  }
};

inline Activity<In, std::string> counted(int& calls, Effect effect = Effect::read) {
  return {.effect = effect, .act = [&calls](StepContext&, const In& in) -> Result<std::string> {
            ++calls;
            return in + "!";
          }};
}

}  // namespace sluice
