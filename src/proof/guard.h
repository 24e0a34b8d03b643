#pragma once
#include <string>
#include <vector>

#include "data/catalog.h"
#include "sql/bind.h"
#include "sql/parser.h"
#include "sql/tree.h"

namespace sluice {

/// A part of a query that is not allowed, and why.
struct Refusal {
  std::string message{}, hint{};

  bool operator==(const Refusal&) const = default;
};

/// Every function, operator, cast and relation of one query that is not on the allowlists; views are not looked into. Any thread.
std::vector<Refusal> refused_parts(const Query& query, const Bound& bound, const Catalog& catalog);

/// What a query reads once its views are looked through.
struct ViewsRead {
  std::vector<TableName> tables{};  ///< every table and view, sorted, each once
  std::vector<Refusal> refusals{};  ///< parts of views that are not allowed, and views that can't be looked through
};

/// Looks through the views of `bound`, each parsed by the same parser and held to the same rules as the query itself. Fails closed: a view whose text
/// doesn't parse, names a table that isn't in the catalog, or nests deeper than kViewDepthMax is refused. Materialized views and files are
/// tables here: reading them runs nothing. Errors are those of the parser that are not about the text.
Result<ViewsRead> look_through_views(const Parser& parser, const Bound& bound, const Catalog& catalog);
inline constexpr int kViewDepthMax = 16;
inline constexpr std::size_t kViewsMax = 500;  ///< views looked into for one query

}  // namespace sluice
