#include "connectors/postgres/source.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/text.h"
#include "libpq/settings.h"

namespace sluice::postgres {

using libpq::set, libpq::set_default, libpq::set_tls_defaults, libpq::value_of;

namespace {

/// A password shorter than this is not searched for in driver messages: it would blank out ordinary words.
constexpr std::size_t kScrubMin = 3;
constexpr std::size_t kUrlMax = 8192;

Error bad_url(const std::string& connection, const std::string& why, const std::string& hint) {
  return Error{ErrorKind::input, "E0440", "the URL of connection \"" + connection + "\" can't be used: " + why, hint};
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
  Target target;
  target.connection = connection;
  target.replica = !source.replica_url.empty();
  target.role = source.role;
  target.search_path = source.search_path;
  const std::string& url = target.replica ? source.replica_url : source.url;
  const std::string form = libpq::kUrlForm;
  if (trim(url).empty()) return bad_url(connection, "it is empty", form);
  if (url.size() > kUrlMax) return bad_url(connection, "it is longer than " + std::to_string(kUrlMax) + " bytes", form);
  if (url.find('\0') != std::string::npos) return bad_url(connection, "it holds a NUL byte", form);
  auto settings = Connection::parse(libpq, url);
  // libpq's own reason quotes the URL, password included: it is not passed on.
  if (!settings) return bad_url(connection, "it is not a PostgreSQL URL that libpq can read", form);
  target.settings = *std::move(settings);

  if (const std::string wrong = libpq::wrong_place(target.settings); !wrong.empty()) return bad_url(connection, wrong, form);
  if (!source.sslmode.empty()) set_default(target.settings, "sslmode", source.sslmode);
  if (!source.sslrootcert.empty()) set_default(target.settings, "sslrootcert", source.sslrootcert);
  set_tls_defaults(target.settings);
  target.sslmode = value_of(target.settings, "sslmode");
  if (std::find(libpq::ssl_modes().begin(), libpq::ssl_modes().end(), target.sslmode) == libpq::ssl_modes().end()) {
    const std::string meant = nearest(target.sslmode, libpq::ssl_modes());
    return bad_url(connection,
                   "there is no sslmode \"" + show_hidden(target.sslmode, false) + "\"" + (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"),
                   "one of " + join(libpq::ssl_modes(), ", "));
  }
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
