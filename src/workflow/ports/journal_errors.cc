#include "workflow/ports/journal_errors.h"

#include <chrono>
#include <cstdio>

namespace sluice {
namespace {

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

}  // namespace

std::string utc_text(TimeMs time) {
  using namespace std::chrono;
  const sys_time<milliseconds> at{milliseconds{time}};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss clock{floor<seconds>(at - day)};
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d:%02d UTC", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

Error run_not_found(const RunId& run) {
  return {ErrorKind::not_found, "E0102", "no run " + quoted(run.text) + " in this journal", "`sluice runs list` shows the runs", 0};
}

Error run_owned(const RunInfo& run) {
  return {ErrorKind::conflict, "E0104", "run " + quoted(run.id.text) + " is being executed by another living process (" + run.owner.text + ")",
          "wait for it, or end that process; `sluice runs show " + run.id.text + "` shows its state", 0};
}

Error fenced(const RunId& run) {
  return {ErrorKind::conflict, "E0105", "run " + quoted(run.text) + " was taken over by another process; this one stopped without writing",
          "nothing is lost: `sluice runs show " + run.text + "` shows how it goes on", 0};
}

Error approval_not_found(std::string_view id) {
  return {ErrorKind::not_found, "E0106", "no approval " + quoted(id) + " in this journal", "`sluice approvals list` shows the open ones", 0};
}

Error no_open_approval(const RunId& run) {
  return {ErrorKind::not_found, "E0106", "run " + quoted(run.text) + " waits for no approval",
          "`sluice runs show " + run.text + "` shows its state; `sluice approvals list` shows the open approvals", 0};
}

Error approval_closed(const ApprovalInfo& approval) {
  const std::string name = "approval " + quoted(approval.id.text);
  if (approval.status == ApprovalStatus::voided)
    return {ErrorKind::refused, "E0109", name + " is void: its run has ended without it",
            "`sluice runs show " + approval.run_id.text + "` shows how the run ended", 0};
  if (approval.status == ApprovalStatus::expired || approval.status == ApprovalStatus::open)
    return {ErrorKind::refused, "E0108", name + " expired" + (approval.due_at ? " at " + utc_text(*approval.due_at) : std::string()),
            "ask for it anew, with as much time: `sluice runs fork " + approval.run_id.text + " --from " + quoted(approval.path) +
                "`; a new question can have more: `--approval-timeout`",
            0};
  return {ErrorKind::conflict, "E0107",
          name + " was already decided: " + std::string(enum_name(approval.status)) + " by " + approval.decided_by +
              (approval.decided_at ? " at " + utc_text(*approval.decided_at) : std::string()),
          "a decision counts once; `sluice runs show " + approval.run_id.text + "` shows what came of it", 0};
}

Error run_being_cancelled(const ApprovalInfo& approval) {
  return {ErrorKind::refused, "E0109", "approval " + quoted(approval.id.text) + " is void: its run is being cancelled",
          "`sluice runs resume " + approval.run_id.text + "` ends it; start it again if you want it", 0};
}

Error other_subject(const ApprovalInfo& approval, std::string_view expected) {
  return {ErrorKind::stale, "E0110",
          "approval " + quoted(approval.id.text) + " is for another subject (" + approval.subject_hash.substr(0, 12) + ") than the one decided on (" +
              std::string(expected.substr(0, 12)) + ")",
          "look at it again with `sluice approvals show " + approval.id.text + "` and decide on what it shows now", 0};
}

Error cannot_spend(const ApprovalId& id, std::string_view why) {
  return {ErrorKind::conflict, "E0113", "approval " + quoted(id.text) + " cannot be used: " + std::string(why),
          "an approval is good for one effect of one run; ask for a new one", 0};
}

Error run_finished(const RunInfo& run) {
  return {ErrorKind::conflict, "E0115", "run " + quoted(run.id.text) + " has already ended",
          "`sluice runs show " + run.id.text + "` shows what became of it", 0};
}

Error dedup_taken(const NewRun& wanted, const RunInfo& existing) {
  return {ErrorKind::conflict, "E0121",
          "key " + quoted(wanted.dedup_key) + " already belongs to run " + quoted(existing.id.text) + " of " + quoted(existing.name) +
              " with another input",
          "use another key for another request", 0};
}

Error dedup_taken(const NewFork& wanted, const RunInfo& existing) {
  return {ErrorKind::conflict, "E0121",
          "key " + quoted(wanted.dedup_key) + " already belongs to run " + quoted(existing.id.text) + ", another request",
          "use another key for another request", 0};
}

bool is_same_fork(const NewFork& wanted, const RunInfo& existing, const EventInfo& kept, const EventInfo& original) {
  if (existing.forked_from != wanted.from || existing.forked_seq != wanted.keep_seq) return false;
  if (!wanted.last) return kept.type == original.type && kept.path == original.path && kept.body == original.body;
  return kept.type == wanted.last->type && kept.path == wanted.last->path && kept.body == wanted.last->body;
}

Error no_such_event(const RunInfo& run, std::int64_t seq) {
  return {ErrorKind::input, "E0127",
          "run " + quoted(run.id.text) + " has no event " + std::to_string(seq) + ": its events are 1 to " + std::to_string(run.head_seq),
          "`sluice runs events " + run.id.text + "` shows them", 0};
}

Error run_exists(const RunInfo& run) {
  return {ErrorKind::conflict, "E0128", "run " + quoted(run.id.text) + " is in this journal already",
          "`sluice runs show " + run.id.text + "` shows it; an import replaces nothing", 0};
}

Error run_imported(const RunInfo& run) {
  return {ErrorKind::refused, "E0129",
          "run " + quoted(run.id.text) + " is a copy from another journal (" + run.imported + "), and is not executed here: the original may go on",
          "go on from it in a run of your own: `sluice runs fork " + run.id.text + " --from STEP`", 0};
}

Error inbox_full(const RunInfo& run) {
  return {ErrorKind::exhausted, "E0137", "run " + quoted(run.id.text) + " has " + std::to_string(kMessagesMax) + " messages that it has not taken",
          "look at what it waits for: `sluice runs show " + run.id.text + "`", 0};
}

Result<> check_decision(const ApprovalId& id, const DecisionInput& decision) {
  const auto malformed = [&](const std::string& what, const std::string& hint) {
    return Error{ErrorKind::input, "E0111", "decision on approval " + quoted(id.text) + ": " + what, hint, 0};
  };
  if (decision.decided_by.empty()) return malformed("it does not say who decides", "give a name in `decided_by`");
  if (decision.action == DecisionAction::refine && decision.feedback.empty() && decision.edited.empty())
    return malformed("\"refine\" needs feedback or an edited text", "say what should be different, for example --feedback \"only JFK\"");
  if (decision.action != DecisionAction::refine && (!decision.feedback.empty() || !decision.edited.empty()))
    return malformed("feedback or an edited text goes with \"refine\" only", "send \"refine\", or leave the feedback out");
  for (const std::string* text : {&decision.feedback, &decision.edited, &decision.reason, &decision.decided_by})
    if (text->size() > kDecisionTextMax) return malformed("a text in it is longer than 100,000 bytes", "shorten it");
  return {};
}

ApprovalStatus status_after(DecisionAction action) {
  switch (action) {
    case DecisionAction::approve: return ApprovalStatus::approved;
    case DecisionAction::refine: return ApprovalStatus::refined;
    case DecisionAction::reject: return ApprovalStatus::rejected;
  }
  return ApprovalStatus::rejected;
}

}  // namespace sluice
