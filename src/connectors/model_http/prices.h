#pragma once
#include <optional>
#include <string_view>

#include "agents/ports/model.h"

namespace sluice {

/// The public list price, in US dollars for a million tokens; nothing for a model that is not known here. A dated name
/// ("claude-sonnet-4-5-20250929") has the price of the name before its date.
std::optional<ModelPrice> known_price(std::string_view provider, std::string_view model);

}  // namespace sluice
