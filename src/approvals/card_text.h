#pragma once
#include <string>

#include "approvals/card.h"

// Parts of a card in words, for the faces that show it as text.
namespace sluice {

/// What the query is estimated to give and read, and what a yes covers.
std::string estimate_text(const Card& card);
/// In columns, numbers to the right.
std::string sample_text(const SampleRows& sample, int width);
/// How surely the SQL is what was asked.
std::string confidence_text(const Card& card);

}  // namespace sluice
