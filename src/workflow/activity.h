#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/codec.h"
#include "base/result.h"

namespace sluice {

/// What a service allows to be known about an act on it, hence what may be done after a crash in the middle of it.
enum class Effect : std::uint8_t {
  pure,          ///< computes from its input alone
  read,          ///< looks at the outside; may run again until its result is recorded, then never
  keyed,         ///< the service recognises the idempotency key: called again with the same one
  reconcile,     ///< afterwards it can be found by its key: looked for, adopted, or made again
  at_most_once,  ///< nobody can know: an unclear outcome stops the run and asks a person
};
template <>
struct EnumNames<Effect> {
  static constexpr std::array<std::pair<Effect, std::string_view>, 5> names{{{Effect::pure, "pure"},
                                                                             {Effect::read, "read"},
                                                                             {Effect::keyed, "keyed"},
                                                                             {Effect::reconcile, "reconcile"},
                                                                             {Effect::at_most_once, "at_most_once"}}};
};

/// All that a step's body sees beside its input: no Context, so that steps cannot nest.
struct StepContext {
  std::string run{}, workflow{}, path{};  ///< which step this is: for writing down who asked, never for deciding what to do
  std::string idempotency_key{};          ///< H(run, path, try); empty for pure and read steps that spend no approval
  std::chrono::steady_clock::time_point deadline{};
  std::stop_token cancelled{};
  int try_no = 1;   ///< part of the key; rises only after a known failure or by a person's word
  int attempt = 1;  ///< counts every call
  /// An adapter sets it beside an error when the service said that this try failed for good: nothing happened, nothing will.
  bool known_failed = false;
};

/// Which errors are tried again, and when. Applies to kinds `transient` and `timeout`; an error's retry_after_ms is honoured.
struct RetryPolicy {
  int attempts_max = 3;
  std::chrono::milliseconds first_delay{200};
  double factor = 2.0;
  std::chrono::milliseconds delay_max{30'000};
  double jitter = 0.5;         ///< the delay is shortened by a random part of at most this share
  bool after_timeouts = true;  ///< false where the same time would be used up again
};

/// One act on the outside. The adapter that knows the service fixes its effect class; flows cannot.
template <class In, class Out>
struct Activity {
  Effect effect = Effect::at_most_once;
  std::function<Result<Out>(StepContext&, const In&)> act{};
  /// For `reconcile` (and for `keyed` after its window): the act's result if it happened under this key, else nothing.
  std::function<Result<std::optional<Out>>(StepContext&, const In&)> find{};
  /// For `keyed`: how long the service remembers keys. 0: for good (a token row in the effect's own transaction).
  std::chrono::milliseconds dedup_window{0};
  RetryPolicy retry{};
  std::chrono::milliseconds timeout{60'000};  ///< of one call
  /// Its result is what a model or a planner proposes: the only kind of result that a person may put another in the place of, in a fork.
  bool proposes = false;
};

}  // namespace sluice
