#include "planner/refine.h"

#include <algorithm>

#include "planner/refine_parts.h"
#include "planner/rewrite.h"

namespace sluice::planner {
namespace {

constexpr std::size_t kKept = 4;
constexpr double kKeepWithin = 0.35, kSkipMax = 0.25;

Changed changed(const Known& known, const Query& query, const Change& change) {
  switch (change.kind) {
    case Change::Kind::condition: return change_condition(known, query, change);
    case Change::Kind::outputs:
    case Change::Kind::function:
    case Change::Kind::count:
    case Change::Kind::share: return change_shown(known, query, change);
    default: return change_arranged(known, query, change);
  }
}

}  // namespace

Conversation conversation_of(const std::vector<std::string>& texts) {
  Conversation out;
  for (const std::string& text : texts) {
    // What is said next does not continue a sentence.
    if (!out.words.empty()) out.words.push_back({.kind = WordKind::comma});
    const auto words = split_words(text);
    const std::size_t begin = out.words.size();
    out.words.insert(out.words.end(), words.begin(), words.end());
    out.parts.push_back({begin, out.words.size()});
  }
  return out;
}

std::vector<double> feedback_skip_costs(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items, std::size_t from) {
  auto out = skip_costs(known, words, items);
  // A few words say little: what may be a name or a verb that nobody knows is not passed over.
  for (double& cost : out)
    if (cost > kSkipMax) cost = Chart::kNoSkip;
  std::fill(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(from), 0.0);
  for (const Item& item : items)
    if (item.cat == Cat::role && only_in_feedback(item.role) && item.role != Role::also)
      for (std::size_t i = item.begin; i < item.end; ++i)
        if (item.end == item.begin + 1 || out[i] > 0) out[i] = Chart::kNoSkip;
  return out;
}

bool is_measure(const Quantity& quantity) {
  return quantity.fn || quantity.kind == Quantity::Kind::rows || quantity.kind == Quantity::Kind::ratio || quantity.kind == Quantity::Kind::share;
}
bool is_measure(const Output& output) {
  const auto* quantity = std::get_if<Quantity>(&output);
  return quantity != nullptr && is_measure(*quantity);
}

std::vector<Quantity> measures_of(const Query& query) {
  std::vector<Quantity> out;
  for (const Output& output : query.outputs.list)
    if (is_measure(output)) out.push_back(std::get<Quantity>(output));
  return out;
}

int main_table(const Query& query) {
  if (query.outputs.owner != nullptr) return query.outputs.owner->table;
  for (const Quantity& one : measures_of(query)) {
    if (one.of != nullptr) return one.of->table;
    if (!one.noun.links.empty()) return one.noun.links.front().table;
  }
  return -1;
}

const Ranking* ranking_of(const Query& query) {
  if (query.outputs.owner != nullptr && query.outputs.owner->ranking) return &*query.outputs.owner->ranking;
  for (const Group& group : query.groups)
    if (const auto* set = std::get_if<SetPtr>(&group.key); set != nullptr && (*set)->ranking) return &*(*set)->ranking;
  return nullptr;
}

Query with_ranking(const Query& query, const std::function<void(Ranking&)>& change) {
  return rewrite_sets(query, [&](const SetPtr& set) {
    if (!set->ranking) return set;
    Set one = *set;
    change(*one.ranking);
    return std::make_shared<const Set>(std::move(one));
  });
}

std::optional<Likely<Quantity>> decided(const Known& known, const Query& query, const Quantity& quantity) {
  // "the count": of what the question is about.
  if (quantity.kind == Quantity::Kind::rows && quantity.of == nullptr) {
    for (const Quantity& one : measures_of(query))
      if (one.kind == Quantity::Kind::rows) return Likely<Quantity>{one, 0};
    return std::nullopt;
  }
  std::vector<int> tables;
  for (const Group& group : query.groups)
    if (const auto* set = std::get_if<SetPtr>(&group.key)) tables.push_back((*set)->table);
  tables.push_back(main_table(query));
  std::optional<Likely<Quantity>> best;
  for (const int table : tables) {
    if (table < 0) continue;
    auto likely = resolve(known, quantity, table);
    if (!likely.empty() && (!best || likely.front().cost < best->cost)) best = std::move(likely.front());
  }
  return best;
}

std::vector<Likely<Query>> refine(const Known& known, const Query& previous, const Refinement& refinement) {
  Changed open{{previous, 0}};
  for (const Change& change : refinement) {
    Changed next;
    for (const auto& [query, cost] : open)
      for (auto& [one, more] : changed(known, query, change)) next.push_back({std::move(one), cost + more});
    std::ranges::stable_sort(next, {}, &Likely<Query>::cost);
    while (!next.empty() && (next.size() > kKept || next.back().cost > next.front().cost + kKeepWithin)) next.pop_back();
    open = std::move(next);
  }
  return open;
}

}  // namespace sluice::planner
