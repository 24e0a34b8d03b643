#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agents/catalog_search.h"
#include "agents/model_caller.h"
#include "agents/ports/proposer.h"
#include "data/column_ranges.h"
#include "data/column_values.h"
#include "data/glossary.h"
#include "flows/ask/ask.h"
#include "flows/ask/memory.h"
#include "proof/ports/engine.h"
#include "sql/parser.h"

namespace sluice {

/// A catalog, samples of its text and the ranges of its numbers and dates, as one artifact.
struct KnownCatalog {
  Catalog catalog{};
  std::vector<ColumnValues> values{};
  std::vector<ColumnRange> ranges{};

  static constexpr auto fields() {
    return std::tuple{Field{"catalog", &KnownCatalog::catalog}, Field{"values", &KnownCatalog::values}, Field{"ranges", &KnownCatalog::ranges}};
  }
};

/// Reads catalogs from connections and keeps them by hash. Any thread.
class CatalogStore {
 public:
  virtual ~CatalogStore() = default;
  /// The connection's catalog, from the engine where `fresh`, else possibly the one read a moment ago.
  virtual Result<CatalogRef> read(const std::string& connection, bool fresh, const Call& call) = 0;
  virtual Result<std::shared_ptr<const KnownCatalog>> load(const CatalogRef& ref) = 0;
  /// The index over what `load` gives, which it keeps alive. A store may keep it too, so that the next prompt need not wait for another.
  virtual Result<std::shared_ptr<const CatalogSearch>> search(const CatalogRef& ref);
};

/// An index that holds on to its catalog.
std::shared_ptr<const CatalogSearch> indexed(std::shared_ptr<const KnownCatalog> known);

/// What the adapters of `ask`'s steps work with. All of it outlives the ports made from it; any thread.
struct AskServices {
  CatalogStore& catalogs;
  Proposer& built_in;
  std::function<Result<std::shared_ptr<const Glossary>>(const std::string& artifact)> glossary;
  std::function<Result<std::shared_ptr<DataEngine>>(const std::string& connection)> engine;
  std::function<Result<const Parser*>(Dialect dialect)> parser;
  std::function<Result<ResultStore*>()> results;
  std::function<Result<AgentMemory>(const std::string& connection)> memory;
  ModelCaller& models;
  Artifacts& artifacts;
};

AskPorts make_ask_ports(const AskServices& services);

/// What of the glossary the catalog does not bear out, with file and line (plan/glossary_binding.h).
std::vector<Error> glossary_problems(const Glossary& glossary, const Catalog& catalog);

/// The proof alone: for `sluice prove`, outside of any run.
Result<Proof> prove_once(const AskServices& services, const std::string& connection, const std::string& sql, const ProofLimits& limits,
                         const Call& call);

/// A table's first rows, as a SELECT in the connection's dialect.
Result<std::string> preview_sql(const AskServices& services, const std::string& connection, const TableName& table, std::int64_t rows_max);

/// Proves a person's own SQL and streams its rows from one read session, outside of any run: for rows that are only compared, such as a gold query's.
/// E0340 where the proof does not hold; E0350 to E0353 (stale) where the data changed in between.
Result<> read_once(const AskServices& services, const std::string& connection, const std::string& sql, const ProofLimits& limits,
                   const ReadLimits& rows, const Call& call, RowSink& sink);

}  // namespace sluice
