#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::planner {

enum class WordKind : std::uint8_t { word, number, quoted, date, comma, stop };

/// One word of a question. Numbers, quoted texts, ISO dates, commas and ends of sentences are words too.
struct Word {
  WordKind kind = WordKind::word;
  std::string text{};   ///< as written, quotes left out
  std::string lower{};  ///< ASCII lower case
  std::string stem{};   ///< without a plural ending
  bool sentence_start = false;
  bool aside = false;       ///< stands between parentheses
  bool owns = false;        ///< "carrier's", "carriers'"
  bool glued = false;       ///< of a point or slash: nothing stands between it and the words beside it, as in "flights.dep_delay"
  int depth = 0;            ///< in how many parentheses it stands; a definition stands in some of its own
  std::string term{};       ///< what a definition calls this, as a name
  bool describing = false;  ///< of a definition: it was said of rows, as "profitable" is
};

inline constexpr std::size_t kWordsMax = 200;

/// The words of a text, at most kWordsMax + 1 (so that the caller sees that there are too many).
std::vector<Word> split_words(std::string_view text);

/// The word without its plural ending: "airlines" → "airline", "countries" → "country".
std::string stem(std::string_view lower);

/// The pieces of a name, stemmed: "arr_delay" → arr, delay; "BillingCountry" → billing, country.
std::vector<std::string> name_pieces(std::string_view name);

}  // namespace sluice::planner
