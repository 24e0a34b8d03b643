#pragma once
#include <memory>
#include <string>
#include <vector>

#include "etl_flow.h"
#include "sim_journal.h"
#include "world.h"

namespace sluice::sim {

constexpr int kProcessesMax = 3;

/// Threads for the processes of one story after the other.
using Strands = std::array<Strand, kProcessesMax>;

/// What a story came to.
struct Ending {
  std::string violation{};  ///< "": every promise was kept
  std::string story{};      ///< where it was asked for
  bool compared = false;    ///< with an undisturbed run
};

/// Plays the story of a seed: the same every time.
Ending play(std::uint64_t seed, Strands& strands, Coverage& coverage, bool telling = false, const Safeguards& safeguards = {});

}  // namespace sluice::sim
