#include "planner/ask_back.h"

#include <algorithm>
#include <functional>

#include "planner/choices.h"
#include "planner/compile.h"

namespace sluice::planner {
namespace {

/// The quantity of a condition, ranking or output that has a rival, and how feedback would say what it is.
struct Undecided {
  const Quantity* quantity = nullptr;
  std::function<std::string(const Quantity&)> say{};
};
using Found = std::optional<Undecided>;

class Search {
 public:
  explicit Search(const Known& known) : known_(known) {}

  Found in(const SetPtr& set) const {
    if (set == nullptr) return std::nullopt;
    for (const ConditionPtr& one : set->conditions)
      if (Found found = in(*one)) return found;
    return set->ranking && !set->ranking->by.rivals.empty() ? Found({&set->ranking->by, {}}) : std::nullopt;
  }
  Found in(const Condition& condition) const {
    const Known& known = known_;
    if (condition.what && !condition.what->rivals.empty())
      return Undecided{&*condition.what, [&](const Quantity& one) { return choose_condition(known, condition, one); }};
    for (const ConditionPtr& part : condition.parts)
      if (Found found = in(*part)) return found;
    return in(condition.set);
  }
  /// What is said of the rows that a number is made of.
  Found in(const Quantity& quantity) const {
    if (Found found = in(quantity.of)) return found;
    for (const Quantity& part : quantity.parts) {
      if (!part.rivals.empty()) return Undecided{&part, {}};
      if (Found found = in(part)) return found;
    }
    return std::nullopt;
  }

 private:
  const Known& known_;
};

Found undecided(const Known& known, const Query& query) {
  const Search search(known);
  const auto shown = [&](const Quantity& one) { return choose_shown(known, one); };
  const auto ranked = [&](const Quantity& one) { return choose_ranking(known, one); };
  for (const Output& output : query.outputs.list)
    if (const auto* quantity = std::get_if<Quantity>(&output); quantity != nullptr && !quantity->rivals.empty() && !is_whole_name(known, *quantity))
      return Undecided{quantity, shown};
  for (const Output& output : query.outputs.list)
    if (const auto* quantity = std::get_if<Quantity>(&output); quantity != nullptr)
      if (Found found = search.in(*quantity)) return found;
  const SetPtr& owner = query.outputs.owner;
  if (owner != nullptr && owner->ranking && !owner->ranking->by.rivals.empty()) return Undecided{&owner->ranking->by, ranked};
  if (Found found = search.in(owner)) return found;
  for (const ConditionPtr& one : query.conditions)
    if (Found found = search.in(*one)) return found;
  for (const Ranking& order : query.order)
    if (!order.by.rivals.empty()) return Undecided{&order.by, {}};
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
    const std::string called = label_of(known, one);
    either += (either.empty() ? "\"" + phrase + "\" could be " : " or ") + called;
    back.choices.push_back({called, open->say ? open->say(one) : ""});
  }
  if (std::ranges::any_of(back.choices, [](const Proposal::Choice& one) { return one.feedback.empty(); }))
    return Error{ErrorKind::unanswerable, "E0603", either, "name the table and column that are meant", 0};
  return std::optional(std::move(back));
}

}  // namespace sluice::planner
