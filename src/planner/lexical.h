#pragma once
#include "planner/chart.h"
#include "planner/known.h"

namespace sluice::planner {

/// What single words and fixed phrases of a question may be, before any rule: names, values, literals, adjectives, words of the language.
/// `from`: the first word that is read; those before it are what was said earlier.
enum class Said : std::uint8_t { question, feedback };
std::vector<Item> lexical_items(const Known& known, const std::vector<Word>& words, Said said = Said::question, std::size_t from = 0);
/// Whether the word is a number, or the name of a small one.
bool is_number(const Word& word);
/// Whether the question begins with an order to sort: "Order the shops by size". "Order count" speaks of orders, "rank" asks for ranks.
bool begins_order(const Known& known, const std::vector<Word>& words);
/// What it costs to pass over each word; Chart::kNoSkip for words that have to be placed.
std::vector<double> skip_costs(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items);

}  // namespace sluice::planner
