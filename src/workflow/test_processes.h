#pragma once
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <thread>

#include "workflow/engine.h"

// What tests that kill real processes share: a workflow, the outside on which it acts, and processes that end with the test.
namespace sluice::process_test {

/// The outside: a file to which every effect adds its key and a line end, at once.
inline void happen(const std::string& file, const std::string& key) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const std::string line = key + "\n";
  if (::write(fd, line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::_exit(8);
  ::close(fd);
}
/// How often each key was added.
inline std::map<std::string, int> happened(const std::string& file) {
  std::map<std::string, int> counts;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) ++counts[line];
  return counts;
}

struct Subject {
  std::string sql{};
  static constexpr auto fields() { return std::tuple{Field{"sql", &Subject::sql}}; }
};

inline constexpr std::size_t kEffects = 3;  ///< of each run

/// "w": three effects that are found again by their key, the last one approved by a policy.
inline void add_workflow(Engine& engine, const std::string& world, std::chrono::milliseconds step_takes = {}) {
  const auto act = [world, step_takes](StepContext& step, const auto&) -> Result<std::string> {
    std::this_thread::sleep_for(step_takes);
    happen(world, step.idempotency_key);
    return step.idempotency_key;
  };
  const auto find = [world](StepContext& step, const auto&) -> Result<std::optional<std::string>> {
    if (happened(world).contains(step.idempotency_key)) return std::optional<std::string>(step.idempotency_key);
    return std::optional<std::string>{};
  };
  const Activity<std::string, std::string> job{.effect = Effect::reconcile, .act = act, .find = find};
  const Activity<Approved<Subject>, std::string> approved{.effect = Effect::reconcile, .act = act, .find = find};
  engine.add<std::string, std::string>("w", "1", [=](Context& run, const std::string& in) -> Result<std::string> {
    TRY(const std::string first, run.step("first", job, in));
    TRY(const std::string second, run.step("second", job, first));
    TRY(auto decision, run.wait_for_approval("ok", Subject{second}, {.automatic = AutoDecision{true, "test"}}));
    if (!decision.approved) return std::string("no");
    return run.step("third", approved, *decision.approved);
  });
}

/// A process that runs `body` and ends with what it returns. It ends with the thread that began it: nothing outlives the test.
template <class Fn>
pid_t in_child(const Fn& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::_exit(body());
  }
  return child;
}
/// Waits for it.
inline bool ended_well(pid_t child) {
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace sluice::process_test
