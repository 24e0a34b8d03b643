#include "planner/chart.h"

#include <algorithm>

#include "planner/meaning_key.h"

namespace sluice::planner {
namespace {

/// Of each kind of phrase, so many are kept for a span of words; phrases that cost more than the best by so much are not.
constexpr std::size_t kBeam = 10, kEdgesMax = 200, kGapMax = 6;
constexpr double kCostMax = 4;
constexpr std::uint64_t kSeed = 0x9e3779b97f4a7c15ULL;

bool matches(const Symbol& symbol, const Item& item) { return symbol.cat == item.cat && (symbol.cat != Cat::role || symbol.role == item.role); }

}  // namespace

bool Made::takes(Cat cat, std::uint64_t key, double cost) {
  if (cost > kCostMax) return false;
  auto& list = of(cat);
  const auto same = std::ranges::find(list, key, [](const Numbered& one) { return one.item.key; });
  if (same != list.end()) {
    if (same->item.cost <= cost) return false;
    list.erase(same);
  } else if (cat != Cat::role && list.size() >= kBeam) {
    // Of equally likely ones the last made is kept least.
    auto worst = list.begin();
    for (auto one = list.begin(); one != list.end(); ++one)
      if (one->item.cost >= worst->item.cost) worst = one;
    if (worst->item.cost <= cost) return false;
    list.erase(worst);
  }
  return true;
}

std::vector<Item> Made::take() {
  std::vector<Numbered> all;
  for (auto& list : lists_) {
    std::ranges::move(list, std::back_inserter(all));
    list.clear();
  }
  next_ = 0;
  std::ranges::sort(all, [](const Numbered& a, const Numbered& b) { return std::pair(a.item.cost, a.number) < std::pair(b.item.cost, b.number); });
  std::vector<Item> out;
  out.reserve(all.size());
  for (Numbered& one : all) out.push_back(std::move(one.item));
  return out;
}

void RuleOutput::add(Cat cat, Meaning meaning, double cost) {
  Item item{.cat = cat, .begin = parts_.front()->begin, .end = parts_.back()->end, .cost = base_ + cost};
  if (item.cost > kCostMax) return;
  item.key = key_of(meaning) * kSeed + static_cast<std::uint64_t>(cat);
  if (!made_.takes(cat, item.key, item.cost)) return;
  item.meaning = std::make_shared<const Meaning>(std::move(meaning));
  made_.add(std::move(item));
}

std::size_t RuleOutput::gap_before(std::size_t part) const { return parts_[part]->begin - parts_[part - 1]->end; }

Chart::Chart(const Known& known, const std::vector<Word>& words, std::vector<double> skip, std::span<const Rule> rules)
    : known_(known), words_(words), skip_(std::move(skip)), cells_((words.size() + 1) * (words.size() + 1)) {
  use(rules);
  lexical_.resize(cells_.size());
}

void Chart::add(Item item) {
  if (item.meaning == nullptr) item.meaning = std::make_shared<const Meaning>();
  item.key = item.cat == Cat::role ? static_cast<std::uint64_t>(item.role) : key_of(*item.meaning) * kSeed + static_cast<std::uint64_t>(item.cat);
  const std::size_t place = item.begin * (words_.size() + 1) + item.end;
  lexical_[place].push_back(std::move(item));
}

const std::vector<const Item*>& Chart::items(const Cell& cell, Cat cat) {
  static const std::vector<const Item*> kNone;
  return cell.items == nullptr ? kNone : (*cell.items)[static_cast<std::size_t>(cat)];
}

std::uint64_t Chart::bit_of(Cat cat, Role role) {
  constexpr std::size_t kRoleBits = 64 - kCats;
  return std::uint64_t{1} << (cat == Cat::role ? kCats + static_cast<std::size_t>(role) % kRoleBits : static_cast<std::size_t>(cat));
}

void Chart::keep(Item&& item, std::vector<const Item*>& fresh) {
  if (item.cost > kCostMax) return;
  Cell& in = cell(item.begin, item.end);
  if (in.items == nullptr) in.items = std::make_unique<Lists>();
  auto& list = (*in.items)[static_cast<std::size_t>(item.cat)];
  const auto same = std::ranges::find(list, item.key, &Item::key);
  if (same != list.end() && (*same)->cost <= item.cost + 1e-9) return;
  if (same != list.end()) list.erase(same);
  if (item.cat != Cat::role && list.size() >= kBeam) {
    const auto worst = std::ranges::max_element(list, {}, &Item::cost);
    if ((*worst)->cost <= item.cost) return;
    list.erase(worst);
  }
  in.has |= bit_of(item.cat, item.role);
  items_.push_back(std::move(item));
  list.push_back(&items_.back());
  fresh.push_back(&items_.back());
}

void Chart::complete(const Rule& rule, std::span<const Item* const> parts, double cost) {
  if (++tried_ > kTriedMax) return;
  RuleOutput out(known_, words_, made_);
  out.parts_ = parts;
  out.base_ = cost;
  rule.apply(out, parts);
}

void Chart::start(const Item& item) {
  for (const Rule* rule : by_first_[static_cast<std::size_t>(item.cat)]) {
    if (!matches(rule->pattern.front(), item)) continue;
    const Item* const first = &item;
    if (rule->pattern.size() == 1) {
      complete(*rule, std::span(&first, 1), item.cost);
      continue;
    }
    const Symbol& next = rule->pattern[1];
    cell(item.begin, item.end).edges.push_back({.rule = rule, .parts = {first}, .dot = 1, .cost = item.cost, .needs = bit_of(next.cat, next.role)});
  }
}

void Chart::extend(const Edge& edge, std::size_t begin, std::size_t at, std::size_t end) {
  const Symbol& symbol = edge.rule->pattern[edge.dot];
  const bool last = edge.dot + 1U == edge.rule->pattern.size();
  double gap = 0;
  for (std::size_t next = at; next < end && next <= at + kGapMax; ++next) {
    if (next > at) {
      gap += skip_[next - 1];
      if (gap >= kNoSkip || !edge.rule->loose) return;
    }
    const Cell& following = cell(next, end);
    if ((following.has & edge.needs) == 0) continue;
    for (const Item* item : items(following, symbol.cat)) {
      const double cost = edge.cost + (item->cost + gap);
      if (cost > kCostMax || !matches(symbol, *item)) continue;
      if (last) {
        auto parts = edge.parts;
        parts[edge.dot] = item;
        complete(*edge.rule, std::span(parts.data(), edge.dot + 1U), cost);
        continue;
      }
      Edge& longer = cell(begin, end).edges.emplace_back(edge);
      longer.parts[longer.dot++] = item;
      longer.cost = cost;
      longer.needs = bit_of(edge.rule->pattern[longer.dot].cat, edge.rule->pattern[longer.dot].role);
    }
  }
}

std::pair<std::uint64_t, std::uint64_t> Chart::reach(std::size_t at, std::size_t end) const {
  const std::uint64_t beside = cell(at, end).has;
  std::uint64_t all = beside;
  double gap = 0;
  for (std::size_t next = at + 1; next < end && next <= at + kGapMax; ++next) {
    gap += skip_[next - 1];
    if (gap >= kNoSkip) break;
    all |= cell(next, end).has;
  }
  return {beside, all};
}

void Chart::fill(std::size_t begin, std::size_t end) {
  for (Item& item : lexical_[begin * (words_.size() + 1) + end])
    if (made_.takes(item.cat, item.key, item.cost)) made_.add(std::move(item));
  for (std::size_t middle = begin + 1; middle < end; ++middle) {
    const auto& edges = cell(begin, middle).edges;
    if (edges.empty()) continue;
    const auto [beside, all] = reach(middle, end);
    if (all == 0) continue;
    for (const Edge& edge : edges)
      if (((edge.rule->loose ? all : beside) & edge.needs) != 0) extend(edge, begin, middle, end);
  }
  // Phrases of one part over the same words, until nothing new comes.
  for (std::vector<Item> made = made_.take(); !made.empty(); made = made_.take()) {
    std::vector<const Item*> fresh;
    for (Item& item : made) keep(std::move(item), fresh);
    for (const Item* item : fresh) start(*item);
  }
  auto& edges = cell(begin, end).edges;
  if (edges.size() <= kEdgesMax) return;
  std::ranges::stable_sort(edges, {}, &Edge::cost);
  edges.resize(kEdgesMax);
}

void Chart::use(std::span<const Rule> rules) {
  for (const Rule& rule : rules) by_first_[static_cast<std::size_t>(rule.pattern.front().cat)].push_back(&rule);
}

void Chart::run() {
  for (std::size_t length = 1; length <= words_.size(); ++length)
    for (std::size_t begin = 0; begin + length <= words_.size() && !gave_up(); ++begin) fill(begin, begin + length);
}

std::vector<Item> Chart::whole(Cat cat) const {
  std::vector<Item> out;
  double before = 0;
  for (std::size_t begin = 0; begin < words_.size(); ++begin) {
    double after = 0;
    for (std::size_t end = words_.size(); end > begin; --end) {
      for (const Item* item : items(cell(begin, end), cat)) {
        out.push_back(*item);
        out.back().cost += before + after;
      }
      after += skip_[end - 1];
      if (after >= kNoSkip) break;
    }
    before += skip_[begin];
    if (before >= kNoSkip) break;
  }
  std::ranges::stable_sort(out, {}, &Item::cost);
  return out;
}

}  // namespace sluice::planner
