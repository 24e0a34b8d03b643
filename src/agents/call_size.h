#pragma once
#include <cstdint>
#include <optional>

#include "agents/ports/model.h"

namespace sluice {

/// Of the prompt, estimated (token_estimate.h).
std::int64_t tokens_of(const ModelRequest& request);

/// The most that a call can take: all of the prompt at the dearest rate, and as long a reply as there may be.
ModelUsage worst_case(const ModelRequest& request, const ModelInfo& info);

/// The model's too_long where prompt and reply are known not to fit its window: such a prompt is not paid for.
std::optional<Error> over_window(const ModelRequest& request, const ModelInfo& info);

}  // namespace sluice
