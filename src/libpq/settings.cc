#include "libpq/settings.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace sluice::libpq {
namespace {

/// libpq 15 can't ask OpenSSL for its default authorities, so the file is named; the usual places of Debian, Fedora, Alpine.
constexpr std::array<const char*, 4> kSystemAuthorities{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
                                                        "/etc/ssl/ca-bundle.pem"};

/// The root certificates to trust where nobody names any: the person's own file as libpq would, else the system's.
std::string default_authorities() {
  if (std::getenv("PGSSLROOTCERT") != nullptr) return "";
  if (const char* home = std::getenv("HOME"); home != nullptr)
    if (const std::string own = std::string(home) + "/.postgresql/root.crt"; access(own.c_str(), R_OK) == 0) return "";
  for (const char* path : kSystemAuthorities)
    if (access(path, R_OK) == 0) return path;
  return "";
}

}  // namespace

const std::string* find(const Settings& settings, std::string_view keyword) {
  for (const auto& [name, value] : settings)
    if (name == keyword) return &value;
  return nullptr;
}

std::string value_of(const Settings& settings, std::string_view keyword) {
  const std::string* value = find(settings, keyword);
  return value == nullptr ? "" : *value;
}

void set(Settings& settings, const std::string& keyword, const std::string& value) {
  std::erase_if(settings, [&](const auto& setting) { return setting.first == keyword; });
  settings.emplace_back(keyword, value);
}

void set_default(Settings& settings, const std::string& keyword, const std::string& value) {
  if (find(settings, keyword) == nullptr) settings.emplace_back(keyword, value);
}

const std::vector<std::string>& ssl_modes() {
  static const std::vector<std::string> kModes{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"};
  return kModes;
}

void set_tls_defaults(Settings& settings) {
  set_default(settings, "sslmode", "verify-full");
  if (value_of(settings, "sslmode").starts_with("verify") && find(settings, "sslrootcert") == nullptr)
    if (const std::string authorities = default_authorities(); !authorities.empty()) set(settings, "sslrootcert", authorities);
  // With GSS encryption libpq skips TLS, and with it the check of the server's name that verify-full promises.
  set_default(settings, "gssencmode", "disable");
}

std::string wrong_place(const Settings& settings) {
  const std::string host = value_of(settings, "host"), port = value_of(settings, "port");
  const bool is_socket = host.starts_with('/') || host.starts_with('@');
  if (!is_socket && host.find_first_of("@/") != std::string::npos) return "what it says between @ and the port is no host's name";
  // An @ or / in a password that was written out ends up there, and with it what came between.
  if (value_of(settings, "dbname").find('@') != std::string::npos) return "it has more than one @";
  const auto is_number = [](char c) { return (c >= '0' && c <= '9') || c == ','; };
  if (!std::all_of(port.begin(), port.end(), is_number)) return "its port is no number";
  return "";
}

}  // namespace sluice::libpq
