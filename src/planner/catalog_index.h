#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "data/catalog.h"
#include "data/column_values.h"
#include "planner/lexicon.h"

namespace sluice::planner {

/// What a word may mean: a table, a column, or a column's value. Numbers are places in the catalog.
struct Link {
  enum class Kind : std::uint8_t { table, column, value } kind = Kind::table;
  int table = 0, column = -1;
  double score = 0;
  std::string value{};

  bool operator==(const Link&) const = default;
};

/// Words that are linked: [begin, end) of the question, and what they may mean, best first.
struct Mention {
  std::size_t begin = 0, end = 0;
  std::vector<Link> links{};
  bool plural = false;
  bool replaced = false;  ///< a refinement put something else in its place

  std::size_t size() const { return end - begin; }
};

/// The names and values of a catalog, by the words they are made of. Immutable after construction; any thread. It holds no reference
/// to the catalog that it was made from.
class CatalogIndex {
 public:
  CatalogIndex(const Catalog& catalog, const std::vector<ColumnValues>& values);

  /// The longest run of words from `at` that names tables or columns; no links where there is none.
  Mention name_at(const std::vector<Word>& words, std::size_t at, const Lexicon& lexicon) const;
  /// The longest run of words (or the quoted text) at `at` that is a value.
  Mention value_at(const std::vector<Word>& words, std::size_t at, const Lexicon& lexicon) const;
  /// Names near a word, for hints.
  std::string near(const std::string& word) const;

 private:
  struct Name {
    std::size_t pieces = 0;
    double factor = 1;
    std::vector<Link> targets{};
  };
  struct Place {
    std::uint32_t name = 0, at = 0;
  };
  struct Partial {
    std::uint32_t name = 0, at = 0, from = 0;
    double score = 0;
  };
  void add_name(const std::vector<std::string>& pieces, double factor, Link target);
  std::vector<Partial> pieces_like(const Word& word, const Lexicon& lexicon) const;
  /// "tail number" for a column that is called tailnum.
  Mention run_together(const std::vector<Word>& words, std::size_t at, const Lexicon& lexicon) const;
  /// Links without repetition: of a thousand tables a word may name a column each.
  struct Found {
    std::vector<Link> links{};
    std::unordered_map<std::uint64_t, std::size_t> places{};
  };
  void keep(Found& found, const Partial& match) const;

  std::vector<Name> names_{};
  std::unordered_map<std::string, std::uint32_t> by_text_{};
  std::unordered_map<std::string, std::vector<Place>> by_piece_{};
  std::unordered_map<std::string, std::vector<Link>> values_{};
};

/// Changes when anything that the index is made of changes.
std::uint64_t index_key(const Catalog& catalog, const std::vector<ColumnValues>& values);

}  // namespace sluice::planner
