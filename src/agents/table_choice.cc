#include <algorithm>

#include "agents/catalog_search.h"
#include "agents/word_stems.h"

namespace sluice {
namespace {

/// The best tables by their words, between which ways along keys are looked for, and how long such a way may be.
constexpr std::size_t kEnds = 8;
constexpr std::uint8_t kHopsMax = 3;
/// Of the tables on shortest ways between two ends, and of the neighbours of one table, as many as have the best scores.
constexpr std::size_t kBetweenMax = 4, kNeighboursMax = 6;
/// The best tables whose neighbours come in front of the rest.
constexpr std::size_t kWithNeighbours = 4;
/// As many of the best come before anything that keys alone brought.
constexpr std::size_t kFirst = 12;

/// The order of the choice, each table once.
class Choice {
 public:
  Choice(std::span<const float> scores, std::size_t limit) : scores_(scores), taken_(scores.size()), limit_(limit) {}

  void take(std::uint32_t table, FoundTable::By by) {
    if (taken_[table] || found_.size() >= limit_) return;
    taken_[table] = true;
    found_.push_back({table, scores_[table], by});
  }
  /// The best of these that are not taken yet.
  void take_best(std::vector<std::uint32_t> tables, std::size_t count, FoundTable::By by) {
    std::erase_if(tables, [&](std::uint32_t table) { return taken_[table]; });
    std::ranges::sort(tables, [&](std::uint32_t a, std::uint32_t b) { return scores_[a] != scores_[b] ? scores_[a] > scores_[b] : a < b; });
    for (std::size_t i = 0; i < std::min(count, tables.size()); ++i) take(tables[i], by);
  }
  std::vector<FoundTable> done() && { return std::move(found_); }

 private:
  std::span<const float> scores_;
  std::vector<bool> taken_;
  std::size_t limit_;
  std::vector<FoundTable> found_{};
};

/// What lies on a shortest way between any two of the ends.
void take_ways(const KeyGraph& graph, std::span<const FoundTable> ends, Choice& choice) {
  std::vector<std::vector<std::uint8_t>> distances;
  for (const FoundTable& end : ends) distances.push_back(graph.distances(end.table, kHopsMax));
  for (std::size_t b = 1; b < ends.size(); ++b)
    for (std::size_t a = 0; a < b; ++a) {
      const std::uint8_t apart = distances[a][ends[b].table];
      if (apart < 2 || apart == KeyGraph::kFar) continue;
      std::vector<std::uint32_t> between;
      for (std::uint32_t table = 0; table < distances[a].size(); ++table)
        if (distances[a][table] != KeyGraph::kFar && distances[b][table] != KeyGraph::kFar && distances[a][table] + distances[b][table] == apart)
          between.push_back(table);
      choice.take_best(std::move(between), kBetweenMax, FoundTable::By::path);
    }
}

}  // namespace

std::vector<FoundTable> CatalogSearch::retrieve(const TableQuery& query, std::size_t limit) const {
  const std::vector<float> all = scores(query);
  const std::vector<FoundTable> best = ranked(all, limit);
  Choice choice(all, limit);
  const auto first = std::span(best).subspan(0, std::min(best.size(), kFirst));
  for (const FoundTable& one : first) choice.take(one.table, one.by);
  take_ways(graph_, first.subspan(0, std::min(first.size(), kEnds)), choice);
  for (const FoundTable& one : first.subspan(0, std::min(first.size(), kWithNeighbours))) {
    const auto near = graph_.neighbours(one.table);
    choice.take_best({near.begin(), near.end()}, kNeighboursMax, FoundTable::By::neighbour);
  }
  for (const FoundTable& one : best) choice.take(one.table, one.by);
  return std::move(choice).done();
}

std::vector<float> CatalogSearch::column_scores(std::span<const QueryTerm> terms, std::uint32_t table) const {
  std::vector<float> out;
  for (const Column& column : catalog_.tables[table].columns) {
    float score = 0;
    constexpr float kCommentShare = 0.4F;
    const auto add = [&](std::string_view text, float share) {
      WordStems words(text.substr(0, kCommentBytes));
      for (std::string_view stem = words.next(); !stem.empty(); stem = words.next()) {
        const auto found = std::ranges::find(terms, index_.terms().find(stem), &QueryTerm::term);
        if (found != terms.end()) score += share * found->weight * index_.idf(found->term);
      }
    };
    add(column.name, 1);
    add(column.comment, kCommentShare);
    out.push_back(score);
  }
  return out;
}

bool CatalogSearch::names(std::span<const QueryTerm> terms, std::string_view text) const {
  bool some = false;
  WordStems words(text.substr(0, kValueBytes));
  for (std::string_view stem = words.next(); !stem.empty(); stem = words.next()) {
    if (is_stop_stem(stem)) continue;
    some = true;
    if (std::ranges::find(terms, index_.terms().find(stem), &QueryTerm::term) == terms.end()) return false;
  }
  return some;
}

}  // namespace sluice
