#include "planner/words.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace sluice::planner {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
/// Bytes above ASCII belong to words, so that other scripts come out as words that nobody can place.
bool is_letter(char c) { return is_upper(c) || is_lower(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80; }

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  std::vector<Word> run() {
    while (at_ < text_.size() && words_.size() <= kWordsMax) {
      const char c = text_[at_];
      if ((c == '"' || c == '\'') && quoted(c)) continue;
      if (is_digit(c) || (c == '-' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]) && (at_ == 0 || text_[at_ - 1] == ' '))) {
        number();
      } else if (is_letter(c)) {
        word();
      } else if (c == '<' || c == '>' || c == '=' || (c == '!' && at_ + 1 < text_.size() && text_[at_ + 1] == '=')) {
        symbol();
      } else {
        // A sign that means something has to be placed like a word; punctuation doesn't.
        if (std::string_view("%$#@&+*/^~|\\").find(c) != std::string_view::npos) add(WordKind::word, at_, at_ + 1);
        ++at_;
      }
    }
    return std::move(words_);
  }

 private:
  bool quoted(char quote) {
    const std::size_t end = text_.find(quote, at_ + 1);
    const bool opens = at_ == 0 || !(is_letter(text_[at_ - 1]) || is_digit(text_[at_ - 1]));
    if (!opens || end == std::string_view::npos || end == at_ + 1) return false;
    add(WordKind::quoted, at_ + 1, end);
    at_ = end + 1;
    return true;
  }

  void number() {
    std::size_t end = at_ + 1;
    while (end < text_.size() &&
           (is_digit(text_[end]) || ((text_[end] == '.' || text_[end] == ',') && end + 1 < text_.size() && is_digit(text_[end + 1]))))
      ++end;
    const std::string_view rest = text_.substr(at_);
    if (rest.size() >= 10 && end == at_ + 4 && rest[4] == '-' && is_digit(rest[5]) && is_digit(rest[6]) && rest[7] == '-' && is_digit(rest[8]) &&
        is_digit(rest[9])) {
      add(WordKind::date, at_, at_ + 10);
      at_ += 10;
      return;
    }
    // "747-400" or "3rd" are no numbers.
    std::size_t word_end = end;
    while (word_end < text_.size() && (is_letter(text_[word_end]) || is_digit(text_[word_end]))) ++word_end;
    if (word_end > end) {
      add(WordKind::word, at_, word_end);
      at_ = word_end;
      return;
    }
    add(WordKind::number, at_, end);
    std::erase(words_.back().lower, ',');
    at_ = end;
  }

  void word() {
    std::size_t end = at_;
    while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) ++end;
    add(WordKind::word, at_, end);
    // "carrier's": the ending says nothing that the planner reads.
    if (end + 1 < text_.size() && text_[end] == '\'' && text_[end + 1] == 's' && (end + 2 == text_.size() || !is_letter(text_[end + 2]))) end += 2;
    at_ = end;
  }

  void symbol() {
    std::size_t end = at_ + 1;
    if (end < text_.size() && (text_[end] == '=' || text_[end] == '>')) ++end;
    add(WordKind::word, at_, end);
    at_ = end;
  }

  void add(WordKind kind, std::size_t begin, std::size_t end) {
    Word one{kind, std::string(text_.substr(begin, end - begin)), "", "", words_.empty()};
    one.lower = to_lower(one.text);
    one.stem = kind == WordKind::word ? stem(one.lower) : one.lower;
    words_.push_back(std::move(one));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Word> words_{};
};

}  // namespace

std::vector<Word> split_words(std::string_view text) { return Splitter(text).run(); }

std::string stem(std::string_view lower) {
  const auto without = [&](std::size_t count, std::string_view ending) {
    return std::string(lower.substr(0, lower.size() - count)) + std::string(ending);
  };
  if (lower.size() < 4 || !lower.ends_with('s')) return std::string(lower);
  if (lower.ends_with("ies") && lower.size() > 4) return without(3, "y");
  for (const std::string_view ending : {"sses", "shes", "ches", "xes", "zzes"})
    if (lower.ends_with(ending)) return without(2, "");
  if (lower.ends_with("ss") || lower.ends_with("us") || lower.ends_with("is")) return std::string(lower);
  return without(1, "");
}

std::vector<std::string> name_pieces(std::string_view name) {
  std::vector<std::string> out;
  std::string piece;
  const auto flush = [&] {
    if (!piece.empty()) out.push_back(stem(to_lower(piece)));
    piece.clear();
  };
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool part = is_letter(c) && c != '_';
    if (!part && !is_digit(c)) {
      flush();
      continue;
    }
    const bool hump = is_upper(c) && i > 0 && (is_lower(name[i - 1]) || (i + 1 < name.size() && is_lower(name[i + 1]) && is_upper(name[i - 1])));
    if (hump) flush();
    piece += c;
  }
  flush();
  return out;
}

}  // namespace sluice::planner
