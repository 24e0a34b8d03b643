#include "agents/catalog_search.h"

#include <algorithm>
#include <array>
#include <map>

#include "agents/glossary_words.h"
#include "agents/samples_by_table.h"
#include "agents/word_stems.h"

namespace sluice {
namespace {

enum FieldOf : std::size_t { kName, kSchema, kColumns, kTableComment, kColumnComments, kValues, kReferred };
constexpr std::array<TermIndex::Field, 7> kFields{{
    {.weight = 4.0F, .b = 0.5F},
    {.weight = 1.0F, .b = 0.0F, .once = true},
    {.weight = 2.0F, .b = 0.5F},
    {.weight = 1.5F, .b = 0.6F},
    {.weight = 0.7F, .b = 0.7F},
    {.weight = 1.0F, .b = 0.0F, .once = true},
    {.weight = 0.7F, .b = 0.3F, .once = true},
}};
constexpr std::array<TermIndex::Field, 1> kPastFields{{{.weight = 1.0F, .b = 0.6F, .once = true}}};

/// Feedback of later rounds counts as the question does; what a glossary entry says counts less, as it holds functions and literals too.
constexpr float kFeedbackWeight = 1.0F, kGlossaryWeight = 0.7F;
/// In parts of the best score: what a table gains that the glossary names, and one that past questions alike read.
constexpr float kNamedShare = 0.5F, kPastShare = 0.6F;
/// For each word of the question that is in a table's name: more, the more of the name they make up.
constexpr float kWholeNameWeight = 0.6F;
/// How much what is found in a table or next to it counts, beside what is found in the table itself.
constexpr float kNearWeight = 1.0F;
constexpr std::size_t kPastBest = 5;

std::string_view clipped(std::string_view text, std::size_t bytes) { return text.substr(0, bytes); }

}  // namespace

PastQuestions::PastQuestions(const Catalog& catalog, std::span<const PastQuestion> questions) : index_(kPastFields) {
  std::map<TableName, std::uint32_t> places;
  for (std::uint32_t i = 0; i < catalog.tables.size(); ++i) places.emplace(catalog.tables[i].name, i);
  for (const PastQuestion& one : questions.subspan(0, std::min(questions.size(), kMax))) {
    index_.begin_document();
    index_.add(0, one.question);
    auto& tables = tables_.emplace_back();
    for (const TableName& name : one.tables)
      if (const auto found = places.find(name); found != places.end()) tables.push_back(found->second);
  }
  index_.finish();
}

void PastQuestions::add_shares(std::span<const std::string_view> texts, std::span<float> shares) const {
  std::vector<QueryTerm> query;
  for (const std::string_view text : texts) index_.add_terms(text, 1, query);
  float most = 0;  // the score of a question that has every word
  for (const QueryTerm& one : query) most += index_.idf(one.term);
  if (most <= 0) return;
  std::vector<float> scores(index_.documents());
  index_.score(query, scores);
  std::vector<std::uint32_t> best(scores.size());
  for (std::uint32_t i = 0; i < best.size(); ++i) best[i] = i;
  const auto kept = std::min(best.size(), kPastBest);
  std::ranges::partial_sort(best, best.begin() + static_cast<std::ptrdiff_t>(kept),
                            [&](std::uint32_t a, std::uint32_t b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; });
  for (std::size_t i = 0; i < kept; ++i)
    for (const std::uint32_t table : tables_[best[i]]) shares[table] = std::max(shares[table], std::min(1.0F, scores[best[i]] / most));
}

CatalogSearch::CatalogSearch(const Catalog& catalog, std::span<const ColumnValues> values) : catalog_(catalog), index_(kFields), graph_(catalog) {
  const SamplesByTable<ColumnValues> by_table(values);
  const std::size_t per_column = std::clamp(kValuesMax / std::max<std::size_t>(values.size(), 1), kValuesPerColumnMin, kValuesPerColumn);
  for (const Table& table : catalog.tables) {
    index_.begin_document();
    index_.add(kName, table.name.name);
    index_.add(kSchema, table.name.schema);
    index_.add(kTableComment, clipped(table.comment, kCommentBytes));
    for (const Column& column : table.columns) {
      index_.add(kColumns, column.name);
      index_.add(kColumnComments, clipped(column.comment, kCommentBytes));
    }
    for (const ForeignKey& key : table.foreign_keys) index_.add(kReferred, key.target.name);
    for (const ColumnValues* one : by_table.of(table.name))
      for (std::size_t i = 0; i < std::min(one->values.size(), per_column); ++i) index_.add(kValues, clipped(one->values[i], kValueBytes));
  }
  index_.finish();
  name_first_.push_back(0);
  for (const Table& table : catalog.tables) {
    WordStems words(table.name.name);
    for (std::string_view stem = words.next(); !stem.empty(); stem = words.next()) name_terms_.push_back(index_.terms().find(stem));
    name_first_.push_back(static_cast<std::uint32_t>(name_terms_.size()));
  }
}

/// The words of question, feedback and what the glossary says to them that occur anywhere in the catalog. Tables that the glossary names get a 1 in
/// `named`, where it is given.
std::vector<QueryTerm> CatalogSearch::terms_of(const TableQuery& query, std::span<float> named) const {
  std::vector<QueryTerm> out;
  index_.add_terms(query.question, 1, out);
  for (const std::string& text : query.feedback) index_.add_terms(text, kFeedbackWeight, out);
  for (const GlossaryWords& entry : glossary_words(query.glossary, query.question, query.feedback)) {
    for (const std::string_view text : entry.texts) index_.add_terms(text, kGlossaryWeight, out);
    if (named.empty()) continue;
    for (const std::uint32_t table : tables_named(catalog_, entry)) named[table] = 1;
  }
  return out;
}

/// For the words of a table's name that the question has: the more of the name they make up, the more it counts.
void CatalogSearch::add_whole_names(std::span<const QueryTerm> query, std::span<float> scores) const {
  std::vector<float> weights(index_.terms().size());
  for (const QueryTerm& one : query) weights[one.term] = one.weight;
  for (std::size_t table = 0; table < scores.size(); ++table) {
    float has = 0, all = 0;
    for (std::uint32_t i = name_first_[table]; i < name_first_[table + 1]; ++i) {
      const float idf = index_.idf(name_terms_[i]);
      all += idf;
      has += weights[name_terms_[i]] * idf;
    }
    if (has > 0) scores[table] += kWholeNameWeight * has * has / all;
  }
}

std::vector<float> CatalogSearch::scores(const TableQuery& query) const {
  const std::size_t count = catalog_.tables.size();
  std::vector<float> own(count), named(count), past(count);
  const std::vector<QueryTerm> terms = terms_of(query, named);
  index_.score(terms, own);
  add_whole_names(terms, own);
  const float best = count == 0 ? 0 : std::ranges::max(own);
  if (query.past != nullptr) {
    std::vector<std::string_view> texts{query.question};
    texts.insert(texts.end(), query.feedback.begin(), query.feedback.end());
    query.past->add_shares(texts, past);
  }
  // Where no word is known at all, what the glossary and past questions say is all there is.
  const float unit = best > 0 ? best : 1;
  for (std::size_t i = 0; i < count; ++i) own[i] += unit * (kNamedShare * named[i] + kPastShare * past[i]);
  add_near(terms, own);
  return own;
}

/// For each word, what the table or one that keys join it to has of it: where students and pets are asked for, the table that says who has which pet
/// has both next to it, and a table of students next to one of pets is likelier to be meant than one without.
void CatalogSearch::add_near(std::span<const QueryTerm> query, std::span<float> scores) const {
  std::vector<float> best(scores.size());
  std::vector<std::uint32_t> touched;
  for (const QueryTerm& one : query) {
    const auto reach = [&](std::uint32_t table, float found) {
      if (best[table] == 0) touched.push_back(table);
      best[table] = std::max(best[table], found);
    };
    for (const TermIndex::Posting& posting : index_.postings(one.term)) {
      reach(posting.document, posting.saturated);
      for (const std::uint32_t neighbour : graph_.neighbours(posting.document)) reach(neighbour, posting.saturated);
    }
    for (const std::uint32_t table : touched) {
      scores[table] += kNearWeight * one.weight * index_.idf(one.term) * best[table];
      best[table] = 0;
    }
    touched.clear();
  }
}

std::vector<FoundTable> CatalogSearch::ranked(std::span<const float> scores, std::size_t limit) const {
  std::vector<FoundTable> out;
  for (std::uint32_t i = 0; i < scores.size(); ++i)
    if (scores[i] > 0) out.push_back({i, scores[i]});
  const auto kept = std::min(limit, out.size());
  std::ranges::partial_sort(out, out.begin() + static_cast<std::ptrdiff_t>(kept),
                            [](const FoundTable& a, const FoundTable& b) { return a.score != b.score ? a.score > b.score : a.table < b.table; });
  out.resize(kept);
  return out;
}

std::vector<FoundTable> CatalogSearch::search(const TableQuery& query, std::size_t limit) const { return ranked(scores(query), limit); }

}  // namespace sluice
