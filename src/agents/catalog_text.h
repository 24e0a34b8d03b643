#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "agents/catalog_search.h"
#include "agents/table_text.h"

namespace sluice {

/// What of a catalog a prompt shows, and with how much of each table.
struct CatalogTextOptions {
  enum class Views : std::uint8_t { left_out, shown };
  static constexpr std::int64_t kTokens = 12'000;

  std::int64_t tokens_max = kTokens;  ///< by token_estimate.h, the fence included
  Views views = Views::left_out;      ///< tables that run what somebody wrote into the database when they are read (runs_on_read)
};

/// A catalog as a prompt shows it.
struct CatalogText {
  std::string text{};                  ///< in a fence (fence.h)
  std::vector<std::uint32_t> kept{};   ///< places in Catalog::tables, in the order of the text
  std::vector<std::uint32_t> named{};  ///< those of which the text has the name alone: the next best
  std::int64_t left_out = 0;           ///< how many could be shown but are not among `kept`; `named` are some of them
  std::int64_t tokens = 0;             ///< of `text`, estimated
};

/// The tables as a model needs them for writing SQL (table_text.h), after a line that explains the signs.
///
/// Where all tables fit the budget they all stand there in full, in the catalog's order. Otherwise those that the search finds for the query, in its
/// order, as long as there is room: the first kInDetail with values and comments, the others on a line each, and very wide ones with the columns that
/// match best; and at last the names of the next best, for which a model may ask. Tables that may not be shown are as if they were not there. The
/// same input gives the same bytes.
CatalogText catalog_text(const CatalogSearch& search, const ColumnSamples& samples, const TableQuery& query, const CatalogTextOptions& options = {});
inline constexpr std::size_t kInDetail = 16;
inline constexpr std::size_t kNamedMax = 60;

/// Whether a prompt may show the table at all: it may be read, and reading it runs nothing that somebody wrote into the database (but see Views).
bool may_be_shown(const Table& table, CatalogTextOptions::Views views);

}  // namespace sluice
