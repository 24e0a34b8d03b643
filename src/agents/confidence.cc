#include "agents/confidence.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "agents/word_stems.h"

namespace sluice {
namespace {

/// The words that say what the text is about.
std::set<std::string> stems_of(std::string_view text) {
  std::set<std::string> stems;
  WordStems words(text);
  for (std::string_view stem = words.next(); !stem.empty(); stem = words.next())
    if (!is_stop_stem(stem)) stems.emplace(stem);
  return stems;
}

}  // namespace

double evidence_score(const DraftEvidence& evidence) {
  // A single draw agrees with nothing: it counts as what two of three draws would.
  constexpr double kAlone = 0.67, kWarned = 0.85, kEmpty = 0.8, kRepaired = 0.93;
  const double drawn = static_cast<double>(std::max<std::int64_t>(1, evidence.drawn));
  const double agreement = evidence.drawn <= 1 ? kAlone : static_cast<double>(evidence.agreeing) / drawn;
  double score = 0.35 + 0.6 * agreement;
  score *= 0.85 + 0.15 * std::clamp(evidence.linked, 0.0, 1.0);
  score *= std::pow(kWarned, static_cast<double>(std::min<std::int64_t>(evidence.warnings, 3)));
  score *= std::pow(kRepaired, static_cast<double>(std::min<std::int64_t>(evidence.round, 5)));
  if (!evidence.gives_rows) score *= kEmpty;
  return std::clamp(score, 0.02, 0.98);
}

double calibrated(double score, const std::vector<DecidedScore>& history) {
  double weight = kPriorWeight, approved = kPriorWeight * score;
  for (const DecidedScore& decided : history) {
    const double near = std::max(0.0, 1 - std::abs(decided.score - score) / kKernel);
    weight += near;
    if (decided.approved) approved += near;
  }
  return approved / weight;
}

double linked_share(std::string_view question, std::string_view sql) {
  const std::set<std::string> asked = stems_of(question), said = stems_of(sql);
  if (asked.empty()) return 1;
  const auto found = std::ranges::count_if(asked, [&](const std::string& stem) { return said.contains(stem); });
  return static_cast<double>(found) / static_cast<double>(asked.size());
}

}  // namespace sluice
