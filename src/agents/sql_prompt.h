#pragma once
#include <string>
#include <vector>

#include "agents/agent_loop.h"
#include "agents/catalog_search.h"
#include "agents/examples.h"
#include "agents/ports/model.h"
#include "agents/prompt.h"
#include "data/catalog.h"
#include "data/column_ranges.h"
#include "data/column_values.h"
#include "data/glossary.h"

namespace sluice {

/// What the request for a query is made of.
struct SqlPromptInput {
  const Prompt& prompt;
  const Catalog& catalog;
  const std::vector<ColumnValues>& values;
  const std::vector<ColumnRange>& ranges;
  const Glossary& glossary;
  const std::vector<ApprovedQuestion>& approved;
  std::string question{}, today{};
  std::vector<std::string> feedback{};    ///< a person's refinements, oldest first
  std::string previous{};                 ///< the query that they are about
  const CatalogSearch* search = nullptr;  ///< of `catalog` and `values`, where there is one already
  std::vector<AgentTurn> turns{};
  std::int64_t context_tokens = 0;
  bool with_catalog = true;  ///< false: the question alone
};

/// The request, and what of the catalog is in it.
struct SqlPrompt {
  ModelRequest request{};
  std::int64_t tokens = 0;            ///< of all of it, as estimated
  std::vector<std::string> tables{};  ///< shown with columns, as SQL names them
  std::int64_t tables_left_out = 0;
  std::vector<std::string> examples{};  ///< approvals
};

/// System text, task, and, for each former round, the reply and what was wrong with it. What nobody vouches for stands in fences. The same input
/// gives the same bytes. E1040 for a template that names what is not there.
Result<SqlPrompt> compose_sql_prompt(const SqlPromptInput& input);

}  // namespace sluice
