#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "data/catalog.h"
#include "data/column_values.h"
#include "planner/lexicon.h"
#include "planner/value_store.h"

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

  std::size_t size() const { return end - begin; }
};

/// The names and values of a catalog, by the words they are made of. Immutable after construction; any thread. It holds no reference
/// to the catalog that it was made from.
class CatalogIndex {
 public:
  /// Shares what has not changed since `before`, an index of an earlier state of the catalog; null where there is none. `real`: the catalog without
  /// columns that are computed; null where it has none.
  CatalogIndex(const Catalog& catalog, const std::vector<ColumnValues>& values, const Lexicon& lexicon, const CatalogIndex* before = nullptr,
               const Catalog* real = nullptr);

  /// Another name for a table or column, as sure as its own; only before anybody else has the index.
  void add_term(const std::vector<std::string>& pieces, const Link& target, double factor = 1) { add_name(pieces, factor, target); }

  /// Every run of words from `at` that names tables or columns, shortest first.
  std::vector<Mention> names_at(const std::vector<Word>& words, std::size_t at, const Lexicon& lexicon) const;
  /// Every run of words (or the quoted text) from `at` that is a value.
  std::vector<Mention> values_at(const std::vector<Word>& words, std::size_t at, const Lexicon& lexicon) const;
  /// The columns whose names have this piece, or end in it.
  std::vector<Link> columns_like(const std::string& piece) const;
  /// The columns of dates, by each piece of their names.
  const std::map<std::string, std::vector<Link>>& dates() const { return dates_; }
  /// Whether some column is known to have a value of these words.
  bool is_value(const std::string& value) const;
  /// Whether the column is known to have this very value.
  bool has_value(const Link& column, const std::string& value) const;
  /// The value and all others of its column that differ from it only in case: 'Ebony' and 'EBONY'. It comes first.
  std::vector<std::string> spellings(const Link& value) const;
  /// The word that was meant at `at` if one letter is wrong: of all such words the only one that names something or is in a value beside its
  /// neighbours. "" where there is none.
  std::string spelt(const std::vector<Word>& words, std::size_t at) const;
  /// How many tables' values were taken over from the index before.
  std::size_t shared_tables() const { return values_.shared(); }
  /// Names near a word, for hints.
  std::string near(const std::string& word) const;

 private:
  struct Name {
    std::size_t pieces = 0;
    double factor = 1;
    bool technical = false, of_rows = false;  ///< its last piece says no more than that it is an id or a name
    bool only_head = false;                   ///< of a table, whose head no other table's name has
    bool done = false;                        ///< its last piece only says what was done: payments_made
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
  void mark_only_heads(const Catalog& catalog);
  void add_column(const Table& table, int t, int c, const Lexicon& lexicon);
  /// "success" for the 's' of a status whose comment says so.
  void add_codes(const Column& column, Link link);
  /// "country name" for a country that is told by its name.
  void add_with_name(const Table& table, const Column& column, std::vector<std::string> pieces, const Link& link);
  /// "amount" and "transaction amount" for sbTxAmount, where all columns of sbTransaction begin so.
  void add_without_prefixes(const Catalog& catalog, const Catalog& real);
  std::vector<Link> value_links(const std::string& key, const std::string& written, const Lexicon& lexicon) const;
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
  std::vector<int> real_columns_{};  ///< of each table, where some of its columns are computed; empty where none are
  std::unordered_map<std::string, std::uint32_t> by_text_{};
  std::unordered_map<std::string, std::vector<Place>> by_piece_{};
  std::unordered_map<std::string, std::vector<std::string>> by_root_{};
  std::map<std::string, std::vector<Link>> dates_{};
  ValueStore values_{};
  std::unordered_map<std::string, std::vector<Link>> coded_{};  ///< what comments say that codes mean
};

}  // namespace sluice::planner
