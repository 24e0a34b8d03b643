#include "agents/ports/budget_check.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace sluice {
namespace {

constexpr std::int64_t kNano = 1'000'000'000;
constexpr int kNanoDigits = 9;

/// One of a budget's limits, in whole numbers, and how it is spoken of.
struct Limit {
  std::string_view key{};                          ///< in sluice.yaml
  std::string budget{};                            ///< "$0.50"
  std::int64_t max = 0, ended = 0, in_flight = 0;  ///< of this kind
  std::int64_t worst = 0;                          ///< that the call can take
  std::string ended_text{}, in_flight_text{}, worst_text{};
  std::string_view also{};  ///< what helps besides a higher limit
};

/// Without the overflow that the sum of the three could have.
bool fits(const Limit& limit) {
  std::int64_t left = limit.max;
  for (const std::int64_t taken : {limit.ended, limit.in_flight, limit.worst}) {
    if (taken > left) return false;
    left -= taken;
  }
  return true;
}

Error exhausted(BudgetOf of, const Limit& limit) {
  const bool day = of == BudgetOf::day;
  std::string message = day ? "the day's budget of " : "the run's budget of ";
  message += limit.budget + " does not allow this call: " + limit.ended_text;
  if (limit.in_flight > 0) message += ", calls in flight may take up to " + limit.in_flight_text;
  if (!limit.worst_text.empty()) message += " and it may take up to " + limit.worst_text;
  std::string hint = std::string("raise `budgets.") + (day ? "day." : "run.") + std::string(limit.key) + "` in sluice.yaml, ";
  hint += day ? std::string(limit.also) + ", or wait until midnight UTC" : "or " + std::string(limit.also);
  return {ErrorKind::exhausted, "E1020", std::move(message), std::move(hint), 0};
}

Limit usd_limit(double usd, const BudgetUse& use, const Reservation& call) {
  return {.key = "usd",
          .budget = human_usd(usd),
          .max = nano_dollars(usd),
          .ended = nano_dollars(use.ended.usd),
          .in_flight = nano_dollars(use.in_flight.usd),
          .worst = nano_dollars(call.usd_max.value_or(0)),
          .ended_text = human_usd(use.ended.usd) + " is spent",
          .in_flight_text = human_usd(use.in_flight.usd),
          .worst_text = human_usd(call.usd_max.value_or(0)),
          .also = "use a cheaper model or a lower `max_tokens`"};
}

Limit tokens_limit(std::int64_t tokens, const BudgetUse& use, const Reservation& call) {
  return {.key = "tokens",
          .budget = counted(tokens, "token"),
          .max = tokens,
          .ended = use.ended.tokens,
          .in_flight = use.in_flight.tokens,
          .worst = std::max<std::int64_t>(call.tokens_max, 0),
          .ended_text = with_thousands(use.ended.tokens) + (use.ended.tokens == 1 ? " is spent" : " are spent"),
          .in_flight_text = with_thousands(use.in_flight.tokens),
          .worst_text = with_thousands(call.tokens_max),
          .also = "use a lower `max_tokens`"};
}

Limit calls_limit(std::int64_t calls, const BudgetUse& use) {
  const std::int64_t made = use.ended.calls + use.in_flight.calls;
  return {.key = "calls",
          .budget = counted(calls, "call"),
          .max = calls,
          .ended = made,
          .in_flight = 0,
          .worst = 1,
          .ended_text = with_thousands(made) + (made == 1 ? " is made" : " are made"),
          .in_flight_text = {},
          .worst_text = {},
          .also = "ask for less at once"};
}

}  // namespace

std::int64_t nano_dollars(double usd) {
  if (std::isnan(usd) || usd >= static_cast<double>(kNanoDollarsMax) / kNano) return kNanoDollarsMax;
  return usd <= 0 ? 0 : std::llround(usd * kNano);
}

Result<> check_budget(BudgetOf of, const Budget& budget, const BudgetUse& use, const Reservation& call) {
  if (budget.usd)
    if (const Limit limit = usd_limit(*budget.usd, use, call); !fits(limit)) return exhausted(of, limit);
  if (budget.tokens)
    if (const Limit limit = tokens_limit(*budget.tokens, use, call); !fits(limit)) return exhausted(of, limit);
  if (budget.calls)
    if (const Limit limit = calls_limit(*budget.calls, use); !fits(limit)) return exhausted(of, limit);
  constexpr std::int64_t kSecond = 1000;
  if (budget.seconds && use.ended.milliseconds / kSecond >= *budget.seconds) {
    Limit limit{};
    limit.key = "seconds";
    limit.budget = counted(*budget.seconds, "second");
    limit.ended_text = human_duration(use.ended.milliseconds) + " went by in calls";
    limit.also = "use a quicker model";
    return exhausted(of, limit);
  }
  return {};
}

}  // namespace sluice
