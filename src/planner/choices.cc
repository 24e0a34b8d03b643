#include "planner/choices.h"

#include <algorithm>

#include "base/text.h"

namespace sluice::planner {
namespace {

using plan::Fn;

/// A name as words: "order_date" → "order date", "OrderDate" → "order date".
std::string words_of(const std::string& name) {
  const bool humps = std::ranges::any_of(name, [](char c) { return c >= 'A' && c <= 'Z'; }) && to_lower(name) != name;
  std::string out;
  if (humps) {
    for (const std::string& piece : name_pieces(name)) out += (out.empty() ? "" : " ") + piece;
    return out;
  }
  out = name;
  std::ranges::replace_if(out, [](char c) { return c == '_' || c == '-' || c == '.'; }, ' ');
  return out;
}

std::string words_of(const Known& known, int table, int column) {
  const std::string of = words_of(known.called(table));
  return column < 0 ? of : of + " " + words_of(known.column(table, column).name);
}

Role role_of(Fn fn) {
  switch (fn) {
    case Fn::avg: return Role::average;
    case Fn::sum: return Role::sum;
    case Fn::median: return Role::median;
    case Fn::min: return Role::minimum;
    case Fn::max: return Role::maximum;
    default: return Role::none;
  }
}

std::string marked(const Known& known, const std::string& text) { return text.empty() ? "" : text + " " + known.lexicon.say(Role::instead); }

}  // namespace

std::string say(const Known& known, const Quantity& quantity) {
  if (quantity.kind == Quantity::Kind::rows && quantity.of != nullptr) {
    const Set& set = *quantity.of;
    const std::string different = set.column >= 0 ? known.lexicon.say(Role::distinct) + " " : "";
    return known.lexicon.say(Role::count) + " " + different + words_of(known, set.table, set.column);
  }
  if (quantity.kind != Quantity::Kind::column || quantity.noun.links.empty()) return "";
  const Link& link = quantity.noun.links.front();
  std::string column = words_of(known, link.table, link.column);
  if (!quantity.fn) return column;
  const std::string function = known.lexicon.say(role_of(*quantity.fn));
  return function.empty() ? "" : function + " " + column;
}

std::string label_of(const Known& known, const Quantity& quantity) {
  if (quantity.kind != Quantity::Kind::column || quantity.noun.links.empty()) return say(known, quantity);
  const Link& link = quantity.noun.links.front();
  const std::string column = known.catalog.display(known.table(link.table).name) + "." + known.column(link).name;
  return quantity.fn ? known.lexicon.say(role_of(*quantity.fn)) + " " + column : column;
}

std::string choose_shown(const Known& known, const Quantity& quantity) { return marked(known, say(known, quantity)); }

std::string choose_ranking(const Known& known, const Quantity& quantity) {
  const std::string by = say(known, quantity);
  return by.empty() ? "" : marked(known, known.lexicon.say(Role::by) + " " + by);
}

std::string choose_group(const Known& known, const Group& group) {
  const std::string per = known.lexicon.say(Role::per) + " ";
  if (const auto* set = std::get_if<SetPtr>(&group.key)) return marked(known, per + words_of(known, (*set)->table, (*set)->column));
  const auto& period = std::get<Quantity>(group.key);
  const std::string unit = period.period ? known.lexicon.say(*period.period) : "";
  if (unit.empty() || period.noun.links.empty()) return "";
  const Link& link = period.noun.links.front();
  return marked(known, per + unit + " " + words_of(known, link.table, link.column));
}

std::string choose_condition(const Known& known, const Condition& condition, const Quantity& what) {
  constexpr std::pair<Fn, std::string_view> kSigns[] = {{Fn::eq, "="}, {Fn::ne, "<>"}, {Fn::lt, "<"}, {Fn::le, "<="}, {Fn::gt, ">"}, {Fn::ge, ">="}};
  const auto sign = std::ranges::find(kSigns, condition.fn, &std::pair<Fn, std::string_view>::first);
  const std::string column = what.kind == Quantity::Kind::column && !what.fn ? say(known, what) : "";
  if (condition.kind != Condition::Kind::compare || sign == std::end(kSigns) || condition.operands.size() != 1 || column.empty()) return "";
  const auto* number = std::get_if<std::int64_t>(&condition.operands.front().value);
  return number == nullptr ? "" : marked(known, column + " " + std::string(sign->second) + " " + std::to_string(*number));
}

std::string choose_value(const Known& known, const Link& value) {
  if (value.kind != Link::Kind::value || value.value.find('\'') != std::string::npos) return "";
  return words_of(known, value.table, value.column) + " '" + value.value + "'";
}

}  // namespace sluice::planner
