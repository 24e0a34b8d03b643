// Every refused statement of the corpus, past the parser, on a real PostgreSQL in production's sessions, as a role that may write everything.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/text.h"
#include "connectors/postgres/private_server.h"
#include "connectors/postgres/session.h"
#include "corpus.h"
#include "layers.h"
#include "proof/guard.h"
#include "proof/prove.h"
#include "sql/bind.h"
#include "sql/parser.h"

namespace sluice::guard {
namespace {

constexpr int kStatementSeconds = 10;

/// What a statement must not change: rows, objects, sequences, roles, settings, slots, and large objects.
constexpr const char* kState = R"(
SELECT md5(concat_ws('|', (SELECT json_agg(o ORDER BY id)::text FROM orders o), (SELECT json_agg(c ORDER BY id)::text FROM customers c),
  (SELECT last_value || ' ' || is_called FROM counter),
  (SELECT string_agg(relname || coalesce(relacl::text, ''), ',' ORDER BY oid) FROM pg_class WHERE oid >= 16384),
  (SELECT string_agg(oid || proname, ',' ORDER BY oid) FROM pg_proc WHERE oid >= 16384), (SELECT string_agg(rolname, ',' ORDER BY 1) FROM pg_authid),
  (SELECT string_agg(nspname, ',' ORDER BY 1) FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp'), (SELECT count(*) FROM pg_type WHERE oid >= 16384),
  (SELECT count(*) FROM pg_description WHERE objoid >= 16384), (SELECT count(*) FROM pg_largeobject_metadata), (SELECT count(*) FROM pg_replication_slots),
  (SELECT count(*) FROM pg_extension), (SELECT count(*) FROM pg_publication), (SELECT count(*) FROM pg_subscription), (SELECT count(*) FROM pg_default_acl),
  (SELECT count(*) FROM pg_database), (SELECT count(*) FROM pg_db_role_setting), (SELECT count(*) FROM pg_prepared_xacts),
  (SELECT count(*) FROM pg_collation), (pg_stat_file('/tmp/sluice-guard-lo', true)).size, (SELECT string_agg(name || setting, ',' ORDER BY name) FROM pg_file_settings))))";

class PostgresLayers : public testing::Test {
 protected:
  std::string missing_{};
  std::unique_ptr<postgres::PrivateServer> server_ = postgres::PrivateServer::start(missing_);

  void SetUp() override {
    if (server_ == nullptr) {
      if (std::getenv("CI") != nullptr) FAIL() << missing_;
      GTEST_SKIP() << missing_;
    }
    server_->admin(read_setup("postgres"));
  }
  /// A statement in a session of production's, as superuser.
  std::string run(const std::string& sql) {
    auto libpq = postgres::load_libpq();
    auto target = postgres::make_target(**libpq, "shop", {.url = server_->socket_url("admin")});
    auto session = postgres::Session::open(*libpq, *target, {std::chrono::steady_clock::now() + std::chrono::seconds(kStatementSeconds), {}});
    if (!session) return "error: " + session.error().message;
    RowBuffer rows(10);
    const auto ran = (*session)->run(sql, {.rows_max = 1000, .bytes_max = 10'000'000, .truncate = true}, rows);
    return ran ? "" : "error: " + ran.error().message;
  }
  /// The failed check's name and words; "" where the statement holds. Everything is as in production, on a superuser's login.
  std::string proof_of(const std::string& sql) {
    const Call call{std::chrono::steady_clock::now() + std::chrono::seconds(kStatementSeconds), {}};
    const auto engine = open_postgres("shop", {.url = server_->socket_url("admin")});
    const auto session = (*engine)->open_read(call);
    const auto catalog = (*session)->catalog({});
    if (!catalog) return "error: " + catalog.error().message;
    const auto proof = Prover(*make_postgres_parser(), **engine, {}).prove(sql, *catalog, call);
    if (!proof) return "error: " + proof.error().message;
    for (const Check& check : proof->checks)
      if (check.outcome == Outcome::failed) return check.check + ": " + check.detail;
    return "";
  }
  /// Written by the server.
  void TearDown() override { std::filesystem::remove("/tmp/sluice-guard-lo"); }
  std::string state() { return join(server_->admin(kState), "|"); }
};

TEST_F(PostgresLayers, NoFunctionThatActsIsTakenForAField) {
  const auto parser = make_postgres_parser();
  const std::vector<std::string> acting = server_->admin(
      "SELECT DISTINCT proname::text FROM pg_proc p WHERE pronamespace = 'pg_catalog'::regnamespace AND provolatile = 'v' AND pronargs >= 1 "
      "AND pronargs - pronargdefaults <= 1 AND NOT ('internal'::regtype = ANY (proargtypes)) ORDER BY 1");
  ASSERT_GT(acting.size(), 30U);
  // A column of the same name is no excuse.
  Catalog catalog{.connection = "shop", .dialect = Dialect::postgres, .database = "shop", .search_path = {"public"}};
  Table table{.name = {"public", "t"}};
  for (const std::string& name : acting) table.columns.push_back({.name = name, .type = {TypeKind::text, "text"}});
  table.columns.push_back({.name = "city", .type = {TypeKind::text, "text"}});
  catalog.tables = {table};
  const auto holds = [&](const std::string& sql) {
    const auto parsed = parser->parse(sql);
    EXPECT_TRUE(parsed) << sql;
    return parsed && refused_parts(parsed->query, bind_names(parsed->query, catalog, catalog.dialect), catalog).empty();
  };
  for (const std::string& name : acting) EXPECT_FALSE(holds("SELECT ('x').\"" + name + "\"")) << name;
  EXPECT_TRUE(holds("SELECT (t).city FROM t"));
}

TEST_F(PostgresLayers, NoFunctionOfUsersStandsInForSluicesOwn) {
  EXPECT_EQ(proof_of("SELECT upper(status) FROM orders"), "");
  // Each fits what Sluice asks the server better than the built-in one does, and would hide what follows.
  server_->admin(
      "CREATE FUNCTION lower(name) RETURNS text LANGUAGE sql AS $$SELECT 'nobody'$$; CREATE FUNCTION coalesce_oid(oid, int) RETURNS bool LANGUAGE "
      "sql "
      "AS 'SELECT false'; CREATE OPERATOR >= (LEFTARG = oid, RIGHTARG = int, FUNCTION = coalesce_oid);"
      "CREATE FUNCTION upper(varchar) RETURNS text LANGUAGE sql AS $$SELECT 'mine'$$; CREATE FUNCTION upper(text) RETURNS text LANGUAGE sql AS "
      "$$SELECT 'mine'$$;"
      "ALTER ROLE admin SET search_path = public, pg_catalog");
  EXPECT_NE(proof_of("SELECT upper(status) FROM orders").find("\"upper\" was added"), std::string::npos)
      << proof_of("SELECT upper(status) FROM orders");
  EXPECT_NE(proof_of("SELECT id >= 3 FROM orders").find("operator \">=\" was added"), std::string::npos);
  EXPECT_EQ(proof_of("SELECT pg_catalog.length(status) FROM orders"), "");
}

TEST_F(PostgresLayers, ForeignTablesAreNotRead) {
  const std::string hit = server_->folder + "/data/hit";
  server_->admin(
      "CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw; CREATE FOREIGN TABLE direct (a text) SERVER files OPTIONS "
      "(program 'touch " +
      hit +
      "'); CREATE TABLE parts (a text) PARTITION BY LIST (a); CREATE TABLE half PARTITION OF parts FOR VALUES IN ('x') PARTITION BY LIST (a);"
      "CREATE FOREIGN TABLE part PARTITION OF half FOR VALUES IN ('x') SERVER files OPTIONS (program 'touch " +
      hit + "'); CREATE TABLE parent (a text); CREATE FOREIGN TABLE child () INHERITS (parent) SERVER files OPTIONS (program 'touch " + hit +
      "'); CREATE VIEW over AS SELECT a FROM parts");
  for (const char* table : {"direct", "parts", "parent", "over"}) {
    EXPECT_NE(proof_of("SELECT a FROM " + std::string(table)).find("is foreign"), std::string::npos)
        << table << proof_of("SELECT a FROM " + std::string(table));
    EXPECT_FALSE(std::filesystem::exists(hit)) << table;
  }
  EXPECT_EQ(run("SELECT a FROM direct"), "");
  EXPECT_TRUE(std::filesystem::exists(hit)) << "without the parser's layer it runs";
}

TEST_F(PostgresLayers, WhatHoldsRuns) {
  for (const Case& item : read_corpus("postgres")) {
    if (item.holds) {
      EXPECT_EQ(run(item.sql), "") << item.where();
    }
  }
}

TEST_F(PostgresLayers, ProductionChangesNothingWithoutTheParserEvenAsSuperuser) {
  std::set<std::string> through;
  std::string before = state();
  for (const Case& item : read_corpus("postgres")) {
    if (item.holds) continue;
    run(item.sql);
    const std::string after = state();
    if (after != before) through.insert(on_one_line(item.sql));
    before = after;
  }
  EXPECT_EQ(through, documented("PostgreSQL, production's session as superuser"));
}

}  // namespace
}  // namespace sluice::guard
