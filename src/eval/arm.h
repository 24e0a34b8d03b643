#pragma once
#include <string>
#include <vector>

#include "base/codec.h"

namespace sluice::eval {

/// One way to have the questions answered, beside others.
struct Arm {
  std::string name{};     ///< as it was written
  bool built_in = false;  ///< the built-in planner alone
  std::string model{};    ///< a model's name in sluice.yaml; "" for the one that is configured to answer
  bool no_tools = false;  ///< the control: the model sees no catalog, and no check of its query comes back to it

  bool operator==(const Arm&) const = default;
};

inline constexpr std::size_t kArmsMax = 16;

/// "built-in,default,no-tools,large+no-tools". E0852 for what is no arm, is there twice, or is one too many.
Result<std::vector<Arm>> parse_arms(const std::string& text);

}  // namespace sluice::eval
