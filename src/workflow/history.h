#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workflow/ports/journal_types.h"

namespace sluice::workflow_detail {

enum class RecordKind : std::uint8_t { step, approval, timer, value, version, signal, child, branches };

/// All that the journal holds under one path.
struct Record {
  std::string path{};
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
  Json opened{};                   ///< approval, timer, child, branches: body of the event that began it
  bool visited = false;            ///< by the current execution
};

/// The lane of a path: the branch of `parallel` that it lies in, as the beginning that its paths share; "" where it lies in none.
std::string_view lane_of(std::string_view path);

/// What a run has done so far, by path; knows how much of it the current execution has not come to yet. One thread at a time.
class History {
 public:
  explicit History(const std::vector<EventInfo>& events);
  Record* find(const std::string& path);
  void visit(Record& record);
  /// All of this lane and of those in it.
  bool all_visited(std::string_view lane = {}) const;
  /// Whether the lane goes on after this `parallel` in it: something that lies in none of its branches has not been visited.
  bool goes_on_after(std::string_view lane, const std::string& fan) const;
  /// The lane is given up: nothing will come to the rest of it.
  void pass_over(std::string_view lane);
  /// A step whose intent is written, whose outcome is not, and which may have happened; empty: none.
  std::string step_in_flight() const;
  /// The earliest recorded path that this execution has not come to.
  std::string first_unvisited(std::string_view lane = {}) const;

 private:
  void add(const EventInfo& event);
  template <class Fn>
  static void for_each_lane(std::string_view path, const Fn& fn);
  std::map<std::string, Record> records_{};
  std::vector<std::string> order_{};
  std::map<std::string, std::size_t, std::less<>> unvisited_{};  // by lane, with the lanes in it
};

/// A readable difference of two JSON values: `at /sql: recorded "SELECT 1", now "SELECT 2"`; at most a few of them. The names say what they are.
std::string difference(const Json& recorded, const Json& now, std::string_view first = "recorded", std::string_view second = "now");

}  // namespace sluice::workflow_detail
