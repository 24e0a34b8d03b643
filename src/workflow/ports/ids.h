#pragma once
#include <compare>
#include <string>

namespace sluice {

/// Names one run. Sorts by the time of its start. Also the `thread_id` of approval.json.
struct RunId {
  std::string text{};
  bool empty() const { return text.empty(); }
  auto operator<=>(const RunId&) const = default;
};

/// Names one request for approval; made from the run, the path and the subject's hash, so that a re-execution finds it again.
struct ApprovalId {
  std::string text{};
  bool empty() const { return text.empty(); }
  auto operator<=>(const ApprovalId&) const = default;
};

/// Names one engine in one process and boot: the owner of the runs that it executes.
struct NodeId {
  std::string text{};
  bool empty() const { return text.empty(); }
  auto operator<=>(const NodeId&) const = default;
};

}  // namespace sluice
