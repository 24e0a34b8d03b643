#pragma once
#include <chrono>

#include "net/http.h"

namespace sluice {

/// How long to wait after the failed attempt (counted from 1). `random` is from 0 to 1.
std::chrono::milliseconds retry_delay(const HttpRetry& retry, int attempt, double random);

}  // namespace sluice
