#pragma once
#include <memory>
#include <string>

#include "connectors/postgres/libpq.h"
#include "connectors/postgres/source.h"

namespace sluice::postgres {

/// A PostgreSQL of the tests' own: made by initdb in a temporary folder, on a free port of 127.0.0.1 (passwords by SCRAM, TLS with a certificate
/// for "localhost" from an authority made for it) and on a Unix socket (trust). Gone with the object. Only for tests.
class PrivateServer {
 public:
  /// Empty where this machine has no PostgreSQL server; `missing` then says so. Any other failure ends the test program.
  static std::unique_ptr<PrivateServer> start(std::string& missing);
  ~PrivateServer();

  /// "postgresql://reader:secret@localhost:PORT/shop?sslrootcert=…"; `parameters` are appended.
  std::string url(const std::string& user = "reader", const std::string& password = "s3cr3t-pw", const std::string& parameters = "") const;
  std::string socket_url(const std::string& user) const;
  /// Runs SQL as superuser in database `shop`; the rows' first columns.
  std::vector<std::string> admin(const std::string& sql) const;
  /// As after a crash: whoever is connected is cut off, and what is not in its log is lost.
  void restart() const;
  std::string folder{};
  int port = 0;

 private:
  std::string as_owner_{};  ///< how commands are run as the server's user
};

}  // namespace sluice::postgres
