#pragma once
#include <vector>

#include "plan/spec.h"
#include "planner/reader.h"

namespace sluice::planner {

/// One way to read a frame: a link for each mention.
struct Choice {
  std::vector<Link> links{};
  double score = 0;  ///< the sum of the links' scores
};

/// Words about time and what they were taken for: no mention stands for them.
struct PlacedPeriod {
  std::size_t begin = 0, end = 0;
  std::string meaning{};
};

/// A spec for one reading; `guesses` counts decisions that the question left open.
struct Reading {
  plan::SpecDraft draft{};
  double score = 0;
  int guesses = 0;
  std::vector<PlacedPeriod> periods{};
};

/// The spec that the frame asks for under this choice. Errors: E0603, E0604, E0605, E0606.
Result<Reading> compose(const Frame& frame, const Choice& choice, const Catalog& catalog, const Schema& schema, const Lexicon& lexicon);

}  // namespace sluice::planner
