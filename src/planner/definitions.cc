#include "planner/definitions.h"

#include <algorithm>

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

}  // namespace

std::vector<Word> spelled_out(std::vector<Word> words, const std::vector<GlossaryDefinition>& definitions) {
  std::vector<Defined> names;
  for (const GlossaryDefinition& one : definitions) {
    names.push_back({&one, split_words(one.term)});
    for (const std::string& name : one.synonyms) names.push_back({&one, split_words(name)});
  }
  return spelled_out(words, names, kDepthMax);
}

}  // namespace sluice::planner
