#pragma once
#include <stop_token>
#include <string>

#include "base/result.h"

namespace sluice {

/// A file, "-" for standard input, of at most that many bytes: a pipe or a device is read as far, and no further. Ends where a stop is requested.
/// E0805.
Result<std::string> read_input_text(const std::string& file, std::size_t bytes_max, const std::stop_token& stop);

}  // namespace sluice
