#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/codec.h"

namespace sluice {

/// What is known of the chosen draft, by counting and by machines; nothing that a model says of itself is among it.
struct DraftEvidence {
  std::int64_t agreeing = 1;  ///< draws whose query gave the same result
  std::int64_t drawn = 1;     ///< all draws of that round
  std::int64_t warnings = 0;  ///< of its proof
  bool gives_rows = true;     ///< in the trial
  std::int64_t round = 0;     ///< 0: it was right at once
  double linked = 1;          ///< share of the question's words that the query has to do with (see `linked_share`)
};

/// Between 0 and 1, before any experience: more agreement, fewer warnings and more of the question's words raise it.
double evidence_score(const DraftEvidence& evidence);

/// An earlier proposal's score and what a person said of it.
struct DecidedScore {
  double score = 0;
  bool approved = false;

  static constexpr auto fields() { return std::tuple{Field{"score", &DecidedScore::score}, Field{"approved", &DecidedScore::approved}}; }
};

/// The share of earlier proposals with about this score that people approved, drawn towards the score itself where there were few: the mean of a Beta
/// distribution whose prior has the score as its mean and weighs kPriorWeight decisions; decisions count by how near their score is (triangular
/// kernel of half-width kKernel).
double calibrated(double score, const std::vector<DecidedScore>& history);
inline constexpr double kPriorWeight = 10, kKernel = 0.15;

/// The share of the question's content words that occur in the query, in a name or a value, compared by their stems (word_stems.h).
double linked_share(std::string_view question, std::string_view sql);

}  // namespace sluice
