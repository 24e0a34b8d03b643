#include "app/tokens.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>

#include "base/hash.h"
#include "base/text.h"
#include "config/access_config.h"

namespace sluice {
namespace {

constexpr std::size_t kSecretBytes = 32;

Error no_token_can_be(const std::string& what, const std::string& hint) { return {ErrorKind::input, "E1306", what, hint, 0}; }

/// Of the system: whoever knows what a seeded generator gave before would know what it gives next.
Result<std::string> random_secret() {
  std::array<char, kSecretBytes> bytes{};
  std::size_t filled = 0;
  while (filled < bytes.size()) {  // up to 256 bytes come at once, unless a signal comes first
    const ssize_t got = ::getrandom(bytes.data() + filled, bytes.size() - filled, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      return Error{ErrorKind::transient, "E1306", std::string("the system gave no random bytes: ") + std::strerror(errno), "try again", 0};
    filled += static_cast<std::size_t>(got);
  }
  std::string text = base64_encode({bytes.data(), bytes.size()});
  text.resize(text.find_last_not_of('=') + 1);
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return std::string(kTokenBegins) + text;
}

bool is_secret(std::string_view text) {
  const auto fits = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_'; };
  return text.size() == kTokenSize && text.starts_with(kTokenBegins) && std::ranges::all_of(text, fits);
}

}  // namespace

Result<NewToken> create_token(TokenStore& store, const std::string& name, std::optional<std::chrono::milliseconds> lives, const std::string& by) {
  if (!is_token_name(name))
    return no_token_can_be("\"" + show_hidden(name, false) + "\" is no name that a token can have",
                           "use small letters, digits, \"_\", \"-\" and \".\", at most 63, a letter or digit first");
  if (lives && (lives->count() <= 0 || *lives > kTokenLifeMax))
    return no_token_can_be("a token cannot last so long", "say how long, up to ten years: --expires 90d");
  TRY(std::string secret, random_secret());
  StoredToken token{.name = name, .hash = sha256_hex(secret), .created_by = by};
  if (lives) token.expires_at = store.now() + lives->count();
  TRY(StoredToken stored, store.add_token(token));
  return NewToken{std::move(stored), std::move(secret)};
}

Result<ShownToken> look_at_token(TokenStore& store, std::string_view secret) {
  if (!is_secret(secret)) return ShownToken{.why_not = "what was shown is no token"};
  const std::string hash = sha256_hex(secret);
  TRY(std::vector<StoredToken> candidates, store.tokens_beginning(std::string_view(hash).substr(0, kHashBeginning)));
  ShownToken shown{.why_not = "no such token"};
  for (StoredToken& token : candidates) {
    if (!equal_in_constant_time(token.hash, hash)) continue;
    shown.why_not = token.revoked_at ? "the token is revoked" : token.expires_at && *token.expires_at <= store.now() ? "the token has expired" : "";
    shown.known = std::move(token);
  }
  return shown;
}

Error token_not_accepted() {
  return {ErrorKind::forbidden, "E1303", "the token is not accepted",
          "show one that `sluice tokens create` printed and that has neither expired nor been revoked", 0};
}

}  // namespace sluice
