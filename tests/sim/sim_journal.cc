#include "sim_journal.h"

#include <algorithm>

#include "base/hash.h"

namespace sluice::sim {
namespace {

/// As the real journals say it: busy, full, out of reach.
Error refused(World& world) {
  switch (world.pick(3)) {
    case 0: return {ErrorKind::storage, "E0205", "the journal is locked by another program", "try again", 0};
    case 1: return {ErrorKind::storage, "E0204", "the disk is full", "free some space", 0};
    default: return {ErrorKind::storage, "E0210", "the journal cannot be reached", "try again", 0};
  }
}
Error connection_lost() { return {ErrorKind::storage, "E0210", "the connection to the journal was lost", "try again", 0}; }

}  // namespace

std::string print_of(std::string_view path, EventType type, const Json& body) {
  return std::string(enum_name(type)) + " " + std::string(path) + " " + body.dump();
}

Result<Appended> WeakJournal::append(const Append& append) {
  Append weaker = append;
  if (removed_.intents) std::erase_if(weaker.events, [](const NewEvent& event) { return event.type == EventType::step_started; });
  if (removed_.spending) weaker.spend.reset();
  if (removed_.taking) weaker.taken.clear();
  if (removed_.fencing || removed_.wake_numbers) {
    TRY(const RunInfo info, real_.run(append.run));
    if (removed_.fencing) {
      weaker.epoch = info.epoch;
      weaker.head_seq = info.head_seq;
    }
    if (removed_.wake_numbers && weaker.transition) weaker.transition->wake_no_seen = info.wake_no;
  }
  return real_.append(weaker);
}

template <class Fn>
std::invoke_result_t<Fn> ProcessJournal::read(std::string_view what, const Fn& fn) {
  ports_.moment(what);
  if (ports_.world.goes_wrong(ports_.world.mood.failed_reads)) {
    ports_.world.note(Coverage::failed_read);
    ports_.world.tell([&] { return std::string(what) + ": the journal cannot be read"; });
    return connection_lost();
  }
  return fn();
}

template <class Fn>
std::invoke_result_t<Fn> ProcessJournal::write(std::string_view what, const Fn& fn) {
  World& world = ports_.world;
  ports_.moment(what);
  if (world.goes_wrong(world.mood.refused_writes)) {
    world.note(Coverage::refused_write);
    world.tell([&] { return std::string(what) + ": refused before it is written"; });
    return refused(world);
  }
  ports_.disturb();
  auto outcome = fn();
  ports_.settle();
  if (outcome && world.goes_wrong(world.mood.lost_answers)) {
    world.note(Coverage::lost_answer);
    world.tell([&] { return std::string(what) + ": written, but the answer is lost"; });
    ports_.moment("reads again what became of it");
    if (world.chance(500)) return connection_lost();
  }
  ports_.moment("has an answer");
  return outcome;
}

Result<NodeId> ProcessJournal::register_node() {
  if (ports_.world.goes_wrong(ports_.world.mood.refused_writes)) return refused(ports_.world);
  return ports_.real.register_node();
}

Result<> ProcessJournal::heartbeat(const NodeId& node) {
  if (ports_.world.goes_wrong(ports_.world.mood.refused_writes)) return refused(ports_.world);
  return ports_.real.heartbeat(node);
}

void ProcessJournal::release_node(const NodeId& node) {
  if (!ports_.is_gone()) ports_.real.release_node(node);
}

Result<CreatedRun> ProcessJournal::create_run(const NewRun& run) {
  auto made = write("creates a run", [&] { return ports_.real.create_run(run); });
  if (made) ports_.confirmed.runs.push_back(made->run.id);
  return made;
}

Result<std::vector<RunInfo>> ProcessJournal::claim_due(const ClaimDue& wanted) {
  return write("claims what is due", [&] {
    auto claimed = ports_.real.claim_due(wanted);
    if (claimed)
      for (const RunInfo& run : *claimed) ports_.world.tell([&] { return "claimed " + run.id.text + ", epoch " + std::to_string(run.epoch); });
    return claimed;
  });
}

Result<RunInfo> ProcessJournal::claim(const RunId& run, const NodeId& node) {
  return write("claims " + run.text, [&]() -> Result<RunInfo> {
    TRY(const RunInfo before, ports_.real.run(run));
    auto claimed = ports_.real.claim(run, node);
    if (claimed && before.status == RunStatus::running) ports_.world.note(Coverage::takeover);
    return claimed;
  });
}

void ProcessJournal::check_append(const Append& append, const RunInfo& before, const Appended& answer) {
  World& world = ports_.world;
  if (before.epoch != append.epoch)
    world.broken("run " + append.run.text + ": an append by epoch " + std::to_string(append.epoch) + " got through, the owner's is " +
                 std::to_string(before.epoch));
  if (before.head_seq != append.head_seq)
    world.broken("run " + append.run.text + ": an append after event " + std::to_string(append.head_seq) + " got through, the newest is " +
                 std::to_string(before.head_seq));
  if (before.status != RunStatus::running) world.broken("run " + append.run.text + ": an append to a run that nobody has got through");
  if (answer.head_seq != append.head_seq + std::ssize(append.events))
    world.broken("run " + append.run.text + ": the journal did not write all events");
  std::int64_t seq = append.head_seq;
  for (const NewEvent& event : append.events) ports_.confirmed.events[append.run][++seq] = print_of(event.path, event.type, event.body);
}

void ProcessJournal::tell_append(const Append& append, const Result<Appended>& answer) {
  ports_.world.tell([&] {
    std::string text = "appends to " + append.run.text + " at " + std::to_string(append.head_seq) + ":";
    for (const NewEvent& event : append.events)
      text += " [" + std::string(enum_name(event.type)) + (event.path.empty() ? "" : " " + event.path) + "]";
    if (append.transition) text += " -> " + std::string(enum_name(append.transition->to));
    if (!answer) return text + ": " + answer.error().code;
    return text + (answer->woken ? ", woken" : "");
  });
}

Result<Appended> ProcessJournal::append(const Append& append) {
  return write("appends", [&]() -> Result<Appended> {
    ++ports_.world.appends;
    TRY(const RunInfo before, ports_.real.run(append.run));
    auto answer = ports_.real.append(append);
    tell_append(append, answer);
    if (answer) check_append(append, before, *answer);
    if (!answer && answer.error().code == "E0105") ports_.world.note(Coverage::fenced);
    for (const NewEvent& event : append.events) {
      if (event.type == EventType::drift)
        ports_.world.broken("run " + append.run.text + " drifts: " + std::string(event.body["error"].text("message")));
      if (event.path.find("#outcome[") != std::string::npos && event.type == EventType::approval_requested)
        ports_.world.note(Coverage::unknown_outcome);
    }
    return answer;
  });
}

Result<RunInfo> ProcessJournal::run(const RunId& run) {
  return read("looks at a run", [&] { return ports_.real.run(run); });
}
Result<std::vector<RunInfo>> ProcessJournal::runs(const RunFilter& filter) {
  return read("lists runs", [&] { return ports_.real.runs(filter); });
}
Result<std::vector<EventInfo>> ProcessJournal::events(const RunId& run, std::int64_t after, int limit) {
  return read("reads events", [&] { return ports_.real.events(run, after, limit); });
}
Result<std::vector<ApprovalInfo>> ProcessJournal::approvals(const ApprovalFilter& filter) {
  return read("lists approvals", [&] { return ports_.real.approvals(filter); });
}
Result<ApprovalInfo> ProcessJournal::approval(const ApprovalId& id) {
  return read("looks at an approval", [&] { return ports_.real.approval(id); });
}
Result<ApprovalInfo> ProcessJournal::expire(const ApprovalId& id) {
  return write("expires an approval", [&] {
    auto now = ports_.real.expire(id);
    if (now && now->status == ApprovalStatus::expired) ports_.world.note(Coverage::expiry);
    return now;
  });
}
Result<std::vector<Message>> ProcessJournal::inbox(const RunId& run) {
  return read("reads messages", [&] { return ports_.real.inbox(run); });
}
/// Asked by the threads that watch, which go on while the process's other threads wait.
Result<std::vector<RunId>> ProcessJournal::cancelled_runs(const NodeId& node) { return ports_.real.cancelled_runs(node); }

}  // namespace sluice::sim
