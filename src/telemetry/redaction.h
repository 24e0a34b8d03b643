#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace sluice {

// The one place where what leaves for logs and traces loses its secrets: values that this process has seen as secrets, and whatever has the shape of
// one. Journal and errors hold none in the first place; this is for what somebody forgets.

/// The value was looked up as a secret, so it appears in no log from now on. Of a URL it is the password, of anything else the whole text. What is
/// shorter than kSecretMin is too common to be told from ordinary words. The newest kSecretsMax are kept. Any thread.
void learn_secret(std::string_view value);
constexpr std::size_t kSecretMin = 6;
constexpr std::size_t kSecretsMax = 256;

/// The text with every known secret, every password of a URL and every text shaped as a key (of Sluice, AWS, OpenAI, Anthropic, Google, Slack,
/// GitHub; a JSON web token; a bearer's; a PEM private key) as "…". Any thread.
std::string redacted(std::string_view text);

}  // namespace sluice
