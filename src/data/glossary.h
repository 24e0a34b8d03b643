#pragma once
#include <string>
#include <tuple>
#include <vector>

#include "base/codec.h"

namespace sluice {

/// Another name for a table or a column: "client" means customers.
struct GlossaryTerm {
  std::string term{};
  std::vector<std::string> synonyms{};
  std::string means{};  ///< table, schema.table, table.column or schema.table.column
  int line = 0;         ///< where the entry begins in its file

  bool operator==(const GlossaryTerm&) const = default;
  static constexpr auto fields() {
    return std::tuple{Field{"term", &GlossaryTerm::term}, Field{"synonyms", &GlossaryTerm::synonyms}, Field{"means", &GlossaryTerm::means},
                      Field{"line", &GlossaryTerm::line}};
  }
};

/// A word for a condition: "domestic" is customers.country = 'USA'.
struct GlossaryValue {
  std::string term{};
  std::vector<std::string> synonyms{};
  std::string condition{};  ///< over the columns of one table, each with its table
  int line = 0;

  bool operator==(const GlossaryValue&) const = default;
  static constexpr auto fields() {
    return std::tuple{Field{"term", &GlossaryValue::term}, Field{"synonyms", &GlossaryValue::synonyms}, Field{"condition", &GlossaryValue::condition},
                      Field{"line", &GlossaryValue::line}};
  }
};

/// A figure and how it is computed from the rows of one table: "revenue" is sum(quantity * unit_price).
struct GlossaryMeasure {
  std::string term{};
  std::vector<std::string> synonyms{};
  std::string table{}, expression{};
  int line = 0;

  bool operator==(const GlossaryMeasure&) const = default;
  static constexpr auto fields() {
    return std::tuple{Field{"term", &GlossaryMeasure::term}, Field{"synonyms", &GlossaryMeasure::synonyms}, Field{"table", &GlossaryMeasure::table},
                      Field{"expression", &GlossaryMeasure::expression}, Field{"line", &GlossaryMeasure::line}};
  }
};

/// What a word or acronym is short for, in words that a question might have: "STR" says "number of paid orders divided by number of orders".
struct GlossaryDefinition {
  std::string term{};
  std::vector<std::string> synonyms{};
  std::string says{};
  int line = 0;

  bool operator==(const GlossaryDefinition&) const = default;
  static constexpr auto fields() {
    return std::tuple{Field{"term", &GlossaryDefinition::term}, Field{"synonyms", &GlossaryDefinition::synonyms},
                      Field{"says", &GlossaryDefinition::says}, Field{"line", &GlossaryDefinition::line}};
  }
};

/// What every question about a table means unless it says otherwise.
struct TableDefaults {
  std::string table{};
  std::string filter{};  ///< which of its rows count; "" for all
  std::string date{};    ///< the column that "in 2013" is about; "" where none is the usual one
  int line = 0;

  bool operator==(const TableDefaults&) const = default;
  static constexpr auto fields() {
    return std::tuple{Field{"table", &TableDefaults::table}, Field{"filter", &TableDefaults::filter}, Field{"date", &TableDefaults::date},
                      Field{"line", &TableDefaults::line}};
  }
};

/// What the people of a house mean by their words, where the names in the database don't say it: glossary.yml, the entries for one connection.
/// Conditions and expressions are text in the notation of plan/expression_text.h; plan/glossary_binding.h finds what they name.
struct Glossary {
  std::string path{};  ///< of the file, for messages
  std::vector<GlossaryTerm> terms{};
  std::vector<GlossaryValue> values{};
  std::vector<GlossaryMeasure> measures{};
  std::vector<TableDefaults> defaults{};
  std::vector<GlossaryDefinition> definitions{};

  bool empty() const { return size() == 0; }
  std::size_t size() const { return terms.size() + values.size() + measures.size() + defaults.size() + definitions.size(); }
  bool operator==(const Glossary&) const = default;
  static constexpr auto fields() {
    return std::tuple{Field{"path", &Glossary::path},         Field{"terms", &Glossary::terms},       Field{"values", &Glossary::values},
                      Field{"measures", &Glossary::measures}, Field{"defaults", &Glossary::defaults}, Field{"definitions", &Glossary::definitions}};
  }
};

inline const Glossary kNoGlossary{};

}  // namespace sluice
