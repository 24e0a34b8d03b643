#include "agents/examples.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <set>

#include "agents/term_index.h"

namespace sluice {

std::vector<ApprovedQuestion> nearest_examples(std::string_view question, const std::vector<ApprovedQuestion>& approved, std::size_t most) {
  constexpr std::array<TermIndex::Field, 1> kQuestion{{{.weight = 1}}};
  TermIndex index(kQuestion);
  for (const ApprovedQuestion& one : approved) {
    index.begin_document();
    index.add(0, one.question);
  }
  index.finish();
  std::vector<QueryTerm> words;
  index.add_terms(question, 1, words);
  std::vector<float> scores(approved.size());
  index.score(words, scores);
  std::vector<std::size_t> order(approved.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  std::vector<ApprovedQuestion> nearest;
  std::set<std::string_view> asked;
  for (const std::size_t n : order) {
    if (nearest.size() == most || scores[n] <= 0) break;
    if (asked.insert(approved[n].question).second) nearest.push_back(approved[n]);
  }
  return nearest;
}

}  // namespace sluice
