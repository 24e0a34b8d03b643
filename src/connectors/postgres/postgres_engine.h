#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proof/ports/engine.h"

namespace sluice {

/// How to reach a PostgreSQL database. Holds passwords: never put it into an error, a log or the journal.
struct PostgresSource {
  std::string url{};                       ///< postgresql://user:password@host:port/database?parameters, or libpq's "host=… dbname=…"
  std::string replica_url{};               ///< where not empty, all reads go there and `url` is not used
  std::string sslmode{};                   ///< what the URL says, else this, else verify-full (a Unix socket has no TLS and needs none)
  std::string sslrootcert{};               ///< what the URL says, else this, else the authorities that the system trusts
  std::string role{};                      ///< SET ROLE after login
  std::vector<std::string> search_path{};  ///< empty: the role's own
};

/// What the login could do beyond reading. Sluice only reads; a role that can do nothing else is the layer that holds when all others fail.
struct PostgresPrivileges {
  std::string role{};
  std::vector<std::string> warnings{};  ///< "is a superuser", "may INSERT into 12 tables (public.orders, …)"; empty: least privilege
};

/// PostgreSQL 14 and later through libpq, which is loaded on first use. One connection per ReadSession and never used again: what a
/// session leaves behind (settings, prepared statements, temporary tables, locks) ends with it.
class PostgresEngine : public DataEngine {
 public:
  /// What `warnings` tells, fact by fact.
  virtual Result<PostgresPrivileges> privileges(const Call& call) = 0;
};

/// Checks the source; connects to nothing yet. E0440 for a URL that can't be read.
Result<std::unique_ptr<PostgresEngine>> open_postgres(const std::string& name, const PostgresSource& source);

/// Version of the libpq found on this machine, or what to install. E0441.
Result<std::string> libpq_version();

}  // namespace sluice
