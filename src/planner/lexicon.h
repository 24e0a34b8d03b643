#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "planner/words.h"

namespace sluice::planner {

/// What a word or phrase does in a question, whatever the data.
enum class Role : std::uint8_t {
  none,
  ignore,  ///< says nothing about the data: articles, light verbs
  light,   ///< verbs and nouns that add nothing, unless the data has a name like them
  list,    ///< "show", "list"
  which,   ///< "which", "what"
  average,
  sum,
  median,
  minimum,
  maximum,
  count,  ///< "how many", "number of"
  distinct,
  highest,
  lowest,
  most,  ///< of things counted, or of a quantity
  fewest,
  top,
  bottom,
  per,
  by,
  order,
  descending,
  ascending,
  greater,
  less,
  at_least,
  at_most,
  equal,
  unequal,
  between,
  negation,
  is_null,  ///< "without", "missing"
  is_not_null,
  contains,
  starts,
  ends,
  either_or,
  conjunction,
  since,
  before,
  after,
  latest,
  earliest,
  from,
  to,
  year,
  quarter,
  month,
  week,
  day,
  weekday,
  month_name,
  instead,
};

/// The built-in words of English, from lexicon.inc: what phrases do, which words stand for each other, what abbreviations mean.
/// Immutable after construction; any thread.
class Lexicon {
 public:
  Lexicon();

  struct Phrase {
    Role role = Role::none;
    std::size_t words = 0;
    int number = 0;  ///< of a month
  };
  /// The longest phrase that begins at words[at]; role none where there is none.
  Phrase phrase_at(const std::vector<Word>& words, std::size_t at) const;
  /// Words that may stand in a name for the given stem, with how surely.
  const std::vector<std::pair<std::string, double>>& equivalents(const std::string& stem) const;
  /// Whether a column with such a name says where something comes from, or where it goes to.
  bool points_from(const std::vector<std::string>& pieces) const;
  bool points_to(const std::vector<std::string>& pieces) const;
  /// Whether a word is a unit of measure, which says how a number is meant: "minutes", "miles".
  bool is_measure(const Word& word) const;
  /// How many words from words[at] say a time by what day it is today ("yesterday", "last year", "the past 30 days"); 0: none do.
  std::size_t relative_period_at(const std::vector<Word>& words, std::size_t at) const;

 private:
  void read_line(std::string_view key, std::string_view values);

  std::map<std::string, std::pair<Role, int>, std::less<>> phrases_{};
  std::map<std::string, std::vector<std::pair<std::string, double>>, std::less<>> equivalents_{};
  std::vector<std::string> from_{}, to_{}, today_{}, relative_{}, units_{}, measures_{};
};

}  // namespace sluice::planner
