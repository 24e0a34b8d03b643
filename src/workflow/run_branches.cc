#include <algorithm>
#include <exception>
#include <thread>

#include "base/hash.h"
#include "base/text.h"
#include "workflow/run.h"
#include "workflow/workflow_errors.h"

// Several things at once: branches of one run, and runs that a run starts.
namespace sluice::workflow_detail {
namespace {

constexpr std::size_t kThreadsMax = 16;  // of one `parallel`, this one included; more branches than that take turns
constexpr std::size_t kReasonsMax = 3;   // that a run's reason for waiting names
constexpr int kChildDepthMax = 8;

/// Which of several reasons to stop is the run's: the earlier one.
int rank(Stop::Why why) {
  using Why = Stop::Why;
  constexpr std::array kOrder{Why::lost, Why::cancelled, Why::released, Why::paused, Why::expired, Why::ahead, Why::woken, Why::parked, Why::late};
  return static_cast<int>(std::find(kOrder.begin(), kOrder.end(), why) - kOrder.begin());
}

/// Every task once, in this thread and others.
void in_threads(const std::vector<std::function<void()>>& tasks) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t n = next++; n < tasks.size(); n = next++) tasks[n]();
  };
  std::vector<std::jthread> others;
  for (std::size_t n = 1; n < std::min(tasks.size(), kThreadsMax); ++n) others.emplace_back(work);
  work();
}

}  // namespace

struct Run::Fan {
  const std::string& path;
  const std::vector<BranchCall>& branches;
  bool has_deadline = false;
  std::optional<TimeMs> due_at{};             // of this fan or one around it
  bool joined = false;                        // the history says who made it, and no time matters to it any more
  std::vector<std::unique_ptr<Run>> lanes{};  // null: given up, as the history says
  std::vector<bool> made = std::vector<bool>(branches.size(), true);
};

/// With a deadline, its time is recorded before anything in it begins.
void Run::open(Fan& fan, std::chrono::milliseconds deadline) {
  fan.has_deadline = deadline.count() > 0;
  fan.due_at = due_at_;
  if (deadline.count() == 0) {
    if (look_up(fan.path, RecordKind::branches) != nullptr) drift(fan.path, "it had a deadline when it was recorded");
    return;
  }
  const Record* record = arrive(fan.path, RecordKind::branches);
  TimeMs due = 0;
  if (record == nullptr) {
    check_stop();
    check_due();
    due = ports_.journal.now() + deadline.count();
    must_append({.events = {{.type = EventType::branches_opened, .path = fan.path, .body = Json::object().set("due_at", due)}}});
  } else {
    due = record->opened.integer("due_at");
    fan.joined = record->closed.has_value();
  }
  if (!fan.joined) {
    fan.due_at = std::min(due, due_at_.value_or(due));
    return;
  }
  const Json& names = (*record->closed)["made"];
  for (std::size_t n = 0; n < fan.branches.size(); ++n) {
    const auto* made = names.as_array();
    fan.made[n] = made != nullptr && std::find(made->begin(), made->end(), Json(fan.branches[n].name)) != made->end();
  }
}

/// To its end, or to where it has to stop.
void Run::execute_branch(const BranchCall& call) {
  try {
    Context context = root();
    call.body(context);
    if (!stop_) end_of_lane();
  } catch (const Suspension&) {  // NOLINT(bugprone-empty-catch): the lane knows why it stopped
  } catch (const std::exception& thrown) {
    if (!stop_) pause(workflow_threw(info_.id, thrown.what()));
  }
}

void Run::execute_together(Fan& fan) const {
  std::vector<std::function<void()>> tasks;
  for (std::size_t n = 0; n < fan.lanes.size(); ++n)
    if (fan.lanes[n]) tasks.emplace_back([&fan, n] { fan.lanes[n]->execute_branch(fan.branches[n]); });
  options_.at_once ? options_.at_once(tasks) : in_threads(tasks);
}

/// All branches have ended or stopped: where one has to wait, or the run has to stop, it does so now, once for all of them.
void Run::settle(Fan& fan) {
  const Stop* first = nullptr;
  Parking together;
  std::vector<std::string> reasons;
  for (std::size_t n = 0; n < fan.lanes.size(); ++n) {
    if (!fan.lanes[n]) continue;
    Run& lane = *fan.lanes[n];
    const bool late = lane.stop_ && lane.stop_->why == Stop::Why::late;
    if (late && fan.has_deadline && !fan.joined) {
      fan.made[n] = false;
      const std::scoped_lock lock(execution_.looking);
      history_.pass_over(lane.lane_);
      continue;
    }
    // Where nothing will say who made it, the time is that of a branch around all of this, which is late as a whole.
    if (!late) std::move(lane.pending_.begin(), lane.pending_.end(), std::back_inserter(pending_));
    if (!lane.stop_) continue;
    if (first == nullptr || rank(lane.stop_->why) < rank(first->why)) first = &*lane.stop_;
    if (lane.stop_->why != Stop::Why::parked) continue;
    if (lane.parking_.status == RunStatus::unknown) together.status = RunStatus::unknown;
    together.carried_through = together.carried_through || lane.parking_.carried_through || lane.parking_.status == RunStatus::unknown;
    if (lane.parking_.wake_at) together.wake_at = std::min(*lane.parking_.wake_at, together.wake_at.value_or(*lane.parking_.wake_at));
    if (reasons.size() < kReasonsMax) reasons.push_back(lane.parking_.reason);
  }
  if (first == nullptr) return;
  // The run's deadline in one branch does not end what another one still has to find out, or to ask about.
  if (first->why == Stop::Why::parked || (first->why == Stop::Why::expired && together.carried_through)) {
    together.reason = join(reasons, "; ");
    park(std::move(together));
  }
  stop_ = *first;
  throw Suspension{};  // NOLINT(bugprone-std-exception-baseclass)
}

std::vector<bool> Run::parallel(const std::string& path, std::chrono::milliseconds deadline, const std::vector<BranchCall>& branches) {
  Fan fan{.path = path, .branches = branches};
  open(fan, deadline);
  flush();  // before a branch writes: the history has what came before it first
  std::vector<std::string> lanes;
  std::string twice, over = over_;
  {
    const std::scoped_lock lock(execution_.looking);
    for (std::size_t n = 0; n < branches.size(); ++n) {
      lanes.push_back(path + "#" + branches[n].name + "/");
      if (!execution_.used.insert(lanes.back()).second) twice = lanes.back();
      if (!fan.made[n]) history_.pass_over(lanes.back());
    }
    if (fan.joined || history_.goes_on_after(lane_, path)) over = path;
  }
  if (!twice.empty()) suspend(Stop::Why::paused, name_used_twice(info_.id, twice));
  for (std::size_t n = 0; n < branches.size(); ++n)
    fan.lanes.push_back(fan.made[n] ? std::unique_ptr<Run>(new Run(execution_, lanes[n], fan.due_at, over)) : nullptr);
  execute_together(fan);
  settle(fan);
  if (fan.has_deadline && !fan.joined) {
    come_to_the_end_of_what_is_recorded(path);
    Json made = Json::array();
    for (std::size_t n = 0; n < branches.size(); ++n)
      if (fan.made[n]) made.push(branches[n].name);
    pending_.push_back({.type = EventType::branches_joined, .path = path, .body = Json::object().set("made", std::move(made))});
  }
  return fan.made;
}

Json Run::signal(const std::string& path, const std::string& topic) {
  if (const Record* record = arrive(path, RecordKind::signal)) return (*record->closed)["body"];
  check_stop();
  check_due();
  auto inbox = ports_.journal.inbox(info_.id);
  if (!inbox) suspend(Stop::Why::lost, std::move(inbox).error());
  for (const Message& message : *inbox) {
    if (message.topic != topic) continue;
    {
      const std::scoped_lock lock(execution_.looking);
      if (!execution_.taken.insert(message.id).second) continue;  // another branch's
    }
    Json body = Json::object().set("msg_id", message.id).set("sender", message.sender).set("body", message.body);
    must_append({.events = {{.type = EventType::signal_received, .path = path, .body = std::move(body)}}, .taken = {message.id}});
    return message.body;
  }
  park({.reason = "waits for signal \"" + topic + "\""});
}

NewChild Run::new_child(const std::string& path, const std::string& workflow, Json input) const {
  constexpr std::size_t kIdDigits = 10;
  NewChild child{.id = {info_.id.text + "." + sha256_hex(info_.id.text + '\n' + path).substr(0, kIdDigits)}, .path = path, .name = workflow};
  child.code_version = execution_.newest_version(workflow);
  child.labels = info_.labels;
  child.input = std::move(input);
  return child;
}

/// What the child came to; parks while it goes on.
Result<Json> Run::child_outcome(const std::string& path, const Record& record, Parking waiting) {
  const RunId id{std::string(record.opened.text("child_id"))};
  auto child = ports_.journal.run(id);
  if (!child) suspend(Stop::Why::paused, until_mended(info_.id, std::move(child).error()));
  if (!is_final(child->status)) park(std::move(waiting));
  auto last = execution_.forms.read(ports_.journal, id, child->head_seq - 1, 1);
  if (!last) suspend(last.error().code == "E0140" ? Stop::Why::paused : Stop::Why::lost, std::move(last).error());
  if (last->empty()) suspend(Stop::Why::paused, Error::bug("run \"" + id.text + "\" has ended without a last event"));
  const Json& end = last->front().body;
  Json body = Json::object().set("child_id", id.text);
  if (child->status == RunStatus::cancelled) {
    body.set("error", encode(run_cancelled(id, std::string(end.text("by")), std::string(end.text("reason")))));
  } else {
    for (const char* name : {"output", "artifact", "error"})
      if (const Json* value = end.find(name)) body.set(name, *value);
  }
  must_append({.events = {{.type = EventType::child_ended, .path = path, .in_hash = record.in_hash, .body = body}}});
  return body;
}

Result<Json> Run::child(const std::string& path, const std::string& workflow, Json input) {
  // What nothing records is said before the history is asked, so that it is said again when the run has gone on from there.
  const std::string bytes = input.dump();
  if (bytes.size() > kInputMax) return too_large("the input of \"" + path + "\"", bytes.size(), kInputMax);
  if (std::count(info_.id.text.begin(), info_.id.text.end(), '.') >= kChildDepthMax) return too_deep(info_.id, path);
  const std::string in_hash = sha256_hex(bytes);
  const Record* record = arrive(path, RecordKind::child);
  if (record != nullptr && (record->in_hash != in_hash || record->opened.text("workflow") != workflow))
    drift(path, "another child was started here: another workflow or another input");
  if (record == nullptr) {
    check_stop();
    check_due();
    NewChild child = new_child(path, workflow, std::move(input));
    if (child.code_version.empty()) suspend(Stop::Why::paused, until_mended(info_.id, no_workflow(workflow)));
    Json opened = Json::object().set("child_id", child.id.text).set("workflow", workflow).set("version", child.code_version);
    Parking waiting{.reason = "waits for run " + child.id.text, .carried_through = true};
    waiting.events.push_back({.type = EventType::child_started, .path = path, .in_hash = in_hash, .body = std::move(opened)});
    waiting.children.push_back(std::move(child));
    park(std::move(waiting));
  }
  Json ended = Json();
  if (record->closed) {
    ended = *record->closed;
  } else {
    come_to_the_end_of_what_is_recorded(path);
    check_stop();
    Parking waiting{.reason = "waits for run " + std::string(record->opened.text("child_id")), .carried_through = true};
    TRY(ended, child_outcome(path, *record, std::move(waiting)));
  }
  if (const Json* error = ended.find("error")) return read_error(*error);
  return ended.text("artifact").empty() ? ended["output"] : load_artifact(ended.text("artifact"));
}

}  // namespace sluice::workflow_detail
