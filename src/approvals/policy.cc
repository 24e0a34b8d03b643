#include "approvals/policy.h"

#include "base/text.h"

namespace sluice {

std::optional<AutoDecision> decide_by_policy(const ApprovalPolicy& policy, const Proof& proof) {
  if (!policy.reads || !proof.holds()) return std::nullopt;
  for (const Check& check : proof.checks)
    if (check.outcome == Outcome::warning) return std::nullopt;
  if (!policy.bytes_max) return AutoDecision{.approve = true, .by = "reads"};
  if (!proof.estimate.bytes || *proof.estimate.bytes > *policy.bytes_max) return std::nullopt;
  return AutoDecision{.approve = true, .by = "reads up to " + human_bytes(*policy.bytes_max)};
}

}  // namespace sluice
