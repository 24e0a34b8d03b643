#include "connectors/postgres/source.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/text.h"

namespace sluice::postgres {
namespace {

/// A password shorter than this is not searched for in driver messages: it would blank out ordinary words.
constexpr std::size_t kScrubMin = 3;
constexpr std::size_t kUrlMax = 8192;

/// libpq 15 can't ask OpenSSL for its default authorities, so the file is named; the usual places of Debian, Fedora, Alpine.
constexpr std::array<const char*, 4> kSystemAuthorities{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
                                                        "/etc/ssl/ca-bundle.pem"};

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

Error bad_url(const std::string& connection, const std::string& why, const std::string& hint) {
  return Error{ErrorKind::input, "E0440", "the URL of connection \"" + connection + "\" can't be used: " + why, hint};
}

/// The root certificates to trust where nobody names any: the person's own file as libpq would, else the system's.
std::string default_authorities() {
  if (std::getenv("PGSSLROOTCERT") != nullptr) return "";
  if (const char* home = std::getenv("HOME"); home != nullptr)
    if (const std::string own = std::string(home) + "/.postgresql/root.crt"; access(own.c_str(), R_OK) == 0) return "";
  for (const char* path : kSystemAuthorities)
    if (access(path, R_OK) == 0) return path;
  return "";
}

std::string environment_or(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : value;
}

void describe_place(Target& target) {
  std::string host = value_of(target.settings, "host");
  if (host.empty()) host = value_of(target.settings, "hostaddr");
  if (host.empty()) host = environment_or("PGHOST", "");
  std::string port = value_of(target.settings, "port");
  if (port.empty()) port = environment_or("PGPORT", "5432");
  target.user = value_of(target.settings, "user");
  target.database = value_of(target.settings, "dbname");
  if (target.database.empty()) target.database = target.user;
  target.unix_socket = host.empty() || host.front() == '/' || host.front() == '@';
  target.loopback = host == "localhost" || host.starts_with("127.") || host == "::1";
  const std::string service = value_of(target.settings, "service");
  if (!service.empty())
    target.place = "service " + service;
  else
    target.place = (host.empty() ? std::string("the local socket") : host) + ":" + port;
  target.place += "/" + target.database;
}

}  // namespace

Result<Target> make_target(const LibpqFunctions& libpq, const std::string& connection, const PostgresSource& source) {
  static const std::vector<std::string> kModes{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"};
  Target target;
  target.connection = connection;
  target.replica = !source.replica_url.empty();
  target.role = source.role;
  target.search_path = source.search_path;
  const std::string& url = target.replica ? source.replica_url : source.url;
  const std::string form =
      "write postgresql://USER:PASSWORD@HOST:PORT/DATABASE; characters such as @ : / % in a password are written as %40 %3A %2F %25";
  if (trim(url).empty()) return bad_url(connection, "it is empty", form);
  if (url.size() > kUrlMax) return bad_url(connection, "it is longer than " + std::to_string(kUrlMax) + " bytes", form);
  if (url.find('\0') != std::string::npos) return bad_url(connection, "it holds a NUL byte", form);
  auto settings = Connection::parse(libpq, url);
  // libpq's own reason quotes the URL, password included: it is not passed on.
  if (!settings) return bad_url(connection, "it is not a PostgreSQL URL that libpq can read", form);
  target.settings = *std::move(settings);

  if (!source.sslmode.empty()) set_default(target.settings, "sslmode", source.sslmode);
  set_default(target.settings, "sslmode", "verify-full");
  target.sslmode = value_of(target.settings, "sslmode");
  if (std::find(kModes.begin(), kModes.end(), target.sslmode) == kModes.end()) {
    const std::string meant = nearest(target.sslmode, kModes);
    return bad_url(connection,
                   "there is no sslmode \"" + show_hidden(target.sslmode, false) + "\"" + (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"),
                   "one of " + join(kModes, ", "));
  }
  if (!source.sslrootcert.empty()) set_default(target.settings, "sslrootcert", source.sslrootcert);
  if (target.sslmode.starts_with("verify") && find(target.settings, "sslrootcert") == nullptr)
    if (const std::string authorities = default_authorities(); !authorities.empty()) set(target.settings, "sslrootcert", authorities);
  // With GSS encryption libpq skips TLS, and with it the check of the server's name that verify-full promises.
  set_default(target.settings, "gssencmode", "disable");
  set(target.settings, "application_name", "sluice");
  set(target.settings, "client_encoding", "UTF8");
  describe_place(target);
  for (const char* keyword : {"password", "sslpassword"})
    if (const std::string secret = value_of(target.settings, keyword); secret.size() >= kScrubMin) target.secrets.push_back(secret);
  return target;
}

std::string scrub(std::string text, const Target& target) {
  for (const std::string& secret : target.secrets)
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3)) text.replace(at, secret.size(), "***");
  return text;
}

}  // namespace sluice::postgres
