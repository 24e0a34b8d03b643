#pragma once
#include "cli/progress.h"
#include "cli/session.h"

namespace sluice {

enum class PromptEnd : std::uint8_t {
  decided,  ///< here, elsewhere, or by time-out: the run is due
  left,     ///< the person went away; the run stays parked
};

/// Whether somebody can be asked: a person at both ends, and no machine-readable output wanted.
bool can_ask(const Session& session);
/// Prints the approval card of the open approval on standard error.
void show_card(const Session& session, const RunView& view);
/// Asks approve / refine / reject / edit, a whole line typed after the prompt was shown, while watching for a decision from elsewhere. Any other line
/// decides nothing. An edit opens $VISUAL or $EDITOR.
Result<PromptEnd> ask_for_decision(Session& session, App& app, const RunView& view);

/// Works on a run that is there until it has ended, is left waiting, or cannot go on; where another process works on it, watches that. `resume`: also
/// one that is paused.
Result<RunView> go_on_with(Session& session, App& app, const RunId& run, bool resume);

}  // namespace sluice
