#pragma once
#include "flows/ask/ask.h"
#include "services.h"
#include "workflow/engine.h"

namespace sluice::sim {

AskInput draw_ask(World& world);

/// The real `ask`'s hands over a simulated database and proposer. Its approved read may run again after a crash, for the same run; the truth says
/// with which text it ran, and on whose word.
AskPorts make_asking(Truth& truth, Caller& caller);

void add_ask(Engine& engine, const AskPorts& ports);

}  // namespace sluice::sim
