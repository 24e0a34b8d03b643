#include "planner/join_graph.h"

#include <algorithm>
#include <map>

namespace sluice::planner {
namespace {

bool is_unique(const Table& table, const std::vector<std::string>& columns) {
  const auto same = [&](const Key& key) { return std::ranges::is_permutation(key.columns, columns); };
  return (table.primary_key && same(*table.primary_key)) || std::ranges::any_of(table.unique_keys, same);
}

}  // namespace

JoinGraph::JoinGraph(const Catalog& catalog) : out_(catalog.tables.size()), in_(catalog.tables.size()) {
  std::map<TableName, int> places;
  for (int t = 0; t < static_cast<int>(catalog.tables.size()); ++t) places[catalog.tables[static_cast<std::size_t>(t)].name] = t;
  for (int t = 0; t < static_cast<int>(catalog.tables.size()); ++t) {
    for (const ForeignKey& key : catalog.tables[static_cast<std::size_t>(t)].foreign_keys) {
      const auto target = places.find(key.target);
      if (target == places.end() || target->second == t || key.columns.size() != key.target_columns.size()) continue;
      // A key that refers to columns which needn't be unique could multiply rows.
      if (!is_unique(catalog.tables[static_cast<std::size_t>(target->second)], key.target_columns) && key.origin == KeyOrigin::inferred) continue;
      Edge edge{t, target->second, {}, key.origin == KeyOrigin::inferred};
      for (std::size_t i = 0; i < key.columns.size(); ++i) {
        edge.columns.emplace_back(key.columns[i], key.target_columns[i]);
        const Column* column = catalog.tables[static_cast<std::size_t>(t)].find_column(key.columns[i]);
        edge.optional = edge.optional || column == nullptr || column->nullable;
      }
      out_[static_cast<std::size_t>(t)].push_back(static_cast<int>(edges_.size()));
      in_[static_cast<std::size_t>(edge.to)].push_back(static_cast<int>(edges_.size()));
      edges_.push_back(std::move(edge));
    }
  }
}

std::vector<int> JoinGraph::distances_to(int target) const {
  std::vector<int> distance(out_.size(), -1);
  std::vector<int> frontier{target};
  distance[static_cast<std::size_t>(target)] = 0;
  for (int steps = 1; steps <= kPathMax && !frontier.empty(); ++steps) {
    std::vector<int> next;
    for (const int table : frontier)
      for (const int index : in_[static_cast<std::size_t>(table)]) {
        int& one = distance[static_cast<std::size_t>(edge(index).from)];
        if (one >= 0) continue;
        one = steps;
        next.push_back(edge(index).from);
      }
    frontier = std::move(next);
  }
  return distance;
}

JoinGraph::Path JoinGraph::path(int from, int to) const {
  Path out;
  const std::vector<int> distance = distances_to(to);
  if (distance[static_cast<std::size_t>(from)] < 0) return out;
  out.found = true;
  for (int table = from; table != to;) {
    int chosen = -1;
    for (const int index : out_[static_cast<std::size_t>(table)]) {
      if (distance[static_cast<std::size_t>(edge(index).to)] != distance[static_cast<std::size_t>(table)] - 1) continue;
      if (chosen >= 0) out.several = true;
      if (chosen < 0) chosen = index;
    }
    out.edges.push_back(chosen);
    table = edge(chosen).to;
  }
  return out;
}

std::vector<std::pair<int, int>> JoinGraph::roots(const std::vector<int>& targets) const {
  std::vector<int> sum(out_.size(), 0);
  for (const int target : targets) {
    const std::vector<int> distance = distances_to(target);
    for (std::size_t t = 0; t < sum.size(); ++t) sum[t] = distance[t] < 0 || sum[t] < 0 ? -1 : sum[t] + distance[t];
  }
  std::vector<std::pair<int, int>> out;
  for (std::size_t t = 0; t < sum.size(); ++t)
    if (sum[t] >= 0) out.emplace_back(static_cast<int>(t), sum[t]);
  std::ranges::stable_sort(out, {}, &std::pair<int, int>::second);
  return out;
}

int JoinGraph::edge_of(int table, const std::string& column) const {
  for (const int index : edges_from(table))
    if (edge(index).columns.size() == 1 && edge(index).columns[0].first == column) return index;
  return -1;
}

}  // namespace sluice::planner
