#pragma once
#include <cstdint>
#include <string>

#include "base/text.h"

namespace sluice {

/// What calls cost: "$0.12", "not known", "$0.12 and 2 calls of unknown price".
inline std::string costs_text(double usd, std::int64_t calls, std::int64_t unpriced) {
  if (unpriced == 0) return human_usd(usd);
  return unpriced >= calls ? std::string("not known") : human_usd(usd) + " and " + counted(unpriced, "call") + " of unknown price";
}

}  // namespace sluice
