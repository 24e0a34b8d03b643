#pragma once
#include <vector>

#include "app/run_prompts.h"
#include "app/run_view.h"
#include "approvals/card.h"
#include "base/json.h"

// What programs are given, the same from the command line (--output json) and from the API. Members are added, never renamed.
namespace sluice {

/// A run in a list.
Json run_json(const RunSummary& summary);
Json event_json(const EventInfo& event);
/// The JSON document of docs/schemas/answer.schema.json without its rows.
Json answer_json(const RunView& view);
/// One check, and all of a proof.
Json check_json(const Check& check);
Json proof_json(const Proof& proof);
/// An approval without what it is about.
Json approval_json(const ApprovalInfo& approval);
Json cost_json(const CostLine& line);
Json prompt_json(const PromptView& view);

/// The error of a run: its outcome's, or what it stands still for.
std::optional<Error> error_of(const RunView& view);
/// What the proposer asks back, and the answers that there are: null and none where it doesn't.
Json choices_json(const Proposal& proposal);
/// Why what waits is what it is: a refinement that could not be placed, data that changed. Null where there is nothing to say.
Json notice_json(const RunView& view);
/// Null for "".
Json text_or_null(const std::string& text);

}  // namespace sluice
