#include <algorithm>

#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

using Quantities = std::vector<Quantity>;

void one_quantity(RuleOutput& out, Parts parts) { out.add(Cat::quantities, Quantities{parts[0]->as<Quantity>()}, 0); }

void longer_list(RuleOutput& out, Parts parts) {
  Quantities all = parts.front()->as<Quantities>();
  all.push_back(parts.back()->as<Quantity>());
  out.add(Cat::quantities, std::move(all), 0);
}

/// "average and maximum age" is two quantities already.
void joined_lists(RuleOutput& out, Parts parts) {
  Quantities all = parts.front()->as<Quantities>();
  const auto& more = parts.back()->as<Quantities>();
  if (more.size() < 2) return;
  all.insert(all.end(), more.begin(), more.end());
  out.add(Cat::quantities, std::move(all), 0);
}

/// "how old", "how tall"
void how(RuleOutput& out, Parts parts) {
  const auto& adjective = parts[1]->as<Adjective>();
  const Noun& noun = adjective.more.links.empty() ? adjective.less : adjective.more;
  out.add(Cat::quantity, Quantity{.noun = noun}, 0.05);
}

/// "the details": all that is known of a row, unless a column is called so.
void everything(RuleOutput& out, Parts parts) {
  constexpr double kNamed = 0.9, kColumnToo = 0.35;
  const auto names = out.known.schema.index.names_at(out.words, parts[0]->end - 1U, out.known.lexicon);
  const bool column = std::ranges::any_of(names, [](const Mention& mention) {
    return std::ranges::any_of(mention.links, [](const Link& link) { return link.kind == Link::Kind::column && link.score >= kNamed; });
  });
  out.add(Cat::quantity, Quantity{.kind = Quantity::Kind::everything}, column ? kColumnToo : 0);
}

}  // namespace

std::vector<Rule> list_rules() {
  const Symbol list = sym(Cat::quantities), quantity = sym(Cat::quantity), comma = role(Role::comma), conjunction = role(Role::conjunction);
  return {{"one quantity", {quantity}, true, one_quantity},
          {"list,", {list, comma, quantity}, true, longer_list},
          {"list and", {list, conjunction, quantity}, true, longer_list},
          {"list, and", {list, comma, conjunction, quantity}, true, longer_list},
          {"lists and", {list, conjunction, list}, true, joined_lists},
          {"lists,", {list, comma, list}, true, joined_lists},
          {"how", {role(Role::how), sym(Cat::adjective)}, false, how},
          {"everything", {role(Role::everything)}, true, everything}};
}

}  // namespace sluice::planner
