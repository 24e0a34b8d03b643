#include "workflow/history.h"

#include "base/text.h"

namespace sluice::workflow_detail {
namespace {

std::optional<RecordKind> kind_of(EventType type) {
  switch (type) {
    case EventType::step_started:
    case EventType::step_attempt_failed:
    case EventType::step_completed: return RecordKind::step;
    case EventType::approval_requested:
    case EventType::approval_decided: return RecordKind::approval;
    case EventType::timer_set: return RecordKind::timer;
    case EventType::value_recorded: return RecordKind::value;
    case EventType::version_marked: return RecordKind::version;
    case EventType::signal_received: return RecordKind::signal;
    case EventType::child_started:
    case EventType::child_ended: return RecordKind::child;
    case EventType::branches_opened:
    case EventType::branches_joined: return RecordKind::branches;
    default: return {};  // events of the run itself: no code comes to them again
  }
}

constexpr int kDifferencesMax = 3;
constexpr std::size_t kShownMax = 120;

std::string shown(const Json* value) {
  if (value == nullptr) return "nothing";
  std::string text = value->dump_text();
  if (text.size() > kShownMax) text = replace_invalid_utf8(std::string_view(text).substr(0, kShownMax)) + "…";
  return text;
}

/// Walks two values side by side.
class Comparison {
 public:
  Comparison(std::string_view first, std::string_view second) : first_(first), second_(second) {}

  void compare(const Json* recorded, const Json* now, const std::string& at) {  // NOLINT(misc-no-recursion): values have bounded depth
    if (static_cast<int>(found.size()) >= kDifferencesMax) return;
    if (recorded != nullptr && now != nullptr) {
      if (*recorded == *now || compare_objects(*recorded, *now, at) || compare_lists(*recorded, *now, at)) return;
    }
    found.push_back((at.empty() ? "" : "at " + at + ": ") + first_ + " " + shown(recorded) + ", " + second_ + " " + shown(now));
  }

  std::vector<std::string> found{};

 private:
  bool compare_objects(const Json& recorded, const Json& now, const std::string& at) {  // NOLINT(misc-no-recursion)
    const auto *before = recorded.as_object(), *after = now.as_object();
    if (before == nullptr || after == nullptr) return false;
    for (const auto& [key, value] : *before) compare(&value, now.find(key), at + "/" + key);
    for (const auto& [key, value] : *after)
      if (recorded.find(key) == nullptr) compare(nullptr, &value, at + "/" + key);
    return true;
  }
  bool compare_lists(const Json& recorded, const Json& now, const std::string& at) {  // NOLINT(misc-no-recursion)
    const auto *before = recorded.as_array(), *after = now.as_array();
    if (before == nullptr || after == nullptr || before->size() != after->size()) return false;
    for (std::size_t i = 0; i < before->size(); ++i) compare(&before->at(i), &after->at(i), at + "/" + std::to_string(i));
    return true;
  }

  std::string first_, second_;
};

}  // namespace

std::string_view lane_of(std::string_view path) {
  // Of the parts between slashes, only a branch's has a '#' and is not the last.
  for (std::size_t end = path.rfind('/'); end != std::string_view::npos && end > 0; end = path.rfind('/', end - 1)) {
    const std::size_t begin = path.rfind('/', end - 1);
    const std::string_view part =
        path.substr(begin == std::string_view::npos ? 0 : begin + 1, end - (begin == std::string_view::npos ? 0 : begin + 1));
    if (part.find('#') != std::string_view::npos) return path.substr(0, end + 1);
  }
  return {};
}

template <class Fn>
void History::for_each_lane(std::string_view path, const Fn& fn) {
  for (std::string_view lane = lane_of(path);; lane = lane_of(lane.substr(0, lane.size() - 1))) {
    fn(lane);
    if (lane.empty()) return;
  }
}

History::History(const std::vector<EventInfo>& events) {
  for (const EventInfo& event : events) add(event);
  for (const std::string& path : order_)
    for_each_lane(path, [this](std::string_view lane) {
      const auto place = unvisited_.find(lane);
      ++(place == unvisited_.end() ? unvisited_[std::string(lane)] : place->second);
    });
}

void History::add(const EventInfo& event) {
  const auto kind = kind_of(event.type);
  if (!kind) return;
  auto [place, is_new] = records_.try_emplace(event.path);
  Record& record = place->second;
  if (is_new) {
    order_.push_back(event.path);
    record.path = event.path;
    record.kind = *kind;
    record.in_hash = event.in_hash;
    record.input = event.body["input"];
    record.input_artifact = event.body.text("input_artifact");
  }
  switch (event.type) {
    case EventType::step_started:
      record.try_no = event.try_no;
      record.acts = event.body.text("effect") != "pure" && event.body.text("effect") != "read";
      record.intent_at = event.at;
      record.last_known_failed = false;
      break;
    case EventType::step_attempt_failed:
      record.attempts += 1;
      record.next_at = event.body.integer("next_at");
      record.last_known_failed = event.body.flag("known_failed");
      break;
    case EventType::approval_requested:
    case EventType::timer_set:
    case EventType::child_started:
    case EventType::branches_opened: record.opened = event.body; break;
    default: record.closed = event.body; break;
  }
}

Record* History::find(const std::string& path) {
  const auto place = records_.find(path);
  return place == records_.end() ? nullptr : &place->second;
}

bool History::all_visited(std::string_view lane) const {
  const auto place = unvisited_.find(lane);
  return place == unvisited_.end() || place->second == 0;
}

bool History::goes_on_after(std::string_view lane, const std::string& fan) const {
  const auto all = unvisited_.find(lane);
  if (all == unvisited_.end()) return false;
  const std::string branches = fan + "#";
  std::size_t within = 0;
  for (auto place = unvisited_.lower_bound(branches); place != unvisited_.end() && place->first.starts_with(branches); ++place)
    if (place->first.find('/', branches.size()) == place->first.size() - 1) within += place->second;  // those in it are counted with it
  return all->second > within;
}

void History::visit(Record& record) {
  if (record.visited) return;
  record.visited = true;
  for_each_lane(record.path, [this](std::string_view lane) { --unvisited_.find(lane)->second; });
}

void History::pass_over(std::string_view lane) {
  if (all_visited(lane)) return;
  for (const std::string& path : order_)
    if (path.starts_with(lane)) visit(records_.at(path));
}

std::string History::first_unvisited(std::string_view lane) const {
  for (const std::string& path : order_)
    if (path.starts_with(lane) && !records_.at(path).visited) return path;
  return {};
}

std::string History::step_in_flight() const {
  for (const auto& [path, record] : records_)
    if (record.acts && !record.closed && !record.last_known_failed) return path;
  return {};
}

std::string difference(const Json& recorded, const Json& now, std::string_view first, std::string_view second) {
  Comparison comparison(first, second);
  comparison.compare(&recorded, &now, "");
  return comparison.found.empty() ? "no visible difference" : join(comparison.found, "; ");
}

}  // namespace sluice::workflow_detail
