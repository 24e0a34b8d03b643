#include "app/observed_journal.h"

#include <map>
#include <mutex>
#include <utility>

#include "base/text.h"

namespace sluice {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr double kMsPerSecond = 1'000;

/// What a step's path says of it for figures: its name alone, so that there are only as many series as the code has steps.
/// "draft[2]/prove#outcome[1]" is "prove".
std::string step_name(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string last = slash == std::string::npos ? path : path.substr(slash + 1);
  return last.substr(0, last.find_first_of("[#"));
}

std::string policy_or_person(const std::string& decided_by) { return decided_by.starts_with("policy") ? "policy" : "person"; }

/// What lines and spans say of a run.
struct Facts {
  std::string workflow{}, connection{};
  TraceContext trace{};
  std::string parent_span{};
  TimeMs created_at = 0;
};

Facts facts_of(const RunInfo& run) {
  const std::string caller(run.labels.text("traceparent"));
  Facts out{.workflow = run.name, .connection = std::string(run.labels.text("connection")), .created_at = run.created_at};
  out.trace = trace_of_run(run.root.text.empty() ? run.id.text : run.root.text, run.id.text, caller);
  if (!run.parent.text.empty()) {
    out.parent_span = trace_of_step(out.trace, run.parent.text, run.parent_path).span_id;
  } else if (const auto above = parse_traceparent(caller)) {
    out.parent_span = above->span_id;
  }
  return out;
}

class ObservedJournal final : public Journal {
 public:
  ObservedJournal(std::unique_ptr<Journal> inner, Telemetry& telemetry) : inner_(std::move(inner)), telemetry_(telemetry) {}

  // What changes something.
  Result<CreatedRun> create_run(const NewRun& run) override {
    auto created = inner_->create_run(run);
    if (!created || created->existed) return created;
    remember(created->run);
    tell(LogLevel::info, "run started", created->run.id, "", facts(created->run.id), Json::object().set("by", created->run.labels.text("by")));
    return created;
  }
  Result<RunInfo> claim(const RunId& run, const NodeId& node) override {
    auto claimed = inner_->claim(run, node);
    if (claimed) note_claim(*claimed);
    return claimed;
  }
  Result<std::vector<RunInfo>> claim_due(const ClaimDue& wanted) override {
    auto claimed = inner_->claim_due(wanted);
    if (claimed)
      for (const RunInfo& run : *claimed) note_claim(run);
    return claimed;
  }
  Result<Appended> append(const Append& append) override {
    auto answer = inner_->append(append);
    if (!answer) {
      tell(LogLevel::warning, "append refused", append.run, "", facts(append.run), problem(answer.error()));
      return answer;
    }
    for (const NewEvent& event : append.events) tell_event(append.run, event);
    if (append.transition && !answer->woken) tell_transition(append.run, *append.transition);
    return answer;
  }
  Result<ApprovalInfo> decide(const ApprovalId& id, const DecisionInput& decision) override {
    auto decided = inner_->decide(id, decision);
    if (decided) tell_decided(*decided);
    return decided;
  }
  Result<ApprovalInfo> expire(const ApprovalId& id) override {
    auto approval = inner_->expire(id);
    if (approval && approval->status == ApprovalStatus::expired) tell_decided(*approval);
    return approval;
  }
  Result<> cancel(const RunId& run, const std::string& by, const std::string& reason) override {
    auto asked = inner_->cancel(run, by, reason);
    if (asked) tell(LogLevel::info, "cancel asked for", run, "", facts(run), Json::object().set("by", by).set("why", reason));
    return asked;
  }
  Result<> send(const RunId& run, const NewMessage& message) override {
    auto sent = inner_->send(run, message);
    if (sent) tell(LogLevel::info, "message left", run, "", facts(run), Json::object().set("topic", message.topic).set("by", message.sender));
    return sent;
  }
  Result<RunInfo> fork(const NewFork& fork) override {
    auto forked = inner_->fork(fork);
    if (!forked || forked->id != fork.id) return forked;  // that one was there already
    remember(*forked);
    tell(LogLevel::info, "run forked", forked->id, "", facts(forked->id), Json::object().set("from", fork.from.text).set("by", fork.by));
    return forked;
  }
  Result<RunInfo> import_run(const RunCopy& copy, const std::string& by) override {
    auto taken = inner_->import_run(copy, by);
    if (taken) tell(LogLevel::info, "run imported", taken->id, "", facts_of(*taken), Json::object().set("by", by));
    return taken;
  }
  Result<Pruned> prune(const PruneLimits& limits) override {
    auto pruned = inner_->prune(limits);
    if (pruned && !limits.dry && !pruned->runs.empty())
      telemetry_.log(
          LogLevel::info, "runs pruned",
          Json::object().set("runs", std::ssize(pruned->runs)).set("events", pruned->events).set("approvals", std::ssize(pruned->approvals)));
    return pruned;
  }
  Result<bool> note_refusal(const NewRefusal& refusal) override {
    auto noted = inner_->note_refusal(refusal);
    telemetry_.log(LogLevel::warning, "refused",
                   Json::object()
                       .set("who", refusal.who)
                       .set("deed", refusal.deed)
                       .set("connection", refusal.connection)
                       .set("workflow", refusal.workflow)
                       .set("run", refusal.run.text)
                       .set("approval", refusal.approval.text)
                       .set("why", refusal.why));
    return noted;
  }

  // What does not, or is nobody's state.
  TimeMs now() const override { return inner_->now(); }
  Result<NodeId> register_node() override { return inner_->register_node(); }
  Result<> heartbeat(const NodeId& node) override { return inner_->heartbeat(node); }
  void release_node(const NodeId& node) override { inner_->release_node(node); }
  std::chrono::milliseconds lease() const override { return inner_->lease(); }
  Result<RunInfo> run(const RunId& run) override { return inner_->run(run); }
  Result<std::vector<RunInfo>> runs(const RunFilter& filter) override { return inner_->runs(filter); }
  Result<std::vector<EventInfo>> events(const RunId& run, std::int64_t after_seq, int limit) override {
    return inner_->events(run, after_seq, limit);
  }
  Result<std::vector<ApprovalInfo>> approvals(const ApprovalFilter& filter) override { return inner_->approvals(filter); }
  Result<ApprovalInfo> approval(const ApprovalId& id) override { return inner_->approval(id); }
  Result<ApprovalInfo> open_approval_of(const RunId& run) override { return inner_->open_approval_of(run); }
  Result<std::vector<Message>> inbox(const RunId& run) override { return inner_->inbox(run); }
  Result<std::vector<RunId>> cancelled_runs(const NodeId& node) override { return inner_->cancelled_runs(node); }
  Result<JournalSize> size() override { return inner_->size(); }
  Result<std::vector<RunCount>> run_counts(const Sight& sight) override { return inner_->run_counts(sight); }
  Result<std::vector<AuditEntry>> audit(std::int64_t from, int limit, const RunId& of) override { return inner_->audit(from, limit, of); }
  Result<AuditHead> audit_head() override { return inner_->audit_head(); }
  Result<> check() override { return inner_->check(); }
  std::uint64_t change_no() override { return inner_->change_no(); }
  std::uint64_t wait_for_change(std::uint64_t seen, std::chrono::milliseconds at_most, std::stop_token stop) override {
    return inner_->wait_for_change(seen, at_most, std::move(stop));
  }

 private:
  static constexpr std::size_t kKnownMax = 10'000;  ///< runs in this process's hands whose facts are kept; more are read when they are needed

  void remember(const RunInfo& run) {
    const std::scoped_lock lock(mutex_);
    if (known_.size() >= kKnownMax) known_.clear();
    known_[run.id] = facts_of(run);
  }
  /// Where the run cannot be read, what its id alone says.
  Facts facts(const RunId& id) {
    {
      const std::scoped_lock lock(mutex_);
      if (const auto found = known_.find(id); found != known_.end()) return found->second;
    }
    const auto run = inner_->run(id);
    return run ? facts_of(*run) : Facts{.trace = trace_of_run(id.text, id.text, "")};
  }
  void forget(const RunId& id) {
    const std::scoped_lock lock(mutex_);
    known_.erase(id);
  }

  static Json problem(const Error& error) { return Json::object().set("code", error.code).set("why", error.message); }

  void tell(LogLevel level, std::string_view event, const RunId& run, const std::string& path, const Facts& of, const Json& fields) {
    if (!telemetry_.logs(level)) return;
    const NowDoing doing({.run = run.text, .step = path, .trace = path.empty() ? of.trace : trace_of_step(of.trace, run.text, path)});
    Json all = Json::object().set("workflow", of.workflow);
    if (!of.connection.empty()) all.set("connection", of.connection);
    if (const auto* members = fields.as_object())
      for (const auto& [key, value] : *members) all.set(key, value);
    telemetry_.log(level, event, all);
  }

  void note_claim(const RunInfo& run) {
    remember(run);
    tell(LogLevel::debug, "run taken", run.id, "", facts(run.id), Json::object().set("epoch", run.epoch));
  }

  void tell_event(const RunId& run, const NewEvent& event) {
    const Facts of = facts(run);
    const Json& body = event.body;
    switch (event.type) {
      case EventType::step_completed: return tell_step(run, event, of);
      case EventType::step_attempt_failed: {
        const Error error = read_error(body["error"]);
        telemetry_.metrics().add(Counter::step_failures, {{"workflow", of.workflow}, {"step", step_name(event.path)}, {"code", error.code}});
        return tell(LogLevel::warning, "step attempt failed", run, event.path, of, problem(error).set("attempt", body.integer("attempt")));
      }
      case EventType::approval_decided:
        // A person's or time's decision was told when it was made.
        if (!body.text("decided_by").starts_with("policy")) return tell(LogLevel::debug, "decision taken up", run, event.path, of, Json::object());
        telemetry_.metrics().add(Counter::approvals_decided, {{"status", std::string(body.text("status"))}, {"by", "policy"}});
        return tell(LogLevel::info, "approval decided", run, event.path, of,
                    Json::object().set("approval", body.text("approval_id")).set("status", body.text("status")).set("by", body.text("decided_by")));
      case EventType::approval_requested:
        return tell(LogLevel::info, "approval requested", run, event.path, of, Json::object().set("approval", body.text("approval_id")));
      case EventType::drift:
      case EventType::paused:
      case EventType::failed:
        return tell(event.type == EventType::failed ? LogLevel::warning : LogLevel::error, enum_name(event.type), run, event.path, of,
                    problem(read_error(body["error"])));
      case EventType::cancelled:
        return tell(LogLevel::info, "cancelled", run, "", of, Json::object().set("by", body.text("by")).set("why", body.text("reason")));
      default: return tell(LogLevel::info, enum_name(event.type), run, event.path, of, Json::object());
    }
  }

  void tell_step(const RunId& run, const NewEvent& event, const Facts& of) {
    const Json& body = event.body;
    const Json* failed = body.find("error");
    const Error error = failed != nullptr ? read_error(*failed) : Error{};
    const std::int64_t end = now_ns(), begin = std::min(end, body.integer("started_at") * kNsPerMs);
    const std::int64_t ms = (end - begin) / kNsPerMs;
    const std::string outcome = failed != nullptr ? error.code : "ok";
    telemetry_.metrics().observe(Timing::step, {{"workflow", of.workflow}, {"step", step_name(event.path)}, {"outcome", outcome}},
                                 static_cast<double>(ms) / kMsPerSecond);
    Json fields =
        Json::object().set("effect", body.text("effect")).set("outcome", outcome).set("ms", ms).set("attempts", body.integer("attempts", 1));
    if (failed != nullptr) fields.set("why", error.message);
    tell(failed != nullptr ? LogLevel::warning : LogLevel::info, "step completed", run, event.path, of, fields);
    if (!telemetry_.traces()) return;
    Json attributes = Json::object().set("sluice.run.id", run.text).set("sluice.workflow", of.workflow).set("sluice.step", event.path);
    attributes.set("sluice.effect", body.text("effect")).set("sluice.attempts", body.integer("attempts", 1));
    if (failed != nullptr) attributes.set("error.type", error.code);
    telemetry_.span({.at = trace_of_step(of.trace, run.text, event.path),
                     .parent = of.trace.span_id,
                     .name = "step " + step_name(event.path),
                     .begin_ns = begin,
                     .end_ns = end,
                     .attributes = std::move(attributes),
                     .error = failed != nullptr ? error.code + ": " + error.message : ""});
  }

  void tell_transition(const RunId& run, const Transition& to) {
    const Facts of = facts(run);
    const bool over = is_final(to.to);
    const bool bad = to.to == RunStatus::failed || to.to == RunStatus::paused || to.to == RunStatus::unknown;
    Json fields = Json::object().set("status", enum_name(to.to)).set("why", to.reason);
    if (over) fields.set("ms", now_ns() / kNsPerMs - of.created_at);
    tell(bad ? LogLevel::warning : LogLevel::info, over ? "run ended" : "run given away", run, "", of, fields);
    forget(run);
    if (!over) return;
    telemetry_.metrics().add(Counter::runs_ended, {{"workflow", of.workflow}, {"status", std::string(enum_name(to.to))}});
    if (!telemetry_.traces()) return;
    telemetry_.span({.at = of.trace,
                     .parent = of.parent_span,
                     .name = "run " + of.workflow,
                     .begin_ns = of.created_at * kNsPerMs,
                     .end_ns = now_ns(),
                     .attributes = Json::object()
                                       .set("sluice.run.id", run.text)
                                       .set("sluice.workflow", of.workflow)
                                       .set("sluice.connection", of.connection)
                                       .set("sluice.status", enum_name(to.to)),
                     .error = to.to == RunStatus::failed ? to.reason : ""});
  }

  void tell_decided(const ApprovalInfo& approval) {
    const std::string status(enum_name(approval.status));
    const TimeMs end = approval.decided_at.value_or(now_ns() / kNsPerMs);
    telemetry_.metrics().add(Counter::approvals_decided, {{"status", status}, {"by", policy_or_person(approval.decided_by)}});
    telemetry_.metrics().observe(Timing::approval_wait, {{"status", status}}, static_cast<double>(end - approval.created_at) / kMsPerSecond);
    if (!telemetry_.traces() && !telemetry_.logs(LogLevel::info)) return;
    const Facts of = facts(approval.run_id);
    tell(LogLevel::info, "approval decided", approval.run_id, approval.path, of,
         Json::object().set("approval", approval.id.text).set("status", status).set("by", approval.decided_by).set("ms", end - approval.created_at));
    if (!telemetry_.traces()) return;
    telemetry_.span({.at = {of.trace.trace_id, span_id_of(approval.id.text), of.trace.sampled},
                     .parent = of.trace.span_id,
                     .name = "approval",
                     .begin_ns = approval.created_at * kNsPerMs,
                     .end_ns = end * kNsPerMs,
                     .attributes = Json::object()
                                       .set("sluice.run.id", approval.run_id.text)
                                       .set("sluice.approval.id", approval.id.text)
                                       .set("sluice.status", status)
                                       .set("sluice.decided_by", approval.decided_by)});
  }

  std::unique_ptr<Journal> inner_;
  Telemetry& telemetry_;
  std::mutex mutex_{};
  std::map<RunId, Facts> known_{};
};

}  // namespace

std::unique_ptr<Journal> observed(std::unique_ptr<Journal> journal, Telemetry& telemetry) {
  return std::make_unique<ObservedJournal>(std::move(journal), telemetry);
}

}  // namespace sluice
