#include "app/observed_ledger.h"

#include <map>
#include <mutex>
#include <utility>

namespace sluice {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr double kMsPerSecond = 1'000;

/// "gemini/gemini-2.5-pro" as OpenTelemetry names provider and model (semantic conventions for generative AI).
std::pair<std::string, std::string> provider_and_model(const std::string& both) {
  const std::size_t slash = both.find('/');
  const std::string provider = both.substr(0, slash);
  return {provider == "gemini" ? "gcp.gemini" : provider, slash == std::string::npos ? "" : both.substr(slash + 1)};
}

class ObservedLedger final : public Ledger {
 public:
  ObservedLedger(std::unique_ptr<Ledger> inner, Telemetry& telemetry) : inner_(std::move(inner)), telemetry_(telemetry) {}

  Result<std::int64_t> reserve(const Reservation& reservation) override {
    auto id = inner_->reserve(reservation);
    if (!id) {
      telemetry_.log(LogLevel::warning, "model call refused", about(reservation).set("code", id.error().code).set("why", id.error().message));
      return id;
    }
    const std::scoped_lock lock(mutex_);
    if (in_flight_.size() >= kInFlightMax) in_flight_.clear();
    in_flight_[*id] = reservation;
    return id;
  }
  Result<> settle(std::int64_t id, const Settlement& settlement) override {
    auto settled = inner_->settle(id, settlement);
    Reservation reservation;
    {
      const std::scoped_lock lock(mutex_);
      if (auto node = in_flight_.extract(id)) reservation = std::move(node.mapped());
    }
    tell(reservation, settlement);
    return settled;
  }
  Result<> cached(const Reservation& reservation, const ModelUsage& usage) override {
    telemetry_.metrics().add(Counter::model_calls, {{"model", reservation.model}, {"workflow", reservation.workflow}, {"outcome", "cached"}});
    telemetry_.log(LogLevel::info, "model call",
                   about(reservation).set("outcome", "cached").set("input_tokens", usage.input).set("output_tokens", usage.output));
    return inner_->cached(reservation, usage);
  }
  Result<Spent> spent(const std::string& run) override { return inner_->spent(run); }
  Result<std::vector<LedgerEntry>> entries(const std::string& run) override { return inner_->entries(run); }
  Result<std::vector<CostLine>> costs(std::int64_t since_ms, CostsBy by) override { return inner_->costs(since_ms, by); }
  Result<> forget_example(const std::string& approval) override { return inner_->forget_example(approval); }
  Result<std::vector<std::string>> forgotten_examples() override { return inner_->forgotten_examples(); }

 private:
  static constexpr std::size_t kInFlightMax = 10'000;  ///< reservations whose end is awaited; those of more are told without their model

  static Json about(const Reservation& of) {
    const auto [provider, model] = provider_and_model(of.provider);
    return Json::object()
        .set("run", of.run)
        .set("step", of.path)
        .set("workflow", of.workflow)
        .set("model", of.model)
        .set("provider", provider)
        .set("provider_model", model);
  }

  void tell(const Reservation& of, const Settlement& settlement) {
    const std::string outcome = settlement.failure.empty() ? "ok" : settlement.failure;
    const double seconds = static_cast<double>(settlement.latency_ms) / kMsPerSecond;
    Metrics& metrics = telemetry_.metrics();
    metrics.add(Counter::model_calls, {{"model", of.model}, {"workflow", of.workflow}, {"outcome", outcome}});
    metrics.observe(Timing::model_call, {{"model", of.model}, {"outcome", outcome}}, seconds);
    const ModelUsage& usage = settlement.usage;
    for (const auto& [type, tokens] :
         {std::pair{"input", usage.input}, {"cached", usage.cached}, {"cache_written", usage.cache_written}, {"output", usage.output}})
      if (tokens > 0) metrics.add(Counter::model_tokens, {{"model", of.model}, {"type", type}}, static_cast<double>(tokens));
    if (settlement.usd > 0) metrics.add(Counter::model_cost, {{"model", of.model}, {"workflow", of.workflow}}, settlement.usd);
    telemetry_.log(settlement.failure.empty() ? LogLevel::info : LogLevel::warning, "model call",
                   about(of)
                       .set("outcome", outcome)
                       .set("ms", settlement.latency_ms)
                       .set("input_tokens", usage.input)
                       .set("cached_tokens", usage.cached)
                       .set("output_tokens", usage.output)
                       .set("usd", settlement.usd));
    if (telemetry_.traces()) tell_span(of, settlement);
  }

  void tell_span(const Reservation& of, const Settlement& settlement) {
    const auto [provider, model] = provider_and_model(of.provider);
    const Doing& now = doing();
    TraceContext at = random_trace();
    if (!now.trace.trace_id.empty()) {
      at.trace_id = now.trace.trace_id;
      at.sampled = now.trace.sampled;
    }
    const std::int64_t end = now_ns();
    Json attributes = Json::object()
                          .set("gen_ai.operation.name", "chat")
                          .set("gen_ai.provider.name", provider)
                          .set("gen_ai.request.model", model)
                          .set("gen_ai.usage.input_tokens", settlement.usage.input)
                          .set("gen_ai.usage.output_tokens", settlement.usage.output)
                          .set("sluice.run.id", of.run)
                          .set("sluice.step", of.path)
                          .set("sluice.model", of.model)
                          .set("sluice.cost_usd", settlement.usd);
    if (!settlement.failure.empty()) attributes.set("error.type", settlement.failure);
    telemetry_.span({.at = at,
                     .parent = now.trace.span_id,
                     .name = "chat " + model,
                     .kind = Span::Kind::client,
                     .begin_ns = end - settlement.latency_ms * kNsPerMs,
                     .end_ns = end,
                     .attributes = std::move(attributes),
                     .error = settlement.failure});
  }

  std::unique_ptr<Ledger> inner_;
  Telemetry& telemetry_;
  std::mutex mutex_{};
  std::map<std::int64_t, Reservation> in_flight_{};
};

}  // namespace

std::unique_ptr<Ledger> observed(std::unique_ptr<Ledger> ledger, Telemetry& telemetry) {
  return std::make_unique<ObservedLedger>(std::move(ledger), telemetry);
}

}  // namespace sluice
