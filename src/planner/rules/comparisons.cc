#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

using plan::Fn;
using plan::Literal;

constexpr double kBareEqual = 0.05;

void comparison(RuleOutput& out, Fn fn, std::vector<Literal> operands, double cost = 0) {
  Condition condition{.fn = fn, .operands = std::move(operands)};
  out.add(Cat::comparison, condition_of(std::move(condition)), cost);
}

/// "revenue in 1997": when, and not how much.
bool is_year_said(const RuleOutput& out, const Item& item) {
  const auto* number = std::get_if<std::int64_t>(&item.as<Literal>().value);
  constexpr std::int64_t kYearMin = 1900, kYearMax = 2100;
  if (item.as<Literal>().type != TypeKind::integer || number == nullptr || *number < kYearMin || *number > kYearMax || item.begin == 0) return false;
  return out.known.lexicon.says_within(out.words[item.begin - 1U]);
}

template <Fn fn>
void compare(RuleOutput& out, Parts parts) {
  comparison(out, fn, {parts.back()->as<Literal>()});
}
/// "until 1990": the year belongs to it. Dates are periods.
void until(RuleOutput& out, Parts parts) {
  if (parts.back()->as<Literal>().type == TypeKind::integer) compare<Fn::le>(out, parts);
}
template <Fn fn>
void compare_first(RuleOutput& out, Parts parts) {
  comparison(out, fn, {parts.front()->as<Literal>()});
}
void bare(RuleOutput& out, Parts parts) {
  const auto& literal = parts[0]->as<Literal>();
  if (is_year_said(out, *parts[0])) return;
  comparison(out, Fn::eq, {literal}, literal.type == TypeKind::text ? 0 : kBareEqual);
}
void between(RuleOutput& out, Parts parts) { comparison(out, Fn::between, {parts[1]->as<Literal>(), parts[3]->as<Literal>()}); }
void from_to(RuleOutput& out, Parts parts) { comparison(out, Fn::between, {parts[0]->as<Literal>(), parts[2]->as<Literal>()}); }
template <Fn fn>
void match(RuleOutput& out, Parts parts) {
  const auto& literal = parts.back()->as<Literal>();
  if (literal.type == TypeKind::text) comparison(out, fn, {literal});
}
void negated(RuleOutput& out, Parts parts) {
  const auto& inner = *parts[1]->as<ConditionPtr>();
  if (inner.kind != Condition::Kind::compare) return;
  Condition condition = inner;
  if (inner.fn == Fn::eq) {
    condition.fn = Fn::ne;
  } else {
    condition = {.kind = Condition::Kind::none, .parts = {parts[1]->as<ConditionPtr>()}};
  }
  out.add(Cat::comparison, condition_of(std::move(condition)), 0);
}
/// "at least 3000 and at most 4000"
template <Condition::Kind kind>
void joined(RuleOutput& out, Parts parts) {
  const auto &first = parts[0]->as<ConditionPtr>(), &second = parts[2]->as<ConditionPtr>();
  if (first->kind != Condition::Kind::compare || second->kind != Condition::Kind::compare || first->fn == Fn::eq || second->fn == Fn::eq) return;
  out.add(Cat::comparison, condition_of({.kind = kind, .parts = {first, second}}), 0.02);
}
/// "containing 'Love' or 'Heart'": the second as the first.
template <Condition::Kind kind>
void match_more(RuleOutput& out, Parts parts) {
  const auto& first = parts.front()->as<ConditionPtr>();
  const Condition& like = first->parts.empty() ? *first : *first->parts.back();
  const bool matches = like.fn == Fn::contains || like.fn == Fn::starts_with || like.fn == Fn::ends_with;
  if (like.kind != Condition::Kind::compare || !matches || (!first->parts.empty() && first->kind != kind)) return;
  Condition all{.kind = kind, .parts = first->parts};
  if (all.parts.empty()) all.parts = {first};
  for (const Item* part : parts) {
    if (part->cat != Cat::literal) continue;
    if (part->as<Literal>().type != TypeKind::text) return;
    all.parts.push_back(condition_of({.fn = like.fn, .operands = {part->as<Literal>()}}));
  }
  out.add(Cat::comparison, condition_of(std::move(all)), 0);
}
void missing(RuleOutput& out, Parts) {
  out.add(Cat::comparison, condition_of({.kind = Condition::Kind::none, .parts = {condition_of({.kind = Condition::Kind::present})}}), 0);
}
void known(RuleOutput& out, Parts) { out.add(Cat::comparison, condition_of({.kind = Condition::Kind::present}), 0); }
void either(RuleOutput& out, Parts parts) { comparison(out, Fn::in, {parts[parts.size() - 3]->as<Literal>(), parts.back()->as<Literal>()}); }

}  // namespace

std::vector<Rule> comparison_rules() {
  const Symbol literal = sym(Cat::literal), then = role(Role::conjunction), otherwise = role(Role::either_or), comma = role(Role::comma);
  return {{"greater", {role(Role::greater), literal}, true, compare<Fn::gt>},
          {"less", {role(Role::less), literal}, true, compare<Fn::lt>},
          {"at least", {role(Role::at_least), literal}, true, compare<Fn::ge>},
          {"at most", {role(Role::at_most), literal}, true, compare<Fn::le>},
          {"or more", {literal, role(Role::or_more)}, true, compare_first<Fn::ge>},
          {"or less", {literal, role(Role::or_less)}, true, compare_first<Fn::le>},
          {"after", {role(Role::after), literal}, true, compare<Fn::gt>},
          {"before", {role(Role::before), literal}, true, compare<Fn::lt>},
          {"until", {role(Role::until), literal}, true, until},
          {"equal", {role(Role::equal), literal}, true, compare<Fn::eq>},
          {"unequal", {role(Role::unequal), literal}, true, compare<Fn::ne>},
          {"bare", {literal}, true, bare},
          {"between", {role(Role::between), literal, then, literal}, true, between},
          {"from to", {literal, role(Role::up_to), literal}, true, from_to},
          {"or", {literal, role(Role::either_or), literal}, true, either},
          {"either or", {role(Role::either), literal, role(Role::either_or), literal}, true, either},
          {"contains", {role(Role::contains), literal}, true, match<Fn::contains>},
          {"starts with", {role(Role::starts), literal}, true, match<Fn::starts_with>},
          {"ends with", {role(Role::ends), literal}, true, match<Fn::ends_with>},
          {"contains or", {sym(Cat::comparison), otherwise, literal}, true, match_more<Condition::Kind::any>},
          {"contains and", {sym(Cat::comparison), then, literal}, true, match_more<Condition::Kind::all>},
          {"contains, or", {sym(Cat::comparison), comma, literal, otherwise, literal}, true, match_more<Condition::Kind::any>},
          {"contains, , or", {sym(Cat::comparison), comma, literal, comma, otherwise, literal}, true, match_more<Condition::Kind::any>},
          {"not", {role(Role::negation), sym(Cat::comparison)}, true, negated},
          {"comparisons and", {sym(Cat::comparison), then, sym(Cat::comparison)}, true, joined<Condition::Kind::all>},
          {"comparisons or", {sym(Cat::comparison), role(Role::either_or), sym(Cat::comparison)}, true, joined<Condition::Kind::any>},
          {"is null", {role(Role::is_null)}, true, missing},
          {"is known", {role(Role::known)}, true, known}};
}

}  // namespace sluice::planner
