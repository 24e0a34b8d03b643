#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agents/model_calls.h"
#include "agents/settings.h"
#include "workflow/context.h"

namespace sluice {

/// A reply of a former round, and what the model hears about it.
struct AgentTurn {
  std::string reply{};
  std::string problem{};                ///< why it could not be read
  std::vector<std::string> checks{};    ///< those that failed
  std::vector<std::string> doubts{};    ///< it holds, but looks as if something else had been meant
  std::vector<std::string> look_for{};  ///< words by which it wants to be shown more tables

  static constexpr auto fields() {
    return std::tuple{Field{"reply", &AgentTurn::reply}, Field{"problem", &AgentTurn::problem}, Field{"checks", &AgentTurn::checks},
                      Field{"doubts", &AgentTurn::doubts}, Field{"look_for", &AgentTurn::look_for}};
  }
};

/// What the checks made of a round's replies: settled, or what to say about which reply. A `fallback` is good enough to stand where the rounds that
/// it was hoped would better it bring nothing.
template <class T>
struct Judged {
  std::optional<T> settled{}, fallback{};
  AgentTurn turn{};
  std::optional<Error> why{};  ///< what the loop ends with where this was the last round
};

inline constexpr std::int64_t kAgentRoundsMax = 10;

/// What the loop does with models.
struct AgentCalls {
  const Activity<ModelCalls, ModelOutcome>& call;
  const Activity<EndedCalls, bool>& release;  ///< of the replies (see ModelCaller); whether it could
};

/// Propose, prove, feed back: the loop of every agent. `compose(round, turns)` gives the artifact of the request, `judge(round, outcome)` has the
/// replies checked; both work by steps of the scope they are given, so that every call and every check is in the journal once. Ends with what was
/// settled, the newest fallback, or the error that stood last: of the model (see model_error), of a budget (E1020), of the last judgement.
template <class T, class Compose, class Judge>
Result<T> propose_and_prove(const Context& run, const AgentSettings& settings, const AgentCalls& models, Compose compose, Judge judge) {
  std::vector<AgentTurn> turns;
  EndedCalls made;
  const auto release = [&](bool came_to) -> Result<> {
    made.shared = came_to && !settings.fresh;
    Context result = run.scope("result", 0);
    TRY_VOID(result.step("release replies", models.release, made));
    return {};
  };
  std::optional<T> fallback;
  std::optional<Error> why;
  for (std::int64_t n = 0; n < std::clamp<std::int64_t>(settings.rounds, 1, kAgentRoundsMax); ++n) {
    Context round = run.scope("try", n);
    TRY(const std::string request, compose(round, std::as_const(turns)));
    const ModelCalls calls{.model = settings.model,
                           .request = request,
                           .samples = settings.candidates,
                           .run_budget = settings.run_budget,
                           .day_budget = settings.day_budget,
                           .fresh = settings.fresh};
    TRY(const ModelOutcome outcome, round.step("call model", models.call, calls));
    made.calls.push_back(calls);
    if (auto failure = outcome.failure()) {
      why = std::move(failure);
      break;
    }
    TRY(Judged<T> judged, judge(round, outcome));
    if (judged.settled) {
      TRY_VOID(release(true));
      return *std::move(judged.settled);
    }
    if (judged.fallback) fallback = std::move(judged.fallback);
    why = std::move(judged.why);
    turns.push_back(std::move(judged.turn));
  }
  TRY_VOID(release(fallback.has_value()));
  if (fallback) return *std::move(fallback);
  return why ? *std::move(why) : Error::exhausted("rounds of an agent", static_cast<int>(settings.rounds));
}

}  // namespace sluice
