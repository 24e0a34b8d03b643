#include <algorithm>

#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

constexpr double kSome = -0.1, kUsedUp = -0.1;

ConditionPtr against_zero(Quantity quantity, plan::Fn fn, std::size_t begin, std::size_t end) {
  Condition condition{.kind = Condition::Kind::compare, .what = std::move(quantity), .fn = fn};
  condition.operands = {{TypeKind::integer, Value{std::int64_t{0}}}};
  condition.begin = begin;
  condition.end = end;
  return condition_of(std::move(condition));
}

/// The quantity as columns of numbers of which a row may well have none.
std::optional<Quantity> countable(const RuleOutput& out, const Quantity& quantity, bool any_amount) {
  if (quantity.fn || quantity.kind != Quantity::Kind::column || quantity.of != nullptr) return std::nullopt;
  Quantity some = quantity;
  std::erase_if(some.noun.links, [&](const Link& link) {
    if (!out.known.is_amount(link) || out.known.computed(link) != nullptr) return true;
    const auto pieces = name_pieces(out.known.column(link).name);
    const bool pieces_of_it = any_amount || out.known.lexicon.says_quantity({pieces.front()});  // "units on order"
    return !out.known.lexicon.may_be_none(pieces) && !(pieces_of_it && out.known.lexicon.adds_up(pieces));
  });
  return some.noun.links.empty() ? std::nullopt : std::optional(std::move(some));
}

/// "in stock", "with a discount": there is some of it.
void some(RuleOutput& out, Parts parts) {
  const auto& said = parts[0]->as<Quantity>();
  const auto quantity = some_of(out, said);
  if (!quantity) return;
  const ConditionPtr more = against_zero(*quantity, plan::Fn::gt, said.noun.begin, said.noun.end);
  // Whoever denies it means those too of which nobody knows any: "without a commission".
  const bool nullable = std::ranges::any_of(quantity->noun.links, [&](const Link& link) { return out.known.column(link).nullable; });
  const std::size_t begin = said.noun.begin;
  const auto denied = [&](std::size_t back) { return begin >= back && out.known.lexicon.does(out.words, begin - back, Role::negation); };
  if (!nullable || (!denied(1) && !denied(2))) return out.add(Cat::condition, more, kSome);
  const ConditionPtr present = condition_of({.kind = Condition::Kind::present, .what = quantity});
  out.add(Cat::condition, condition_of({.kind = Condition::Kind::all, .parts = {present, more}}), kSome);
}

/// "out of stock": there is none of it.
void none(RuleOutput& out, Parts parts) {
  const auto& said = parts[1]->as<Quantity>();
  if (auto quantity = countable(out, said, true))
    out.add(Cat::condition, against_zero(*std::move(quantity), plan::Fn::eq, parts[0]->begin, said.noun.end), kUsedUp);
}

/// "units in stock": the words begin or end a longer name.
bool is_in_longer_name(const RuleOutput& out, const Noun& noun) {
  constexpr std::size_t kBack = 3;
  constexpr double kNamed = 0.85;
  for (std::size_t at = noun.begin - std::min(noun.begin, kBack); at <= noun.begin; ++at)
    for (const Mention& one : out.known.schema.index.names_at(out.words, at, out.known.lexicon))
      if (one.end >= noun.end && one.size() > noun.end - noun.begin && one.links.front().score >= kNamed) return true;
  return false;
}

/// "with units in stock and units on order": several amounts are shown.
bool is_listed(const RuleOutput& out, std::size_t end) {
  if (end + 1 >= out.words.size() || !out.known.lexicon.does(out.words, end, Role::conjunction)) return false;
  return std::ranges::any_of(out.known.schema.index.names_at(out.words, end + 1, out.known.lexicon), [&](const Mention& one) {
    return std::ranges::any_of(one.links, [&](const Link& link) {
      return link.kind == Link::Kind::column && out.known.is_amount(link) && out.known.lexicon.adds_up(name_pieces(out.known.column(link).name));
    });
  });
}

}  // namespace

std::optional<Quantity> some_of(const RuleOutput& out, const Quantity& quantity) {
  const Lexicon& lexicon = out.known.lexicon;
  const std::size_t begin = quantity.noun.begin;
  if (quantity.noun.end == begin || quantity.noun.end > out.words.size() || is_in_longer_name(out, quantity.noun)) return std::nullopt;
  if (is_listed(out, quantity.noun.end)) return std::nullopt;
  const auto says_where = [&](std::size_t at) { return lexicon.says_within(out.words[at]) || lexicon.says_on(out.words[at]); };
  // "in stock" may be a part of the column's name, or said before it.
  if (says_where(begin)) return countable(out, quantity, false);
  if (begin == 0) return std::nullopt;
  if (lexicon.says_within(out.words[begin - 1]) || lexicon.says_having(out.words[begin - 1])) return countable(out, quantity, false);
  const bool any = begin > 1 && lexicon.says_any(out.words[begin - 1]);
  if (!any) return std::nullopt;
  const bool had = lexicon.says_having(out.words[begin - 2]) || lexicon.does(out.words, begin - 2, Role::negation);
  return had ? countable(out, quantity, true) : std::nullopt;
}

std::vector<Rule> amount_rules() {
  return {{"some of it", {sym(Cat::quantity)}, true, some}, {"none of it left", {role(Role::used_up), sym(Cat::quantity)}, true, none}};
}

}  // namespace sluice::planner
