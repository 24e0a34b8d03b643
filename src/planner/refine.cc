#include "planner/refine.h"

#include <algorithm>

#include "planner/compile.h"
#include "planner/definitions.h"
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

Conversation conversation_of(const std::vector<std::string>& texts, const Glossary& glossary) {
  Conversation out;
  auto definitions = glossary.definitions;
  for (const std::string& text : texts) {
    // What is said next does not continue a sentence.
    if (!out.words.empty()) out.words.push_back({.kind = WordKind::comma});
    auto [said, defined] = definitions_said(text);
    // What the person says of a word counts before what the house says of it.
    definitions.insert(definitions.begin(), defined.begin(), defined.end());
    const auto words = spelled_out(split_words(said), definitions);
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
  return quantity.fn || quantity.kind == Quantity::Kind::rows || is_made_of_others(quantity) || quantity.kind == Quantity::Kind::share;
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

namespace {

/// The table whose rows tell the set's apart.
int named_by(const Known& known, const Set& set) {
  if (set.column < 0) return set.table;
  const int edge = known.schema.graph.edge_of(set.table, known.column(set.table, set.column).name);
  return edge >= 0 ? known.schema.graph.edge(edge).to : -1;
}

}  // namespace

int named_by(const Known& known, const Group& group) {
  const auto* set = std::get_if<SetPtr>(&group.key);
  return set == nullptr ? -1 : named_by(known, **set);
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
    if (const auto* set = std::get_if<SetPtr>(&group.key)) {
      // The carriers of flights are shown with their names.
      if (const int named = named_by(known, group); named >= 0) tables.push_back(named);
      tables.push_back((*set)->table);
    }
  if (const SetPtr& owner = query.outputs.owner; owner != nullptr && owner->column >= 0)
    if (const int named = named_by(known, *owner); named >= 0) tables.push_back(named);
  tables.push_back(main_table(query));
  std::optional<Likely<Quantity>> best;
  for (const int table : tables) {
    if (table < 0) continue;
    auto likely = resolve(known, quantity, table);
    if (!likely.empty() && (!best || likely.front().cost < best->cost)) best = std::move(likely.front());
  }
  return best;
}

namespace {

/// "Which carriers …" shows several: as many when something else is shown of them.
Query pinned(const Query& query) {
  if (query.outputs.list.size() != 1 || !std::holds_alternative<SetPtr>(query.outputs.list.front())) return query;
  return rewrite_sets(query, [](const SetPtr& set) {
    if (!set->ranking || set->ranking->count || set->ranking->skip > 0 || !set->noun.plural) return set;
    Set one = *set;
    one.ranking->count = kTopDefault;
    return std::make_shared<const Set>(std::move(one));
  });
}

/// "flights per carrier" are counted, as "how many flights per carrier" says in so many words.
Query counted(const Query& query) {
  const auto* shown = query.outputs.list.size() == 1 ? std::get_if<SetPtr>(&query.outputs.list.front()) : nullptr;
  const SetPtr& owner = query.outputs.owner;
  if (query.groups.empty() || shown == nullptr || owner == nullptr || *shown != owner || owner->ranking || owner->column >= 0) return query;
  Query out = query;
  out.outputs = {.list = {Quantity{.kind = Quantity::Kind::rows, .of = owner}}};
  return out;
}

}  // namespace

std::vector<Likely<Query>> refine(const Known& known, const Query& previous, const Refinement& refinement) {
  Changed open{{pinned(counted(previous)), 0}};
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
