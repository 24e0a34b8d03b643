#include "planner/known.h"

#include <algorithm>
#include <set>

#include "planner/labels.h"

namespace sluice::planner {

bool Known::asks_which() const {
  constexpr std::size_t kFirst = 3;
  for (std::size_t i = 0; i < words_.size() && i < kFirst; ++i)
    if (lexicon.asks_which(words_[i])) return true;
  return false;
}

bool Known::says_altogether() const {
  for (std::size_t i = 0; i < words_.size(); ++i)
    for (const Lexicon::Phrase& phrase : lexicon.phrases_at(words_, i)) {
      const std::size_t end = i + phrase.words;
      if (phrase.role == Role::altogether && (end == words_.size() || words_[end].kind != WordKind::word || !lexicon.phrases_at(words_, end).empty()))
        return true;
    }
  return false;
}

bool Known::is_key(const Link& link) const {
  const Table& owner = table(link.table);
  const Column& one = column(link);
  const auto in = [&](const std::vector<std::string>& columns) { return std::ranges::find(columns, one.name) != columns.end(); };
  return is_identifier(one, owner) || (owner.primary_key && in(owner.primary_key->columns)) ||
         std::ranges::any_of(owner.foreign_keys, [&](const ForeignKey& key) { return in(key.columns); });
}

bool Known::is_amount(const Link& link) const {
  static constexpr std::string_view kTimes[] = {"year", "quarter", "month", "week", "day", "hour"};
  const auto pieces = name_pieces(column(link).name);
  const bool time = !pieces.empty() && std::ranges::find(kTimes, pieces.back()) != std::end(kTimes);
  return column(link).type.is_numeric() && !is_key(link) && !time;
}

const std::vector<Route>& Known::routes(int from, int to) const {
  const auto [found, fresh] = routes_.try_emplace({from, to});
  if (fresh) found->second = schema.graph.routes(from, to);
  return found->second;
}

bool Known::is_link(int id) const {
  const Table& one = real.tables[static_cast<std::size_t>(id)];
  std::set<std::string> keys;
  for (const ForeignKey& key : one.foreign_keys) keys.insert(key.columns.begin(), key.columns.end());
  return keys.size() >= 2 && keys.size() == one.columns.size();
}

double Known::distance(int from, int to) const {
  constexpr double kForward = 0.08, kBack = 0.15, kThroughLink = 0.1;
  if (from == to) return 0;
  const auto& all = routes(from, to);
  if (all.empty()) return kUnreachable;
  double out = 0;
  const auto& steps = all.front().steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    // A table that only links two others is no more than the line between them.
    if (!steps[i].forward && i + 1 < steps.size() && steps[i + 1].forward && is_link(schema.graph.edge(steps[i].edge).from)) {
      out += kThroughLink;
      ++i;
      continue;
    }
    out += steps[i].forward ? kForward : kBack;
  }
  return out;
}

const Route* Known::towards(const std::vector<Route>& ways, Condition::Way way) const {
  for (const Route& one : ways)
    for (const Step& step : one.steps)
      for (const auto& [column, target] : schema.graph.edge(step.edge).columns) {
        const auto pieces = name_pieces(column);
        const bool from = lexicon.points_from(pieces), to = lexicon.points_to(pieces);
        if (from != to && (way == Condition::Way::from ? from : to)) return &one;
      }
  return nullptr;
}

const Route* Known::preferred(const std::vector<Route>& ways) const {
  const auto named = [&](const Route& way) {
    int count = 0;
    for (const Step& step : way.steps)
      for (const auto& [from, to] : schema.graph.edge(step.edge).columns)
        for (const auto pieces = name_pieces(from); const std::string& piece : pieces)
          if (piece.size() > 1)
            count += static_cast<int>(std::ranges::count_if(words_, [&](const Word& word) {
              return word.stem == piece ||
                     std::ranges::any_of(lexicon.equivalents(word.stem), [&](const auto& other) { return other.first == piece; });
            }));
    for (const Step& step : way.steps)
      for (const auto& [from, to] : schema.graph.edge(step.edge).columns) {
        const auto pieces = name_pieces(from);
        const auto says = [&](auto test) { return std::ranges::any_of(words_, test) ? 1 : 0; };
        if (lexicon.points_from(pieces)) count += says([&](const Word& word) { return lexicon.says_from(word); });
        if (lexicon.points_to(pieces)) count += says([&](const Word& word) { return lexicon.says_to(word); });
      }
    return count;
  };
  const Route* best = nullptr;
  int most = -1;
  for (const Route& way : ways) {
    const int count = named(way);
    if (count == most) best = nullptr;
    if (count <= most) continue;
    best = &way;
    most = count;
  }
  return best;
}

}  // namespace sluice::planner
