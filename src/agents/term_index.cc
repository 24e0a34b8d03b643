#include "agents/term_index.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "agents/word_stems.h"

namespace sluice {
namespace {

constexpr std::size_t kSlotsFirst = 1024;

/// FNV-1a: words are short, and nobody gains by making them collide in an index of their own.
std::size_t hash_of(std::string_view word) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : word) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return static_cast<std::size_t>(hash ^ (hash >> 32U));
}

}  // namespace

Terms::Terms() : slots_(kSlotsFirst, kNone) {}

std::size_t Terms::slot(std::string_view word) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash_of(word) & mask;
  while (slots_[at] != kNone && text(slots_[at]) != word) at = (at + 1) & mask;
  return at;
}

std::uint32_t Terms::find(std::string_view word) const { return slots_[slot(word)]; }

std::uint32_t Terms::add(std::string_view word) {
  const std::size_t at = slot(word);
  if (slots_[at] != kNone) return slots_[at];
  const std::uint32_t term = size();
  slots_[at] = term;
  texts_ += word;
  begins_.push_back(static_cast<std::uint32_t>(texts_.size()));
  if (2 * std::size_t{size()} > slots_.size()) grow();
  return term;
}

void Terms::grow() {
  slots_.assign(slots_.size() * 2, kNone);
  for (std::uint32_t term = 0; term < size(); ++term) slots_[slot(text(term))] = term;
}

void TermIndex::begin_document() {
  ++documents_;
  lengths_.resize(lengths_.size() + fields_.size());
}

void TermIndex::add(std::size_t field, std::string_view text) {
  WordStems words(text, WordStems::Compounds::also_whole);
  for (std::string_view stem = words.next(); !stem.empty(); stem = words.next()) {
    occurrences_.push_back({terms_.add(stem), documents_ - 1, static_cast<std::uint32_t>(field)});
    ++lengths_[(documents_ - 1) * fields_.size() + field];
  }
}

/// The occurrences by term, and of one term as they came: by document.
std::vector<TermIndex::Occurrence> TermIndex::by_term() const {
  std::vector<std::uint32_t> next(terms_.size() + 1);
  for (const Occurrence& one : occurrences_) ++next[one.term + 1];
  for (std::size_t i = 1; i < next.size(); ++i) next[i] += next[i - 1];
  std::vector<Occurrence> sorted(occurrences_.size());
  for (const Occurrence& one : occurrences_) sorted[next[one.term]++] = one;
  return sorted;
}

/// By which an occurrence in a field of a document is multiplied: weight / (1 − b + b · length / mean length).
std::vector<float> TermIndex::length_norms() const {
  std::vector<double> means(fields_.size());
  for (std::size_t i = 0; i < lengths_.size(); ++i) means[i % fields_.size()] += lengths_[i];
  std::vector<float> out(lengths_.size());
  for (std::size_t i = 0; i < lengths_.size(); ++i) {
    const Field& field = fields_[i % fields_.size()];
    const double mean = means[i % fields_.size()] / documents_;
    const double length = mean > 0 ? lengths_[i] / mean : 1;
    out[i] = static_cast<float>(field.weight / (1 - field.b + field.b * length));
  }
  return out;
}

void TermIndex::finish() {
  const std::vector<Occurrence> sorted = by_term();
  const std::vector<float> norms = length_norms();
  first_.assign(1, 0);
  first_.reserve(terms_.size() + 1);
  idf_.reserve(terms_.size());
  for (std::size_t at = 0; at < sorted.size();) {
    const std::uint32_t term = sorted[at].term;
    while (at < sorted.size() && sorted[at].term == term) {
      const std::uint32_t document = sorted[at].document;
      std::array<std::uint32_t, kFieldsMax> counts{};
      for (; at < sorted.size() && sorted[at].term == term && sorted[at].document == document; ++at) ++counts[sorted[at].field];
      double tf = 0;
      for (std::size_t field = 0; field < fields_.size(); ++field)
        tf += norms[document * fields_.size() + field] * static_cast<double>(fields_[field].once ? std::min(counts[field], 1U) : counts[field]);
      postings_.push_back({document, static_cast<float>(tf / (kK1 + tf))});
    }
    const double with = static_cast<double>(postings_.size() - first_.back());
    idf_.push_back(static_cast<float>(std::log(1 + (documents_ - with + 0.5) / (with + 0.5))));
    first_.push_back(static_cast<std::uint32_t>(postings_.size()));
  }
  occurrences_ = {};
}

void TermIndex::add_terms(std::string_view text, float weight, std::vector<QueryTerm>& query) const {
  WordStems words(text, WordStems::Compounds::also_whole);
  for (std::string_view stem = words.next(); !stem.empty() && query.size() < kQueryTermsMax; stem = words.next()) {
    const std::uint32_t term = terms_.find(stem);
    if (term == Terms::kNone || is_stop_stem(stem) || std::ranges::find(query, term, &QueryTerm::term) != query.end()) continue;
    query.push_back({term, weight});
  }
}

void TermIndex::score(std::span<const QueryTerm> query, std::span<float> scores) const {
  for (const QueryTerm& one : query)
    for (const Posting& posting : postings(one.term)) scores[posting.document] += one.weight * idf_[one.term] * posting.saturated;
}

}  // namespace sluice
