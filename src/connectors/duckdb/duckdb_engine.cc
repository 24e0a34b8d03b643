#include "connectors/duckdb/duckdb_engine.h"

#include <algorithm>
#include <mutex>

#include "base/text.h"
#include "connectors/duckdb/catalog.h"
#include "connectors/duckdb/key_evidence.h"
#include "connectors/duckdb/library.h"
#include "data/inferred_keys.h"

namespace sluice {
namespace duckdb_detail {
namespace {

/// For values and counts together, and for ranges, which come last and would else get what is left.
constexpr std::chrono::milliseconds kValuesBudget{1500}, kRangesBudget{700};
/// So many distinct values are looked at to find keys; `values` hands out fewer.
constexpr int kKeyValuesMax = 5000;

/// What holds as long as the source is open: a DuckDB file that is open here cannot be written by anybody, so its catalog is read once.
struct Remembered {
  std::mutex mutex{};
  std::shared_ptr<const Catalog> catalog{};
};

class Session : public ReadSession {
 public:
  Session(std::string name, const OpenSource& open, const DuckDbSource& source, Remembered& remembered, std::unique_ptr<Connection> connection)
      : name_(std::move(name)), open_(open), source_(source), remembered_(remembered), connection_(std::move(connection)) {}
  ~Session() override {
    connection_->set_call({std::chrono::steady_clock::now() + kEndTimeout, {}});
    // Nothing was written; where even this fails the connection ends with the session anyway.
    (void)connection_->execute("ROLLBACK");
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Result<> begin(const Safeguards& safeguards) {
    locked_ = safeguards.lock;
    if (safeguards.only_selects) connection_->take_only_selects();
    TRY_VOID(connection_->execute("USE " + sql_identifier(open_.catalog)));
    TRY_VOID(connection_->execute(safeguards.read_only ? "BEGIN TRANSACTION READ ONLY" : "BEGIN TRANSACTION"));
    if (source_.kind != DuckDbSource::Kind::sqlite) return {};
    // A table of SQLite's is known to this transaction by the name under which it was first looked for: by its own, before a statement writes
    // another.
    return connection_->execute("SELECT count(*) FROM duckdb_tables()");
  }

  Result<Catalog> catalog(std::span<const TableName> only) override {
    TRY(const auto whole, tables(only));
    if (!only.empty()) return part_of(*whole, only);
    Catalog catalog = *whole;
    std::vector<TableName> all;
    all.reserve(catalog.tables.size());
    for (const Table& table : catalog.tables) all.push_back(table.name);
    TRY(const auto apart, beside(kValuesBudget));
    TRY_VOID(count_parquet(*apart, catalog));
    TRY(values_, read_values(*apart, catalog, source_, all, kKeyValuesMax));
    TRY_VOID(count_files(*apart, catalog));
    TRY(const auto looking, own_connection(open_, connection_->call()));
    DuckDbKeyEvidence evidence(*looking, catalog, source_);
    TRY_VOID(infer_keys(catalog, values_, evidence));
    return catalog;
  }

  /// A DuckDB file that is open here changes for nobody. SQLite's may, until this transaction has looked at it; users' functions are in neither.
  Result<> prepare(std::string_view sql) override {
    if (planned_sql_ == sql) return {};
    TRY(std::string text, connection_->plan(sql));
    TRY(Json plan, read_plan(text));
    TRY_VOID(check_plan(plan));
    planned_sql_ = sql;
    plan_text_ = std::move(text);
    plan_ = std::move(plan);
    return {};
  }

  Result<Estimate> estimate(std::string_view sql) override {
    TRY_VOID(prepare(sql));
    auto known = std::make_shared<const Catalog>();
    if (source_.kind == DuckDbSource::Kind::database) {
      TRY(known, tables({}));
    }
    Estimate estimate = estimate_of(plan_, *known, open_, source_);
    estimate.plan = plan_text_;
    return estimate;
  }

  /// Of a DuckDB file all of them, read once; else these, read now.
  Result<std::shared_ptr<const Catalog>> tables(std::span<const TableName> only) {
    const bool lasting = source_.kind == DuckDbSource::Kind::database;
    const std::lock_guard lock(remembered_.mutex);
    if (lasting && remembered_.catalog) return remembered_.catalog;
    Catalog catalog;
    if (lasting) {
      TRY(const auto own, own_connection(open_, connection_->call()));
      TRY(catalog, read_catalog(*own, open_, source_, {}));
      TRY_VOID(read_user_functions(*own, catalog));
    } else {  // as this transaction sees it; there is no place for a user's functions
      TRY(catalog, read_catalog(*connection_, open_, source_, only));
    }
    catalog.connection = name_;
    catalog.source = source_name(source_);
    auto known = std::make_shared<const Catalog>(std::move(catalog));
    if (lasting) remembered_.catalog = known;
    return known;
  }

  Result<ReadStats> run(std::string_view sql, const ReadLimits& limits, RowSink& sink) override {
    if (source_.kind == DuckDbSource::Kind::sqlite && locked_) TRY_VOID(prepare(sql));
    return connection_->stream(sql, limits, sink);
  }

  Result<std::vector<ColumnValues>> values(std::span<const TableName> tables, int values_max) override {
    if (values_.empty()) {
      TRY(const auto known, this->tables(tables));
      Catalog catalog = *known;
      TRY(const auto apart, beside(kValuesBudget));
      return read_values(*apart, catalog, source_, tables, values_max);
    }
    std::vector<ColumnValues> out;
    for (const ColumnValues& column : values_) {
      if (std::find(tables.begin(), tables.end(), column.table) == tables.end()) continue;
      ColumnValues& kept = out.emplace_back(column);
      if (std::cmp_less_equal(kept.values.size(), values_max)) continue;
      kept.values.resize(static_cast<std::size_t>(values_max));
      kept.complete = false;
    }
    return out;
  }

  Result<std::vector<ColumnRange>> ranges(const Catalog& catalog) override {
    TRY(const auto apart, beside(kRangesBudget));
    return read_ranges(*apart, catalog, source_);
  }

 private:
  static constexpr std::chrono::seconds kEndTimeout{5};
  /// A connection for Sluice's own looks at the data, without a transaction, for a short while.
  Result<std::unique_ptr<Connection>> beside(std::chrono::milliseconds budget) const {
    const Call& call = connection_->call();
    TRY(auto connection, own_connection(open_, call));
    connection->hurry(std::chrono::steady_clock::now() + budget);
    return connection;
  }
  Result<> check_plan(const Json& plan) const {
    if (source_.kind != DuckDbSource::Kind::sqlite || !locked_) return {};
    return check_reach(plan, open_, source_.path);
  }
  std::string name_;
  const OpenSource& open_;
  const DuckDbSource& source_;
  Remembered& remembered_;
  std::unique_ptr<Connection> connection_;
  bool locked_ = true;
  std::string planned_sql_{}, plan_text_{};  ///< of the statement prepared last
  Json plan_{};
  std::vector<ColumnValues> values_{};  ///< read with the catalog, for keys
};

class DuckDb : public DataEngine {
 public:
  DuckDb(std::string name, DuckDbSource source, OpenSource open, const Safeguards& safeguards)
      : name_(std::move(name)), source_(std::move(source)), open_(std::move(open)), safeguards_(safeguards) {}

  Dialect dialect() const override { return Dialect::duckdb; }
  std::string state() const override { return source_state(source_, open_); }

  Result<std::string> describe(const Call& call) override {
    TRY(const auto connection, Connection::open(open_.database, call));
    TRY_VOID(connection->rows("SELECT 1"));
    TRY(std::string version, duckdb_version());
    switch (source_.kind) {
      case DuckDbSource::Kind::database: return "DuckDB " + version + " over " + source_.path + ", read-only";
      case DuckDbSource::Kind::sqlite: return "SQLite file " + source_.path + " through DuckDB " + version + ", read-only";
      case DuckDbSource::Kind::files:
        return counted(static_cast<std::int64_t>(open_.files.size()), "file") + " through DuckDB " + version + ", read-only";
    }
    return version;
  }

  Result<std::unique_ptr<ReadSession>> open_read(const Call& call) override {
    TRY(auto connection, Connection::open(open_.database, call));
    auto session = std::make_unique<Session>(name_, open_, source_, remembered_, std::move(connection));
    TRY_VOID(session->begin(safeguards_));
    return std::unique_ptr<ReadSession>(std::move(session));
  }

 private:
  std::string name_;
  DuckDbSource source_;
  OpenSource open_;
  Safeguards safeguards_;
  Remembered remembered_{};
};

}  // namespace

Result<std::unique_ptr<DataEngine>> open_engine(const std::string& name, const DuckDbSource& source, const DuckDbOptions& options,
                                                const Safeguards& safeguards) {
  TRY(OpenSource open, open_source(source, options, safeguards));
  return std::unique_ptr<DataEngine>(std::make_unique<DuckDb>(name, source, std::move(open), safeguards));
}

}  // namespace duckdb_detail

Result<std::unique_ptr<DataEngine>> open_duckdb(const std::string& name, const DuckDbSource& source, const DuckDbOptions& options) {
  return duckdb_detail::open_engine(name, source, options, {.only_selects = true});
}

}  // namespace sluice
