#include "app/app_inner.h"
#include "app/own_words.h"

// The operations about runs of the past: searching, looking back, comparing, going on from the middle, carrying elsewhere.
namespace sluice {

Result<RunList> App::runs(const RunSearch& search) {
  TRY(Engine * engine, inner_->workflows());
  RunId before = search.before_run;
  if (!search.before.empty()) {
    TRY(before, find_run(search.before));
  }
  return search_runs(*inner_->journal, search, before, [&](RunInfo& run) { return inner_->status_of(*engine, run); });
}

Result<std::vector<RunCount>> App::run_counts(const Sight& sight) {
  TRY_VOID(inner_->workflows());
  return inner_->journal->run_counts(sight);
}

Result<std::unique_ptr<ChangeWatch>> App::watch_changes() {
  TRY(Engine * engine, inner_->workflows());
  return std::make_unique<ChangeWatch>(*inner_->journal, [this, engine](RunInfo& run) -> Result<AskStatus> {
    TRY(const AskStatus status, inner_->status_of(*engine, run));
    run = told(RunSummary{std::move(run), status}, Words::ours).run;  // who hears of it is not known here
    return status;
  });
}

Result<Outbox*> App::outbox() {
  TRY_VOID(inner_->workflows());
  if (inner_->outbox_store == nullptr) return Error::bug("this journal keeps no outbox");
  return inner_->outbox_store;
}

Result<RunAt> App::run_at(const RunId& id, const std::string& step) {
  TRY(RunView now, run(id));
  TRY(const std::vector<EventInfo> events, workflow_detail::EventForms().read(*inner_->journal, id));
  TRY(const std::int64_t seq, find_moment(now.state.run, events, step));
  return sluice::run_at(
      std::move(now), events, seq, [this](const ApprovalId& approval) { return inner_->journal->approval(approval); },
      [this](const EventInfo& event) { return inner_->value_of(event); });
}

Result<RunDiff> App::diff(const RunId& one, const RunId& other) {
  TRY(const RunView first, run(one));
  TRY(const RunView second, run(other));
  TRY(const std::vector<EventInfo> first_events, workflow_detail::EventForms().read(*inner_->journal, one));
  TRY(const std::vector<EventInfo> second_events, workflow_detail::EventForms().read(*inner_->journal, other));
  return diff_runs({first, first_events}, {second, second_events}, *inner_->journal, *inner_->artifacts);
}

Result<Forked> App::fork(const ForkRequest& request) {
  TRY(Engine * engine, inner_->workflows());
  TRY(const RunInfo from, inner_->journal->run(request.run));
  TRY(const std::vector<EventInfo> events, workflow_detail::EventForms().read(*inner_->journal, request.run));
  // Without its workflow's version the fork could not begin. (Drift is no reason: a cut before it may be the way out.)
  TRY(const Preflight dry, engine->preflight(request.run));
  if (dry.problem && dry.problem->code == "E0103") return *dry.problem;
  const std::string& person = inner_->actor(request.by);
  TRY(ForkPlan plan, plan_of(request, events, *inner_->artifacts, person));
  NewFork fork{
      .from = request.run, .keep_seq = plan.keep_seq, .last = plan.last, .labels = from.labels, .by = person, .dedup_key = request.dedup_key};
  TRY(const AccessTo about, inner_->subject_of(request.run));
  fork.labels.set("connection", about.connection).set("by", person);
  TRY(CreatedRun forked, engine->fork(std::move(fork)));
  return Forked{std::move(forked.run), std::move(plan), forked.existed};
}

Result<CopySummary> App::export_run(const RunId& id, std::ostream& to) {
  TRY_VOID(inner_->workflows());
  return write_copy(*inner_->journal, *inner_->artifacts, id, to);
}

Result<CopySummary> App::import_runs(std::istream& from, const std::string& by) {
  TRY_VOID(inner_->workflows());
  return read_copy(*inner_->journal, *inner_->artifacts, from, inner_->actor(by));
}

}  // namespace sluice
