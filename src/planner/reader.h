#pragma once
#include <optional>
#include <string>
#include <vector>

#include "planner/frame.h"
#include "planner/join_graph.h"

namespace sluice::planner {

/// What is known about a catalog, made once.
struct Schema {
  CatalogIndex index;
  JoinGraph graph;
};

/// Goes through a question's words from left to right while rules fill the frame. One thread, one question.
class Reader {
 public:
  Reader(const std::vector<Word>& words, const Catalog& catalog, const Schema& schema, const Lexicon& lexicon, Frame& fill)
      : frame(fill), words_(words), catalog_(catalog), schema_(schema), lexicon_(lexicon) {}

  bool done() const { return at >= words_.size(); }
  const Word& word() const { return words_[at]; }
  const Word* word_after(std::size_t steps) const { return at + steps < words_.size() ? &words_[at + steps] : nullptr; }
  /// How many words from here say a time by what day it is today; 0 where they are a name.
  std::size_t relative_period() const;
  Lexicon::Phrase phrase() const { return lexicon_.phrase_at(words_, at); }
  Mention name() const { return schema_.index.name_at(words_, at, lexicon_); }
  Mention value() const { return schema_.index.value_at(words_, at, lexicon_); }
  void take(std::size_t count) { at += count; }
  /// So many words from here, as they were written.
  std::string text(std::size_t count) const;
  bool take_if(Role role);
  /// Passes over words that say nothing.
  void skip_ignored();

  /// A table or column, with the nouns that belong to it ("customer name", "origin airport"); moves past it. kNoMention: nothing moves.
  MentionId take_noun();
  /// A whole number: 10, "ten" is not read. Moves past it.
  std::optional<std::int64_t> take_count();
  /// The unit of measure that comes next, by its stem; empty where none does.
  std::string unit() const { return !done() && lexicon_.is_measure(word()) ? word().stem : ""; }
  /// A number, date or quoted text as a constant. Moves past it.
  std::optional<plan::Literal> take_literal();
  MentionId add(Mention mention);
  /// Whether a column, and no table, was named right before this place.
  bool stands_behind_column() const;
  /// The column named right before this place, which a comparison may be about; it is then no longer shown.
  MentionId claim_last_column();
  /// "country Germany", "category Seafood": the noun right before a value says which of its columns is meant, and is then not shown itself.
  void narrow_by_last_noun(Mention& value);
  bool has_column(MentionId id) const;
  bool has_table(MentionId id) const;
  const std::string& column_name(const Link& link) const {
    return catalog_.tables[static_cast<std::size_t>(link.table)].columns[static_cast<std::size_t>(link.column)].name;
  }

  std::size_t at = 0;
  Frame& frame;
  bool negate = false;
  Filter::Way way = Filter::Way::none;
  std::size_t last_noun_end = 0;
  MentionId last_noun = kNoMention;

 private:
  bool follows_last_noun(std::size_t place) const;
  std::optional<Mention> compound(const Mention& first, const Mention& second) const;

  const std::vector<Word>& words_;
  const Catalog& catalog_;
  const Schema& schema_;
  const Lexicon& lexicon_;
};

/// One way in which words of a question fill the frame. False: nothing was taken.
struct Rule {
  const char* name;
  bool (*apply)(Reader&);
};

bool read_relative(Reader& reader);     ///< "last year", "yesterday": understood, and refused
bool read_period(Reader& reader);       ///< "in 2013", "in March 2013", "by month"
bool read_aggregate(Reader& reader);    ///< "average arrival delay", "how many flights"
bool read_superlative(Reader& reader);  ///< "the highest …", "most flights", "top 5 … by …", "latest orders"
bool read_group(Reader& reader);        ///< "per carrier", "for each origin"
bool read_order(Reader& reader);        ///< "sorted by name descending"
bool read_comparison(Reader& reader);   ///< "over 60", "between 1 and 5", "containing 'x'", "more than 10 orders"
bool read_absence(Reader& reader);      ///< "without region", "not null", "not JFK"
bool read_value(Reader& reader);        ///< "JFK", "Germany"
bool read_noun(Reader& reader);         ///< a table or column
bool read_filler(Reader& reader);       ///< words that only hold the sentence together

struct Unplaced {
  std::vector<std::string> words{};
  bool known = false;  ///< words of the language that found nothing to be about
};
/// Reads all words into the frame; the result is the words that no rule could place.
Unplaced read_question(Reader& reader);

}  // namespace sluice::planner
