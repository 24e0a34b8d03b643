#include "planner/join_graph.h"

#include <algorithm>
#include <map>

namespace sluice::planner {
namespace {

bool is_unique(const Table& table, const std::vector<std::string>& columns) {
  const auto same = [&](const Key& key) { return std::ranges::is_permutation(key.columns, columns); };
  return (table.primary_key && same(*table.primary_key)) || std::ranges::any_of(table.unique_keys, same);
}

/// In PostgreSQL inferred keys are followed only between columns of one kind.
bool can_compare(const Catalog& catalog, const Table& from, const Table& to, const ForeignKey& key) {
  if (catalog.dialect != Dialect::postgres || key.origin != KeyOrigin::inferred) return true;
  const Column *column = from.find_column(key.columns.front()), *target = to.find_column(key.target_columns.front());
  return column == nullptr || target == nullptr || column->type.kind == target->type.kind;
}

}  // namespace

std::optional<Edge> JoinGraph::edge_of(const Catalog& catalog, int from, int to, const ForeignKey& key) {
  const Table &owner = catalog.tables[static_cast<std::size_t>(from)], &target = catalog.tables[static_cast<std::size_t>(to)];
  if (key.columns.size() != key.target_columns.size()) return std::nullopt;
  // A key that refers to columns which needn't be unique could multiply rows.
  if (!is_unique(target, key.target_columns) && key.origin == KeyOrigin::inferred) return std::nullopt;
  if (!can_compare(catalog, owner, target, key)) return std::nullopt;
  Edge edge{from, to, {}, key.origin == KeyOrigin::inferred, key.columns.size() == 1, false};
  for (std::size_t i = 0; i < key.columns.size(); ++i) {
    edge.columns.emplace_back(key.columns[i], key.target_columns[i]);
    const Column* column = owner.find_column(key.columns[i]);
    edge.optional = edge.optional || column == nullptr || column->nullable;
  }
  return edge;
}

void JoinGraph::add(Edge edge) {
  out_[static_cast<std::size_t>(edge.from)].push_back(static_cast<int>(edges_.size()));
  in_[static_cast<std::size_t>(edge.to)].push_back(static_cast<int>(edges_.size()));
  edges_.push_back(std::move(edge));
}

JoinGraph::JoinGraph(const Catalog& catalog, const Roles& roles) : out_(catalog.tables.size()), in_(catalog.tables.size()) {
  std::map<TableName, int> places;
  for (int t = 0; t < roles.tables(); ++t) places[catalog.tables[static_cast<std::size_t>(t)].name] = t;
  for (int t = 0; t < static_cast<int>(catalog.tables.size()); ++t)
    for (const ForeignKey& key : catalog.tables[static_cast<std::size_t>(t)].foreign_keys) {
      const auto target = places.find(key.target);
      if (target == places.end() || target->second == roles.base_of(t)) continue;
      if (auto edge = edge_of(catalog, t, target->second, key)) add(*std::move(edge));
    }
  for (std::size_t i = 0; i < roles.all().size(); ++i) {
    const RoleTable& role = roles.all()[i];
    const ForeignKey& key = catalog.tables[static_cast<std::size_t>(role.from)].foreign_keys[role.key];
    auto edge = edge_of(catalog, role.from, role.base, key);
    if (!edge) continue;
    edge->of_itself = role.of_itself();
    const auto link = [&](int from, int to) {
      edge->from = from;
      edge->to = to;
      add(*edge);
    };
    if (!role.referring) {
      link(role.from, roles.number(i));
      continue;
    }
    link(roles.number(i), role.base);
    for (std::size_t other = 0; other < roles.all().size(); ++other) {
      const RoleTable& one = roles.all()[other];
      if (one.of_itself() && !one.referring && one.base == role.base && one.key == role.key) link(roles.number(i), roles.number(other));
    }
  }
}

std::vector<int> JoinGraph::distances_to(int target, const Allows& allows) const {
  std::vector<int> distance(out_.size(), -1);
  std::vector<int> frontier{target};
  distance[static_cast<std::size_t>(target)] = 0;
  for (int steps = 1; steps <= kPathMax && !frontier.empty(); ++steps) {
    std::vector<int> next;
    for (const int table : frontier)
      for (const int index : in_[static_cast<std::size_t>(table)]) {
        int& one = distance[static_cast<std::size_t>(edge(index).from)];
        if (one >= 0 || !allows(index)) continue;
        one = steps;
        next.push_back(edge(index).from);
      }
    frontier = std::move(next);
  }
  return distance;
}

std::vector<std::pair<int, int>> JoinGraph::roots(const std::vector<int>& targets, const Allows& allows) const {
  std::vector<int> sum(out_.size(), 0);
  for (const int target : targets) {
    const std::vector<int> distance = distances_to(target, allows);
    for (std::size_t t = 0; t < sum.size(); ++t) sum[t] = distance[t] < 0 || sum[t] < 0 ? -1 : sum[t] + distance[t];
  }
  std::vector<std::pair<int, int>> out;
  for (std::size_t t = 0; t < sum.size(); ++t)
    if (sum[t] >= 0) out.emplace_back(static_cast<int>(t), sum[t]);
  std::ranges::stable_sort(out, {}, &std::pair<int, int>::second);
  return out;
}

std::vector<int> JoinGraph::costs_to(int target, int from, const Allows& allows) const {
  constexpr std::size_t kForward = 2, kBack = 3, kCostMax = kPathMax * kBack;
  std::vector<int> cost(out_.size(), -1);
  std::vector<std::vector<int>> waiting(kCostMax + kBack + 1);
  waiting[0].push_back(target);
  for (std::size_t now = 0; now <= kCostMax; ++now)
    for (std::size_t i = 0; i < waiting[now].size(); ++i) {
      const int table = waiting[now][i];
      int& known = cost[static_cast<std::size_t>(table)];
      if (known >= 0) continue;
      known = static_cast<int>(now);
      if (table == from) return cost;
      for (const int index : in_[static_cast<std::size_t>(table)])
        if (allows(index)) waiting[now + kForward].push_back(edge(index).from);
      for (const int index : out_[static_cast<std::size_t>(table)])
        if (allows(index)) waiting[now + kBack].push_back(edge(index).to);
    }
  return cost;
}

std::vector<Route> JoinGraph::routes(int from, int to, const Allows& allows) const {
  std::vector<Route> done;
  const std::vector<int> cost = costs_to(to, from, allows);
  if (from == to || cost[static_cast<std::size_t>(from)] < 0) return done;
  struct Open {
    int table = 0;
    Route route{};
  };
  std::vector<Open> open{{from, {}}};
  while (!open.empty() && done.size() < kRoutesMax) {
    Open one = std::move(open.back());
    open.pop_back();
    if (one.table == to) {
      done.push_back(std::move(one.route));
      continue;
    }
    const auto follow = [&](int index, int next, bool forward) {
      if (!allows(index)) return;
      if (cost[static_cast<std::size_t>(next)] + (forward ? 2 : 3) != cost[static_cast<std::size_t>(one.table)]) return;
      Open longer{next, one.route};
      longer.route.steps.push_back({index, forward});
      longer.route.to_one = longer.route.to_one && forward;
      open.push_back(std::move(longer));
    };
    const auto& in = in_[static_cast<std::size_t>(one.table)];
    const auto& out = out_[static_cast<std::size_t>(one.table)];
    for (auto index = in.rbegin(); index != in.rend(); ++index) follow(*index, edge(*index).from, false);
    for (auto index = out.rbegin(); index != out.rend(); ++index) follow(*index, edge(*index).to, true);
  }
  return done;
}

int JoinGraph::edge_of(int table, const std::string& column) const {
  for (const int index : edges_from(table))
    if (edge(index).columns.size() == 1 && edge(index).columns[0].first == column) return index;
  return -1;
}

}  // namespace sluice::planner
