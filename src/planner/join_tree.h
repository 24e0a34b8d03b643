#pragma once
#include <map>
#include <string>
#include <vector>

#include "plan/spec.h"
#include "planner/join_graph.h"

namespace sluice::planner {

/// The sources of one query: a root table, and the tables that its rows refer to, each joined once per way to it.
class JoinTree {
 public:
  JoinTree(const Catalog& catalog, const JoinGraph& graph, int root);

  int root() const { return root_; }
  /// The alias of a table, joined along the shortest way from the root. E0604 where there is none, or several.
  Result<std::string> reach(int table);
  /// The alias of the table that this edge, starting at `alias`, leads to; by a left join, so that no row is lost for want of a name.
  std::string look_up(const std::string& alias, int edge);
  std::vector<plan::Join> joins() const;
  plan::Source from() const;

 private:
  struct Step {
    std::string from, alias;
    int edge = 0;
    plan::JoinKind kind = plan::JoinKind::inner;
  };
  std::string step(const std::string& from, int edge, plan::JoinKind kind);
  std::string table_label(int table) const;

  const Catalog& catalog_;
  const JoinGraph& graph_;
  int root_;
  std::vector<Step> steps_{};
};

}  // namespace sluice::planner
