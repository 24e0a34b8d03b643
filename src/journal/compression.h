#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// Large values at rest are zstd frames (RFC 8878).
namespace sluice::journal_detail {

constexpr std::size_t kValueBytesMax = 1'000'000'000;  ///< of one large value, as it was put

std::string compressed(std::string_view bytes);
bool is_compressed(std::string_view stored);
/// Nothing where it is no whole frame, or would be larger than kValueBytesMax.
std::optional<std::string> decompressed(std::string_view stored);

}  // namespace sluice::journal_detail
