#pragma once
#include <optional>

#include "planner/known.h"

namespace sluice::planner {

/// "total sales per country": what deals come to, with their number as what else may be meant. Nothing for other words, for those that stand for the
/// deals themselves ("list all sales"), and where no column, or more than a few, tells what a deal comes to.
std::optional<Quantity> trade_of(const Known& known, const std::vector<Word>& words, std::size_t at);

/// "made a purchase", "bought anything", "never sold": the deals, where no table or column is called so. The noun has no links for other words.
Noun deals_of(const Known& known, const std::vector<Word>& words, std::size_t at);

/// "how many units were ordered": what the deals record of it, and not units in stock. Leaves the word with no meaning where nothing does so.
void keep_units_of_deals(const Known& known, const std::vector<Word>& words, Mention& mention);

/// Whether something is said to be sold or bought after the word, in the same sentence.
bool is_dealt_after(const Known& known, const std::vector<Word>& words, std::size_t at);

}  // namespace sluice::planner
