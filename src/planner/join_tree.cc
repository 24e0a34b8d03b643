#include "planner/join_tree.h"

#include <algorithm>

namespace sluice::planner {

JoinTree::JoinTree(const Catalog& catalog, const JoinGraph& graph, int root) : catalog_(catalog), graph_(graph), root_(root) {}

std::string JoinTree::table_label(int table) const { return catalog_.tables[static_cast<std::size_t>(table)].name.name; }

std::string JoinTree::step(const std::string& from, int edge, Missing missing) {
  for (Step& one : steps_)
    if (one.from == from && one.edge == edge) {
      one.missing = std::max(one.missing, missing);
      return one.alias;
    }
  std::string alias = table_label(graph_.edge(edge).to);
  const auto taken = [&](const std::string& name) {
    return name == table_label(root_) || std::ranges::any_of(steps_, [&](const Step& one) { return one.alias == name; });
  };
  if (taken(alias)) alias = graph_.edge(edge).columns.front().first + "_" + alias;
  for (int n = 2; taken(alias); ++n) alias += "_" + std::to_string(n);
  steps_.push_back({from, alias, edge, missing});
  return alias;
}

Result<std::string> JoinTree::reach(int table, Missing missing) {
  const auto path = graph_.path(root_, table);
  if (!path.found)
    return Error{ErrorKind::unanswerable, "E0604", "rows of \"" + table_label(root_) + "\" do not refer to \"" + table_label(table) + "\"",
                 "declare the foreign key in the database, or write the SQL with `sluice query`", 0};
  if (path.several)
    return Error{ErrorKind::unanswerable, "E0604", "\"" + table_label(root_) + "\" refers to \"" + table_label(table) + "\" in several ways",
                 "name the column that is meant", 0};
  std::string alias = table_label(root_);
  for (const int edge : path.edges) alias = step(alias, edge, missing);
  return alias;
}

std::string JoinTree::look_up(const std::string& alias, int edge) { return step(alias, edge, Missing::name); }

int JoinTree::reached() const {
  return static_cast<int>(std::ranges::count_if(steps_, [](const Step& one) { return one.missing != Missing::name; }));
}

plan::Source JoinTree::from() const { return {catalog_.tables[static_cast<std::size_t>(root_)].name, table_label(root_)}; }

std::vector<plan::Join> JoinTree::joins() const {
  std::vector<plan::Join> out;
  for (const Step& one : steps_) {
    const Edge& edge = graph_.edge(one.edge);
    // What hangs on a left join is itself looked up.
    const bool left =
        one.missing == Missing::name || (one.missing == Missing::keep && edge.optional) ||
        std::ranges::any_of(out, [&](const plan::Join& before) { return before.source.alias == one.from && before.kind == plan::JoinKind::left; });
    plan::Join join{left ? plan::JoinKind::left : plan::JoinKind::inner, {catalog_.tables[static_cast<std::size_t>(edge.to)].name, one.alias}, {}};
    for (const auto& [from, to] : edge.columns) join.on.push_back({plan::column(one.from, from), plan::column(one.alias, to)});
    out.push_back(std::move(join));
  }
  return out;
}

}  // namespace sluice::planner
