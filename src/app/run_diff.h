#pragma once
#include <string>
#include <vector>

#include "app/run_view.h"
#include "workflow/ports/artifacts.h"
#include "workflow/ports/journal.h"

namespace sluice {

/// How something differs between two runs.
enum class RunDifference : std::uint8_t {
  only_first,   ///< only the first run came to the step
  only_second,  ///< only the second did
  input,        ///< the step began with something else
  result,       ///< it came to something else, or only one of the runs has a result of it
};
template <>
struct EnumNames<RunDifference> {
  static constexpr std::array<std::pair<RunDifference, std::string_view>, 4> names{{{RunDifference::only_first, "only in the first"},
                                                                                    {RunDifference::only_second, "only in the second"},
                                                                                    {RunDifference::input, "input"},
                                                                                    {RunDifference::result, "result"}}};
};

struct StepDifference {
  std::string path{};  ///< of the step; "input of the run", "output of the run"
  RunDifference what{};
  std::string detail{};  ///< where: `at /sql: first "SELECT 1", second "SELECT 2"`
};

/// Two runs side by side, aligned by the paths of their steps.
struct RunDiff {
  RunId first{}, second{};
  AskStatus first_status{}, second_status{};
  std::int64_t steps_same = 0;
  std::vector<StepDifference> differences{};  ///< in the order of the runs

  bool same() const { return differences.empty() && first_status == second_status; }
};

/// A run with its events.
struct RunHistory {
  const RunView& view;
  const std::vector<EventInfo>& events;
};

/// Times that were measured or fell due are not compared. Errors of the stores.
Result<RunDiff> diff_runs(const RunHistory& first, const RunHistory& second, Journal& journal, Artifacts& artifacts);

}  // namespace sluice
