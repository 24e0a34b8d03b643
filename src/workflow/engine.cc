#include "workflow/engine.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "workflow/claims.h"
#include "workflow/run.h"
#include "workflow/upcast.h"
#include "workflow/workflow_errors.h"

namespace sluice {
namespace {

using workflow_detail::Claimed;
using workflow_detail::EventForms;
using workflow_detail::Execution;
using workflow_detail::History;
using workflow_detail::Interrupt;
using workflow_detail::kInputMax;
using workflow_detail::Lease;
using workflow_detail::Run;
using workflow_detail::Stop;
using workflow_detail::Suspension;

constexpr int kRoundsMax = 100;  // wake-ups in a row within one `drive`

struct Workflow {
  std::string newest{};
  std::map<std::string, WorkflowFn> versions{};
};

/// Crockford's base 32, lower case: no letters that are easily confused.
std::string base32(std::uint64_t value, int digits) {
  static constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";
  std::string out(static_cast<std::size_t>(digits), '0');
  for (auto digit = out.rbegin(); digit != out.rend(); ++digit, value >>= 5U) *digit = kDigits[value & 31U];
  return out;
}

bool is_too_new(const Error& error) { return error.code == "E0140"; }

Error busy_here(const RunId& run) {
  return {ErrorKind::conflict, "E0104", "run \"" + run.text + "\" is already being executed by this process", "wait for it to end", 0};
}

}  // namespace

struct Engine::Inner {
  Inner(Ports the_ports, EngineOptions the_options, EventForms the_forms)
      : ports(the_ports), options(std::move(the_options)), forms(the_forms), leases(ports.journal, ports.clock, options.heartbeat_interval) {
    if (options.lease.count() == 0) options.lease = ports.journal.lease();
  }

  RunId new_id();
  Result<NewRun> prepare(const std::string& name, const Json& input, const StartOptions& start);
  Result<const WorkflowFn*> find(const RunInfo& run) const;
  Result<RunState> state_of(RunInfo run, const Json* input = nullptr);
  Result<RunState> drive_once(const RunId& id, const DriveOptions& how);
  Result<bool> cancel_waits(const RunInfo& info);
  Result<RunState> execute(const Claimed& claimed, Result<std::vector<EventInfo>> recorded, const DriveOptions& drive);
  Result<RunState> rounds(Claimed claimed, Result<std::vector<EventInfo>> recorded, const DriveOptions& drive);
  Result<bool> round(RunInfo& info, Result<std::vector<EventInfo>>& recorded, Interrupt& interrupt, const DriveOptions& drive);
  std::string newest_version(const std::string& name) const;
  Result<bool> conclude(Run& run, const Result<Json>& outcome);
  Result<bool> take_cancel(const RunInfo& info, const Result<std::vector<EventInfo>>& recorded);
  Result<Json> call(const WorkflowFn& fn, Run& run, const Json& input);
  bool enter(const RunId& run, const std::shared_ptr<Interrupt>& interrupt);
  void leave(const RunId& run);
  void start_watching();
  void watch(const std::stop_token& stop);
  void guard(const std::stop_token& stop);
  bool is_over_after_an_interval(const std::stop_token& stop);
  Result<> watch_once();
  void guard_once();

  Ports ports;
  EngineOptions options;
  EventForms forms;
  workflow_detail::Leases leases;
  workflow_detail::Claims claims{ports.journal, leases};
  std::map<std::string, Workflow> workflows{};
  std::mutex mutex{};  // guards what follows; never held over a call of the journal
  std::map<RunId, std::shared_ptr<Interrupt>> active{};
  std::condition_variable_any stopping{};
  std::jthread watcher{}, guardian{};  // two, because the journal may keep the first one waiting
};

Engine::Engine(Ports ports, EngineOptions options, EventForms forms) : inner_(std::make_unique<Inner>(ports, std::move(options), forms)) {}

Engine::~Engine() {
  inner_->watcher = {};  // stops and joins
  inner_->guardian = {};
}

void Engine::add(const std::string& name, const std::string& code_version, WorkflowFn fn) {
  Workflow& workflow = inner_->workflows[name];
  workflow.newest = code_version;
  workflow.versions[code_version] = std::move(fn);
}

RunId Engine::Inner::new_id() {
  constexpr int kTimeDigits = 9, kRandomDigits = 8;
  return {"r-" + base32(static_cast<std::uint64_t>(ports.journal.now()), kTimeDigits) + base32(ports.random.next(), kRandomDigits)};
}

Result<NewRun> Engine::Inner::prepare(const std::string& name, const Json& input, const StartOptions& start) {
  const auto workflow = workflows.find(name);
  if (workflow == workflows.end()) return workflow_detail::no_workflow(name);
  if (const std::size_t size = input.dump().size(); size > kInputMax)
    return workflow_detail::too_large("the input of \"" + name + "\"", size, kInputMax);
  NewRun run{.id = new_id(), .name = name, .code_version = workflow->second.newest, .dedup_key = start.dedup_key};
  run.labels = start.labels;
  run.place = start.place;
  run.input = input;
  run.schema_v = forms.newest();
  if (start.timeout.count() > 0) run.deadline_at = ports.journal.now() + start.timeout.count();
  return run;
}

Result<const WorkflowFn*> Engine::Inner::find(const RunInfo& run) const {
  const auto workflow = workflows.find(run.name);
  if (workflow == workflows.end()) return workflow_detail::no_version(run, "");
  const auto version = workflow->second.versions.find(run.code_version);
  if (version == workflow->second.versions.end()) {
    std::string known;
    for (const auto& [number, fn] : workflow->second.versions) known += (known.empty() ? "" : ", ") + number;
    return workflow_detail::no_version(run, known);
  }
  return &version->second;
}

std::string Engine::Inner::newest_version(const std::string& name) const {
  const auto workflow = workflows.find(name);
  return workflow == workflows.end() ? "" : workflow->second.newest;
}

Result<RunState> Engine::Inner::state_of(RunInfo run, const Json* input) {
  RunState state{.run = std::move(run)};
  state.due = state.run.is_due(ports.journal.now());
  if (input != nullptr) {
    state.input = *input;
  } else {
    TRY(auto first, forms.read(ports.journal, state.run.id, 0, 1));
    if (!first.empty()) state.input = first.front().body["input"];
  }
  const RunStatus status = state.run.status;
  if (is_final(status) || status == RunStatus::paused) {
    TRY(auto last, forms.read(ports.journal, state.run.id, state.run.head_seq - 1, 1));
    if (last.empty()) return state;
    const Json& body = last.front().body;
    if (last.front().type == EventType::cancelled)
      state.error = workflow_detail::run_cancelled(state.run.id, std::string(body.text("by")), std::string(body.text("reason")));
    else if (last.front().type != EventType::finished)
      state.error = read_error(body["error"]);
    else if (!body.text("artifact").empty()) {
      TRY(state.output, read_artifact<Json>(ports.artifacts, std::string(body.text("artifact"))));
    } else {
      state.output = body["output"];
    }
    return state;
  }
  if (status == RunStatus::unknown) state.error = Error{ErrorKind::unknown_outcome, "E0114", state.run.reason, "answer with `sluice approvals`", 0};
  if (status == RunStatus::parked || status == RunStatus::unknown) {
    TRY(auto open, ports.journal.approvals({.open_only = true, .run = state.run.id}));
    for (const ApprovalInfo& approval : open) state.open_approvals.push_back(approval.id);
  }
  return state;
}

bool Engine::Inner::enter(const RunId& run, const std::shared_ptr<Interrupt>& interrupt) {
  const std::scoped_lock lock(mutex);
  return active.try_emplace(run, interrupt).second;
}

void Engine::Inner::leave(const RunId& run) {
  const std::scoped_lock lock(mutex);
  active.erase(run);
}

Result<bool> Engine::Inner::cancel_waits(const RunInfo& info) {
  if (info.wake_no == info.parked_no) return false;
  TRY(const auto messages, ports.journal.inbox(info.id));
  return std::any_of(messages.begin(), messages.end(), [](const Message& m) { return m.topic == kCancelTopic; });
}

/// A cancel message ends the run whatever it is doing; its code is not needed for that.
Result<bool> Engine::Inner::take_cancel(const RunInfo& info, const Result<std::vector<EventInfo>>& recorded) {
  TRY(const auto messages, ports.journal.inbox(info.id));
  const auto message = std::find_if(messages.begin(), messages.end(), [](const Message& m) { return m.topic == kCancelTopic; });
  if (message == messages.end()) return false;
  std::string reason(message->body.text("reason"));
  const auto add = [&reason](const std::string& what) { reason += (reason.empty() ? "" : "; ") + what; };
  if (!recorded) {
    add("a newer release has worked on it, and this one cannot read whether a step was in flight");
  } else if (const std::string step = History(*recorded).step_in_flight(); !step.empty()) {
    add("step \"" + step + "\" was in flight and may have happened");
  }
  Append last{.run = info.id, .epoch = info.epoch, .head_seq = info.head_seq};
  last.events.push_back({.type = EventType::cancelled, .body = Json::object().set("by", message->sender).set("reason", reason)});
  last.transition = Transition{.to = RunStatus::cancelled, .reason = "cancelled by " + message->sender + (reason.empty() ? "" : ": " + reason)};
  TRY_VOID(forms.append(ports.journal, last));
  return true;
}

Result<Json> Engine::Inner::call(const WorkflowFn& fn, Run& run, const Json& input) {
  Result<Json> outcome = Json();
  try {
    Context root = run.root();
    outcome = fn(root, input);
    run.finish(outcome);
  } catch (const Suspension&) {  // NOLINT(bugprone-empty-catch): the run knows why it stopped
  } catch (const std::exception& thrown) {
    if (!run.stop()) run.pause(workflow_detail::workflow_threw(run.info().id, thrown.what()));
  }
  return outcome;
}

/// Writes how the execution ended. True: look again at once.
Result<bool> Engine::Inner::conclude(Run& run, const Result<Json>& outcome) {
  if (!run.stop()) {
    TRY_VOID(run.leave({}, outcome ? RunStatus::done : RunStatus::failed, outcome ? "" : outcome.error().message));
    return false;
  }
  const Stop& stop = *run.stop();
  const Json body = Json::object().set("error", encode(stop.error));
  switch (stop.why) {
    case Stop::Why::parked: return false;
    case Stop::Why::woken: return true;
    case Stop::Why::cancelled: {
      TRY_VOID(run.keep());
      return true;  // the next round reads the message
    }
    case Stop::Why::paused: {
      const EventType type = stop.error.kind == ErrorKind::drift ? EventType::drift : EventType::paused;
      TRY(const Appended answer, run.leave(NewEvent{.type = type, .body = body}, RunStatus::paused, stop.error.message));
      return answer.woken;
    }
    case Stop::Why::released: {
      TRY_VOID(run.leave({}, RunStatus::ready));
      return false;
    }
    case Stop::Why::expired: {
      TRY_VOID(run.leave(NewEvent{.type = EventType::failed, .body = body}, RunStatus::failed, stop.error.message));
      return false;
    }
    case Stop::Why::lost: return stop.error;
    case Stop::Why::late:
    case Stop::Why::ahead: break;  // ends of branches and of dry executions
  }
  return false;
}

/// Executes a claimed run once from the top. True: something arrived meanwhile, so once more.
Result<bool> Engine::Inner::round(RunInfo& info, Result<std::vector<EventInfo>>& recorded, Interrupt& interrupt, const DriveOptions& drive) {
  if (interrupt.lost()) return workflow_detail::lease_lost(info.id);
  if (info.wake_no > 0) {  // nothing was ever sent: no need to look
    TRY(const bool ended, take_cancel(info, recorded));
    if (ended) return false;
  }
  if (recorded && recorded->empty()) return Error::bug("run \"" + info.id.text + "\" has no first event");
  TRY(const WorkflowFn* fn, find(info));
  const std::vector<EventInfo> none;
  Execution execution{.ports = ports,
                      .options = options,
                      .forms = forms,
                      .drive = drive,
                      .interrupt = interrupt,
                      .newest_version = [this](const std::string& name) { return newest_version(name); },
                      .info = info,
                      .history = History(recorded ? *recorded : none)};
  Run run(execution);
  Result<Json> outcome = Json();
  if (!recorded) {
    run.pause(recorded.error());
  } else if (info.idle_claims > options.idle_claims_max) {
    run.pause(workflow_detail::no_progress(info.id, info.idle_claims));
  } else {
    outcome = call(*fn, run, recorded->front().body["input"]);
  }
  TRY(const bool again, conclude(run, outcome));
  if (!again) return false;
  TRY(info, ports.journal.run(info.id));
  if (info.status == RunStatus::running && info.epoch == run.info().epoch) {
    recorded = forms.read(ports.journal, info.id);
    return recorded || is_too_new(recorded.error()) ? Result<bool>(true) : recorded.error();
  }
  return false;  // paused with news: the caller's next drive sees it
}

/// A run in this engine's hands, where its events could be read. Where the journal fails it may stay there: the claims hear of it.
Result<RunState> Engine::Inner::execute(const Claimed& claimed, Result<std::vector<EventInfo>> recorded, const DriveOptions& drive) {
  const bool goes_on = recorded || is_too_new(recorded.error());
  Result<RunState> state = goes_on ? rounds(claimed, std::move(recorded), drive) : Result<RunState>(std::move(recorded).error());
  const bool in_other_hands = !state && (state.error().code == "E0105" || state.error().code == "E0136");
  claims.ended(claimed.run.id, claimed.lease, state ? state->status() == RunStatus::running : !in_other_hands);
  return state;
}

Result<RunState> Engine::Inner::rounds(Claimed claimed, Result<std::vector<EventInfo>> recorded, const DriveOptions& drive) {
  start_watching();
  const RunId id = claimed.run.id;
  const Json input = recorded && !recorded->empty() ? recorded->front().body["input"] : Json();
  for (int n = 0; n < kRoundsMax; ++n) {
    const auto interrupt = std::make_shared<Interrupt>();  // shared with the watching threads
    interrupt->lease = claimed.lease;
    if (!enter(id, interrupt)) return busy_here(id);
    Result<bool> again = false;
    {
      const std::stop_callback forward(drive.stop, [&] { interrupt->source.request_stop(); });
      again = round(claimed.run, recorded, *interrupt, drive);
    }
    leave(id);
    if (!again) return again.error();
    if (!*again) break;
  }
  TRY(RunInfo now, ports.journal.run(id));
  return state_of(std::move(now), &input);
}

Result<RunId> Engine::start(const std::string& name, const Json& input, const StartOptions& options) {
  TRY(const NewRun run, inner_->prepare(name, input, options));
  TRY(const CreatedRun created, inner_->ports.journal.create_run(run));
  return created.run.id;
}

Result<RunState> Engine::run(const std::string& name, const Json& input, const StartOptions& start, const DriveOptions& drive) {
  TRY(NewRun run, inner_->prepare(name, input, start));
  TRY(const auto lease, inner_->leases.hold());
  run.claim_by = lease->node();
  auto written = inner_->ports.journal.create_run(run);
  if (!written) {
    if (written.error().kind == ErrorKind::storage) lease->retire();
    return std::move(written).error();
  }
  CreatedRun created = *std::move(written);
  if (created.existed) return this->drive(created.run.id, drive);
  EventInfo first{.seq = 1, .epoch = created.run.epoch, .type = EventType::run_started, .body = started_body(run)};
  first.schema_v = run.schema_v;
  std::vector<EventInfo> events;
  events.push_back(std::move(first));
  const RunId id = created.run.id;
  TRY(RunState state, inner_->execute({std::move(created.run), lease}, std::move(events), drive));
  return state.status() == RunStatus::parked && drive.with_children ? this->drive(id, drive) : std::move(state);
}

Result<RunState> Engine::drive(const RunId& id, const DriveOptions& options) {
  for (int n = 0; n < kRoundsMax; ++n) {
    TRY(RunState state, inner_->drive_once(id, options));
    if (!options.with_children || state.status() != RunStatus::parked) return state;
    TRY(const bool went_on, drive_children(id, options));
    if (!went_on) return this->state(id);
  }
  return state(id);
}

/// Executes what is due of the runs that this one started. False: nothing of it got any further here.
Result<bool> Engine::drive_children(const RunId& parent, const DriveOptions& options) {
  TRY(const std::vector<RunInfo> children, inner_->ports.journal.runs({.limit = kListMax, .parent = parent}));
  DriveOptions as_they_are = options;
  as_they_are.resume = false;
  bool went_on = false;
  for (const RunInfo& child : children) {
    if (options.stop.stop_requested()) return false;
    if (is_final(child.status) || !child.is_due(inner_->ports.journal.now())) continue;
    const auto driven = drive(child.id, as_they_are);
    const bool for_others = !driven && (driven.error().code == "E0103" || driven.error().code == "E0104" || driven.error().code == "E0105");
    if (!driven && !for_others) return driven.error();
    went_on = went_on || driven;
  }
  return went_on;
}

Result<RunState> Engine::Inner::drive_once(const RunId& id, const DriveOptions& how) {
  TRY(RunInfo info, ports.journal.run(id));
  const TimeMs now = ports.journal.now();
  const bool wanted = info.is_due(now) || (how.resume && info.status == RunStatus::paused);
  if (is_final(info.status)) return state_of(std::move(info));
  const bool waits = !wanted && info.status != RunStatus::running;
  if (!waits || how.resume) {         // who takes up a run that only waits hears now that a decision would lead nowhere here
    if (auto fn = find(info); !fn) {  // without its code it can only be cancelled
      TRY(const bool cancelled, cancel_waits(info));
      if (!cancelled) return fn.error();
    }
  }
  if (waits) return state_of(std::move(info));
  {
    const std::scoped_lock lock(mutex);
    if (active.contains(id)) return busy_here(id);
  }
  if (claims.contains(id)) return busy_here(id);
  TRY(const Claimed claimed, claims.one(id));
  return execute(claimed, forms.read(ports.journal, id), how);
}

Result<CreatedRun> Engine::fork(NewFork fork) {
  fork.id = inner_->new_id();
  if (fork.last) stamp(fork.last->body, inner_->forms.newest());
  TRY(RunInfo run, inner_->ports.journal.fork(fork));
  const bool existed = run.id != fork.id;
  return CreatedRun{std::move(run), existed};
}

Result<std::vector<RunInfo>> Engine::claim_due(const std::vector<QueueLimits>& queues, int limit) {
  ClaimDue wanted{.queues = queues, .limit = limit};
  for (const auto& [name, workflow] : inner_->workflows)
    for (const auto& [version, fn] : workflow.versions) wanted.versions.emplace_back(name, version);
  inner_->leases.keep_alive();
  inner_->start_watching();
  return inner_->claims.due(std::move(wanted));
}

Result<RunState> Engine::execute_claimed(RunInfo claimed, const DriveOptions& options) {
  const RunId id = claimed.id;
  const auto lease = inner_->claims.begin(id);
  if (!lease) return Error::bug("run \"" + id.text + "\" was not claimed here, or is being executed");
  return inner_->execute({std::move(claimed), lease}, inner_->forms.read(inner_->ports.journal, id), options);
}

Result<Preflight> Engine::preflight(const RunId& id) {
  Preflight report;
  TRY(report.run, inner_->ports.journal.run(id));
  auto fn = inner_->find(report.run);
  if (!fn) {
    report.problem = fn.error();
    return report;
  }
  const auto recorded = inner_->forms.read(inner_->ports.journal, id);
  if (!recorded && !is_too_new(recorded.error())) return recorded.error();
  if (recorded && recorded->empty()) return Error::bug("run \"" + id.text + "\" has no first event");
  if (!recorded) {
    report.problem = recorded.error();
    return report;
  }
  Interrupt interrupt;
  const DriveOptions nobody{};
  Execution execution{.ports = inner_->ports,
                      .options = inner_->options,
                      .forms = inner_->forms,
                      .drive = nobody,
                      .interrupt = interrupt,
                      .newest_version = [this](const std::string& name) { return inner_->newest_version(name); },
                      .info = report.run,
                      .history = History(*recorded),
                      .dry = true};
  Run run(execution);
  [[maybe_unused]] const auto outcome = inner_->call(**fn, run, recorded->front().body["input"]);
  if (!run.stop()) return report;
  report.at = run.stop()->at;
  if (run.stop()->why != Stop::Why::ahead) report.problem = run.stop()->error;
  return report;
}

Result<RunState> Engine::wait(const RunId& id, std::optional<std::chrono::milliseconds> at_most, const std::stop_token& stop) {
  Journal& journal = inner_->ports.journal;
  const auto begun = inner_->ports.clock.steady();
  for (;;) {  // bounded by the caller's time and stop token
    const std::uint64_t seen = journal.change_no();
    TRY(RunInfo info, journal.run(id));
    const bool over = at_most && inner_->ports.clock.steady() - begun >= *at_most;
    if (over || stop.stop_requested() || is_final(info.status) || info.status == RunStatus::paused || info.is_due(journal.now()))
      return inner_->state_of(std::move(info));
    journal.wait_for_change(seen, inner_->options.poll_interval, stop);
  }
}

Result<RunState> Engine::drive_to_end(const RunId& id, std::chrono::milliseconds at_most, const DriveOptions& options) {
  const auto begun = inner_->ports.clock.steady();
  DriveOptions again = options;
  for (;;) {  // bounded by the caller's time
    TRY(RunState state, drive(id, again));
    again.resume = false;
    const auto left = at_most - std::chrono::duration_cast<std::chrono::milliseconds>(inner_->ports.clock.steady() - begun);
    if (is_final(state.status()) || state.status() == RunStatus::paused || left.count() <= 0 || options.stop.stop_requested()) return state;
    TRY_VOID(wait(id, left, options.stop));
  }
}

Result<RunState> Engine::state(const RunId& run) {
  TRY(RunInfo info, inner_->ports.journal.run(run));
  return inner_->state_of(std::move(info));
}

Result<RunState> Engine::cancel(const RunId& run, const std::string& by, const std::string& reason) {
  TRY_VOID(inner_->ports.journal.cancel(run, by, reason));
  TRY_VOID(watch_once());  // where this very engine executes it
  auto state = drive(run, {.with_children = false});
  if (state && is_final(state->status())) TRY_VOID(drive_children(run, {}));  // they were asked to end
  // Its owner sees the message, or has seen it already and ended the run.
  const auto is_owners = [](const std::string& code) { return code == "E0104" || code == "E0105" || code == "E0115"; };
  if (!state && is_owners(state.error().code)) return this->state(run);
  return state;
}

bool Engine::has_left_runs() const { return inner_->claims.has_left(); }

Result<> Engine::watch_once() { return inner_->watch_once(); }

void Engine::guard_once() { inner_->guard_once(); }

Result<> Engine::Inner::watch_once() {
  guard_once();
  leases.release_unused();
  const auto beaten = leases.beat();
  bool idle = false;
  {
    const std::scoped_lock lock(mutex);
    idle = active.empty();
  }
  std::vector<RunId> cancelled;
  for (const NodeId& node : idle ? std::vector<NodeId>{} : leases.in_use()) {
    TRY(const std::vector<RunId> of_node, ports.journal.cancelled_runs(node));
    cancelled.insert(cancelled.end(), of_node.begin(), of_node.end());
  }
  std::vector<std::shared_ptr<Interrupt>> stopped;
  {
    const std::scoped_lock lock(mutex);
    for (const RunId& run : cancelled)
      if (const auto place = active.find(run); place != active.end()) stopped.push_back(place->second);
  }
  for (const auto& interrupt : stopped) {  // outside the lock: it calls what adapters registered
    interrupt->cancelled = true;
    interrupt->source.request_stop();
  }
  return beaten;
}

void Engine::Inner::guard_once() {
  std::vector<std::shared_ptr<Interrupt>> lost;
  {
    const std::scoped_lock lock(mutex);
    for (const auto& [run, interrupt] : active)
      if (interrupt->lost()) lost.push_back(interrupt);
  }
  for (const auto& interrupt : lost) interrupt->source.request_stop();
}

void Engine::Inner::start_watching() {
  const std::scoped_lock lock(mutex);
  if (options.watch_interval.count() == 0 || watcher.joinable()) return;
  watcher = std::jthread([this](const std::stop_token& stop) { watch(stop); });
  guardian = std::jthread([this](const std::stop_token& stop) { guard(stop); });
}

bool Engine::Inner::is_over_after_an_interval(const std::stop_token& stop) {
  std::unique_lock lock(mutex);
  stopping.wait_for(lock, stop, options.watch_interval, [] { return false; });
  return stop.stop_requested();
}

void Engine::Inner::watch(const std::stop_token& stop) {
  while (!is_over_after_an_interval(stop)) {
    // What fails here is tried again in the next round; a journal that is really broken is reported by the next append, and takes the lease with it.
    [[maybe_unused]] const auto watched = watch_once();
  }
}

void Engine::Inner::guard(const std::stop_token& stop) {
  while (!is_over_after_an_interval(stop)) guard_once();
}

}  // namespace sluice
