#include "planner/ask_back.h"

#include <algorithm>

#include "planner/choices.h"
#include "planner/compile.h"

namespace sluice::planner {
namespace {

std::string column_text(const Known& known, const Link& link) {
  return known.catalog.display(known.table(link.table).name) + "." + known.column(link).name;
}

/// The quantity of a condition, ranking or output that has a rival, and how feedback would say what it is.
struct Undecided {
  const Quantity* quantity = nullptr;
  std::string (*say)(const Known&, const Quantity&) = nullptr;
};

const Quantity* undecided_in(const Condition& condition);

const Quantity* undecided_in(const SetPtr& set) {
  if (set == nullptr) return nullptr;
  for (const ConditionPtr& one : set->conditions)
    if (const Quantity* found = undecided_in(*one); found != nullptr) return found;
  return set->ranking && !set->ranking->by.rivals.empty() ? &set->ranking->by : nullptr;
}

const Quantity* undecided_in(const Condition& condition) {
  if (condition.what && !condition.what->rivals.empty()) return &*condition.what;
  for (const ConditionPtr& part : condition.parts)
    if (const Quantity* found = undecided_in(*part); found != nullptr) return found;
  return undecided_in(condition.set);
}

/// What is said of the rows that a number is made of.
const Quantity* undecided_in(const Quantity& quantity) {
  if (const Quantity* found = undecided_in(quantity.of); found != nullptr) return found;
  for (const Quantity& part : quantity.parts)
    if (const Quantity* found = undecided_in(part); found != nullptr) return found;
  return nullptr;
}

std::optional<Undecided> undecided(const Known& known, const Query& query) {
  for (const Output& output : query.outputs.list)
    if (const auto* quantity = std::get_if<Quantity>(&output); quantity != nullptr && !quantity->rivals.empty() && !is_whole_name(known, *quantity))
      return Undecided{quantity, choose_shown};
  for (const Output& output : query.outputs.list)
    if (const auto* quantity = std::get_if<Quantity>(&output); quantity != nullptr)
      if (const Quantity* found = undecided_in(*quantity); found != nullptr) return Undecided{found, nullptr};
  const SetPtr& owner = query.outputs.owner;
  if (owner != nullptr && owner->ranking && !owner->ranking->by.rivals.empty()) return Undecided{&owner->ranking->by, choose_ranking};
  if (const Quantity* found = undecided_in(owner); found != nullptr) return Undecided{found, nullptr};
  for (const ConditionPtr& one : query.conditions)
    if (const Quantity* found = undecided_in(*one); found != nullptr) return Undecided{found, nullptr};
  for (const Ranking& order : query.order)
    if (!order.by.rivals.empty()) return Undecided{&order.by, nullptr};
  return std::nullopt;
}

}  // namespace

Result<std::optional<Proposal>> ask_back(const Known& known, const std::vector<Word>& words, const Query& query) {
  const auto open = undecided(known, query);
  if (!open) return std::optional<Proposal>();
  const Noun& noun = open->quantity->noun;
  std::string phrase;
  for (std::size_t i = noun.begin; i < noun.end && i < words.size(); ++i) phrase += (phrase.empty() ? "" : " ") + words[i].text;
  std::vector<Quantity> all{*open->quantity};
  for (const Quantity& rival : open->quantity->rivals) all.push_back(rival);
  std::string either;
  Proposal back{.answered_by = "built-in", .asks = "\"" + phrase + "\": which one is meant?"};
  for (Quantity& one : all) {
    one.rivals.clear();
    const bool plain = one.kind == Quantity::Kind::column && !one.fn;
    const std::string called = plain ? column_text(known, one.noun.links.front()) : say(known, one);
    either += (either.empty() ? "\"" + phrase + "\" could be " : " or ") + called;
    back.choices.push_back({called, open->say == nullptr ? "" : open->say(known, one)});
  }
  if (std::ranges::any_of(back.choices, [](const Proposal::Choice& one) { return one.feedback.empty(); }))
    return Error{ErrorKind::unanswerable, "E0603", either, "name the table and column that are meant", 0};
  return std::optional(std::move(back));
}

}  // namespace sluice::planner
