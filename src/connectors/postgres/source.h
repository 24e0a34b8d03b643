#pragma once
#include <memory>
#include <string>
#include <vector>

#include "connectors/postgres/libpq.h"
#include "connectors/postgres/postgres_engine.h"

namespace sluice::postgres {

/// A source made ready for connecting, and what may be said about it. Holds the password.
struct Target {
  std::string connection{};  ///< the connection's name, for messages
  Settings settings{};       ///< for Connection::open
  std::string place{};       ///< "localhost:5432/shop": never with a password
  std::string user{};        ///< "" where libpq decides
  std::string database{};
  std::string sslmode{};
  bool unix_socket = false, loopback = false, replica = false;
  std::vector<std::string> secrets{};  ///< scrubbed from whatever the driver says
  std::string role{};
  std::vector<std::string> search_path{};
};

/// E0440 for a URL that can't be read or an sslmode that does not exist.
Result<Target> make_target(const LibpqFunctions& libpq, const std::string& connection, const PostgresSource& source);

/// `text` with every secret of the target as `***`.
std::string scrub(std::string text, const Target& target);

}  // namespace sluice::postgres
