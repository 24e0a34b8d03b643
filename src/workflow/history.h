#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "workflow/ports/journal_types.h"

namespace sluice::workflow_detail {

enum class RecordKind : std::uint8_t { step, approval, timer, value, version };

/// All that the journal holds under one path.
struct Record {
  RecordKind kind{};
  std::string in_hash{};
  Json input{};                  ///< step: as recorded
  std::string input_artifact{};  ///< where it was large instead
  bool acts = false;             ///< step: of a class that leaves traces outside
  int try_no = 0;                ///< of the newest intent; 0: none
  TimeMs intent_at = 0;
  int attempts = 0;                ///< failed ones
  TimeMs next_at = 0;              ///< when the next attempt is due
  bool last_known_failed = false;  ///< the newest event is a failure after which nothing can still happen
  std::optional<Json> closed{};    ///< body of the event that settles it: outcome, decision, value
  Json opened{};                   ///< approval, timer: body of the event that began it
  bool visited = false;            ///< by the current execution
};

/// What a run has done so far, by path; knows how much of it the current execution has not come to yet.
class History {
 public:
  explicit History(const std::vector<EventInfo>& events);
  Record* find(const std::string& path);
  void visit(Record& record);
  bool all_visited() const { return unvisited_ == 0; }
  /// A step whose intent is written, whose outcome is not, and which may have happened; empty: none.
  std::string step_in_flight() const;
  /// The earliest recorded path that this execution has not come to.
  std::string first_unvisited() const;

 private:
  void add(const EventInfo& event);
  std::map<std::string, Record> records_{};
  std::vector<std::string> order_{};
  std::size_t unvisited_ = 0;
};

/// A readable difference of two JSON values: `at /sql: recorded "SELECT 1", now "SELECT 2"`; at most a few of them.
std::string difference(const Json& recorded, const Json& now);

}  // namespace sluice::workflow_detail
