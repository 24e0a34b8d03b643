#include "planner/definitions.h"

#include <algorithm>
#include <ranges>

#include "base/text.h"

namespace sluice::planner {
namespace {

constexpr int kDepthMax = 3;

/// A name of a definition, as words.
struct Defined {
  const GlossaryDefinition* definition = nullptr;
  std::vector<Word> name{};
};

/// "profitable", of what has much profit.
bool describes_by(const Word& said, const Word& name) { return said.kind == WordKind::word && said.lower == name.lower + "able"; }

/// What a query calls it: "Outstanding balance" is outstanding_balance.
std::string label_of(const Defined& defined) {
  std::string out;
  for (const Word& word : defined.name)
    if (word.kind == WordKind::word) out += (out.empty() ? "" : "_") + word.lower;
  return out;
}

/// Whether the words at `at` are the name. Its last may be in the plural.
bool is_named_at(const std::vector<Word>& words, std::size_t at, const std::vector<Word>& name) {
  if (name.empty() || at + name.size() > words.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const Word &said = words[at + i], &known = name[i];
    const bool last = i + 1 == name.size(), plural = last && said.stem == known.lower;
    const bool describes = last && i == 0 && describes_by(said, known);
    if (said.kind == WordKind::quoted || (said.lower != known.lower && !plural && !describes)) return false;
    // "IT" is no "it".
    const bool capitals = known.text != known.lower && std::ranges::none_of(known.text, [](char c) { return c >= 'a' && c <= 'z'; });
    if (name.size() == 1 && capitals && !said.text.starts_with(known.text)) return false;
  }
  return true;
}

/// The longest name at `at`; null where there is none.
const Defined* defined_at(const std::vector<Word>& words, std::size_t at, const std::vector<Defined>& names) {
  const Defined* out = nullptr;
  for (const Defined& one : names)
    if ((out == nullptr || one.name.size() > out->name.size()) && is_named_at(words, at, one.name)) out = &one;
  return out;
}

std::vector<Word> spelled_out(const std::vector<Word>& words, const std::vector<Defined>& names, int depth) {
  if (names.empty() || depth == 0) return words;
  std::vector<Word> out;
  for (std::size_t at = 0; at < words.size() && out.size() <= kWordsMax;) {
    const Defined* defined = defined_at(words, at, names);
    if (defined == nullptr) {
      out.push_back(words[at++]);
      continue;
    }
    auto meant = split_words(defined->definition->says);
    while (!meant.empty() && meant.back().kind == WordKind::stop) meant.pop_back();
    // No definition is spelled out in its own words.
    std::vector<Defined> others;
    std::ranges::copy_if(names, std::back_inserter(others), [&](const Defined& one) { return one.definition != defined->definition; });
    const bool describing = describes_by(words[at], defined->name.front());
    for (Word& word : spelled_out(meant, others, depth - 1)) {
      word.aside = words[at].aside;
      word.depth += words[at].depth + 1;
      word.term = label_of(*defined);
      word.describing = word.describing || describing;
      out.push_back(std::move(word));
    }
    at += defined->name.size();
  }
  return out;
}

/// The sentences of a text, each with the sign that ends it. What stands in quotes or parentheses is not taken apart.
std::vector<std::string_view> sentences_of(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  int depth = 0;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool word_before = i > 0 && text[i - 1] != ' ', space_after = i + 1 == text.size() || text[i + 1] == ' ' || text[i + 1] == '\n';
    if (quote != 0)
      quote = c == quote ? 0 : quote;
    else if (c == '"' || (c == '\'' && !word_before))
      quote = c;
    else if (c == '(' || c == ')')
      depth += c == '(' ? 1 : -1;
    else if (depth <= 0 && (c == '\n' || c == ';' || ((c == '.' || c == '?' || c == '!') && space_after))) {
      out.push_back(text.substr(begin, i + 1 - begin));
      begin = i + 1;
    }
  }
  if (begin < text.size()) out.push_back(text.substr(begin));
  return out;
}

/// Whether the text says how something is computed, and is no value: "Country = 'France'" is a filter.
bool says_how(const std::vector<Word>& words) {
  constexpr std::size_t kWordsMin = 3;
  const auto value = [](const Word& word) { return word.kind != WordKind::word || word.lower != word.text; };
  return words.size() >= kWordsMin && !std::ranges::all_of(words, value);
}

/// "ASP (average selling price) = …", "Wait time = …": the names and what they mean. Nothing where the sentence defines nothing.
std::optional<GlossaryDefinition> defined_in(std::string_view sentence) {
  constexpr std::size_t kNameWordsMax = 6;
  sentence = trim(sentence);
  while (!sentence.empty() && (sentence.back() == '.' || sentence.back() == ';')) sentence.remove_suffix(1);
  const std::size_t sign = sentence.find(" = ");
  if (sign == std::string_view::npos || sentence.back() == '?') return std::nullopt;
  const std::string_view says = trim(sentence.substr(sign + 3));
  std::string_view name = trim(sentence.substr(0, sign)), longer;
  if (const std::size_t open = name.find('('); name.ends_with(')') && open != std::string_view::npos) {
    longer = trim(name.substr(open + 1, name.size() - open - 2));
    name = trim(name.substr(0, open));
  }
  const auto is_name = [](const std::vector<Word>& words) {
    return !words.empty() && words.size() <= kNameWordsMax &&
           std::ranges::all_of(words, [](const Word& word) { return word.kind == WordKind::word || word.kind == WordKind::number; });
  };
  if (!is_name(split_words(name)) || !says_how(split_words(says))) return std::nullopt;
  GlossaryDefinition out{.term = std::string(name), .says = std::string(says)};
  // One word in parentheses may as well be a unit: "Delay (minutes) = …".
  if (const auto words = split_words(longer); words.size() > 1 && is_name(words)) out.synonyms.emplace_back(longer);
  return out;
}

}  // namespace

Defining definitions_said(std::string_view text) {
  constexpr std::size_t kSentencesMax = 20;
  Defining whole{.text = std::string(text)};
  if (text.find(" = ") == std::string_view::npos) return whole;
  const auto sentences = sentences_of(text);
  if (sentences.size() > kSentencesMax) return whole;
  std::vector<std::vector<Word>> words;
  words.reserve(sentences.size());
  for (const std::string_view one : sentences) words.push_back(split_words(one));
  Defining out;
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    const auto defined = defined_in(sentences[i]);
    const auto speaks_of = [&](const std::string& term, std::size_t sentence) {
      const auto name = split_words(term);
      return sentence != i && std::ranges::any_of(std::views::iota(std::size_t{0}, words[sentence].size()),
                                                  [&](std::size_t at) { return is_named_at(words[sentence], at, name); });
    };
    const auto used = [&](std::size_t sentence) {
      return speaks_of(defined->term, sentence) ||
             std::ranges::any_of(defined->synonyms, [&](const std::string& one) { return speaks_of(one, sentence); });
    };
    if (defined && std::ranges::any_of(std::views::iota(std::size_t{0}, sentences.size()), used))
      out.definitions.push_back(*defined);
    else
      out.text += sentences[i];
  }
  return trim(out.text).empty() ? whole : out;
}

std::vector<Word> spelled_out(const std::vector<Word>& words, const std::vector<GlossaryDefinition>& definitions) {
  std::vector<Defined> names;
  for (const GlossaryDefinition& one : definitions) {
    names.push_back({&one, split_words(one.term)});
    for (const std::string& name : one.synonyms) names.push_back({&one, split_words(name)});
  }
  return spelled_out(words, names, kDepthMax);
}

}  // namespace sluice::planner
