#pragma once
#include <vector>

#include "data/glossary.h"
#include "planner/words.h"

namespace sluice::planner {

/// The words of a question, with what the glossary defines in other words spelled out: "STR by month" is read as "number of paid orders divided by
/// number of orders by month". A definition may use others, to a depth of three.
std::vector<Word> spelled_out(const std::vector<Word>& words, const std::vector<GlossaryDefinition>& definitions);

/// A text, and what it defines itself.
struct Defining {
  std::string text{};  ///< without the sentences that define
  std::vector<GlossaryDefinition> definitions{};
};

/// Takes the sentences out of a text that say what a name in the rest of it means: "ASP (average selling price) = total amount / number of sales.
/// What is the ASP by month?" A sentence stays whose name nothing else speaks of, or that gives a value: "Country = 'France'".
Defining definitions_said(std::string_view text);

}  // namespace sluice::planner
