#include "proof/limits.h"

#include <algorithm>

namespace sluice {
namespace {

template <class Number>
Number ceiling(const std::optional<Number>& estimate, Number floor, Number limit) {
  if (!estimate || *estimate > limit / 2) return limit;
  return std::min(limit, std::max(floor, *estimate * 2));
}

}  // namespace

Ceiling ceiling_for(const Estimate& estimate, const ProofLimits& limits) {
  return {.rows = ceiling<std::int64_t>(estimate.rows, kCeilingRowsFloor, limits.rows_max),
          .bytes = ceiling<std::int64_t>(estimate.bytes, kCeilingBytesFloor, limits.bytes_max),
          .cost_usd = ceiling<double>(estimate.cost_usd, kCeilingCostFloorUsd, limits.cost_max_usd)};
}

}  // namespace sluice
