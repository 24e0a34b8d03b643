#pragma once
#include <map>
#include <string>
#include <vector>

#include "plan/spec.h"
#include "planner/join_graph.h"

namespace sluice::planner {

/// What becomes of rows that a key leads nowhere from. `name`: the other table is looked up for a name only. `keep`: its columns are asked for, and
/// the rows are still counted. `match`: rows are asked for that have one.
enum class Missing : std::uint8_t { name, keep, match };

/// The sources of one query: a root table, and the tables that its rows refer to, each joined once per way to it.
class JoinTree {
 public:
  JoinTree(const Catalog& catalog, const JoinGraph& graph, int root);

  int root() const { return root_; }
  /// The alias of a table, joined along the shortest way from the root. E0604 where there is none, or several.
  Result<std::string> reach(int table, Missing missing);
  /// The alias of the table that this edge, starting at `alias`, leads to; by a left join, so that no row is lost for want of a name.
  std::string look_up(const std::string& alias, int edge);
  std::vector<plan::Join> joins() const;
  /// How many tables are joined for more than a name.
  int reached() const;
  plan::Source from() const;

 private:
  struct Step {
    std::string from, alias;
    int edge = 0;
    Missing missing = Missing::keep;
  };
  std::string step(const std::string& from, int edge, Missing missing);
  std::string table_label(int table) const;

  const Catalog& catalog_;
  const JoinGraph& graph_;
  int root_;
  std::vector<Step> steps_{};
};

}  // namespace sluice::planner
