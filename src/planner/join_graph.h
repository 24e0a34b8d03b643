#pragma once
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/catalog.h"
#include "planner/roles.h"

namespace sluice::planner {

/// Following it, a row finds at most one row of the other table, so that nothing is ever counted twice.
struct Edge {
  int from = 0, to = 0;
  std::vector<std::pair<std::string, std::string>> columns{};  ///< of `from`, of `to`
  bool optional = true;                                        ///< a row may find none: nothing enforces the key, or it may be NULL
  bool single = false;                                         ///< a key of one column
  bool of_itself = false;                                      ///< the key of a table that refers to itself, to or from a role of it
};

inline constexpr int kPathMax = 5, kRoutesMax = 4;

/// One key followed from its table to the one it refers to, or back: then a row finds any number of rows.
struct Step {
  int edge = 0;
  bool forward = true;

  bool operator==(const Step&) const = default;
};
/// A way between two tables. `to_one`: each row finds at most one row at its end.
struct Route {
  std::vector<Step> steps{};
  bool to_one = true;
};

/// The foreign keys of a catalog, declared and inferred, as a graph whose edges go from many to one. Immutable; any thread.
class JoinGraph {
 public:
  using Allows = std::function<bool(int edge)>;

  /// Of the catalog with the roles at its end: each is linked with the table whose key leads to it, and refers to what its rows refer to.
  JoinGraph(const Catalog& catalog, const Roles& roles);

  /// The tables from which all of `targets` can be reached along the keys that may be followed, with the sum of the distances.
  std::vector<std::pair<int, int>> roots(const std::vector<int>& targets, const Allows& allows) const;
  /// The shortest ways between two tables along keys that may be followed, at most kRoutesMax; following a key costs less than going back along it.
  /// None for a table itself.
  std::vector<Route> routes(int from, int to, const Allows& allows) const;
  const Edge& edge(int index) const { return edges_[static_cast<std::size_t>(index)]; }
  /// The edge that begins at this one column, or -1.
  int edge_of(int table, const std::string& column) const;
  const std::vector<int>& edges_from(int table) const { return out_[static_cast<std::size_t>(table)]; }
  const std::vector<int>& edges_to(int table) const { return in_[static_cast<std::size_t>(table)]; }

 private:
  /// The foreign key as an edge; nothing where it may not be followed.
  static std::optional<Edge> edge_of(const Catalog& catalog, int from, int to, const ForeignKey& key);
  void add(Edge edge);
  std::vector<int> distances_to(int target, const Allows& allows) const;
  /// What it costs to get to the target, for all tables from which it costs less than from `from`, and for that one; -1 for others.
  std::vector<int> costs_to(int target, int from, const Allows& allows) const;

  std::vector<Edge> edges_{};
  std::vector<std::vector<int>> out_{}, in_{};
};

}  // namespace sluice::planner
