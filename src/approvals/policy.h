#pragma once
#include <optional>
#include <string>

#include "proof/check.h"
#include "workflow/context.h"

namespace sluice {

/// When a policy may say yes in a person's stead: `approvals.auto` of sluice.yaml, or that of an evaluation; recorded in the run.
struct ApprovalPolicy {
  bool reads = false;                       ///< proven reads may run unasked…
  std::optional<std::int64_t> bytes_max{};  ///< …when they are estimated to read at most this much
  bool despite_warnings = false;            ///< …also where the proof has a warning, which else a person has to see
  std::string name{};                       ///< what the record calls it; "" for what it allows

  static constexpr auto fields() {
    return std::tuple{Field{"reads", &ApprovalPolicy::reads}, Field{"bytes_max", &ApprovalPolicy::bytes_max},
                      Field{"despite_warnings", &ApprovalPolicy::despite_warnings}, Field{"name", &ApprovalPolicy::name}};
  }
};

/// The policy's word on a proof that holds; nothing where a person has to decide: reads are not allowed, there is a warning that counts, or the
/// estimate is above the limit or unknown.
std::optional<AutoDecision> decide_by_policy(const ApprovalPolicy& policy, const Proof& proof);

/// Why the policy leaves the decision to a person, as a clause; "" where it says yes.
std::string why_a_person(const ApprovalPolicy& policy, const Proof& proof);

}  // namespace sluice
