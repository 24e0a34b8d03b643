#include "planner/definitions.h"

#include <algorithm>

namespace sluice::planner {
namespace {

constexpr int kDepthMax = 3;

/// How many words at `at` are the name; 0 where they are others. Its last may be in the plural.
std::size_t named_at(const std::vector<Word>& words, std::size_t at, const std::vector<Word>& name) {
  if (name.empty() || at + name.size() > words.size()) return 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const Word &said = words[at + i], &known = name[i];
    const bool plural = i + 1 == name.size() && said.stem == known.lower;
    if (said.kind == WordKind::quoted || (said.lower != known.lower && !plural)) return 0;
    // "IT" is no "it".
    const bool capitals = known.text != known.lower && std::ranges::none_of(known.text, [](char c) { return c >= 'a' && c <= 'z'; });
    if (name.size() == 1 && capitals && !said.text.starts_with(known.text)) return 0;
  }
  return name.size();
}

/// The longest name of a definition at `at`, and how many words it has.
std::pair<const GlossaryDefinition*, std::size_t> defined_at(const std::vector<Word>& words, std::size_t at,
                                                             const std::vector<GlossaryDefinition>& definitions) {
  std::pair<const GlossaryDefinition*, std::size_t> out{nullptr, 0};
  const auto try_name = [&](const GlossaryDefinition& one, const std::string& name) {
    if (const std::size_t length = named_at(words, at, split_words(name)); length > out.second) out = {&one, length};
  };
  for (const GlossaryDefinition& one : definitions) {
    try_name(one, one.term);
    for (const std::string& name : one.synonyms) try_name(one, name);
  }
  return out;
}

std::vector<Word> spelled_out(std::vector<Word> words, const std::vector<GlossaryDefinition>& definitions, int depth) {
  if (definitions.empty() || depth == 0) return words;
  std::vector<Word> out;
  for (std::size_t at = 0; at < words.size() && out.size() <= kWordsMax;) {
    const auto [definition, length] = defined_at(words, at, definitions);
    if (definition == nullptr) {
      out.push_back(words[at++]);
      continue;
    }
    auto meant = split_words(definition->says);
    while (!meant.empty() && meant.back().kind == WordKind::stop) meant.pop_back();
    // No definition is spelled out in its own words.
    std::vector<GlossaryDefinition> others;
    std::ranges::copy_if(definitions, std::back_inserter(others), [&](const GlossaryDefinition& one) { return &one != definition; });
    for (Word& word : spelled_out(std::move(meant), others, depth - 1)) {
      word.aside = words[at].aside;
      out.push_back(std::move(word));
    }
    at += length;
  }
  return out;
}

}  // namespace

std::vector<Word> spelled_out(std::vector<Word> words, const std::vector<GlossaryDefinition>& definitions) {
  return spelled_out(std::move(words), definitions, kDepthMax);
}

}  // namespace sluice::planner
