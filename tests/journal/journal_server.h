#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "connectors/postgres/private_server.h"
#include "journal/postgres_journal.h"

namespace sluice {

/// One PostgreSQL for all tests of the program; each test has a schema of its own.
class JournalServer {
 public:
  static JournalServer& get() {
    static JournalServer server;
    return server;
  }
  bool is_there() const { return server_ != nullptr; }
  /// In CI a missing part is a failure.
  void skip_or_fail() const {
    if (std::getenv("CI") != nullptr) FAIL() << missing_;
    GTEST_SKIP() << missing_;
  }
  postgres::PrivateServer& server() { return *server_; }
  std::string new_schema() { return "journal_" + std::to_string(++schemas_); }
  PostgresJournalOptions options(const std::string& schema) const {
    PostgresJournalOptions options;
    options.url = server_->socket_url("admin");
    options.schema = schema;
    return options;
  }

 private:
  std::string missing_{};
  std::unique_ptr<postgres::PrivateServer> server_ = postgres::PrivateServer::start(missing_);
  int schemas_ = 0;
};

}  // namespace sluice
