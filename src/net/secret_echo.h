#pragma once
#include <string>
#include <vector>

#include "net/http.h"

namespace sluice {

/// Services quote in their refusals what they were sent. The request's secrets as such an answer may hold them: values of headers and query
/// parameters whose name speaks of a key, token, password, signature, credential or cookie, word by word, as long as they are long enough to be one.
std::vector<std::string> secrets_of(const HttpRequest& request);
/// What a proxy's URL keeps secret: its password as it is written and as it is meant, and the credentials as they are sent (Basic, RFC 7617).
std::vector<std::string> secrets_of_proxy(const std::string& proxy);
constexpr std::size_t kSecretBytesMin = 6;
/// Each of them in the text becomes "…".
void mask_secrets(std::string& text, const std::vector<std::string>& secrets);

}  // namespace sluice
