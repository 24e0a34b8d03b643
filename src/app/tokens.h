#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "app/ports/token_store.h"

// The tokens by which programs and people show who they are over the network.
namespace sluice {

/// What a token looks like: these and 43 characters of URL-safe base64, which are 256 random bits of the system.
constexpr std::string_view kTokenBegins = "slu_";
constexpr std::size_t kTokenSize = 4 + 43;
constexpr std::chrono::milliseconds kTokenLifeMax = std::chrono::hours(24) * 3'660;  ///< ten years

struct NewToken {
  StoredToken stored{};
  std::string secret{};  ///< shown once; it is kept nowhere
};

/// Without `lives` it does not expire. E1304, E1306.
Result<NewToken> create_token(TokenStore& store, const std::string& name, std::optional<std::chrono::milliseconds> lives, const std::string& by);

/// What is known of a token that somebody shows.
struct ShownToken {
  std::optional<StoredToken> known{};  ///< whose it is or was
  std::string why_not{};               ///< "" where it counts; else for the audit chain: whoever shows it must not learn it
};
/// Errors are the store's. What cannot be a token costs no look into the store.
Result<ShownToken> look_at_token(TokenStore& store, std::string_view secret);

/// E1303: the same for all that does not count.
Error token_not_accepted();

}  // namespace sluice
