#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agents/ports/model.h"

namespace sluice {

/// What may be spent. Unset: no limit.
struct Budget {
  std::optional<double> usd{};
  std::optional<std::int64_t> tokens{}, calls{}, seconds{};

  bool operator==(const Budget&) const = default;
  static constexpr auto fields() {
    return std::tuple{Field{"usd", &Budget::usd}, Field{"tokens", &Budget::tokens}, Field{"calls", &Budget::calls},
                      Field{"seconds", &Budget::seconds}};
  }
};

/// What was spent: money, tokens (prompt and reply), calls that were sent, and the time that they were waited for: of a step's draws, which are made
/// at once, the longest.
struct Spent {
  double usd = 0;
  std::int64_t tokens = 0, calls = 0, milliseconds = 0;
  std::int64_t unpriced = 0;  ///< of `calls`: their price is not known, and they are not in `usd`
};

/// A call about to be made, with the most that it can cost.
struct Reservation {
  std::string run{}, workflow{}, path{};   ///< which step of which run asks
  std::int64_t draw = 0;                   ///< which of the step's draws, which are waited for together
  std::string model{}, provider{}, key{};  ///< the model's name in sluice.yaml, "provider/model", and the call_key of its recording
  std::optional<double> usd_max{};         ///< unset: the price is not known
  std::int64_t tokens_max = 0;
  Budget run_budget{}, day_budget{};
};

/// How a call that was reserved ended.
struct Settlement {
  ModelUsage usage{};
  double usd = 0;
  std::int64_t latency_ms = 0;
  std::string failure{};  ///< the error's code; "" for a reply
};

/// A call as the ledger holds it.
struct LedgerEntry {
  std::int64_t id = 0, at_ms = 0;
  std::string run{}, workflow{}, path{};
  std::int64_t draw = 0;
  std::string model{}, provider{}, key{};
  std::string state{};  ///< "reserved" (in flight, or its process died), "paid", "failed", "cached"
  ModelUsage usage{};
  std::optional<double> usd{};  ///< unset: the price is not known
  std::int64_t latency_ms = 0;
  std::string failure{};
};

enum class CostsBy : std::uint8_t { workflow, model, day };
template <>
struct EnumNames<CostsBy> {
  static constexpr std::array<std::pair<CostsBy, std::string_view>, 3> names{
      {{CostsBy::workflow, "workflow"}, {CostsBy::model, "model"}, {CostsBy::day, "day"}}};
};
struct CostLine {
  std::string group{};
  std::int64_t calls = 0, cached = 0, failed = 0, in_flight = 0;  ///< `in_flight`: reserved and never settled, counted with the most they can cost
  std::int64_t unpriced = 0;                                      ///< of `calls`: their price is not known, and they are not in `usd`
  ModelUsage usage{};
  double usd = 0;
  std::int64_t latency_ms = 0;
};

/// What model calls cost, in the journal. What it confirmed survives `kill -9`. Any thread, any number of processes.
class Ledger {
 public:
  virtual ~Ledger() = default;
  /// Reserves the call's worst case, if with it neither the run's nor the day's budget (since midnight UTC) is exceeded by what was spent and is
  /// reserved: checked and written in one transaction. Else E1020 (exhausted): which limit, what was spent, what the call might take.
  virtual Result<std::int64_t> reserve(const Reservation& reservation) = 0;
  virtual Result<> settle(std::int64_t id, const Settlement& settlement) = 0;
  /// A reply that the cache gave: costs nothing, but is seen. `usd` is what was saved.
  virtual Result<> cached(const Reservation& reservation, const ModelUsage& usage) = 0;
  virtual Result<Spent> spent(const std::string& run) = 0;
  virtual Result<std::vector<LedgerEntry>> entries(const std::string& run) = 0;  ///< in order
  virtual Result<std::vector<CostLine>> costs(std::int64_t since_ms, CostsBy by) = 0;

  /// Approved questions that somebody wants no longer to be shown to models as examples, by approval id.
  virtual Result<> forget_example(const std::string& approval) = 0;
  virtual Result<std::vector<std::string>> forgotten_examples() = 0;
};

}  // namespace sluice
