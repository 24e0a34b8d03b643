#include "workflow/upcast.h"

#include <array>

#include "base/result.h"

namespace sluice::workflow_detail {
namespace {

/// One for each form but the newest.
constexpr std::array<Upcast, kEventSchema - 1> kSteps{};

Error too_new(const RunId& run, const EventInfo& event, std::size_t newest) {
  return {ErrorKind::not_found, "E0140",
          "event " + std::to_string(event.seq) + " of run \"" + run.text + "\" has form " + std::to_string(event.schema_v) +
              ", and this release reads forms up to " + std::to_string(newest),
          "a newer release of sluice has worked on this run: go on with that one, `sluice runs resume " + run.text + "`", 0};
}

}  // namespace

Result<std::vector<EventInfo>> upcast(const RunId& run, std::vector<EventInfo> events, std::span<const Upcast> steps) {
  const std::size_t newest = steps.size() + 1;
  for (EventInfo& event : events) {
    if (event.schema_v < 1 || static_cast<std::size_t>(event.schema_v) > newest) return too_new(run, event, newest);
    for (std::size_t form = static_cast<std::size_t>(event.schema_v); form < newest; ++form)
      event.body = steps[form - 1](event.type, std::move(event.body));
    event.schema_v = static_cast<int>(newest);
  }
  return events;
}

Result<std::vector<EventInfo>> upcast(const RunId& run, std::vector<EventInfo> events) { return upcast(run, std::move(events), kSteps); }

EventForms::EventForms() : steps_(kSteps) {}

Result<std::vector<EventInfo>> EventForms::read(Journal& journal, const RunId& run, std::int64_t after_seq, int limit) const {
  TRY(std::vector<EventInfo> events, journal.events(run, after_seq, limit));
  return upcast(run, std::move(events), steps_);
}

Result<Appended> EventForms::append(Journal& journal, Append& append) const {
  for (NewEvent& event : append.events) stamp(event.body, newest());
  for (NewChild& child : append.children) child.schema_v = newest();
  return journal.append(append);
}

}  // namespace sluice::workflow_detail
