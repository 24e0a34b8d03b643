#include "connectors/slack/signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>
#include <cstdio>

#include "base/hash.h"

namespace sluice::slack {
namespace {

constexpr std::size_t kTimestampMax = 12;

Error not_taken(const char* code, const std::string& message, const std::string& hint) { return {ErrorKind::forbidden, code, message, hint, 0}; }

}  // namespace

std::string signature_of(std::string_view secret, std::string_view timestamp, std::string_view body) {
  std::string text = "v0:";
  text.append(timestamp).append(":").append(body);
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
           bytes.data(), &size) == nullptr)
    return "";
  std::string out = "v0=";
  for (unsigned int n = 0; n < size; ++n) {
    std::array<char, 3> hex{};
    std::snprintf(hex.data(), hex.size(), "%02x", bytes.at(n));
    out += hex.data();
  }
  return out;
}

Result<> SignatureCheck::check(std::string_view secret, std::string_view timestamp, std::string_view signature, std::string_view body) {
  std::int64_t sent = 0;
  const auto [end, failure] = std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), sent);
  const bool is_time =
      !timestamp.empty() && timestamp.size() <= kTimestampMax && failure == std::errc() && end == timestamp.data() + timestamp.size();
  const std::string expected = is_time && !secret.empty() ? signature_of(secret, timestamp, body) : "";
  // First of all who says it: to a stranger nothing else is said.
  if (expected.empty() || !equal_in_constant_time(expected, signature))
    return not_taken("E1401", "the request is not signed with the secret that sluice.yaml names",
                     "compare chat.slack.signing_secret with the app's Signing Secret (Basic Information, App Credentials)");
  const std::int64_t now = now_();
  if (sent < now - kWindowSeconds || sent > now + kWindowSeconds)
    return not_taken("E1402", "the request is of another time than the last five minutes",
                     "compare this machine's clock; where that is right, somebody sent an old request again");
  switch (seen_.look(expected, now, sent + kWindowSeconds)) {
    case Seen::Look::first: return {};
    case Seen::Look::again: return not_taken("E1403", "the request was here before, and counts once", "nothing has to be done");
    case Seen::Look::full: break;
  }
  return Error{ErrorKind::transient, "E1405", "more came from the chat within minutes than can be remembered", "try again in a few minutes", 60'000};
}

}  // namespace sluice::slack
