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
  return set->ranking && set->ranking->by.rival ? &set->ranking->by : nullptr;
}

const Quantity* undecided_in(const Condition& condition) {
  if (condition.what && condition.what->rival) return &*condition.what;
  for (const ConditionPtr& part : condition.parts)
    if (const Quantity* found = undecided_in(*part); found != nullptr) return found;
  return undecided_in(condition.set);
}

std::optional<Undecided> undecided(const Known& known, const Query& query) {
  for (const Output& output : query.outputs.list)
    if (const auto* quantity = std::get_if<Quantity>(&output); quantity != nullptr && quantity->rival && !is_whole_name(known, *quantity))
      return Undecided{quantity, choose_shown};
  const SetPtr& owner = query.outputs.owner;
  if (owner != nullptr && owner->ranking && owner->ranking->by.rival) return Undecided{&owner->ranking->by, choose_ranking};
  if (const Quantity* found = undecided_in(owner); found != nullptr) return Undecided{found, nullptr};
  for (const ConditionPtr& one : query.conditions)
    if (const Quantity* found = undecided_in(*one); found != nullptr) return Undecided{found, nullptr};
  for (const Ranking& order : query.order)
    if (order.by.rival) return Undecided{&order.by, nullptr};
  return std::nullopt;
}

}  // namespace

Result<std::optional<Proposal>> ask_back(const Known& known, const std::vector<Word>& words, const Query& query) {
  const auto open = undecided(known, query);
  if (!open) return std::optional<Proposal>();
  const Noun& noun = open->quantity->noun;
  std::string phrase;
  for (std::size_t i = noun.begin; i < noun.end && i < words.size(); ++i) phrase += (phrase.empty() ? "" : " ") + words[i].text;
  const Link &first = noun.links.front(), &second = *open->quantity->rival;
  const std::string either = "\"" + phrase + "\" could be column " + column_text(known, first) + " or column " + column_text(known, second);
  Proposal back{.answered_by = "built-in", .asks = "\"" + phrase + "\": which one is meant?"};
  for (const Link& link : {first, second}) {
    Quantity one = *open->quantity;
    one.noun.links = {link};
    one.rival.reset();
    const std::string feedback = open->say == nullptr ? "" : open->say(known, one);
    if (feedback.empty()) return Error{ErrorKind::unanswerable, "E0603", either, "name the table and column that are meant", 0};
    back.choices.push_back({column_text(known, link), feedback});
  }
  return std::optional(std::move(back));
}

}  // namespace sluice::planner
