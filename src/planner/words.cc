#include "planner/words.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "planner/calendar.h"

namespace sluice::planner {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
/// Bytes above ASCII belong to words, so that other scripts come out as words that nobody can place.
bool is_letter(char c) { return is_upper(c) || is_lower(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80; }

std::string straight_quotes(std::string_view text) {
  constexpr std::pair<std::string_view, char> kQuotes[] = {{"\u2018", '\''}, {"\u2019", '\''}, {"\u00b4", '\''}, {"\u201c", '"'}, {"\u201d", '"'},
                                                           {"\u201e", '"'},  {"`", '\''},      {"\u2212", '-'},  {"\u00d7", '*'}, {"\u00f7", '/'}};
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto quote = std::ranges::find_if(kQuotes, [&](const auto& one) { return text.substr(at).starts_with(one.first); });
    out += quote == std::end(kQuotes) ? text[at] : quote->second;
    at += quote == std::end(kQuotes) ? 1 : quote->first.size();
  }
  return out;
}

/// Before a colon that begins a list: "Question: …" begins none.
constexpr std::size_t kColonMin = 3;

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(straight_quotes(text)) {}

  std::vector<Word> run() {
    while (at_ < text_.size() && words_.size() <= kWordsMax) {
      const char c = text_[at_];
      if (quoted()) continue;
      if (is_digit(c) || (c == '-' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]) && (at_ == 0 || text_[at_ - 1] == ' '))) {
        number();
      } else if (is_letter(c)) {
        word();
      } else if (c == '<' || c == '>' || c == '=' || (c == '!' && at_ + 1 < text_.size() && text_[at_ + 1] == '=')) {
        symbol();
      } else {
        // A sign that means something has to be placed like a word; other punctuation doesn't.
        if (c == '(' || c == ')') aside_ = c == '(';
        if (c == '(') ++depth_;
        if (c == ')') depth_ = std::max(depth_ - 1, 0);
        // "Stations without a programme: name and city"
        if (c == ':' && words_.size() >= kColonMin && at_ + 1 < text_.size() && text_[at_ + 1] == ' ') aside_ = true;
        if (c == ',') add(WordKind::comma, at_, at_ + 1);
        if (c == '.' || c == '?' || c == '!' || c == ';') aside_ = false, depth_ = 0;
        if (c == '.' || c == '?' || c == '!' || c == ';') add(WordKind::stop, at_, at_ + 1);
        if (c == '.') words_.back().glued = at_ > 0 && text_[at_ - 1] != ' ' && at_ + 1 < text_.size() && is_letter(text_[at_ + 1]);
        if (std::string_view("%$#@&+*/^~|\\").find(c) != std::string_view::npos) {
          add(WordKind::word, at_, at_ + 1);
          words_.back().glued = c == '/' && at_ > 0 && text_[at_ - 1] != ' ';  // "3/5", but "orders / customers"
        }
        if (is_minus()) add(WordKind::word, at_, at_ + 1);
        ++at_;
      }
    }
    return std::move(words_);
  }

 private:
  /// "price - cost", and neither "check-in" nor a dash of two.
  bool is_minus() const {
    return text_[at_] == '-' && at_ > 0 && at_ + 1 < text_.size() && (text_[at_ - 1] == ' ' || text_[at_ - 1] == ')') &&
           (text_[at_ + 1] == ' ' || text_[at_ + 1] == '(');
  }

  bool quoted() {
    const char quote = text_[at_];
    if (quote != '"' && quote != '\'') return false;
    const bool opens = at_ == 0 || !(is_letter(text_[at_ - 1]) || is_digit(text_[at_ - 1]));
    std::size_t end = text_.find(quote, at_ + 1);
    // An apostrophe within a quotation does not end it.
    while (quote == '\'' && end != std::string::npos && end + 1 < text_.size() && is_letter(text_[end + 1])) end = text_.find(quote, end + 1);
    if (!opens || end == std::string::npos || end == at_ + 1) return false;
    add(WordKind::quoted, at_ + 1, end);
    at_ = end + 1;
    return true;
  }

  void number() {
    std::size_t end = at_ + 1;
    while (end < text_.size() &&
           (is_digit(text_[end]) || ((text_[end] == '.' || text_[end] == ',') && end + 1 < text_.size() && is_digit(text_[end + 1]))))
      ++end;
    const std::string_view rest = std::string_view(text_).substr(at_);
    if (rest.size() >= 10 && end == at_ + 4 && rest[4] == '-' && is_digit(rest[5]) && is_digit(rest[6]) && rest[7] == '-' && is_digit(rest[8]) &&
        is_digit(rest[9])) {
      add(WordKind::date, at_, at_ + 10);
      at_ += 10;
      return;
    }
    if (slashes()) return;
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

  /// "3/15/2013", a date; where the day could as well be the month, none that is known.
  bool slashes() {
    std::size_t end = at_;
    while (end < text_.size() && (is_digit(text_[end]) || text_[end] == '/')) ++end;
    const auto date = date_of_slashes(std::string_view(text_).substr(at_, end - at_));
    if (!date || (end < text_.size() && is_letter(text_[end]))) return false;
    add(WordKind::date, at_, end);
    words_.back().text = words_.back().lower = words_.back().stem = *date;
    at_ = end;
    return true;
  }

  void word() {
    std::size_t end = at_;
    while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) ++end;
    add(WordKind::word, at_, end);
    // "carrier's", "isn't", "I'd": the endings say nothing that the planner reads; the "n" of "isn" is its "not".
    for (const std::string_view ending : {"s", "t", "d", "m", "re", "ve", "ll"}) {
      const std::size_t after = end + 1 + ending.size();
      if (std::string_view(text_).substr(std::min(end, text_.size())).starts_with("'" + std::string(ending)) &&
          (after >= text_.size() || !is_letter(text_[after]))) {
        words_.back().owns = ending == "s";
        end = after;
        break;
      }
    }
    if (text_[end - 1] == 's' && end + 1 < text_.size() && text_[end] == '\'' && text_[end + 1] == ' ') words_.back().owns = true;
    at_ = end;
  }

  void symbol() {
    std::size_t end = at_ + 1;
    if (end < text_.size() && (text_[end] == '=' || text_[end] == '>')) ++end;
    add(WordKind::word, at_, end);
    at_ = end;
  }

  void add(WordKind kind, std::size_t begin, std::size_t end) {
    Word one{kind, text_.substr(begin, end - begin), "", "", words_.empty(), false, false};
    one.aside = aside_;
    one.depth = depth_;
    one.lower = to_lower(one.text);
    one.stem = kind == WordKind::word ? stem(one.lower) : one.lower;
    words_.push_back(std::move(one));
  }

  const std::string text_;
  std::size_t at_ = 0;
  bool aside_ = false;
  int depth_ = 0;
  std::vector<Word> words_{};
};

}  // namespace

std::vector<Word> split_words(std::string_view text) { return Splitter(text).run(); }

std::string stem(std::string_view lower) {
  const auto without = [&](std::size_t count, std::string_view ending) {
    return std::string(lower.substr(0, lower.size() - count)) + std::string(ending);
  };
  if (lower == "ids") return "id";
  // Plurals that are other words, and what ends in them: "salespeople", "grandchildren".
  static constexpr std::pair<std::string_view, std::string_view> kOthers[] = {{"people", "person"}, {"children", "child"}, {"women", "woman"}};
  for (const auto& [plural, singular] : kOthers)
    if (lower.ends_with(plural)) return without(plural.size(), singular);
  if (lower.size() < 4 || !lower.ends_with('s')) return std::string(lower);
  if (lower.ends_with("ies") && lower.size() > 4) return without(3, "y");
  for (const std::string_view ending : {"sses", "shes", "ches", "xes", "zzes"})
    if (lower.ends_with(ending)) return without(2, "");
  // "statuses", "bonuses"; but "houses" and "clauses"
  constexpr std::size_t kLong = 7;
  if (lower.ends_with("uses") && lower.size() >= kLong && lower[lower.size() - 5] != 'o' && lower[lower.size() - 5] != 'a') return without(2, "");
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
