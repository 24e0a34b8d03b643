#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"

namespace sluice::bench {

/// Requests at a fixed rate over connections that are kept.
struct LoadPlan {
  std::uint16_t port = 0;
  int rate = 1'000;  ///< requests a second
  int seconds = 20;
  int warm_up_seconds = 2;  ///< before those; not counted
  int connections = 64;
  std::vector<std::string> paths{};  ///< in turn
};

/// An open loop: request number n is due n / rate seconds after the begin, whatever became of those before it, and its latency counts from then.
/// Where no connection is free it waits for one, and that is part of its latency, too: nothing is left out because the server was slow (no
/// "coordinated omission"). Beside that it says how late this program itself was, and the latency from when a request was sent, as a closed loop
/// would have it. Throws where an answer is not 200 or does not come.
Json load(const LoadPlan& plan);

/// Opens so many WebSockets of live events and answers their heartbeats. Says "open" on standard output once each has heard `hello`, and returns what
/// was heard when standard input ends.
Json sockets(std::uint16_t port, int count);

}  // namespace sluice::bench
