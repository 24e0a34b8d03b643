#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agents/key_graph.h"
#include "agents/term_index.h"
#include "data/catalog.h"
#include "data/column_values.h"
#include "data/glossary.h"

namespace sluice {

/// A question that was answered before, and the tables that its query read.
struct PastQuestion {
  std::string question{};
  std::vector<TableName> tables{};

  bool operator==(const PastQuestion&) const = default;
  static constexpr auto fields() { return std::tuple{Field{"question", &PastQuestion::question}, Field{"tables", &PastQuestion::tables}}; }
};

/// Past questions, found again by the words of a new one. Refers to the catalog that it was made for by place; any thread once it is made.
class PastQuestions {
 public:
  static constexpr std::size_t kMax = 2'000;  ///< The first of a longer list are taken.

  PastQuestions(const Catalog& catalog, std::span<const PastQuestion> questions);
  /// How much the questions that are most like this one say for each table, 0 … 1, added to `shares`.
  void add_shares(std::span<const std::string_view> texts, std::span<float> shares) const;

 private:
  TermIndex index_;
  std::vector<std::vector<std::uint32_t>> tables_{};  ///< of each question, places in the catalog
};

/// What tables are looked for by. What it refers to has to live as long as the call.
struct TableQuery {
  std::string_view question{};
  std::span<const std::string> feedback{};
  const Glossary& glossary = kNoGlossary;
  const PastQuestions* past = nullptr;
};

struct FoundTable {
  enum class By : std::uint8_t { words, path, neighbour };
  std::uint32_t table = 0;  ///< its place in Catalog::tables
  float score = 0;          ///< comparable within one search only
  By by = By::words;

  bool operator==(const FoundTable&) const = default;
};

/// Finds the tables that a question is about among thousands: an index over what is said of each table (its name, schema, columns, comments, values,
/// the tables that its keys name), asked with the words of the question, of feedback, and of those glossary entries whose term the question has.
/// Borrows the catalog, which has to outlive it. Any thread once it is made. The same input gives the same ranking.
class CatalogSearch {
 public:
  /// Values that are indexed: of a column as many as kValuesMax leaves to each of the columns that have any, within these bounds.
  static constexpr std::size_t kValuesMax = 100'000, kValuesPerColumnMin = 20, kValuesPerColumn = 200;
  static constexpr std::size_t kValueBytes = 80, kCommentBytes = 1'000;

  CatalogSearch(const Catalog& catalog, std::span<const ColumnValues> values);

  /// The tables with the best scores, best first, those without any left out.
  std::vector<FoundTable> search(const TableQuery& query, std::size_t limit) const;
  /// In the order in which a prompt should take them as long as it has room: the best, with what joins them (the tables on the shortest ways between
  /// them along keys) and their neighbours, then the rest of `search`.
  std::vector<FoundTable> retrieve(const TableQuery& query, std::size_t limit) const;
  /// The words that the catalog is searched for, those alone that occur in it.
  std::vector<QueryTerm> terms_of(const TableQuery& query) const { return terms_of(query, {}); }
  /// How well each of the table's columns matches, 0 for not at all: which ones a wide table shows.
  std::vector<float> column_scores(std::span<const QueryTerm> terms, std::uint32_t table) const;
  /// Whether the text has words to look for, and all of them are among the terms: a value that the question names.
  bool names(std::span<const QueryTerm> terms, std::string_view text) const;

  const Catalog& catalog() const { return catalog_; }

 private:
  std::vector<QueryTerm> terms_of(const TableQuery& query, std::span<float> named) const;
  std::vector<float> scores(const TableQuery& query) const;
  void add_whole_names(std::span<const QueryTerm> query, std::span<float> scores) const;
  void add_near(std::span<const QueryTerm> query, std::span<float> scores) const;
  std::vector<FoundTable> ranked(std::span<const float> scores, std::size_t limit) const;

  const Catalog& catalog_;
  TermIndex index_;
  KeyGraph graph_;
  std::vector<std::uint32_t> name_first_{}, name_terms_{};  ///< the words of each table's name
};

}  // namespace sluice
