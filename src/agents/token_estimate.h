#pragma once
#include <cstdint>
#include <string_view>

namespace sluice {

/// About how many tokens a model reads the text as, rather too many than too few, in one pass and for any provider. Their tokenizers differ, and
/// merge what they saw often; this counts what an indifferent one would have to pay:
///
///   a run of n ASCII letters   ⌈n / 4⌉  common words are one token, but names in databases ("carr_cd") are no words
///   an ASCII digit             1        some tokenizers join up to three, some none
///   other visible ASCII        1        a run of one and the same character, as in "-----", ⌈n / 4⌉
///   a space                    0        belongs to the word behind it; each further one of a run ¼
///   a line's end, a tab        1
///   a character of two bytes   1        Latin with accents, Greek, Cyrillic, Arabic
///   of three bytes             2        Chinese, Japanese, Korean, Indic, most symbols
///   of four bytes              3        emoji, rare characters
///
/// Nothing guarantees it for a given tokenizer, so whoever fills a model's window leaves room. Bytes that are no UTF-8 count 1 to 3.
std::int64_t estimated_tokens(std::string_view utf8);

}  // namespace sluice
