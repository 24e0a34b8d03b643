#pragma once
#include <string>
#include <vector>

#include "net/http.h"

namespace sluice {

/// Services quote in their refusals what they were sent. The request's secrets as such an answer may hold them: values of headers and query
/// parameters whose name speaks of a key, token, password, signature, credential or cookie, word by word, as long as they are long enough to be one.
std::vector<std::string> secrets_of(const HttpRequest& request);
constexpr std::size_t kSecretBytesMin = 6;
/// Each of them in the text becomes "…".
void mask_secrets(std::string& text, const std::vector<std::string>& secrets);

}  // namespace sluice
