#include "app/run_diff.h"

#include <algorithm>
#include <map>
#include <set>

#include "workflow/history.h"

namespace sluice {
namespace {

/// Members of recorded values that say how long something took.
constexpr std::array<std::string_view, 2> kMeasured{"elapsed_ms", "latency_ms"};

Json without_measured(const Json& value) {  // NOLINT(misc-no-recursion): values have bounded depth
  if (const auto* array = value.as_array()) {
    Json out = Json::array();
    for (const Json& element : *array) out.push(without_measured(element));
    return out;
  }
  const auto* object = value.as_object();
  if (object == nullptr) return value;
  Json out = Json::object();
  for (const auto& [key, member] : *object)
    if (std::ranges::find(kMeasured, key) == kMeasured.end()) out.as_object()->emplace_back(key, without_measured(member));
  return out;
}

std::string difference(const Json& first, const Json& second) {
  return workflow_detail::difference(without_measured(first), without_measured(second), "first", "second");
}

/// What a run did under one path.
struct Step {
  std::string in_hash{};
  const EventInfo* opened = nullptr;  // the first event that says what went in
  const EventInfo* closed = nullptr;  // the one that settles it
};

bool settles(EventType type) {
  switch (type) {
    case EventType::step_completed:
    case EventType::approval_decided:
    case EventType::version_marked:
    case EventType::signal_received:
    case EventType::child_ended:
    case EventType::branches_joined: return true;
    default: return false;
  }
}

/// The steps of a run, by path and in order.
struct Steps {
  explicit Steps(const std::vector<EventInfo>& events) {
    for (const EventInfo& event : events) {
      if (event.path.empty()) continue;
      auto [place, is_new] = by_path.try_emplace(event.path);
      if (is_new) order.push_back(event.path);
      Step& step = place->second;
      if (is_new) step.in_hash = event.in_hash;
      if (step.opened == nullptr) step.opened = &event;
      if (settles(event.type)) step.closed = &event;
    }
  }
  std::vector<std::string> order{};
  std::map<std::string, Step> by_path{};
};

class Diff {
 public:
  Diff(const RunHistory& first, const RunHistory& second, Journal& journal, Artifacts& artifacts)
      : first_(first), second_(second), journal_(journal), artifacts_(artifacts) {}

  Result<RunDiff> make() {
    out_ = {first_.view.state.run.id, second_.view.state.run.id, first_.view.status, second_.view.status};
    if (!(first_.view.state.input == second_.view.state.input))
      add("input of the run", RunDifference::input, difference(first_.view.state.input, second_.view.state.input));
    TRY_VOID(align());
    // What steps came to differs on its way to the output; said again there, it would hide where it began.
    const Json first = outcome(first_.view), second = outcome(second_.view);
    if (out_.differences.empty() && !(without_measured(first) == without_measured(second)))
      add("output of the run", RunDifference::result, difference(first, second));
    return std::move(out_);
  }

 private:
  static Json outcome(const RunView& view) { return view.state.output.value_or(Json()); }
  void add(const std::string& path, RunDifference what, std::string detail) { out_.differences.push_back({path, what, std::move(detail)}); }

  /// In the first run's order, what only the second has in its place among them.
  Result<> align() {
    const Steps first(first_.events), second(second_.events);
    std::set<std::string> compared;
    auto one = first.order.begin();
    auto other = second.order.begin();
    while (one != first.order.end() || other != second.order.end()) {
      if (other != second.order.end() && compared.contains(*other)) {
        ++other;
      } else if (other != second.order.end() && !first.by_path.contains(*other)) {
        add(*other++, RunDifference::only_second, "");
      } else if (one != first.order.end() && !second.by_path.contains(*one)) {
        add(*one++, RunDifference::only_first, "");
      } else {
        TRY_VOID(compare(*one, first.by_path.at(*one), second.by_path.at(*one)));
        compared.insert(*one++);
      }
    }
    return {};
  }

  Result<> compare(const std::string& path, const Step& first, const Step& second) {
    const std::size_t before = out_.differences.size();
    if (first.in_hash != second.in_hash) {
      TRY(const Json one, input(first));
      TRY(const Json other, input(second));
      if (!(one == other)) add(path, RunDifference::input, difference(one, other));
    }
    if (first.closed != nullptr && second.closed != nullptr) {
      TRY(const Json one, result(*first.closed));
      TRY(const Json other, result(*second.closed));
      if (!(without_measured(one) == without_measured(other))) add(path, RunDifference::result, difference(one, other));
    } else if (first.closed != second.closed) {
      add(path, RunDifference::result, std::string("only the ") + (first.closed != nullptr ? "first" : "second") + " run has come to one");
    }
    if (out_.differences.size() == before) ++out_.steps_same;
    return {};
  }

  /// What is in the body, or in the artifact that it names.
  Result<Json> held(const Json& body, const char* name, const char* artifact_name) {
    const std::string artifact(body.text(artifact_name));
    return artifact.empty() ? Result<Json>(body[name]) : read_artifact<Json>(artifacts_, artifact);
  }

  Result<Json> input(const Step& step) {
    const EventInfo& opened = *step.opened;
    if (opened.type != EventType::approval_requested) {
      TRY(Json given, held(opened.body, "input", "input_artifact"));
      // What a yes was given to; the yes is always a run's own.
      const Json* subject = given.find("approval_id") != nullptr ? given.find("subject") : nullptr;
      if (subject != nullptr) return Json(*subject);
      return opened.type == EventType::child_started ? Result<Json>(Json(opened.in_hash)) : std::move(given);
    }
    const auto asked = journal_.approval({std::string(opened.body.text("approval_id"))});
    if (asked) return asked->subject;
    // Of a run that came from elsewhere: its subject is not here, its hash is.
    return asked.error().kind == ErrorKind::not_found ? Result<Json>(Json(opened.in_hash)) : asked.error();
  }

  Result<Json> result(const EventInfo& closed) {
    Json out = Json::object();
    switch (closed.type) {
      case EventType::step_completed: {
        TRY(Json value, held(closed.body, "value", "artifact"));
        return closed.body.find("error") != nullptr ? out.set("error", closed.body["error"]) : std::move(value);
      }
      case EventType::child_ended: {
        TRY(Json value, held(closed.body, "output", "artifact"));
        return closed.body.find("error") != nullptr ? out.set("error", closed.body["error"]) : std::move(value);
      }
      case EventType::approval_decided:
        for (const char* name : {"status", "feedback", "edited", "reason"}) out.set(name, closed.body[name]);
        return out;
      case EventType::signal_received: return closed.body["body"];
      default: return closed.body;
    }
  }

  const RunHistory& first_;
  const RunHistory& second_;
  Journal& journal_;
  Artifacts& artifacts_;
  RunDiff out_{};
};

}  // namespace

Result<RunDiff> diff_runs(const RunHistory& first, const RunHistory& second, Journal& journal, Artifacts& artifacts) {
  return Diff(first, second, journal, artifacts).make();
}

}  // namespace sluice
