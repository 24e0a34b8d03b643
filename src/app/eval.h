#pragma once
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/gold.h"
#include "eval/report.h"

namespace sluice {

class App;
struct AskRequest;
struct RunView;

/// What `sluice eval` was told.
struct EvalRequest {
  std::string path{};        ///< of the set
  std::string connection{};  ///< for the questions that name none; "" for the default one
  std::string arms = "built-in";
  std::vector<std::string> only{};  ///< ids; empty: all
  std::size_t limit = 0;            ///< the first so many; 0: all
  std::size_t jobs = 4;             ///< questions at once
  bool fresh = false;               ///< no reply that a model gave an earlier run is used
};
inline constexpr std::size_t kEvalJobsMax = 64;

struct EvalProgress {
  enum class Phase : std::uint8_t { gold, asking };
  Phase phase{};
  std::int64_t done = 0, total = 0, right = 0;
};

/// Called by the threads that ask, one at a time; must not block.
struct EvalEvents {
  std::function<void(const EvalProgress&)> on_progress{};
};

/// The one place where an arm becomes a request. E0852 for a model that sluice.yaml does not have.
Result<AskRequest> request_for(const App& app, const eval::Arm& arm, const eval::Question& question, const std::string& connection);
/// The one place where a run's answer says what models took part in it.
eval::ModelUse model_use_of(App& app, const RunView& run);

/// See App::evaluate.
Result<eval::Report> evaluate(App& app, const GoldPorts& golds, const EvalRequest& request, const EvalEvents& events, const std::stop_token& stop);

}  // namespace sluice
