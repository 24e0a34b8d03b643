#include "proof/check.h"

#include <algorithm>

namespace sluice {

std::string Check::in_words() const { return check + ": " + detail + (hint.empty() ? "" : " (" + hint + ")"); }

bool Proof::holds() const {
  return !checks.empty() && std::none_of(checks.begin(), checks.end(), [](const Check& check) { return check.outcome == Outcome::failed; });
}

const Check* Proof::find(std::string_view check) const {
  for (const Check& candidate : checks)
    if (candidate.check == check) return &candidate;
  return nullptr;
}

std::int64_t Proof::warnings() const {
  return std::ranges::count_if(checks, [](const Check& check) { return check.outcome == Outcome::warning; });
}

std::vector<std::string> feedback(const Proof& proof) {
  std::vector<std::string> out;
  for (const Check& check : proof.checks)
    if (check.outcome == Outcome::failed) out.push_back(check.in_words());
  return out;
}

Error proof_error(const Proof& proof) {
  for (const Check& check : proof.checks)
    if (check.outcome == Outcome::failed) return {ErrorKind::refused, "E0340", check.detail, check.hint, 0};
  return Error::bug("a proof that holds was reported as failed");
}

}  // namespace sluice
