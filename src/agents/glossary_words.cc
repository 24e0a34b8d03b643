#include "agents/glossary_words.h"

#include <algorithm>

#include "agents/word_stems.h"
#include "base/text.h"

namespace sluice {
namespace {

constexpr std::size_t kNamesMax = 40;  // of one entry

/// Stems with a space in front of and behind each, so that a phrase is found as a part of the text.
std::string stems_of(std::string_view text) {
  std::string out = " ";
  WordStems words(text);
  for (std::string_view stem = words.next(); !stem.empty(); stem = words.next()) (out += stem) += ' ';
  return out;
}

class Spoken {
 public:
  Spoken(std::string_view question, std::span<const std::string> feedback) {
    text_ = stems_of(question);
    for (const std::string& one : feedback) text_ += "." + stems_of(one);
  }
  bool has(std::string_view term, const std::vector<std::string>& synonyms) const {
    return has(term) || std::ranges::any_of(synonyms, [&](const std::string& one) { return has(one); });
  }

 private:
  bool has(std::string_view term) const {
    const std::string stems = stems_of(term);
    return stems.size() > 1 && text_.find(stems) != std::string::npos;
  }
  std::string text_{};
};

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

/// The names in a text, each as its parts: `sales.orders.price` and `"Order Details"`; texts in single quotes are passed over.
std::vector<std::vector<std::string>> names_in(std::string_view text) {
  std::vector<std::vector<std::string>> out;
  bool joined = false;  // a dot stands between the last part and the next
  for (std::size_t at = 0; at < text.size() && out.size() < kNamesMax;) {
    const char c = text[at];
    std::size_t end = at + 1;
    std::string part;
    if (c == '\'' || c == '"') {
      end = std::min(text.find(c, at + 1), text.size());
      if (c == '"') part = text.substr(at + 1, end - at - 1);
      ++end;
    } else if (is_name_byte(c)) {
      while (end < text.size() && is_name_byte(text[end])) ++end;
      part = text.substr(at, end - at);
    }
    if (!part.empty() && joined && !out.empty())
      out.back().push_back(std::move(part));
    else if (!part.empty())
      out.push_back({std::move(part)});
    joined = c == '.' && at > 0;
    at = end;
  }
  return out;
}

void add_table(const Catalog& catalog, std::string_view schema, std::string_view name, std::vector<std::uint32_t>& out) {
  // A relation that may not be read is found too, but has no place among the tables.
  const auto found = std::ranges::find_if(catalog.tables, [table = catalog.find(schema, name)](const Table& one) { return &one == table; });
  const auto place = static_cast<std::uint32_t>(found - catalog.tables.begin());
  if (found != catalog.tables.end() && std::ranges::find(out, place) == out.end()) out.push_back(place);
}

}  // namespace

std::vector<GlossaryWords> glossary_words(const Glossary& glossary, std::string_view question, std::span<const std::string> feedback) {
  std::vector<GlossaryWords> out;
  if (glossary.empty()) return out;
  const Spoken spoken(question, feedback);
  const auto add = [&](const auto& entry, std::vector<std::string_view> texts, std::vector<std::string_view> names) {
    if (out.size() < kGlossaryWordsMax && spoken.has(entry.term, entry.synonyms)) out.push_back({entry.term, std::move(texts), std::move(names)});
  };
  for (const GlossaryTerm& one : glossary.terms) add(one, {one.means}, {one.means});
  for (const GlossaryValue& one : glossary.values) add(one, {one.condition}, {one.condition});
  for (const GlossaryMeasure& one : glossary.measures) add(one, {one.table, one.expression}, {one.table, one.expression});
  for (const GlossaryDefinition& one : glossary.definitions) add(one, {one.says}, {});
  return out;
}

std::vector<std::uint32_t> tables_named(const Catalog& catalog, const GlossaryWords& entry) {
  std::vector<std::uint32_t> out;
  for (const std::string_view text : entry.names)
    for (const std::vector<std::string>& parts : names_in(text)) {
      add_table(catalog, "", parts[0], out);
      if (parts.size() > 1) add_table(catalog, parts[0], parts[1], out);
    }
  return out;
}

}  // namespace sluice
