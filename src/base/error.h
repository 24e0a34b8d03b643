#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

/// What went wrong, as far as deciding what to do next needs it: whether to retry, to ask, to stop.
enum class ErrorKind : std::uint8_t {
  input,            ///< the caller's input is wrong; the same call fails again
  not_found,        ///< the named thing does not exist
  refused,          ///< understood and declined: a policy, a permission, a failed proof
  forbidden,        ///< whoever asks may not do this; another person may
  unanswerable,     ///< a proposer cannot answer this, and says so
  conflict,         ///< somebody else acted first: a decision already given, a fenced worker
  stale,            ///< what was approved is no longer what would happen
  transient,        ///< may succeed when tried again (connection lost, busy, overloaded)
  timeout,          ///< a deadline passed
  cancelled,        ///< somebody asked for it to stop
  exhausted,        ///< a named bound was used up
  storage,          ///< disk full, read-only folder, corrupted file
  drift,            ///< the recorded history and the workflow code disagree
  unknown_outcome,  ///< an effect may or may not have happened; a person has to say
  bug,              ///< a broken promise inside Sluice
};

std::string_view name_of(ErrorKind kind);

/// An error as a value. `message` says what happened to what; `hint` says what to do next; `code` has a page in docs/errors/.
struct [[nodiscard]] Error {
  ErrorKind kind{};
  std::string code{}, message{}, hint{};
  long retry_after_ms = 0;

  static Error exhausted(std::string what, int max);
  /// Only for a promise that Sluice itself broke.
  static Error bug(std::string what);
  bool operator==(const Error&) const = default;
};

}  // namespace sluice
