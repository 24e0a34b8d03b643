#include "flows/ask/observed_engine.h"

#include <utility>

#include "base/hash.h"

namespace sluice {
namespace {

constexpr double kNsPerSecond = 1e9;

struct Observed {
  std::string connection{}, system{};
  Telemetry& telemetry;

  template <class Call>
  auto call(const char* operation, std::string_view sql, Call&& what, Json attributes = Json::object()) const {
    const std::int64_t begin = now_ns();
    auto result = std::forward<Call>(what)(attributes);
    const std::int64_t end = now_ns();
    const std::string outcome = result ? "ok" : result.error().code;
    telemetry.metrics().observe(Timing::database_call,
                                {{"connection", connection}, {"system", system}, {"operation", operation}, {"outcome", outcome}},
                                static_cast<double>(end - begin) / kNsPerSecond);
    if (telemetry.traces()) tell_span(operation, sql, std::move(attributes), begin, end, result ? nullptr : &result.error());
    return result;
  }

 private:
  void tell_span(const std::string& operation, std::string_view sql, Json attributes, std::int64_t begin, std::int64_t end,
                 const Error* error) const {
    const Doing& now = doing();
    TraceContext at = random_trace();
    if (!now.trace.trace_id.empty()) {
      at.trace_id = now.trace.trace_id;
      at.sampled = now.trace.sampled;
    }
    attributes.set("db.system.name", system).set("db.operation.name", operation).set("sluice.connection", connection);
    if (!sql.empty()) attributes.set("sluice.sql.sha256", sha256_hex(sql));
    if (!now.run.empty()) attributes.set("sluice.run.id", now.run).set("sluice.step", now.step);
    if (error != nullptr) attributes.set("error.type", error->code);
    telemetry.span({.at = at,
                    .parent = now.trace.span_id,
                    .name = operation + " " + connection,
                    .kind = Span::Kind::client,
                    .begin_ns = begin,
                    .end_ns = end,
                    .attributes = std::move(attributes),
                    .error = error != nullptr ? error->code : ""});
  }
};

class ObservedSession final : public ReadSession {
 public:
  ObservedSession(std::unique_ptr<ReadSession> inner, const Observed& observed) : inner_(std::move(inner)), observed_(observed) {}

  Result<Catalog> catalog(std::span<const TableName> only) override {
    return observed_.call("CATALOG", "", [&](Json&) { return inner_->catalog(only); });
  }
  Result<> prepare(std::string_view sql) override {
    return observed_.call("PREPARE", sql, [&](Json&) { return inner_->prepare(sql); });
  }
  Result<Estimate> estimate(std::string_view sql) override {
    return observed_.call("EXPLAIN", sql, [&](Json&) { return inner_->estimate(sql); });
  }
  Result<ReadStats> run(std::string_view sql, const ReadLimits& limits, RowSink& sink) override {
    return observed_.call("SELECT", sql, [&](Json& attributes) {
      auto stats = inner_->run(sql, limits, sink);
      if (stats) attributes.set("db.response.returned_rows", stats->rows);
      return stats;
    });
  }
  Result<std::vector<ColumnValues>> values(std::span<const TableName> tables, int values_max) override {
    return observed_.call("SAMPLE", "", [&](Json&) { return inner_->values(tables, values_max); });
  }
  Result<std::vector<ColumnRange>> ranges(const Catalog& catalog) override {
    return observed_.call("RANGES", "", [&](Json&) { return inner_->ranges(catalog); });
  }

 private:
  std::unique_ptr<ReadSession> inner_;
  const Observed observed_;
};

class ObservedEngine final : public DataEngine {
 public:
  ObservedEngine(std::unique_ptr<DataEngine> inner, Observed observed) : inner_(std::move(inner)), observed_(std::move(observed)) {}

  Dialect dialect() const override { return inner_->dialect(); }
  std::string state() const override { return inner_->state(); }
  Result<std::string> describe(const Call& call) override { return inner_->describe(call); }
  Result<std::vector<std::string>> warnings(const Call& call) override { return inner_->warnings(call); }
  Result<std::unique_ptr<ReadSession>> open_read(const Call& call) override {
    auto session = observed_.call("CONNECT", "", [&](Json&) { return inner_->open_read(call); });
    if (!session) return session;
    return std::unique_ptr<ReadSession>(std::make_unique<ObservedSession>(*std::move(session), observed_));
  }

 private:
  std::unique_ptr<DataEngine> inner_;
  const Observed observed_;
};

}  // namespace

std::unique_ptr<DataEngine> observed(std::unique_ptr<DataEngine> engine, const std::string& connection, Telemetry& telemetry) {
  const std::string system = engine->dialect() == Dialect::postgres ? "postgresql" : "duckdb";
  return std::make_unique<ObservedEngine>(std::move(engine), Observed{.connection = connection, .system = system, .telemetry = telemetry});
}

}  // namespace sluice
