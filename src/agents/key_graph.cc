#include "agents/key_graph.h"

#include <algorithm>
#include <map>

namespace sluice {

KeyGraph::KeyGraph(const Catalog& catalog) {
  std::map<TableName, std::uint32_t> places;
  for (std::uint32_t i = 0; i < catalog.tables.size(); ++i) places.emplace(catalog.tables[i].name, i);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;
  for (std::uint32_t from = 0; from < catalog.tables.size(); ++from)
    for (const ForeignKey& key : catalog.tables[from].foreign_keys) {
      const auto target = places.find(key.target);
      if (target == places.end() || target->second == from) continue;
      edges.emplace_back(from, target->second);
      edges.emplace_back(target->second, from);
    }
  std::ranges::sort(edges);
  edges.erase(std::ranges::unique(edges).begin(), edges.end());
  first_.assign(catalog.tables.size() + 1, 0);
  neighbours_.reserve(edges.size());
  for (const auto& [from, to] : edges) {
    ++first_[from + 1];
    neighbours_.push_back(to);
  }
  for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
}

std::vector<std::uint8_t> KeyGraph::distances(std::uint32_t from, std::uint8_t hops_max) const {
  std::vector<std::uint8_t> out(first_.size() - 1, kFar);
  std::vector<std::uint32_t> reached{from};
  out[from] = 0;
  for (std::size_t next = 0; next < reached.size(); ++next) {
    const std::uint8_t hops = out[reached[next]];
    if (hops >= hops_max) break;
    for (const std::uint32_t neighbour : neighbours(reached[next])) {
      if (out[neighbour] != kFar) continue;
      out[neighbour] = static_cast<std::uint8_t>(hops + 1);
      reached.push_back(neighbour);
    }
  }
  return out;
}

}  // namespace sluice
