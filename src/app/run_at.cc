#include "app/run_at.h"

#include <algorithm>
#include <charconv>

#include "app/newest_proposal.h"
#include "app/recorded.h"
#include "workflow/fork.h"
#include "workflow/ports/journal_errors.h"

namespace sluice {
namespace {

/// The approval that was asked for last, with nothing of what was decided about it later.
Result<std::optional<ApprovalInfo>> approval_then(const RunId& run, const std::vector<EventInfo>& events,
                                                  const std::function<Result<ApprovalInfo>(const ApprovalId&)>& approval) {
  std::optional<ApprovalInfo> then;
  for (const EventInfo& event : events) {
    const ApprovalId id{std::string(event.body.text("approval_id"))};
    if (event.type == EventType::approval_requested) {
      auto known = approval(id);
      // A copy of a run, or a fork, may not have it.
      if (!known && known.error().kind != ErrorKind::not_found) return std::move(known).error();
      then = known ? *std::move(known) : ApprovalInfo{.id = id, .run_id = run, .path = event.path};
      then->status = ApprovalStatus::open;
      then->created_at = event.at;
      then->decided_at.reset();
      then->spent_seq.reset();
      for (std::string* later : {&then->decided_by, &then->feedback, &then->edited, &then->reason}) later->clear();
    } else if (event.type == EventType::approval_decided && then && then->id == id) {
      TRY(then->status, recorded<ApprovalStatus>(run, event.body["status"]));
      then->decided_by = event.body.text("decided_by");
      then->feedback = event.body.text("feedback");
      then->edited = event.body.text("edited");
      then->reason = event.body.text("reason");
      then->decided_at = event.at;
    } else if (event.type == EventType::step_started && then && then->id == id) {
      then->spent_seq = event.seq;
    }
  }
  return then;
}

}  // namespace

Result<std::int64_t> find_moment(const RunInfo& run, const std::vector<EventInfo>& events, const std::string& step) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(step.data(), step.data() + step.size(), number);
  if (failure == std::errc() && end == step.data() + step.size()) {
    if (number >= 1 && number <= std::ssize(events)) return number;
    return no_such_event(run, number);
  }
  TRY(const std::string path, find_step(run.id, events, step));
  std::int64_t last = 0;
  for (const EventInfo& event : events)
    if (event.path == path) last = event.seq;
  return last;
}

Result<RunAt> run_at(RunView now, const std::vector<EventInfo>& events, std::int64_t seq,
                     const std::function<Result<ApprovalInfo>(const ApprovalId&)>& approval,
                     const std::function<Result<Json>(const EventInfo&)>& value_of) {
  std::vector<EventInfo> until;
  std::ranges::copy_if(events, std::back_inserter(until), [seq](const EventInfo& event) { return event.seq <= seq; });
  if (until.empty()) return Error::bug("run \"" + now.state.run.id.text + "\" has no first event");
  RunAt out{.view = std::move(now), .event = until.back(), .later = std::ssize(events) - std::ssize(until)};
  if (out.later == 0) return out;
  const RunId id = out.view.state.run.id;
  RunView& view = out.view;
  view.models = {};  // what they had cost by then the journal does not say
  view.state.output.reset();
  view.state.error.reset();
  view.state.open_approvals.clear();
  view.state.due = false;
  RunInfo& run = view.state.run;
  run.status = RunStatus::running;
  run.reason.clear();
  run.wake_at.reset();
  run.updated_at = out.event.at;
  run.head_seq = out.event.seq;
  view.status = AskStatus::waiting;
  if (out.event.type == EventType::paused || out.event.type == EventType::drift) {
    run.status = RunStatus::paused;
    view.status = AskStatus::paused;
    view.state.error = read_error(out.event.body["error"]);
  }
  TRY(view.approval, approval_then(id, until, approval));
  if (view.approval && view.approval->status == ApprovalStatus::open) run.status = RunStatus::parked;
  TRY(view.answer, newest_proposal(id, until, view.approval, value_of));
  if (view.approval) view.answer.decided_by = view.approval->decided_by;
  for (const EventInfo& event : until) {
    if (event.type != EventType::step_completed || !event.path.ends_with("/execute") || event.body.find("error") != nullptr) continue;
    TRY(const Json value, value_of(event));
    TRY(view.answer.execution, recorded<Execution>(id, value));
  }
  return out;
}

}  // namespace sluice
