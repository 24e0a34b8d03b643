#include "planner/today.h"

#include <algorithm>

namespace sluice::planner {
namespace {

bool is_unit(Role role) { return role == Role::day || role == Role::week || role == Role::month || role == Role::quarter || role == Role::year; }

/// The words from `at` that need the date: "today", "30 days ago", "last 3 months". 0 for none.
std::size_t relative_words(const Known& known, std::size_t at) {
  const auto& words = known.words();
  const auto phrase = [&](std::size_t place, auto test) -> std::size_t {
    if (place >= words.size()) return 0;
    std::size_t longest = 0;
    for (const Lexicon::Phrase& one : known.lexicon.phrases_at(words, place))
      if (test(one.role)) longest = std::max(longest, one.words);
    return longest;
  };
  const auto unit = [&](std::size_t place) { return phrase(place, is_unit); };
  if (const std::size_t day = phrase(at, [](Role role) { return role == Role::today || role == Role::yesterday || role == Role::ago; }); day > 0)
    return day;
  const std::size_t last =
      phrase(at, [](Role role) { return role == Role::relative_last || role == Role::relative_past || role == Role::relative_this; });
  if (last == 0) return 0;
  const bool counted = at + last < words.size() && words[at + last].kind == WordKind::number;
  const std::size_t units = unit(at + last + (counted ? 1 : 0));
  return units == 0 ? 0 : last + (counted ? 1 : 0) + units;
}

}  // namespace

Result<> check_today(const Known& known) {
  if (known.today) return {};
  for (std::size_t at = 0; at < known.words().size(); ++at) {
    const std::size_t count = relative_words(known, at);
    if (count == 0) continue;
    std::string said;
    for (std::size_t i = at; i < at + count; ++i) said += (said.empty() ? "" : " ") + known.words()[i].text;
    return Error{ErrorKind::unanswerable, "E0602", "\"" + said + "\" depends on what day it is, which nobody told the built-in planner",
                 "write the dates: between 2013-01-01 and 2013-01-31", 0};
  }
  return {};
}

}  // namespace sluice::planner
