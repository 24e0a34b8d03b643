#include <algorithm>

#include "planner/measured.h"
#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

constexpr double kSaid = 0.02;

/// What is counted, where all that a question shows is a number of the same rows.
SetPtr counted_in(const Query& query) {
  SetPtr rows;
  for (const Output& output : query.outputs.list) {
    const auto* quantity = std::get_if<Quantity>(&output);
    if (quantity == nullptr || quantity->kind != Quantity::Kind::rows || quantity->of == nullptr || rows != nullptr) return nullptr;
    rows = quantity->of;
  }
  return rows == nullptr || rows->ranking || rows->column >= 0 ? nullptr : rows;
}

/// "How many orders were placed per month, and what was their total amount?": of the orders that were counted.
void further(RuleOutput& out, Parts parts) {
  Query query = parts.front()->as<Query>();
  const SetPtr rows = counted_in(query);
  const std::size_t begin = parts.back()->begin, from = parts[parts.size() - 2]->end;
  const bool own = begin > 0 && out.known.lexicon.says_own(out.words[begin - 1]);
  const auto gap = std::span(out.words).subspan(from, begin - from);
  const bool asked = std::ranges::any_of(gap, [&](const Word& word) { return out.known.lexicon.asks_which(word); });
  if (rows == nullptr || (!own && !asked) || query.outputs.owner != nullptr) return;
  double cost = kSaid;
  for (const Quantity& one : parts.back()->as<std::vector<Quantity>>()) {
    if (one.kind != Quantity::Kind::column || !one.fn || one.of != nullptr) return;
    const auto likely = resolve(out.known, one, rows->table);
    if (likely.empty() || likely.front().meaning.noun.links.front().table != rows->table) return;
    Quantity of_rows = likely.front().meaning;
    of_rows.of = rows;
    cost += likely.front().cost;
    query.outputs.list.emplace_back(std::move(of_rows));
  }
  out.add(Cat::query, std::move(query), cost);
}

}  // namespace

std::vector<Rule> further_number_rules() {
  const Symbol query = sym(Cat::query), list = sym(Cat::quantities), then = role(Role::conjunction);
  return {{"and their", {query, then, list}, true, further}, {", and their", {query, role(Role::comma), then, list}, true, further}};
}

}  // namespace sluice::planner
