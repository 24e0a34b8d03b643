#include "agents/word_stems.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sluice {
namespace {

enum class Kind : std::uint8_t { other, lower, upper, digit, beyond, ideograph };

Kind kind_of(char c) {
  if (c >= 'a' && c <= 'z') return Kind::lower;
  if (c >= 'A' && c <= 'Z') return Kind::upper;
  if (c >= '0' && c <= '9') return Kind::digit;
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0xE3 && byte <= 0xE9) return Kind::ideograph;  // the lead byte of U+3000 … U+9FFF
  return byte >= 0x80 ? Kind::beyond : Kind::other;
}

bool is_vowel(char c) { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y'; }

bool has_vowel(std::string_view text) { return std::ranges::any_of(text, is_vowel); }

/// Without a plural ending. "ies" becomes "i", as does a last "y" later.
std::size_t without_plural(std::string_view word) {
  const std::size_t n = word.size();
  if (n < 4 || word.back() != 's') return n;
  if (word.ends_with("ies")) return n - 2;
  for (const std::string_view ending : {"sses", "shes", "ches", "xes", "zes"})
    if (word.ends_with(ending)) return n - 2;
  return word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") ? n : n - 1;
}

/// Without "ed" or "ing", where a vowel is left before it ("string" stays), and without the consonant that was doubled for it ("planned").
std::size_t without_participle(std::string_view word) {
  const std::size_t ending = word.ends_with("ing") ? 3 : word.ends_with("ed") && !word.ends_with("eed") ? 2 : 0;
  if (ending == 0 || word.size() < ending + 3 || !has_vowel(word.substr(0, word.size() - ending))) return word.size();
  const std::string_view left = word.substr(0, word.size() - ending);
  const char last = left.back();
  const bool doubled = left[left.size() - 2] == last && !is_vowel(last) && last != 'l' && last != 's' && last != 'z';
  return doubled ? left.size() - 1 : left.size();
}

std::size_t stem_length(char* word, std::size_t length) {
  length = without_plural({word, length});
  length = without_participle({word, length});
  if (length >= 4 && word[length - 1] == 'e') --length;
  if (length >= 4 && word[length - 1] == 'y') word[length - 1] = 'i';
  return length;
}

}  // namespace

std::size_t WordStems::word_end(std::size_t begin) const {
  const Kind first = kind_of(text_[begin]);
  std::size_t end = begin + 1;
  if (first == Kind::ideograph) return std::min(begin + 3, text_.size());
  const auto kind = [&](std::size_t i) { return i < text_.size() ? kind_of(text_[i]) : Kind::other; };
  if (first == Kind::digit) {
    while (kind(end) == Kind::digit) ++end;
    return end;
  }
  for (;; ++end) {
    const Kind here = kind(end), before = kind(end - 1);
    const bool letter = here == Kind::lower || here == Kind::upper || here == Kind::beyond;
    if (!letter) return end;
    if (here == Kind::upper && before == Kind::lower) return end;                                  // camel|Case
    if (here == Kind::upper && before == Kind::upper && kind(end + 1) == Kind::lower) return end;  // XML|File
  }
}

std::string_view WordStems::next_word() {
  constexpr auto kNone = std::string_view::npos;
  const auto is_letter = [&](std::size_t i) {
    const Kind kind = i < text_.size() ? kind_of(text_[i]) : Kind::other;
    return kind == Kind::lower || kind == Kind::upper || kind == Kind::beyond;
  };
  if (compound_ != kNone && !is_letter(at_)) {
    const std::size_t begin = std::exchange(compound_, kNone);
    return text_.substr(begin, at_ - begin);
  }
  while (at_ < text_.size() && kind_of(text_[at_]) == Kind::other) ++at_;
  if (at_ == text_.size()) return {};
  const std::size_t begin = at_;
  at_ = word_end(begin);
  if (compounds_ == Compounds::also_whole && compound_ == kNone && is_letter(begin) && is_letter(at_)) compound_ = begin;
  return text_.substr(begin, at_ - begin);
}

/// Leaves the word's stem in the buffer, and returns how long it is.
std::size_t WordStems::stem(std::string_view word) {
  const std::size_t length = std::min(word.size(), kBytesMax);
  bool ascii = true;
  for (std::size_t i = 0; i < length; ++i) {
    char c = word[i];
    const auto byte = static_cast<unsigned char>(c);
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    // À … Þ are the two bytes C3 80 … C3 9E, their small letters C3 A0 … C3 BE; × is not one of them.
    if (i > 0 && static_cast<unsigned char>(word[i - 1]) == 0xC3 && byte >= 0x80 && byte <= 0x9E && byte != 0x97) c = static_cast<char>(byte + 0x20);
    ascii = ascii && byte < 0x80;
    buffer_[i] = c;
  }
  return ascii ? stem_length(buffer_.data(), length) : length;
}

std::string_view WordStems::next() {
  for (std::string_view word = next_word(); !word.empty(); word = next_word())
    if (const std::size_t length = stem(word); length > 1) return {buffer_.data(), length};
  return {};
}

namespace {

/// Words that shape a query or a sentence. "order", "total", "number" and "date" are not among them, as tables and columns are called so.
constexpr std::string_view kStopWords =
    "a about above according across after all along also always among an and any are as ascending asc at available average be been before being "
    "below "
    "between both but by can compute contain corresponding could count currently descending desc did different display distinct do does done each "
    "either else every exactly few find for from get give greater greatest had has have having he her highest him his how i if in include into is it "
    "its just know largest least less list long lowest make many max maximum me mean median min minimum more most much must my no not of off on one "
    "only or other our out over per please provide rank respective return select she should show smallest so some sort than that the their them then "
    "there these they this those through to too two under us use using was we were what when where whether which while who whom whose will with "
    "within without would you your";

/// The stop words' stems, sorted: they are compared with stems.
std::vector<std::string> stop_stems() {
  std::vector<std::string> out;
  WordStems words(kStopWords);
  for (std::string_view stem = words.next(); !stem.empty(); stem = words.next()) out.emplace_back(stem);
  std::ranges::sort(out);
  return out;
}

}  // namespace

bool is_stop_stem(std::string_view stem) {
  static const std::vector<std::string> kStems = stop_stems();
  return std::ranges::binary_search(kStems, stem, {}, [](const auto& text) { return std::string_view(text); });
}

}  // namespace sluice
