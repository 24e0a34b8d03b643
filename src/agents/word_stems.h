#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice {

/// The words of names and texts, one after another, as they are compared for retrieval: parted at everything that is no letter or digit, at
/// "camelCase" and between letters and digits; in lower case (ASCII and Latin-1's letters); and without common English endings, so that "flights",
/// "delayed", "countries" and "shipping" meet "flight", "delay", "country" and "ship". The stems are no words ("delayed" → "delai"): they only have
/// to be alike on both sides. Chinese and Japanese characters are a word each. Single letters are left out.
class WordStems {
 public:
  /// Whether "JetBlue" is "jet" and "blue" alone, or then "jetblue" as well.
  enum class Compounds : std::uint8_t { parts, also_whole };

  explicit WordStems(std::string_view text, Compounds compounds = Compounds::parts) : text_(text), compounds_(compounds) {}
  /// The next stem, valid until the next call; empty after the last.
  std::string_view next();

  static constexpr std::size_t kBytesMax = 48;  ///< of a word; the rest of a longer one is passed over

 private:
  std::size_t word_end(std::size_t begin) const;
  /// Goes on to the next word or, behind the last part of a compound, back to the whole of it; empty at the end.
  std::string_view next_word();
  std::size_t stem(std::string_view word);

  std::string_view text_;
  Compounds compounds_;
  std::size_t at_ = 0;
  std::size_t compound_ = std::string_view::npos;  ///< where the compound begins whose parts are being read
  std::array<char, kBytesMax> buffer_{};
};

/// Whether it is the stem of a word that says nothing of what a question is about: "the", "how", "many", "list".
bool is_stop_stem(std::string_view stem);

}  // namespace sluice
