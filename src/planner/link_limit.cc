#include "planner/link_limit.h"

#include <algorithm>
#include <map>
#include <utility>

namespace sluice::planner {
namespace {

constexpr int kSteps = 2, kUnrelated = kSteps + 1;
constexpr std::size_t kNear = 4096, kFew = 12;
constexpr double kSurely = 0.72;

bool names_table(const Link& link) { return link.kind == Link::Kind::table && link.score >= kSurely; }

/// "orders" says less than the "urban orders" that it is a part of.
bool is_within(const Item& item, const Item& other) {
  const bool within = other.begin <= item.begin && item.end <= other.end && other.end - other.begin > item.end - item.begin;
  return within && other.cat == Cat::noun && std::ranges::any_of(other.as<Noun>().links, names_table);
}

/// How many keys lead from the named tables to each table, as far as is looked.
class Nearness {
 public:
  Nearness(const Known& known, const std::vector<Item>& items) {
    std::vector<int> frontier;
    const auto take = [&](int table, int steps) {
      if (steps_.size() < kNear && steps_.emplace(table, steps).second) frontier.push_back(table);
    };
    for (const Item& item : items)
      if (item.cat == Cat::noun && std::ranges::none_of(items, [&](const Item& other) { return is_within(item, other); }))
        for (const Link& link : item.as<Noun>().links)
          if (names_table(link)) take(link.table, 0);
    for (int steps = 1; steps <= kSteps; ++steps) {
      const std::vector<int> reached = std::exchange(frontier, {});
      for (const int table : reached) {
        for (const int edge : known.schema.graph.edges_from(table)) take(known.schema.graph.edge(edge).to, steps);
        for (const int edge : known.schema.graph.edges_to(table)) take(known.schema.graph.edge(edge).from, steps);
      }
    }
  }

  int of(int table) const {
    const auto found = steps_.find(table);
    return found == steps_.end() ? kUnrelated : found->second;
  }

 private:
  std::map<int, int> steps_{};
};

/// The nearest of many links; equally good ones the nearest first, for rules try only some of them.
void limit(std::vector<Link>& links, const Nearness& nearness, std::size_t most) {
  if (links.size() <= kFew) return;
  std::vector<std::pair<int, Link>> all;
  for (Link& link : links) {
    const int steps = nearness.of(link.table);
    all.emplace_back(steps, std::move(link));
  }
  const auto by_steps = [](const auto& one) { return std::pair(one.first, -one.second.score); };
  const auto by_score = [](const auto& one) { return std::pair(-one.second.score, one.first); };
  std::ranges::stable_sort(all, {}, by_steps);
  all.resize(std::min(all.size(), most));
  std::ranges::stable_sort(all, {}, by_score);
  links.clear();
  for (auto& [steps, link] : all) links.push_back(std::move(link));
}

}  // namespace

void limit_links(const Known& known, std::vector<Item>& items) {
  const auto many = [](const Item& item) {
    if (item.cat == Cat::noun || item.cat == Cat::value || item.cat == Cat::event) return item.as<Noun>().links.size() > kFew;
    if (item.cat != Cat::adjective) return false;
    return item.as<Adjective>().more.links.size() > kFew || item.as<Adjective>().less.links.size() > kFew;
  };
  if (std::ranges::none_of(items, many)) return;
  const Nearness nearness(known, items);
  for (Item& item : items) {
    if (!many(item)) continue;
    Meaning meaning = *item.meaning;
    if (auto* noun = std::get_if<Noun>(&meaning)) limit(noun->links, nearness, item.cat == Cat::value ? kValueLinksMax : kLinksMax);
    if (auto* adjective = std::get_if<Adjective>(&meaning)) {
      limit(adjective->more.links, nearness, kLinksMax);
      limit(adjective->less.links, nearness, kLinksMax);
    }
    item.meaning = std::make_shared<const Meaning>(std::move(meaning));
  }
}

}  // namespace sluice::planner
