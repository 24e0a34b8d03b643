#pragma once
#include <span>
#include <vector>

#include "workflow/ports/journal.h"

namespace sluice::workflow_detail {

/// Brings an event's body from one form to the next.
using Upcast = Json (*)(EventType type, Json body);

/// The events in the form that this program reads. `steps[n]` leads from form n + 1 to n + 2, so that there are as many as forms before the newest.
/// E0140 where an event is of a form that a newer program has introduced: it is not guessed at.
Result<std::vector<EventInfo>> upcast(const RunId& run, std::vector<EventInfo> events, std::span<const Upcast> steps);
/// The same with this program's steps.
Result<std::vector<EventInfo>> upcast(const RunId& run, std::vector<EventInfo> events);

/// The forms of events' bodies that a program knows. All that reads what is in them, and all that writes some, goes through it.
class EventForms {
 public:
  /// This program's.
  EventForms();
  explicit EventForms(std::span<const Upcast> steps) : steps_(steps) {}

  int newest() const { return static_cast<int>(steps_.size()) + 1; }
  /// Journal::events, in the newest form. Also E0140.
  Result<std::vector<EventInfo>> read(Journal& journal, const RunId& run, std::int64_t after_seq = 0, int limit = kEventsMax) const;
  /// Journal::append; the events, and the first ones of children, say that they have the newest form.
  Result<Appended> append(Journal& journal, Append& append) const;

 private:
  std::span<const Upcast> steps_;
};

}  // namespace sluice::workflow_detail
