#include "workflow/fork.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "workflow/workflow_errors.h"

namespace sluice {
namespace {

constexpr std::size_t kShownMax = 5;
constexpr int kCutsTriedMax = 40;  // before and after the one that was wanted, in looking for one that is possible

std::vector<std::string> paths_of(const std::vector<EventInfo>& events) {
  std::vector<std::string> paths;
  std::set<std::string_view> seen;
  for (const EventInfo& event : events)
    if (!event.path.empty() && seen.insert(event.path).second) paths.push_back(event.path);
  return paths;
}

std::int64_t first_seq_of(const std::vector<EventInfo>& events, const std::string& path) {
  const auto first = std::ranges::find(events, path, &EventInfo::path);
  return first == events.end() ? 0 : first->seq;
}

bool acts(const EventInfo& intent) { return intent.body.text("effect") != "pure" && intent.body.text("effect") != "read"; }

/// What a history leaves open where it is cut.
class CutHistory {
 public:
  CutHistory(const RunId& run, const std::vector<EventInfo>& events, std::int64_t keep_seq) : run_(run) {
    for (const EventInfo& event : events) {
      if (event.seq > keep_seq) break;
      add(event);
    }
    // The question whether an effect happened is settled with its step; it has no intent that spends the answer.
    std::erase_if(asked_, [&](const auto& entry) {
      const std::size_t mark = entry.first.find("#outcome[");
      return mark != std::string::npos && !in_flight_.contains(entry.first.substr(0, mark));
    });
  }

  /// The earliest thing that the fork can just begin again: its event, and why. The event is 0 where there is nothing.
  std::pair<std::int64_t, std::string> begin_again() const {
    std::pair<std::int64_t, std::string> earliest{0, ""};
    const auto offer = [&earliest](std::int64_t seq, const std::string& why) {
      if (earliest.first == 0 || seq < earliest.first) earliest = {seq, why};
    };
    for (const auto& [path, asked] : asked_)
      offer(asked.seq, asked.approved ? "the yes to \"" + path + "\" is for run " + run_.text +
                                            " alone, which has not used it by then: the fork asks for its own"
                                      : "\"" + path + "\" waits for a decision there, which is for run " + run_.text + " alone: the fork asks anew");
    for (const auto& [path, opened] : branches_)
      if (opened.with_effect.empty()) offer(opened.seq, "the time for the branches of \"" + path + "\" has begun there: the fork begins them anew");
    return earliest;
  }

  /// Why it cannot be cut here at all; "" where it can.
  std::string obstacle() const {
    if (!in_flight_.empty()) return "step \"" + *in_flight_.begin() + "\" has been begun there, and its outcome comes later";
    if (!children_.empty()) return "run " + children_.begin()->second + ", which \"" + children_.begin()->first + "\" started, has not ended there";
    for (const auto& [path, opened] : branches_)
      if (!opened.with_effect.empty())
        return "the branches of \"" + path + "\" are under way there, and \"" + opened.with_effect + "\" in them has had an effect";
    return "";
  }

 private:
  struct Asked {
    std::int64_t seq = 0;
    std::string id{};
    bool approved = false;
  };
  struct Opened {
    std::int64_t seq = 0;
    std::string with_effect{};  // a step in one of them
  };

  void add(const EventInfo& event) {
    switch (event.type) {
      case EventType::step_started: begin_step(event); break;
      case EventType::step_completed: in_flight_.erase(event.path); break;
      case EventType::approval_requested: asked_[event.path] = {event.seq, std::string(event.body.text("approval_id"))}; break;
      case EventType::approval_decided:
        if (event.body.text("status") == "approved")
          asked_[event.path].approved = true;
        else
          asked_.erase(event.path);
        break;
      case EventType::child_started: children_[event.path] = event.body.text("child_id"); break;
      case EventType::child_ended: children_.erase(event.path); break;
      case EventType::branches_opened: branches_[event.path] = {event.seq, ""}; break;
      case EventType::branches_joined: end_branches(event); break;
      default: break;
    }
  }

  void begin_step(const EventInfo& event) {
    in_flight_.insert(event.path);
    const std::string_view spent = event.body.text("approval_id");
    if (!spent.empty()) std::erase_if(asked_, [&](const auto& entry) { return entry.second.id == spent; });
    for (auto& [path, opened] : branches_)
      if (event.path.starts_with(path + "#")) opened.with_effect = event.path;
  }

  /// What those that were given up left open is over with them.
  void end_branches(const EventInfo& joined) {
    branches_.erase(joined.path);
    const std::string branches = joined.path + "#";
    const auto* made = joined.body["made"].as_array();
    const auto given_up = [&](const std::string& path) {
      const std::size_t end = path.find('/', branches.size());
      if (!path.starts_with(branches) || end == std::string::npos) return false;
      return made == nullptr || std::ranges::find(*made, Json(path.substr(branches.size(), end - branches.size()))) == made->end();
    };
    std::erase_if(in_flight_, given_up);
    const auto is_in_one = [&](const auto& entry) { return given_up(entry.first); };
    std::erase_if(asked_, is_in_one);
    std::erase_if(children_, is_in_one);
    std::erase_if(branches_, is_in_one);
  }

  const RunId& run_;
  std::set<std::string> in_flight_{};  // with an intent and no outcome
  std::map<std::string, Asked> asked_{};
  std::map<std::string, std::string> children_{};
  std::map<std::string, Opened> branches_{};
};

/// Moves the cut to before what has to be begun again. The obstacle where it cannot be made then.
std::string settle(const RunId& run, const std::vector<EventInfo>& events, ForkPlan& plan) {
  while (plan.keep_seq >= 1) {  // each round moves it towards the beginning
    const CutHistory cut(run, events, plan.keep_seq);
    const auto [seq, why] = cut.begin_again();
    if (seq == 0) return cut.obstacle();
    plan.keep_seq = seq - 1;
    plan.moved.push_back(why);
  }
  return "it has no beginning";
}

bool can_be_cut(const RunId& run, const std::vector<EventInfo>& events, const std::string& path) {
  ForkPlan plan{.keep_seq = first_seq_of(events, path) - 1};
  return settle(run, events, plan).empty();
}

/// The nearest steps before and after which can be done anew.
std::string where_to_cut(const RunId& run, const std::vector<EventInfo>& events, const std::string& path) {
  const std::vector<std::string> paths = paths_of(events);
  const auto wanted = std::ssize(paths) - std::distance(std::ranges::find(paths, path), paths.end());
  std::vector<std::string> found;
  for (const std::ptrdiff_t step : {-1, 1}) {
    std::ptrdiff_t n = wanted + step;
    for (int tried = 0; tried < kCutsTriedMax && n >= 0 && n < std::ssize(paths); ++tried, n += step) {
      if (!can_be_cut(run, events, paths[static_cast<std::size_t>(n)])) continue;
      found.push_back("--from \"" + paths[static_cast<std::size_t>(n)] + "\"");
      break;
    }
  }
  return found.empty() ? "ask again instead: a run can be begun anew at any time" : "it can be cut at " + join(found, " or ");
}

Error cut_in_two(const RunId& run, const std::vector<EventInfo>& events, const std::string& path, const std::string& obstacle) {
  return {ErrorKind::input, "E0130", "run " + run.text + " cannot be cut at \"" + path + "\": " + obstacle, where_to_cut(run, events, path), 0};
}

Error no_such_step(const RunId& run, const std::string& name, const std::vector<std::string>& paths) {
  std::vector<std::string> words = paths;
  for (const std::string& path : paths) words.push_back(path.substr(path.rfind('/') + 1));
  const std::string meant = nearest(name, words);
  return {
      ErrorKind::not_found, "E0127",
      "run " + run.text + " has come to no step \"" + show_hidden(name, false) + "\"" + (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"),
      "`sluice runs events " + run.text + "` shows its steps", 0};
}

Error which_step(const RunId& run, const std::string& name, std::vector<std::string> found) {
  const std::size_t count = found.size();
  found.resize(std::min(count, kShownMax));
  return {ErrorKind::input, "E0127",
          std::to_string(count) + " steps of run " + run.text + " end with \"" + show_hidden(name, false) + "\": " + join(found, ", ") +
              (count > kShownMax ? ", …" : ""),
          "write more of the one that you mean", 0};
}

Error no_proposal(const std::string& what, const std::string& hint) { return {ErrorKind::input, "E0133", what, hint, 0}; }

const EventInfo* completed(const std::vector<EventInfo>& events, const std::string& path) {
  const auto found =
      std::ranges::find_if(events, [&](const EventInfo& event) { return event.type == EventType::step_completed && event.path == path; });
  return found == events.end() ? nullptr : &*found;
}

std::vector<std::string> effects_after(const std::vector<EventInfo>& events, std::int64_t keep_seq) {
  std::vector<std::string> paths;
  for (const EventInfo& event : events)
    if (event.seq > keep_seq && event.type == EventType::step_started && acts(event) && std::ranges::find(paths, event.path) == paths.end())
      paths.push_back(event.path);
  return paths;
}

}  // namespace

Result<std::string> find_step(const RunId& run, const std::vector<EventInfo>& events, const std::string& name) {
  const std::vector<std::string> paths = paths_of(events);
  if (std::ranges::find(paths, name) != paths.end()) return name;
  std::vector<std::string> found;
  if (!name.empty()) std::ranges::copy_if(paths, std::back_inserter(found), [&](const std::string& path) { return path.ends_with("/" + name); });
  if (found.empty()) return no_such_step(run, name, paths);
  if (found.size() > 1) return which_step(run, name, std::move(found));
  return found.front();
}

Result<ForkPlan> plan_fork(const RunId& run, const std::vector<EventInfo>& events, const std::string& path) {
  ForkPlan plan{.keep_seq = first_seq_of(events, path) - 1, .step = path};
  if (plan.keep_seq < 1) return no_such_step(run, path, paths_of(events));
  if (const std::string obstacle = settle(run, events, plan); !obstacle.empty()) return cut_in_two(run, events, path, obstacle);
  plan.repeats = effects_after(events, plan.keep_seq);
  return plan;
}

Result<> check_proposes(const RunId& run, const std::vector<EventInfo>& events, const std::string& path) {
  const EventInfo* result = completed(events, path);
  if (result == nullptr)
    return no_proposal("\"" + path + "\" has no result in run " + run.text + " that another could stand in the place of",
                       "set the result of a step that proposes, once it is there; `sluice runs events " + run.text + "` shows them");
  if (result->body.flag("proposes")) return {};
  std::vector<std::string> can;
  for (const EventInfo& event : events)
    if (event.type == EventType::step_completed && event.body.flag("proposes") && can.size() < kShownMax) can.push_back("\"" + event.path + "\"");
  if (can.empty())
    return no_proposal("nothing that run " + run.text + " recorded is marked as a proposal, so nothing of it can be set (older releases marked none)",
                       "do the step anew instead: `sluice runs fork " + run.text + " --from \"" + path + "\"`");
  return no_proposal("the result of \"" + path + "\" is no proposal: what engines and people found out cannot be set",
                     "only proposals can be set, which are then proven and approved: " + join(can, ", "));
}

Result<ForkPlan> plan_fork_with(const RunId& run, const std::vector<EventInfo>& events, const std::string& path, Json value, const std::string& by) {
  TRY_VOID(check_proposes(run, events, path));
  const EventInfo& recorded = *completed(events, path);
  ForkPlan plan{.keep_seq = recorded.seq, .step = path};
  std::string obstacle = settle(run, events, plan);
  if (obstacle.empty() && plan.keep_seq < recorded.seq) obstacle = "before its result comes what the fork has to begin anew: " + plan.moved.front();
  if (!obstacle.empty()) return cut_in_two(run, events, path, obstacle);
  NewEvent last{.type = EventType::step_completed, .path = path, .try_no = recorded.try_no, .in_hash = recorded.in_hash, .body = Json::object()};
  for (const char* name : {"effect", "input", "input_artifact"})
    if (const Json* member = recorded.body.find(name)) last.body.set(name, *member);
  last.body.set("value", std::move(value)).set("attempts", 1).set("started_at", recorded.at).set("proposes", true);
  last.body.set("note", "set by " + by + " in a fork of run " + run.text);
  plan.last = std::move(last);
  plan.repeats = effects_after(events, plan.keep_seq);
  return plan;
}

}  // namespace sluice
