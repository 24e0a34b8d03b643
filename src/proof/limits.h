#pragma once
#include <cstdint>
#include <optional>

#include "base/codec.h"
#include "proof/ports/engine.h"

namespace sluice {

/// What a query may cost, and how much a proof may spend on finding out. Recorded with the run.
struct ProofLimits {
  std::int64_t rows_max = 1'000'000;        ///< rows of the result, as the engine expects them
  std::int64_t result_rows_max = 100'000;   ///< rows at which fetching fails: more being expected is a warning, as estimates err
  std::int64_t bytes_max = 10'000'000'000;  ///< bytes that the engine reads
  double cost_max_usd = 1.0;
  std::int64_t deadline_ms = 30'000;        ///< of the whole proof
  std::int64_t sample_deadline_ms = 2'000;  ///< of a trial run, with all its attempts
  std::int64_t sample_rows = 5;             ///< rows that the trial run keeps
  std::int64_t compare_rows = 0;            ///< rows that the trial run reads to tell whether two queries give the same; 0: it reads what it keeps
  std::int64_t large_table_rows = 100'000;  ///< tables above it are cut to so many rows for the trial run

  bool operator==(const ProofLimits&) const = default;
  static constexpr auto fields() {
    return std::tuple{Field{"rows_max", &ProofLimits::rows_max},
                      Field{"result_rows_max", &ProofLimits::result_rows_max},
                      Field{"bytes_max", &ProofLimits::bytes_max},
                      Field{"cost_max_usd", &ProofLimits::cost_max_usd},
                      Field{"deadline_ms", &ProofLimits::deadline_ms},
                      Field{"sample_deadline_ms", &ProofLimits::sample_deadline_ms},
                      Field{"sample_rows", &ProofLimits::sample_rows},
                      Field{"compare_rows", &ProofLimits::compare_rows},
                      Field{"large_table_rows", &ProofLimits::large_table_rows}};
  }
};

/// Up to how much an approval goes. Not the exact estimate, which moves on live tables.
struct Ceiling {
  std::int64_t rows = 0;   ///< rows of the result, as the engine expects them right before it runs
  std::int64_t bytes = 0;  ///< bytes that the engine reads
  double cost_usd = 0;

  bool operator==(const Ceiling&) const = default;
  static constexpr auto fields() {
    return std::tuple{Field{"rows", &Ceiling::rows}, Field{"bytes", &Ceiling::bytes}, Field{"cost_usd", &Ceiling::cost_usd}};
  }
};

/// Twice the estimate, at least a floor that small tables don't outgrow overnight, at most the limits; the limits where nothing is known.
Ceiling ceiling_for(const Estimate& estimate, const ProofLimits& limits);
inline constexpr std::int64_t kCeilingRowsFloor = 10'000;
inline constexpr std::int64_t kCeilingBytesFloor = 100'000'000;
inline constexpr double kCeilingCostFloorUsd = 0.01;

}  // namespace sluice
