#include "net/retry.h"

#include <algorithm>
#include <cmath>

namespace sluice {

std::chrono::milliseconds retry_delay(const HttpRetry& retry, int attempt, double random) {
  const auto most = static_cast<double>(std::max<std::int64_t>(0, retry.delay_max.count()));
  const double grown = static_cast<double>(retry.first_delay.count()) * std::pow(retry.factor, attempt - 1);
  // Also where the power overflows, or an option is no number.
  const double delay = grown >= 0 && grown <= most ? grown : most;
  const double kept = 1 - std::clamp(retry.jitter, 0.0, 1.0) * std::clamp(random, 0.0, 1.0);
  return std::chrono::milliseconds(static_cast<std::int64_t>(delay * kept));
}

}  // namespace sluice
