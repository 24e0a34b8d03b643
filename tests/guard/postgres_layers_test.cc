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
#include "proof/recheck.h"
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
    auto libpq = libpq::load();
    auto target = postgres::make_target(**libpq, "shop", {.url = server_->socket_url("admin")});
    auto session = postgres::Session::open(*libpq, *target, {std::chrono::steady_clock::now() + std::chrono::seconds(kStatementSeconds), {}});
    if (!session) return "error: " + session.error().message;
    RowBuffer rows(10);
    const auto ran = (*session)->run(sql, {.rows_max = 1000, .bytes_max = 10'000'000, .truncate = true}, rows);
    return ran ? "" : "error: " + ran.error().message;
  }
  /// Of users, immutable by its word: noted(x) is x, and each call makes the server write the file that is returned here.
  std::string make_noting_function() {
    const std::string hit = server_->folder + "/data/hit";
    server_->admin(
        "SELECT lo_create(4711); CREATE FUNCTION noted(x text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$BEGIN PERFORM lo_export(4711, '" + hit +
        "'); RETURN x; END$$");
    return hit;
  }
  /// The failed check's name and words; "" where the statement holds. Everything is as in production, on a superuser's login.
  std::string proof_of(const std::string& sql, const std::string& login = "admin") {
    const Call call{std::chrono::steady_clock::now() + std::chrono::seconds(kStatementSeconds), {}};
    const auto engine = open_postgres("shop", {.url = server_->socket_url(login)});
    const auto session = (*engine)->open_read(call);
    const auto catalog = (*session)->catalog({});
    if (!catalog) return "error: " + catalog.error().message;
    const auto proof = Prover(*make_postgres_parser(), **engine, {}).prove(sql, *catalog, call);
    if (!proof) return "error: " + proof.error().message;
    for (const Check& check : proof->checks)
      if (check.outcome == Outcome::failed) return check.check + ": " + check.detail;
    return "";
  }
  /// The values that a catalog has of a table's columns, after it was read as `init` does it: "column: value value | …".
  std::string sampled_values(const std::string& table) {
    const Call call{std::chrono::steady_clock::now() + std::chrono::seconds(kStatementSeconds), {}};
    const auto engine = open_postgres("shop", {.url = server_->socket_url("admin")});
    const auto session = (*engine)->open_read(call);
    const auto catalog = (*session)->catalog({});
    std::vector<TableName> tables;
    for (const Table& each : catalog->tables)
      if (!runs_on_read(each)) tables.push_back(each.name);
    const auto values = (*session)->values(tables, 10);
    if (!values) return "error: " + values.error().message;
    std::vector<std::string> columns;
    for (const ColumnValues& column : *values)
      if (column.table.name == table) columns.push_back(column.column + ": " + join(column.values, " "));
    return join(columns, " | ");
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

TEST_F(PostgresLayers, CodeThatIsAttachedToATableIsFoundAndNeverRun) {
  const std::string hit = make_noting_function();
  server_->admin(R"(
CREATE TABLE by_index (a text); CREATE INDEX ON by_index (a) WHERE noted('x') = 'x'; CREATE INDEX ON by_index ((a || noted('y')));
CREATE TABLE by_statistics (a text, b text); CREATE STATISTICS st ON (a || noted('x')), b FROM by_statistics;
CREATE TABLE by_partition (a text) PARTITION BY LIST (a); CREATE TABLE leaf PARTITION OF by_partition FOR VALUES IN ('x');
CREATE INDEX ON leaf (a) WHERE noted('x') = 'x';
CREATE TABLE by_key (a text) PARTITION BY LIST ((a || noted('x'))); CREATE TABLE rest PARTITION OF by_key DEFAULT;
CREATE TABLE by_child (a text); CREATE TABLE child () INHERITS (by_child); CREATE INDEX ON child (a) WHERE noted('x') = 'x';
CREATE MATERIALIZED VIEW copy AS SELECT 'a'::text AS a; CREATE MATERIALIZED VIEW by_copy AS SELECT 'a'::text AS a; CREATE INDEX ON by_copy (a) WHERE noted('x') = 'x';
CREATE TABLE by_check (a text CHECK (a <> noted('x')));
CREATE TYPE mood AS ENUM ('well', 'ill'); CREATE FUNCTION mood_text(mood) RETURNS text LANGUAGE sql AS 'SELECT noted(''x'')';
CREATE CAST (mood AS text) WITH FUNCTION mood_text(mood) AS IMPLICIT;
CREATE TABLE by_cast (a mood); CREATE TABLE by_array (a mood[]); CREATE TYPE pair AS (a mood, b int); CREATE TABLE by_composite (a pair);
CREATE DOMAIN mood_too AS mood; CREATE TABLE by_domain (a mood_too); CREATE TABLE by_row (a by_cast);
CREATE TABLE own_row (a int); CREATE FUNCTION row_text(own_row) RETURNS text LANGUAGE sql AS 'SELECT noted(''x'')';
CREATE CAST (own_row AS text) WITH FUNCTION row_text(own_row) AS IMPLICIT;
CREATE DOMAIN vetted AS text CHECK (noted(VALUE) = VALUE); CREATE TABLE by_domain_check (a vetted[]);
CREATE DOMAIN acting AS text CHECK (lo_create(0) > 0 OR VALUE = 'x'); CREATE TABLE by_acting_check (a acting);
CREATE DOMAIN over_acting AS text CHECK (VALUE::acting IS NOT NULL); CREATE TABLE by_nested_check (a over_acting[]);
CREATE VIEW acts AS SELECT noted('x'); CREATE DOMAIN stable AS text CHECK (table_to_xml('acts', true, false, '') IS NOT NULL);
CREATE TABLE by_stable_check (a stable[]); CREATE DOMAIN short AS text CHECK (length(VALUE) < 10); CREATE TYPE size AS ENUM ('s', 'l');
CREATE TABLE honest (a short, b size, c text CHECK (upper(c) = c), d int DEFAULT length(noted('x'))); CREATE INDEX ON honest (lower(c)) WHERE b = 's';
CREATE VIEW over_index AS SELECT a FROM by_index; CREATE VIEW over_enum AS SELECT c FROM honest WHERE b = 's';
INSERT INTO by_index VALUES ('x'); INSERT INTO by_cast VALUES ('ill'); INSERT INTO honest VALUES ('x', 's', 'X', 1);
ANALYZE by_cast, honest;)");
  std::filesystem::remove(hit);
  for (const char* table :
       {"by_index", "by_statistics", "by_partition", "by_key", "by_child", "by_copy", "by_cast", "by_array", "by_composite", "by_domain", "by_row",
        "own_row", "by_domain_check", "by_acting_check", "by_nested_check", "by_stable_check", "over_index"})
    EXPECT_NE(proof_of("SELECT count(*) FROM " + std::string(table)).find("runs functions that somebody added"), std::string::npos)
        << table << ": " << proof_of("SELECT count(*) FROM " + std::string(table));
  EXPECT_EQ(proof_of("SELECT a, b FROM honest WHERE b = 's' AND a = 'x'"), "");
  EXPECT_EQ(proof_of("SELECT c FROM honest WHERE b = 's'::size"), "");
  EXPECT_EQ(proof_of("SELECT c FROM over_enum"), "");
  EXPECT_EQ(proof_of("SELECT a FROM by_check"), "");
  EXPECT_NE(proof_of("SELECT 'ill'::mood"), "");
  EXPECT_EQ(sampled_values("honest"), "a: x | b: s l | c: X");
  EXPECT_EQ(sampled_values("copy"), "a: a");
  for (const char* sql : {"SELECT a FROM honest WHERE a = 'x'", "SELECT c FROM over_enum",
                          "SELECT a FROM by_check WHERE a <> 'q' UNION ALL SELECT a FROM by_check WHERE a = 'q'"})
    EXPECT_EQ(run(sql), "") << sql;
  EXPECT_FALSE(std::filesystem::exists(hit));
  for (const char* sql : {"SELECT count(*) FROM by_index", "SELECT a FROM by_statistics", "SELECT a FROM by_partition", "SELECT a FROM by_key",
                          "SELECT a FROM by_child", "SELECT a FROM by_copy", "SELECT length(a) FROM by_cast",
                          "SELECT a FROM by_domain_check WHERE a = '{q}'", "SELECT a FROM by_stable_check WHERE a = '{q}'"}) {
    EXPECT_EQ(run(sql), "") << sql;
    EXPECT_TRUE(std::filesystem::remove(hit)) << sql << ": without the parser's layer it runs";
  }
}

TEST_F(PostgresLayers, RowLevelSecurityIsLookedThrough) {
  server_->admin(R"(
CREATE TABLE mine (a text, b int); ALTER TABLE mine ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON mine USING (a = current_user);
CREATE TABLE acted AS SELECT 'x'::text AS a; ALTER TABLE acted ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON acted USING (lo_export(4711, 'x') > 0);
CREATE TABLE off (a text); CREATE POLICY p ON off USING (lo_create(0) > 0);
CREATE TABLE written (a text); ALTER TABLE written ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON written FOR INSERT WITH CHECK (lo_create(0) > 0);
CREATE ROLE other NOLOGIN; GRANT SELECT ON acted TO other; CREATE VIEW over_acted AS SELECT a FROM acted; ALTER VIEW over_acted OWNER TO other;)");
  // A superuser's own reads pass the policies by; a view is read as its owner.
  EXPECT_EQ(proof_of("SELECT a FROM mine"), "");
  EXPECT_NE(proof_of("SELECT a FROM over_acted").find("row-level security of table \"acted\" is refused"), std::string::npos);
  server_->admin("DROP VIEW over_acted; CREATE ROLE reader LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader");
  EXPECT_EQ(proof_of("SELECT a FROM acted"), "");
  const auto as_reader = [&](const std::string& sql) { return proof_of(sql, "reader"); };
  const std::string refused = "row-level security of table \"acted\" is refused";
  EXPECT_EQ(as_reader("SELECT a FROM mine"), "");
  EXPECT_EQ(as_reader("SELECT a FROM off"), "");
  EXPECT_EQ(as_reader("SELECT a FROM written"), "");
  EXPECT_NE(as_reader("SELECT a FROM acted").find(refused), std::string::npos);
  // A policy's subquery is read as the owner of the view that stands over it.
  server_->admin(R"(
CREATE TABLE through (a text); ALTER TABLE through ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON through USING (a IN (SELECT a FROM acted));
GRANT SELECT ON through TO other; CREATE VIEW over_through AS SELECT a FROM through; ALTER VIEW over_through OWNER TO other)");
  EXPECT_NE(proof_of("SELECT a FROM over_through").find(refused), std::string::npos);
}

TEST_F(PostgresLayers, ACastBetweenTheServersOwnTypesRefusesTheDatabase) {
  make_noting_function();
  server_->admin(
      "CREATE FUNCTION int_text(int) RETURNS text LANGUAGE sql AS 'SELECT noted(''x'')'; CREATE CAST (int AS text) WITH FUNCTION int_text(int) AS "
      "IMPLICIT");
  EXPECT_NE(proof_of("SELECT id FROM orders").find("\"int_text\" to this database, which the engine calls"), std::string::npos);
}

TEST_F(PostgresLayers, OperatorsCastsAndClassesOfUsersAreFollowed) {
  const std::string hit = make_noting_function();
  server_->admin(R"(
CREATE TABLE t (id int, a text, j json, n int[]); INSERT INTO t SELECT i, 'x' || i, '{}', ARRAY[i] FROM generate_series(1, 20) i;
CREATE VIEW v AS SELECT id, a FROM t; CREATE FUNCTION v_text(v) RETURNS text LANGUAGE sql AS 'SELECT noted(''x'')';
CREATE CAST (v AS text) WITH FUNCTION v_text(v) AS IMPLICIT; CREATE VIEW w AS SELECT upper(v) AS u FROM v;
CREATE OPERATOR @!? (RIGHTARG = float8, FUNCTION = pg_sleep); CREATE DOMAIN sleeps AS int CHECK ((@!? VALUE::float8) IS NOT NULL);
CREATE TABLE by_operator (s sleeps[]);
CREATE FUNCTION same(json, json) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT noted(''x'') = ''x'''; CREATE TYPE level AS ENUM ('low', 'high');
CREATE FUNCTION levels(level, level) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT noted(''x'') = ''x''';
CREATE OPERATOR === (LEFTARG = level, RIGHTARG = level, FUNCTION = levels);
CREATE OPERATOR CLASS level_ops DEFAULT FOR TYPE level USING hash AS OPERATOR 1 ===, FUNCTION 1 hashenum(anyenum); CREATE TABLE by_class (a level);
CREATE TYPE floats AS RANGE (subtype = float8); CREATE TABLE honest (a floats);
CREATE EXTENSION citext; CREATE TABLE words (a citext); INSERT INTO words VALUES ('X');)");
  std::filesystem::remove(hit);
  for (const char* sql : {"SELECT id FROM v", "SELECT u FROM w", "SELECT s FROM by_operator WHERE s = '{1}'", "SELECT a FROM by_class"})
    EXPECT_NE(proof_of(sql).find("runs functions that somebody added"), std::string::npos) << sql << ": " << proof_of(sql);
  EXPECT_EQ(proof_of("SELECT a FROM honest"), "");
  EXPECT_EQ(proof_of("SELECT a FROM words WHERE a = 'x'::citext"), "");
  EXPECT_FALSE(std::filesystem::exists(hit));
  EXPECT_EQ(run("SELECT u FROM w"), "");
  EXPECT_TRUE(std::filesystem::remove(hit)) << "without the parser's layer it runs";
  for (const auto& [sql, undo] : std::vector<std::pair<std::string, std::string>>{
           {"CREATE CAST (text AS bytea) WITH FUNCTION pg_read_binary_file(text)", "DROP CAST (text AS bytea)"},
           {"CREATE OPERATOR ==== (LEFTARG = json, RIGHTARG = json, FUNCTION = same); CREATE OPERATOR CLASS json_ops DEFAULT FOR TYPE json USING "
            "hash AS "
            "OPERATOR 1 ====, FUNCTION 1 (json, json) hashvarlena(internal)",
            "DROP OPERATOR FAMILY json_ops USING hash CASCADE; DROP OPERATOR ==== (json, json)"},
           {"SET allow_system_table_mods = on; CREATE FUNCTION pg_catalog.upper(int) RETURNS text LANGUAGE sql AS 'SELECT ''x'''",
            "SET allow_system_table_mods = on; DROP FUNCTION pg_catalog.upper(int)"}}) {
    server_->admin(sql);
    EXPECT_NE(proof_of("SELECT id FROM t").find("which the engine calls without its name being written"), std::string::npos) << sql;
    server_->admin(undo);
    EXPECT_EQ(proof_of("SELECT id FROM t"), "") << undo;
  }
}

TEST_F(PostgresLayers, WhatStandsInFrontOnTheSearchPathIsWhatIsProven) {
  server_->admin(R"(
CREATE SCHEMA first; CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA first TO reader; ALTER ROLE reader SET search_path = first, public;
CREATE TABLE t (id int, a text); GRANT SELECT ON t TO reader; CREATE TABLE hidden (id int); CREATE VIEW open AS SELECT id FROM hidden;
GRANT SELECT ON open TO reader;)");
  const auto as_reader = [&](const std::string& sql) { return proof_of(sql, "reader"); };
  EXPECT_EQ(as_reader("SELECT id FROM t"), "");
  EXPECT_EQ(as_reader("SELECT id FROM open"), "") << "a view over a table that the login may not read itself";
  EXPECT_NE(as_reader("SELECT id FROM hidden").find("is none that the login may read"), std::string::npos);
  for (const auto& [sql, undo] :
       std::vector<std::pair<std::string, std::string>>{{"CREATE TABLE root (id int, a text) PARTITION BY LIST (id); CREATE TABLE first.t PARTITION "
                                                         "OF root FOR VALUES IN (1); GRANT SELECT ON first.t TO "
                                                         "reader",
                                                         "DROP TABLE root"},
                                                        {"CREATE TABLE first.t (id int, a text)", "DROP TABLE first.t"},
                                                        {"CREATE SEQUENCE first.t", "DROP SEQUENCE first.t"}}) {
    server_->admin(sql);
    EXPECT_NE(as_reader("SELECT id FROM t").find("table \"t\" is "), std::string::npos) << sql << as_reader("SELECT id FROM t");
    EXPECT_EQ(as_reader("SELECT id FROM public.t"), "");
    server_->admin(undo);
  }
  server_->admin("ALTER ROLE reader SET search_path = information_schema, public; CREATE TABLE tables (id int); GRANT SELECT ON tables TO reader");
  EXPECT_NE(as_reader("SELECT count(*) FROM tables").find("is one of the server's own"), std::string::npos);
  EXPECT_EQ(as_reader("SELECT id FROM public.tables"), "");
}

TEST_F(PostgresLayers, WhatParsingRunsIsComparedFirst) {
  const std::string hit = make_noting_function();
  server_->admin("CREATE DOMAIN d AS text CHECK (VALUE <> ''); CREATE TABLE t (id int, a d[])");
  const std::string sql = "SELECT id FROM t WHERE a = '{x}'";
  const Call call{std::chrono::steady_clock::now() + std::chrono::seconds(kStatementSeconds), {}};
  const auto engine = open_postgres("shop", {.url = server_->socket_url("admin")});
  const auto catalog = (*(*engine)->open_read(call))->catalog({});
  ASSERT_TRUE(catalog);
  const auto proof = Prover(*make_postgres_parser(), **engine, {}).prove(sql, *catalog, call);
  ASSERT_TRUE(proof && proof->holds());
  server_->admin("ALTER TABLE t DROP COLUMN a; ALTER DOMAIN d ADD CONSTRAINT acts CHECK (noted(VALUE) = VALUE); ALTER TABLE t ADD COLUMN a d[];");
  std::filesystem::remove(hit);
  const auto session = (*engine)->open_read(call);
  const auto held = recheck(**session, sql, *proof, *catalog, {.rows = 100, .bytes = 1'000'000, .cost_usd = 1});
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().code, "E0350");
  EXPECT_FALSE(std::filesystem::exists(hit));
  EXPECT_EQ(run(sql), "");
  EXPECT_TRUE(std::filesystem::exists(hit)) << "without the comparison it runs";
}

TEST_F(PostgresLayers, TypesOfUsersStandForFunctionsAndPoliciesKeepTheirCasts) {
  const std::string hit = make_noting_function();
  server_->admin(R"(
CREATE DOMAIN upper AS text CHECK (noted(VALUE) = VALUE); CREATE DOMAIN key AS text CHECK (noted(VALUE) = VALUE);
CREATE TABLE t (a varchar, b text, key int); INSERT INTO t VALUES ('x', 'y', 1);
CREATE TYPE mood AS ENUM ('well', 'ill'); CREATE FUNCTION mood_text(mood) RETURNS text LANGUAGE sql AS 'SELECT noted(''x'')';
CREATE CAST (mood AS text) WITH FUNCTION mood_text(mood) AS IMPLICIT; CREATE TABLE held (a mood); INSERT INTO held VALUES ('ill');
ALTER TABLE held ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON held USING (length(a) > 0); DROP CAST (mood AS text);
CREATE ROLE reader LOGIN; GRANT SELECT ON held TO reader;
CREATE EXTENSION citext; CREATE TABLE files (f citext); INSERT INTO files VALUES ('PG_VERSION');
CREATE CAST (citext AS bytea) WITH FUNCTION pg_read_binary_file(text) AS IMPLICIT;)");
  std::filesystem::remove(hit);
  for (const char* sql : {"SELECT upper('x')", "SELECT upper(a) FROM t", "SELECT (a).key FROM t", "SELECT x.key FROM unnest(array['x']) x",
                          "SELECT key.key FROM unnest(array['x']) key", "SELECT f::bytea FROM files"})
    EXPECT_NE(proof_of(sql), "") << sql;
  EXPECT_EQ(proof_of("SELECT a, key FROM t"), "");
  EXPECT_EQ(proof_of("SELECT a FROM held"), "") << "a superuser passes policies by";
  EXPECT_NE(proof_of("SELECT a FROM held", "reader").find("policy p on table public.held"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(hit));
  EXPECT_EQ(run("SELECT upper(a) FROM t"), "");
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
