#include <algorithm>

#include "planner/labels.h"
#include "planner/measured.h"
#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

constexpr double kSaid = 0, kAside = 0.02;

bool is_plain(const Output& output) {
  const auto* quantity = std::get_if<Quantity>(&output);
  return quantity != nullptr && quantity->kind == Quantity::Kind::column && !quantity->fn;
}

/// Whether all that is shown is computed of rows of the table.
bool computes(const Query& query, int table) {
  return std::ranges::all_of(query.outputs.list, [&](const Output& output) {
    const auto* quantity = std::get_if<Quantity>(&output);
    return quantity != nullptr && (is_computed_of(*quantity, table) || (quantity->kind == Quantity::Kind::rows && quantity->of == nullptr));
  });
}

/// "For races of class 'KE', show the name and the date": columns of theirs.
void columns_of_context(RuleOutput& out, const SetPtr& set, const Query& query) {
  if (query.outputs.owner != nullptr || !query.groups.empty() || !query.conditions.empty()) return;
  Query longer = query;
  longer.outputs.owner = set;
  double cost = 0;
  for (Output& output : longer.outputs.list) {
    const auto likely = resolve(out.known, std::get<Quantity>(output), set->table);
    if (likely.empty()) return;
    cost += likely.front().cost;
    output = likely.front().meaning;
  }
  out.add(Cat::query, std::move(longer), kSaid + cost);
}

/// "Among pupils in a club, what is the mean GPA?": of all of them, and not of each.
void context(RuleOutput& out, Parts parts) {
  const auto& set = parts.front()->as<SetPtr>();
  const auto& query = parts.back()->as<Query>();
  if (!is_context(out, *parts.front()) || set->column >= 0) return;
  if (std::ranges::all_of(query.outputs.list, is_plain)) return columns_of_context(out, set, query);
  if (set->ranking || set->conditions.empty() || query.outputs.owner != nullptr || !computes(query, set->table)) return;
  Query all = query;
  for (Output& output : all.outputs.list)
    if (auto& quantity = std::get<Quantity>(output); quantity.kind == Quantity::Kind::rows && quantity.of == nullptr)
      quantity.of = set_of({.table = set->table, .noun = set->noun});
  if (auto said = restricted_to(all, set->table, set->conditions)) out.add(Cat::query, *std::move(said), kSaid);
}

/// "which pets (by name) …": what they are called by is shown anyway.
void told_by(RuleOutput& out, Parts parts) {
  const auto& set = parts[0]->as<SetPtr>();
  const auto& quantity = parts[2]->as<Quantity>();
  if (!out.words[parts[1]->begin].aside || !out.words[parts[2]->end - 1U].aside || set->column >= 0 || quantity.kind != Quantity::Kind::column)
    return;
  const auto labels = label_columns(out.known.table(set->table));
  for (const auto& [one, cost] : resolve(out.known, quantity, set->table)) {
    const Link& link = one.noun.links.front();
    const bool label = link.table == set->table && std::ranges::find(labels, out.known.column(link).name) != labels.end();
    if (label && !one.fn) return out.add(Cat::set, set, kAside + cost);
  }
}

}  // namespace

bool is_context(const RuleOutput& out, const Item& item) {
  constexpr std::size_t kBack = 3;
  for (std::size_t i = item.begin; i > 0 && item.begin - i < kBack; --i) {
    if (out.known.lexicon.opens_context(out.words[i - 1])) return true;
    const auto phrases = out.known.lexicon.phrases_at(out.words, i - 1);
    const auto has = [&](Role role) { return std::ranges::any_of(phrases, [&](const auto& one) { return one.role == role; }); };
    if (!has(Role::glue) || has(Role::per)) return false;
  }
  return false;
}

bool asked_between(const RuleOutput& out, const Item& first, const Item& second) {
  if (second.begin <= first.end || out.words[first.end].kind != WordKind::comma) return false;
  const auto gap = std::span(out.words).subspan(first.end, second.begin - first.end);
  return std::ranges::any_of(gap, [&](const Word& word) { return out.known.lexicon.asks_which(word) || out.known.lexicon.asks(word); });
}

std::vector<Rule> context_rules() {
  const Symbol set = sym(Cat::set);
  return {{"context", {set, role(Role::comma), sym(Cat::query)}, true, context},
          {"told by", {set, role(Role::by), sym(Cat::quantity)}, true, told_by}};
}

}  // namespace sluice::planner
