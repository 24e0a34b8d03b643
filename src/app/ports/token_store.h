#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sluice {

/// A token as it is kept: what its owner shows is not in it. Times are milliseconds since 1970 by the store's clock.
struct StoredToken {
  std::string name{};
  std::string hash{};  ///< SHA-256 of what its owner shows, in lower-case hex
  std::string created_by{}, revoked_by{};
  std::int64_t created_at = 0;
  std::optional<std::int64_t> expires_at{}, revoked_at{};
  std::optional<std::int64_t> used_at{};  ///< coarse: within kTokenUsedMs of the last use

  bool operator==(const StoredToken&) const = default;
};

constexpr int kTokensMax = 1'000;                               ///< that are not revoked
constexpr int kTokensListed = 10'000;                           ///< at most in a list, with revoked ones
constexpr std::int64_t kTokenUsedMs = std::int64_t{3'600'000};  ///< a use within this of the noted one is not written again
constexpr std::size_t kHashBeginning = 16;                      ///< digits by which a hash is looked up

/// Keeps the tokens of those who come over the network, beside the runs. Any thread. Creating and revoking leave an entry in the audit chain, and so
/// do logins. Errors of the store are of kind `storage`.
class TokenStore {
 public:
  TokenStore() = default;
  TokenStore(const TokenStore&) = delete;
  TokenStore& operator=(const TokenStore&) = delete;
  virtual ~TokenStore() = default;

  /// The store's clock, as near as it is known without asking.
  virtual std::int64_t now() const = 0;
  /// Adds it, made now, as it is in the store then. E1304 where the name has a token that is not revoked; E1306 where there are kTokensMax.
  virtual Result<StoredToken> add_token(const StoredToken& token) = 0;
  /// Newest first.
  virtual Result<std::vector<StoredToken>> tokens() = 0;
  /// Those whose hash begins so: kHashBeginning digits. The caller compares the rest, in constant time: the store's own comparison is none.
  virtual Result<std::vector<StoredToken>> tokens_beginning(std::string_view beginning) = 0;
  /// E1305 where the name has no token, or none that is not revoked.
  virtual Result<StoredToken> revoke_token(const std::string& name, const std::string& by) = 0;
  /// Notes that the token was used now, where the noted use is older than kTokenUsedMs.
  virtual Result<> token_used(const std::string& hash) = 0;
  /// Notes in the audit chain that somebody logged in, with the groups that they are in; as often as refusals of one name and deed are noted.
  virtual Result<> note_login(const std::string& who, const std::vector<std::string>& groups) = 0;
};

/// The store's refusals, worded once for all adapters.
Error token_name_taken(const std::string& name);  // E1304
Error no_such_token(const std::string& name);     // E1305
Error too_many_tokens();                          // E1306

}  // namespace sluice
