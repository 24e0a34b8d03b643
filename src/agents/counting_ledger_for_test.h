#pragma once
#include <string>
#include <vector>

#include "agents/ports/ledger.h"

namespace sluice {

/// Allows as many calls as a test says, and remembers what it was told. One thread at a time.
class CountingLedger final : public Ledger {
 public:
  std::int64_t allowed = 100;
  Spent already{};  ///< what `spent` says
  std::vector<Reservation> reserved{};
  std::vector<Settlement> settled{};
  std::vector<std::int64_t> ids{};  ///< of settled
  std::vector<ModelUsage> from_cache{};

  Result<std::int64_t> reserve(const Reservation& reservation) override {
    if (std::ssize(reserved) >= allowed) return Error{ErrorKind::exhausted, "E1020", "the run's budget is used up", "raise it", 0};
    reserved.push_back(reservation);
    return std::ssize(reserved);
  }
  Result<> settle(std::int64_t id, const Settlement& settlement) override {
    ids.push_back(id);
    settled.push_back(settlement);
    return {};
  }
  Result<> cached(const Reservation&, const ModelUsage& usage) override {
    from_cache.push_back(usage);
    return {};
  }
  Result<Spent> spent(const std::string&) override { return already; }
  Result<std::vector<LedgerEntry>> entries(const std::string&) override { return std::vector<LedgerEntry>(); }
  Result<std::vector<CostLine>> costs(std::int64_t, CostsBy) override { return std::vector<CostLine>(); }
  Result<> forget_example(const std::string&) override { return {}; }
  Result<std::vector<std::string>> forgotten_examples() override { return std::vector<std::string>(); }
};

}  // namespace sluice
