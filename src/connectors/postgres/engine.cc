#include <utility>

#include "base/text.h"
#include "connectors/postgres/postgres_engine.h"
#include "connectors/postgres/session.h"
#include "connectors/postgres/source.h"

namespace sluice {
namespace postgres {
namespace {

/// Tables named in a warning.
constexpr std::size_t kNamedMax = 3;

class Engine : public PostgresEngine {
 public:
  Engine(std::shared_ptr<const LibpqFunctions> libpq, Target target) : libpq_(std::move(libpq)), target_(std::move(target)) {}

  Dialect dialect() const override { return Dialect::postgres; }

  Result<std::string> describe(const Call& call) override {
    TRY(auto session, Session::open(libpq_, target_, call));
    TRY(Reply reply, session->ask("SELECT current_user, pg_catalog.current_database(), pg_catalog.pg_is_in_recovery()"));
    const Connection& connection = session->connection();
    std::string version = connection.parameter("server_version");
    version = version.substr(0, version.find(' '));
    std::string text = "PostgreSQL " + version + " at " + target_.place + " as " + std::string(reply.text(0, 0));
    text += target_.unix_socket ? ", Unix socket" : connection.uses_tls() ? ", TLS on (" + target_.sslmode + ")" : ", TLS off";
    if (target_.replica) text += ", reading from the replica";
    if (reply.text(0, 2) == "t") text += ", server in recovery (read-only standby)";
    return text;
  }

  Result<std::unique_ptr<ReadSession>> open_read(const Call& call) override {
    TRY(auto session, Session::open(libpq_, target_, call));
    return std::unique_ptr<ReadSession>(std::move(session));
  }

  Result<std::vector<std::string>> warnings(const Call& call) override {
    TRY(const PostgresPrivileges could, privileges(call));
    std::vector<std::string> out;
    out.reserve(could.warnings.size());
    for (const std::string& what : could.warnings) out.push_back("the login \"" + could.role + "\" " + what);
    if (!out.empty())
      out.back() +=
          "; Sluice only reads: give it a login that can do nothing else, such as CREATE ROLE reader LOGIN PASSWORD '…'; GRANT SELECT ON ALL "
          "TABLES IN SCHEMA public TO reader;";
    return out;
  }

  Result<PostgresPrivileges> privileges(const Call& call) override {
    TRY(auto session, Session::open(libpq_, target_, call));
    TRY(Reply role,
        session->ask("SELECT r.rolname, r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolbypassrls, r.rolreplication, "
                     "pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'), "
                     "pg_catalog.pg_has_role('pg_read_server_files', 'MEMBER') OR pg_catalog.pg_has_role('pg_write_server_files', 'MEMBER') "
                     "OR pg_catalog.pg_has_role('pg_execute_server_program', 'MEMBER') "
                     "FROM pg_catalog.pg_roles r WHERE r.rolname = session_user"));
    PostgresPrivileges found;
    if (role.rows() != 1) return found;
    found.role = role.text(0, 0);
    static constexpr std::pair<int, const char*> kAttributes[] = {{1, "is a superuser: no permission holds it back"},
                                                                  {2, "may create roles"},
                                                                  {3, "may create databases"},
                                                                  {4, "bypasses row-level security"},
                                                                  {5, "may start replication"},
                                                                  {6, "may create schemas in this database"},
                                                                  {7, "may read or write files, or run programs, on the server"}};
    for (const auto& [column, words] : kAttributes)
      if (role.text(0, column) == "t") found.warnings.emplace_back(words);
    if (role.text(0, 1) == "t") return found;  // the rest follows from it
    TRY_VOID(add_object_warnings(*session, found));
    return found;
  }

 private:
  static Result<> add_object_warnings(Session& session, PostgresPrivileges& found) {
    TRY(Reply tables,
        session.ask("SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                    "WHERE c.relkind IN ('r', 'p', 'v', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND "
                    "(pg_catalog.has_table_privilege(session_user, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') "
                    "OR pg_catalog.has_any_column_privilege(session_user, c.oid, 'INSERT, UPDATE')) ORDER BY 1 LIMIT 10000"));
    if (tables.rows() > 0) {
      std::vector<std::string> named;
      for (int i = 0; i < tables.rows() && named.size() < kNamedMax; ++i) named.emplace_back(tables.text(i, 0));
      found.warnings.push_back("may change the rows of " + std::to_string(tables.rows()) + (tables.rows() == 1 ? " table: " : " tables: ") +
                               join(named, ", ") + (tables.rows() > static_cast<int>(kNamedMax) ? ", …" : ""));
    }
    TRY(Reply schemas, session.ask("SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' "
                                   "AND pg_catalog.has_schema_privilege(session_user, n.oid, 'CREATE') ORDER BY 1 LIMIT 100"));
    for (int i = 0; i < schemas.rows(); ++i) found.warnings.push_back("may create objects in schema " + std::string(schemas.text(i, 0)));
    return {};
  }

  std::shared_ptr<const LibpqFunctions> libpq_;
  Target target_;
};

}  // namespace
}  // namespace postgres

Result<std::unique_ptr<PostgresEngine>> open_postgres(const std::string& name, const PostgresSource& source) {
  TRY(auto libpq, libpq::load());
  TRY(auto target, postgres::make_target(*libpq, name, source));
  return std::unique_ptr<PostgresEngine>(std::make_unique<postgres::Engine>(std::move(libpq), std::move(target)));
}

Result<std::string> libpq_version() {
  TRY(auto libpq, libpq::load());
  return libpq::version_of(*libpq);
}

}  // namespace sluice
