#pragma once
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"

namespace sluice {

/// Opens the text in $VISUAL, $EDITOR or vi and waits until it is closed; nothing where it came back unchanged or empty. What the person wrote is
/// kept in `text`, also where the editor failed, so that the next attempt goes on from there. E0804.
Result<std::optional<std::string>> edit_text(std::string& text, const std::stop_token& stop);

}  // namespace sluice
