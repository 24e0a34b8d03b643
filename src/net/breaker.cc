#include "net/breaker.h"

#include <algorithm>

#include "base/text.h"

namespace sluice {

Error CircuitBreaker::turned_away(const std::string& origin, const Failing& failing, Time now) const {
  // While the probe is under way nobody knows how long it takes; a whole pause is the guess.
  const auto left = failing.probing ? options_.pause : std::chrono::ceil<std::chrono::milliseconds>(failing.until - now);
  const auto milliseconds = std::max<std::int64_t>(1, left.count());
  return {ErrorKind::transient, "E1107",
          origin + " failed " + counted(failing.failures, "time") + " in a row and is left alone for " + human_duration(milliseconds) +
              "; last: " + failing.why,
          "wait, or see whether the service is up", static_cast<long>(milliseconds)};
}

Result<CircuitBreaker::Admission> CircuitBreaker::admit(const std::string& origin, Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = failing_.find(origin);
  if (found == failing_.end() || !found->second.open) return Admission(*this, origin, false);
  Failing& failing = found->second;
  if (failing.probing || now < failing.until) return turned_away(origin, failing, now);
  failing.probing = true;
  return Admission(*this, origin, true);
}

CircuitBreaker::Admission::~Admission() {
  if (breaker_ != nullptr) breaker_->note(origin_, probe_, Outcome::unclear, "", {});
}

void CircuitBreaker::Admission::report(Outcome outcome, const std::string& why, Time now) {
  if (breaker_ != nullptr) std::exchange(breaker_, nullptr)->note(origin_, probe_, outcome, why, now);
}

std::vector<std::string> CircuitBreaker::open_origins() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (const auto& [origin, failing] : failing_)
    if (failing.open) out.push_back(origin);
  return out;
}

void CircuitBreaker::note(const std::string& origin, bool probe, Outcome outcome, const std::string& why, Time now) {
  if (options_.failures_max <= 0) return;
  const std::lock_guard lock(mutex_);
  if (outcome == Outcome::alive) {
    failing_.erase(origin);
    return;
  }
  auto found = failing_.find(origin);
  if (probe && found != failing_.end()) found->second.probing = false;
  if (outcome == Outcome::unclear) return;
  if (found == failing_.end()) {
    if (failing_.size() >= kOriginsMax) return;
    found = failing_.try_emplace(origin).first;
  }
  Failing& failing = found->second;
  // What began before it opened says nothing new; only the probe may prolong the pause.
  if (failing.open && !probe) return;
  ++failing.failures;
  failing.why = why;
  if (failing.failures < options_.failures_max) return;
  failing.open = true;
  failing.until = now + options_.pause;
}

}  // namespace sluice
