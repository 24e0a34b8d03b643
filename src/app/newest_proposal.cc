#include "app/newest_proposal.h"

#include "app/recorded.h"
#include "approvals/card.h"

namespace sluice {
namespace {

/// Takes what a step found out; false for one that is not about the proposal.
Result<bool> take(const RunId& id, const EventInfo& step, const std::function<Result<Json>(const EventInfo&)>& value_of, AskAnswer& newest) {
  const bool propose = step.path.ends_with("propose"), prove = step.path.ends_with("prove"), settle = step.path.ends_with("settle");
  const bool draft = prove && step.path.find("/candidate[") != std::string::npos;  // what came of it is settled
  if (!(propose || prove || settle) || draft || !step.body["error"].is_null()) return false;
  TRY(const Json value, value_of(step));
  if (propose) {
    TRY(newest.proposal, recorded<Proposal>(id, value));
    newest.proof = {};
  } else if (prove) {
    TRY(newest.proof, recorded<Proof>(id, value));
  } else {
    TRY(Worked worked, recorded<Worked>(id, value));
    newest.proposal = std::move(worked.proposal);
    newest.proof = std::move(worked.proof);
  }
  return true;
}

/// The question that the approval puts; nothing where it asks for a yes.
std::optional<AskAnswer> question_of(const std::optional<ApprovalInfo>& asked) {
  if (!asked) return std::nullopt;
  const auto card = decode<Card>(asked->card);
  if (!card || card->choices.empty()) return std::nullopt;
  AskAnswer question;
  question.proposal.answered_by = card->answered_by;
  question.proposal.asks = card->asks;
  for (const CardChoice& choice : card->choices) question.proposal.choices.push_back({choice.label, choice.feedback});
  return question;
}

}  // namespace

Result<AskAnswer> newest_proposal(const RunId& id, const std::vector<EventInfo>& events, const std::optional<ApprovalInfo>& asked,
                                  const std::function<Result<Json>(const EventInfo&)>& value_of) {
  const std::optional<AskAnswer> question = question_of(asked);
  AskAnswer newest, shown;
  std::string round_of_newest;
  for (const EventInfo& event : events) {
    std::string round = event.path.substr(0, event.path.find('/'));
    if (event.type == EventType::step_completed) {
      TRY(const bool taken, take(id, event, value_of, newest));
      if (taken) round_of_newest = std::move(round);
    } else if (event.type == EventType::approval_requested) {
      // A round that worked nothing out shows again what a person saw last.
      if (round != round_of_newest) newest = shown;
      if (question && event.body.text("approval_id") == asked->id.text) newest = *question;
      shown = newest;
      round_of_newest = std::move(round);
    }
  }
  return newest;
}

}  // namespace sluice
