#include "approvals/policy.h"

#include "base/text.h"

namespace sluice {

std::string why_a_person(const ApprovalPolicy& policy, const Proof& proof) {
  if (!policy.reads) return "it lets nothing through";
  if (!proof.holds()) return "the proof does not hold";
  std::vector<std::string> warned;
  for (const Check& check : proof.checks)
    if (check.outcome == Outcome::warning && !policy.despite_warnings) warned.push_back(check.check);
  if (!warned.empty()) return "the proof has a warning (" + join(warned, ", ") + ")";
  if (!policy.bytes_max) return "";
  if (!proof.estimate.bytes) return "how much it reads is not known, and the policy ends at " + human_bytes(*policy.bytes_max);
  if (*proof.estimate.bytes > *policy.bytes_max)
    return "it reads about " + human_bytes(*proof.estimate.bytes) + ", and the policy ends at " + human_bytes(*policy.bytes_max);
  return "";
}

std::optional<AutoDecision> decide_by_policy(const ApprovalPolicy& policy, const Proof& proof) {
  if (!why_a_person(policy, proof).empty()) return std::nullopt;
  if (!policy.name.empty()) return AutoDecision{.approve = true, .by = policy.name};
  return AutoDecision{.approve = true, .by = policy.bytes_max ? "reads up to " + human_bytes(*policy.bytes_max) : "reads"};
}

}  // namespace sluice
