#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace sluice::planner {

/// Whether a word may be a misspelt one: long enough, and nothing but ASCII letters.
bool may_be_misspelt(std::string_view lower);

/// Every word that one slip makes of it or it of: a letter left out, put in, changed, or two turned around. The first letter stays: people
/// seldom get it wrong, and other words that begin otherwise are mostly other words.
std::vector<std::string> one_slip_away(std::string_view lower);

}  // namespace sluice::planner
