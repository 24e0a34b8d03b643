#include "net/secret_echo.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace sluice {
namespace {

constexpr std::string_view kMask = "…";

bool names_a_secret(std::string_view name) {
  static constexpr std::array<std::string_view, 8> kWords{"auth", "key", "token", "secret", "passw", "signature", "credential", "cookie"};
  const std::string lower = to_lower(name);
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
    out += escape ? static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])) : text[i];
    if (escape) i += 2;
  }
  return out;
}

}  // namespace

std::vector<std::string> secrets_of(const HttpRequest& request) {
  std::vector<std::string> out;
  const auto add = [&](std::string_view value) {
    for (const std::string_view word : split(value, ' '))
      if (word.size() >= kSecretBytesMin && !equals_ignoring_case(word, "Bearer")) out.emplace_back(word);
  };
  for (const HttpHeader& header : request.headers)
    if (names_a_secret(header.name)) add(header.value);
  const std::string_view url = std::string_view(request.url).substr(0, request.url.find('#'));
  const std::size_t query = url.find('?');
  if (query != std::string_view::npos)
    for (const std::string_view parameter : split(url.substr(query + 1), '&')) {
      const std::size_t equals = parameter.find('=');
      if (equals == std::string_view::npos || !names_a_secret(parameter.substr(0, equals))) continue;
      add(parameter.substr(equals + 1));
      add(percent_decoded(parameter.substr(equals + 1)));
    }
  // The longest first: a secret may hold another.
  std::sort(out.begin(), out.end(), [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  return out;
}

std::vector<std::string> secrets_of_proxy(const std::string& proxy) {
  const std::size_t scheme = proxy.find("://");
  const std::size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
  const std::string_view authority = std::string_view(proxy).substr(begin, proxy.find_first_of("/?#", begin) - begin);
  const std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos) return {};
  const std::string_view user = authority.substr(0, at), password = user.substr(std::min(user.find(':'), user.size() - 1) + 1);
  const std::string name = percent_decoded(user.substr(0, user.find(':')));
  std::vector<std::string> out{base64_encode(name + ":" + percent_decoded(password))};
  for (std::string secret : {std::string(password), percent_decoded(password)})
    if (secret.size() >= kSecretBytesMin) out.push_back(std::move(secret));
  return out;
}

void mask_secrets(std::string& text, const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets)
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + kMask.size()))
      text.replace(at, secret.size(), kMask);
}

}  // namespace sluice
