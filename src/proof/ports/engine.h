#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/call.h"
#include "base/result.h"
#include "base/sweep.h"
#include "data/catalog.h"
#include "data/column_ranges.h"
#include "data/column_values.h"
#include "data/rows.h"

namespace sluice {

/// What the engine expects of a query before it runs. Unset: the engine does not say.
struct Estimate {
  std::optional<std::int64_t> rows{};   ///< rows of the result
  std::optional<std::int64_t> bytes{};  ///< bytes to be read; and of the values that functions make, in all rows in which they come
  double cost_usd = 0;
  std::string plan{};  ///< the engine's plan as text

  static constexpr auto fields() {
    return std::tuple{Field{"rows", &Estimate::rows}, Field{"bytes", &Estimate::bytes}, Field{"cost_usd", &Estimate::cost_usd},
                      Field{"plan", &Estimate::plan}};
  }
};

struct ReadLimits {
  std::int64_t rows_max = 0;   ///< fetching stops with Error{exhausted} above it…
  std::int64_t bytes_max = 0;  ///< …and above so many bytes of values
  bool truncate = false;       ///< stop quietly instead, with the rows that stay within both (samples)
};

/// What a finished read took.
struct ReadStats {
  std::int64_t rows = 0, bytes = 0;  ///< of the result
  std::optional<std::int64_t> bytes_scanned{};
  std::int64_t elapsed_ms = 0;
  bool truncated = false;

  static constexpr auto fields() {
    return std::tuple{Field{"rows", &ReadStats::rows}, Field{"bytes", &ReadStats::bytes}, Field{"bytes_scanned", &ReadStats::bytes_scanned},
                      Field{"elapsed_ms", &ReadStats::elapsed_ms}, Field{"truncated", &ReadStats::truncated}};
  }
};

/// One read-only transaction, rolled back at the end, whatever happened, and its connection discarded. One thread at a time.
class ReadSession {
 public:
  virtual ~ReadSession() = default;
  /// The named tables (all, where none are named); a name that does not exist is left out. Row counts are the engine's estimates
  /// unless it knows better for nothing.
  virtual Result<Catalog> catalog(std::span<const TableName> only) = 0;
  /// Finds what the statement's names mean, once for a later `estimate` and `run` of the same text, and holds the tables and views behind them as
  /// they are until the end. Plans nothing, so that where the engine has functions that users wrote none runs but the input functions of
  /// literals' types (CHECKs of domains). A `catalog` read afterwards is at least as new: it tells what will run. The engine's refusal is
  /// Error{input} with its reason, position included.
  virtual Result<> prepare(std::string_view sql) = 0;
  /// Plans the statement without running it. The engine's refusal is Error{input} with its reason, position included.
  virtual Result<Estimate> estimate(std::string_view sql) = 0;
  /// Runs one statement that only reads and streams its rows.
  virtual Result<ReadStats> run(std::string_view sql, const ReadLimits& limits, RowSink& sink) = 0;
  /// Samples of the distinct values of text columns of these tables (`values_max` a column, each at most 100 bytes), within the time left.
  /// Columns that could not be sampled in time are left out. Reads the tables: name none for which `runs_on_read`.
  virtual Result<std::vector<ColumnValues>> values(std::span<const TableName> tables, int values_max) = 0;
  /// Codes and ranges of the catalog's `ranged_columns`, within the time left; those not known in time are left out, and so are tables for which
  /// `runs_on_read`. An engine that cannot tell cheaply tells nothing.
  virtual Result<std::vector<ColumnRange>> ranges(const Catalog& /*catalog*/) { return std::vector<ColumnRange>(); }
};

/// An engine that holds data: one configured connection. Any thread.
class DataEngine {
 public:
  virtual ~DataEngine() = default;
  virtual Dialect dialect() const = 0;
  /// A text that changes whenever what `catalog` and `values` tell may have changed (a file's size and times); "" where that can't be told cheaply.
  virtual std::string state() const { return ""; }
  /// What `sluice connections test` shows: product and version, e.g. "PostgreSQL 15.8 at localhost:5432/shop as reader, TLS on".
  virtual Result<std::string> describe(const Call& call) = 0;
  /// What makes this connection less safe than it could be, a sentence each with what to do: a login that may write.
  virtual Result<std::vector<std::string>> warnings(const Call& /*call*/) { return std::vector<std::string>(); }
  virtual Result<std::unique_ptr<ReadSession>> open_read(const Call& call) = 0;
};

/// Where a result's rows are kept: written once as they stream in, then known by the hash of their bytes (Parquet).
class ResultWriter : public RowSink {
 public:
  /// Syncs and names the file. Without it, nothing is kept.
  virtual Result<std::string> finish() = 0;
};
class ResultStore {
 public:
  virtual ~ResultStore() = default;
  virtual Result<std::unique_ptr<ResultWriter>> create() = 0;
  /// Streams the rows of a kept result in their order, at most `rows_max` (all where 0).
  virtual Result<> read(const std::string& hash, std::int64_t rows_max, RowSink& sink) = 0;
  /// The bytes of a kept result, a Parquet file, part by part.
  virtual Result<> copy(const std::string& hash, const std::function<Result<>(std::string_view part)>& to) = 0;
  /// Deletes kept results that nothing needs any more.
  virtual Result<Swept> sweep(const Sweep& sweep) = 0;
};

}  // namespace sluice
