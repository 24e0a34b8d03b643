#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/catalog.h"
#include "data/glossary.h"

namespace sluice {

/// An entry of a glossary whose term or synonym a question has: what the entry says, borrowed from it.
struct GlossaryWords {
  std::string_view term{};
  std::vector<std::string_view> texts{};  ///< words to look for as well
  std::vector<std::string_view> names{};  ///< texts in which names of tables and columns stand
};

inline constexpr std::size_t kGlossaryWordsMax = 50;

/// The entries that question and feedback speak of, in the glossary's order: all stems of a term in succession.
std::vector<GlossaryWords> glossary_words(const Glossary& glossary, std::string_view question, std::span<const std::string> feedback);

/// The tables that the entry names, as places in the catalog: `table`, `schema.table`, with a column behind it or not.
std::vector<std::uint32_t> tables_named(const Catalog& catalog, const GlossaryWords& entry);

}  // namespace sluice
