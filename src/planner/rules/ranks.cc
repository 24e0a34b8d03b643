#include <algorithm>

#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

using Kind = Quantity::Kind;
using Trend = Quantity::Trend;

constexpr double kSaid = 0.02, kAsked = 0.15;

/// What a place may be told by: numbers, of which the highest is first. A column of ranks says so of itself.
std::optional<Quantity> place_by(const RuleOutput& out, const Quantity& quantity) {
  Quantity by = quantity;
  if (by.over || !by.parts.empty() || by.kind == Kind::everything || (by.kind == Kind::rows && by.of == nullptr)) return std::nullopt;
  if (by.kind == Kind::column) {
    std::erase_if(by.noun.links, [&](const Link& link) { return link.kind != Link::Kind::column || !out.known.is_amount(link); });
    if (by.noun.links.empty()) return std::nullopt;
  }
  return Quantity{.kind = Kind::window, .parts = {std::move(by)}, .trend = Trend::rank};
}

/// "rank by price", "rank of its total freight", "price rank"
template <std::size_t rank, std::size_t by>
void rank_of(RuleOutput& out, Parts parts) {
  if (names_column(out, parts[rank]->begin)) return;
  auto window = place_by(out, parts[by]->as<Quantity>());
  if (window) out.add(Cat::quantity, *std::move(window), kSaid);
}

/// "the rank": of what is asked for beside it.
void alone(RuleOutput& out, Parts parts) {
  if (!names_column(out, parts[0]->begin)) out.add(Cat::quantity, Quantity{.kind = Kind::window, .trend = Trend::rank}, kAsked);
}

/// "rank customers by total freight": each, with what it is ranked by and its place.
void ranked(RuleOutput& out, Parts parts) {
  const auto& set = parts[parts.size() - 2]->as<SetPtr>();
  if (names_column(out, parts[0]->begin) || set->ranking || out.gap_before(parts.size() - 1) == 0) return;
  double cost = kSaid;
  const auto likely = resolve(out.known, parts.back()->as<Quantity>(), set->table);
  if (likely.empty()) return;
  const auto window = place_by(out, likely.front().meaning);
  if (!window) return;
  cost += likely.front().cost;
  Outputs outputs{.list = {set, window->parts.front(), *window}, .owner = set};
  out.add(Cat::outputs, std::move(outputs), cost);
}

}  // namespace

std::vector<Rule> rank_rules() {
  const Symbol quantity = sym(Cat::quantity), set = sym(Cat::set), rank = role(Role::rank);
  return {{"rank of", {rank, quantity}, true, rank_of<0, 1>},
          {"quantity rank", {quantity, rank}, false, rank_of<1, 0>},
          {"rank", {rank}, true, alone},
          {"rank rows by", {rank, set, quantity}, true, ranked},
          {"rank of each by", {rank, role(Role::per), set, quantity}, true, ranked}};
}

}  // namespace sluice::planner
