#pragma once
#include "data/glossary.h"
#include "planner/lexical.h"
#include "planner/resolve.h"

namespace sluice::planner {

/// The words of a question and of what was said after it, one after the other, so that a place in them tells what was linked.
struct Conversation {
  std::vector<Word> words{};
  struct Part {
    std::size_t begin = 0, end = 0;
  };
  std::vector<Part> parts{};  ///< the question first

  /// The words up to the end of a part.
  std::vector<Word> until(std::size_t part) const { return {words.begin(), words.begin() + static_cast<std::ptrdiff_t>(parts[part].end)}; }
};
Conversation conversation_of(const std::vector<std::string>& texts, const Glossary& glossary);

/// What it costs to pass over each word of feedback that begins at `from`: like skip_costs, but what says how to change must be placed.
std::vector<double> feedback_skip_costs(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items, std::size_t from);

/// The settled query as the refinement changes it: what is said of the same takes the place of what was said before, all else is added. Likeliest
/// first, at most a few; none where it is not clear what is to change.
std::vector<Likely<Query>> refine(const Known& known, const Query& previous, const Refinement& refinement);

/// What would help where a refinement does not fit the question before it.
std::string hint_for(const Refinement& refinement);

}  // namespace sluice::planner
