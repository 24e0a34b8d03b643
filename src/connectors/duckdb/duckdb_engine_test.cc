#include "connectors/duckdb/duckdb_engine.h"

#include <sqlite3.h>

#include <limits>
#include <thread>

#include "connectors/duckdb/duckdb_for_test.h"
#include "connectors/duckdb/library.h"

namespace sluice {
namespace {

using DuckDbTest = DuckDbFolder;

TEST_F(DuckDbTest, TellsWhatItHolds) {
  const auto database = engine({.path = db_});
  auto catalog = session(*database)->catalog({});
  ASSERT_TRUE(catalog) << catalog.error().message;
  const Table* orders = catalog->find("", "orders");
  ASSERT_NE(orders, nullptr);
  EXPECT_EQ(orders->comment, "what was bought");
  EXPECT_EQ(orders->find_column("total")->comment, "in euros");
  EXPECT_EQ(catalog->find("", "big")->comment, "the large ones");
  EXPECT_EQ(catalog->find("", "big")->find_column("total")->comment, "above 3");
  EXPECT_EQ(orders->primary_key->columns, std::vector<std::string>{"id"});
  ASSERT_EQ(orders->foreign_keys.size(), 1U);
  EXPECT_EQ(orders->foreign_keys[0].target.name, "customers");
  EXPECT_EQ(orders->foreign_keys[0].origin, KeyOrigin::declared);
  EXPECT_EQ(orders->row_count, 5);
  EXPECT_TRUE(orders->row_count_exact);
  EXPECT_EQ(orders->find_column("total")->type, (Type{TypeKind::decimal, "DECIMAL(10,2)"}));
  EXPECT_FALSE(catalog->find("", "customers")->find_column("name")->nullable);
  EXPECT_EQ(catalog->find("", "customers")->unique_keys.at(0).columns, std::vector<std::string>{"country"});
  EXPECT_TRUE(catalog->find("", "big")->definition.starts_with("SELECT")) << catalog->find("", "big")->definition;
  EXPECT_EQ(catalog->user_functions, std::vector<std::string>{"twice"});
  const std::vector<TableName> only{{"main", "orders"}, {"main", "nothing"}};
  EXPECT_EQ(session(*database)->catalog(only)->tables.size(), 1U);
}

TEST_F(DuckDbTest, GivesValuesOfEveryType) {
  const auto database = engine({.path = db_});
  const auto read = session(*database);
  const RowBuffer rows =
      run(*read,
          "SELECT true, 127::TINYINT, '-9223372036854775808'::BIGINT, 18446744073709551615::UBIGINT, "
          "'-170141183460469231731687303715884105727'::HUGEINT, 12.30::DECIMAL(10,2), '-0.05'::DECIMAL(4,2), 1.5::FLOAT, 'NaN'::DOUBLE, 'Zürich', "
          "DATE '0044-03-15', DATE '1969-12-31', TIMESTAMP '2013-01-31 05:06:07.25', TIMESTAMPTZ '2013-01-31 05:06:07+00', TIME '23:59:59.5', "
          "INTERVAL '14 months 3 days 90 seconds', '\\xff\\x00a'::BLOB, NULL, [1, NULL, 3], {'a': 1, 'b': 'x'}, MAP {'k': 2}, "
          "'123e4567-e89b-12d3-a456-426614174000'::UUID, '{\"a\":1}'::JSON, 'b'::ENUM ('a', 'b')");
  ASSERT_EQ(rows.kept.size(), 1U);
  std::vector<std::string> texts;
  texts.reserve(rows.kept[0].size());
  for (std::size_t c = 0; c < rows.kept[0].size(); ++c) texts.push_back(value_text(rows.kept[0][c], rows.header[c].type));
  EXPECT_EQ(texts, (std::vector<std::string>{"true",
                                             "127",
                                             "-9223372036854775808",
                                             "18446744073709551615",
                                             "-170141183460469231731687303715884105727",
                                             "12.30",
                                             "-0.05",
                                             "1.5",
                                             "nan",
                                             "Zürich",
                                             "0044-03-15",
                                             "1969-12-31",
                                             "2013-01-31 05:06:07.25",
                                             "2013-01-31 05:06:07+00",
                                             "23:59:59.5",
                                             "1 year 2 months 3 days 00:01:30",
                                             "/wBh",
                                             "",
                                             "[1, NULL, 3]",
                                             "{'a': 1, 'b': x}",
                                             "{k=2}",
                                             "123e4567-e89b-12d3-a456-426614174000",
                                             "{\"a\":1}",
                                             "b"}));
  EXPECT_EQ(rows.header[16].type.kind, TypeKind::bytes);
  EXPECT_EQ(rows.header[22].type.kind, TypeKind::json);
}

TEST_F(DuckDbTest, PlansWithoutRunning) {
  const auto database = engine({.path = db_});
  const auto read = session(*database);
  auto estimate = read->estimate("SELECT count(*), sum(total) FROM orders");
  ASSERT_TRUE(estimate) << estimate.error().message;
  EXPECT_EQ(estimate->rows, 1);
  EXPECT_EQ(estimate->bytes, 5 * 16);
  // Unset, never 0 or the rows of the table, where the plan does not tell.
  struct Expected {
    const char* sql;
    std::optional<std::int64_t> rows;
  };
  for (const auto& [sql, rows] : std::vector<Expected>{{"SELECT * FROM orders", 5},
                                                       {"SELECT id + 1 FROM orders ORDER BY 1 LIMIT 2", 2},
                                                       {"SELECT id + 1 FROM orders ORDER BY 1 LIMIT 50", 5},
                                                       {"SELECT id FROM orders LIMIT 2", std::nullopt},
                                                       {"SELECT * FROM orders ORDER BY total LIMIT 2", std::nullopt},
                                                       {"SELECT DISTINCT total FROM orders", std::nullopt},
                                                       {"SELECT id FROM orders WHERE 1 = 2", 0}}) {
    auto expected = read->estimate(sql);
    ASSERT_TRUE(expected) << sql;
    EXPECT_EQ(expected->rows, rows) << sql << "\n" << expected->plan;
  }
  auto wrong = read->estimate("SELECT nothing FROM orders");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::input);
  EXPECT_EQ(wrong.error().code, "E0406");
}

TEST_F(DuckDbTest, CountsWhatFunctionsMake) {
  const auto database = engine({.path = db_});
  const auto read = session(*database);
  struct Expected {
    const char* sql;
    std::optional<std::int64_t> bytes;
  };
  constexpr std::int64_t kOrders = 5, kId = 8;
  for (const auto& [sql, bytes] : std::vector<Expected>{{"SELECT count(*) FROM range(1000)", 8'000},
                                                        {"SELECT count(*) FROM range(1000) a, range(100) b", 8'000 + 800 + 1000 * 100 * 16},
                                                        {"SELECT count(*) FROM (VALUES (1), (2)) a(x), (VALUES (1), (2), (3)) b(x)", 6 * 16},
                                                        {"SELECT sum(id) FROM orders, range(100)", kOrders * kId + 800 + kOrders * 100 * 8},
                                                        {"SELECT sum(id) FROM orders, (VALUES (1), (2)) v(x)", kOrders * kId},
                                                        {"SELECT sum(id) FROM orders JOIN range(100) r(n) ON r.n = id", kOrders * kId + 800},
                                                        {"SELECT count(*) FROM range(10) a POSITIONAL JOIN range(10) b", std::nullopt}}) {
    const auto estimate = read->estimate(sql);
    ASSERT_TRUE(estimate) << sql;
    EXPECT_EQ(estimate->bytes, bytes) << sql << "\n" << estimate->plan;
  }
}

TEST_F(DuckDbTest, KnowsTheSizeOfTablesWhateverTheirNames) {
  const std::string path = (folder_ / "na.mes.duckdb").string();
  const std::vector<std::string> names{R"("program")", R"("group")", R"("Order Lines")", R"("a.b")", R"("it""s")", R"("""")", R"("grün")", "plain"};
  std::string sql;
  for (const std::string& name : names) sql += "CREATE TABLE " + name + " AS SELECT 1::BIGINT AS n FROM range(3);";
  make(path, sql);
  const auto database = engine({.path = path});
  const auto read = session(*database);
  for (const std::string& name : names) {
    const auto estimate = read->estimate("SELECT n FROM " + name);
    ASSERT_TRUE(estimate) << name;
    EXPECT_EQ(estimate->bytes, 3 * 8) << name << "\n" << estimate->plan;
  }
}

TEST_F(DuckDbTest, StopsAtLimitsDeadlinesAndWhenAsked) {
  const auto database = engine({.path = db_});
  RowBuffer rows(10);
  auto many = session(*database)->run("SELECT * FROM range(100000)", {.rows_max = 99'999, .bytes_max = 1'000'000'000}, rows);
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().code, "E0407");
  auto cut = session(*database)->run("SELECT * FROM range(100000)", {.rows_max = 3, .bytes_max = 1'000'000, .truncate = true}, rows);
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->rows, 3);
  EXPECT_TRUE(cut->truncated);
  auto large = session(*database)->run("SELECT * FROM range(100000)", {.rows_max = 99'999'999, .bytes_max = 24'007}, rows);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, "E0407");
  RowBuffer within(100'000);  // rows of 8 bytes; a chunk of the engine has 2,048
  cut = session(*database)->run("SELECT * FROM range(100000)", {.rows_max = 99'999'999, .bytes_max = 24'007, .truncate = true}, within);
  ASSERT_TRUE(cut);
  EXPECT_TRUE(cut->truncated);
  EXPECT_EQ(cut->rows, 3'000);
  EXPECT_EQ(cut->bytes, 24'000);
  EXPECT_EQ(within.kept.size(), 3'000U);
  const std::string endless = "SELECT count(*) FROM range(10000000000) a, range(1000) b WHERE a.range % 7 = b.range";
  const auto start = std::chrono::steady_clock::now();
  auto late = session(*database, soon(std::chrono::milliseconds(200)))->run(endless, {.rows_max = 9, .bytes_max = 999}, rows);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::timeout);
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    stop.request_stop();
  });
  auto stopped = session(*database, {std::chrono::steady_clock::now() + std::chrono::seconds(60), stop.get_token()})
                     ->run(endless, {.rows_max = 9, .bytes_max = 999}, rows);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind, ErrorKind::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20)) << "interrupted, not waited for";
}

/// What would read or write outside of the connection's tables.
constexpr std::initializer_list<const char*> kEscapes{"SELECT * FROM read_csv('/etc/passwd')",
                                                      "SELECT * FROM '/etc/passwd'",
                                                      "SELECT * FROM glob('/etc/*')",
                                                      "SELECT * FROM leak",
                                                      "ATTACH '/tmp/other.db'",
                                                      "COPY (SELECT 1) TO '/tmp/sluice-leak.csv'",
                                                      "EXPORT DATABASE '/tmp/sluice-leak'",
                                                      "INSTALL httpfs",
                                                      "LOAD httpfs",
                                                      "SET threads = 1",
                                                      "SET enable_external_access = true",
                                                      "RESET lock_configuration"};
constexpr std::initializer_list<const char*> kWrites{"INSERT INTO customers VALUES (9, 'Z', 'ZZ')",
                                                     "DELETE FROM orders",
                                                     "UPDATE orders SET total = 0",
                                                     "DROP TABLE orders",
                                                     "CREATE TABLE t (a INTEGER)",
                                                     "TRUNCATE orders"};

TEST_F(DuckDbTest, TheLockHoldsEscapesWithoutTheParser) {
  const std::string before = bytes_of(db_);
  auto database = duckdb_detail::open_engine("shop", {.path = db_}, {}, {.read_only = true, .lock = true});
  ASSERT_TRUE(database);
  for (const auto* list : {&kEscapes, &kWrites})
    for (const std::string_view sql : *list) {
      RowBuffer rows(10);
      EXPECT_FALSE(session(**database)->run(sql, {.rows_max = 10, .bytes_max = 10'000}, rows)) << sql;
    }
  database = Error::bug("closed");
  EXPECT_EQ(bytes_of(db_), before);
}

/// A wrong answer comes only now and then, so the test looks at what keeps it away.
TEST_F(DuckDbTest, NoJoinFiltersRowsBelowALimit) {
  auto database = duckdb_detail::open_engine("shop", {.path = db_}, {}, {.read_only = true, .lock = true});
  ASSERT_TRUE(database);
  RowBuffer rows(1);
  ASSERT_TRUE(session(**database)->run("SELECT current_setting('disabled_optimizers')", {.rows_max = 1, .bytes_max = 999}, rows));
  EXPECT_EQ(rows.kept, (std::vector<Row>{{std::string("join_filter_pushdown")}}));
}

TEST_F(DuckDbTest, EachSafeguardAlone) {
  const std::string before = bytes_of(db_);
  {  // read-only alone: no write to the database, but it reads files and writes others (why it is not alone)
    auto database = duckdb_detail::open_engine("shop", {.path = db_}, {}, {.read_only = true, .lock = false});
    ASSERT_TRUE(database);
    RowBuffer rows(10);
    for (const std::string_view sql : kWrites) EXPECT_FALSE(session(**database)->run(sql, {.rows_max = 10, .bytes_max = 10'000}, rows)) << sql;
    EXPECT_TRUE(session(**database)->run("SELECT * FROM glob('/etc/passwd')", {.rows_max = 10, .bytes_max = 10'000}, rows))
        << "the lock is what holds this";
  }
  EXPECT_EQ(bytes_of(db_), before);
  {  // the lock alone: no escape; a write is rolled back with its session
    auto database = duckdb_detail::open_engine("shop", {.path = db_}, {}, {.read_only = false, .lock = true});
    ASSERT_TRUE(database);
    RowBuffer rows(10);
    for (const std::string_view sql : kEscapes) EXPECT_FALSE(session(**database)->run(sql, {.rows_max = 10, .bytes_max = 10'000}, rows)) << sql;
    EXPECT_TRUE(session(**database)->run("DELETE FROM orders", {.rows_max = 10, .bytes_max = 10'000}, rows)) << "read-only is what holds this";
    EXPECT_EQ(run(*session(**database), "SELECT count(*) FROM orders").kept[0][0], Value(std::int64_t{5})) << "rolled back";
  }
}

TEST_F(DuckDbTest, ReadsFilesAndNothingBesides) {
  std::ofstream(folder_ / "sales 2024.csv") << "id,amount,day\n1,2.5,2024-01-01\n2,3.5,2024-01-02\n";
  std::ofstream(folder_ / "other.csv") << "secret\n1\n";
  const auto files = engine({.kind = DuckDbSource::Kind::files, .globs = {(folder_ / "sales*.csv").string()}});
  ASSERT_NE(files, nullptr);
  const auto read = session(*files);
  auto catalog = read->catalog({});
  ASSERT_TRUE(catalog) << catalog.error().message;
  ASSERT_EQ(catalog->tables.size(), 1U);
  EXPECT_EQ(catalog->tables[0].name.name, "sales_2024");
  EXPECT_EQ(catalog->tables[0].kind, TableKind::file);
  EXPECT_EQ(catalog->tables[0].definition, "");
  EXPECT_EQ(run(*read, "SELECT sum(amount) FROM sales_2024").kept[0][0], Value(6.0));
  RowBuffer rows(10);
  EXPECT_FALSE(session(*files)->run("SELECT * FROM read_csv('" + (folder_ / "other.csv").string() + "')", {.rows_max = 10, .bytes_max = 999}, rows));
  EXPECT_FALSE(open_duckdb("shop", {.kind = DuckDbSource::Kind::files, .globs = {(folder_ / "*.nothing").string()}}));
}

TEST_F(DuckDbTest, ReadsSqliteWithItsKeys) {
  const std::string path = (folder_ / "shop.sqlite").string();
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db,
                         "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
                         "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers, total REAL);"
                         "INSERT INTO customers VALUES (1, 'Ada'), (2, 'Bob'); INSERT INTO orders VALUES (1, 1, 2.5);",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(db);
  const std::string before = bytes_of(path);
  const auto sqlite = engine({.kind = DuckDbSource::Kind::sqlite, .path = path});
  ASSERT_NE(sqlite, nullptr);
  auto catalog = session(*sqlite)->catalog({});
  ASSERT_TRUE(catalog) << catalog.error().message;
  const Table* orders = catalog->find("", "orders");
  ASSERT_NE(orders, nullptr);
  EXPECT_EQ(orders->primary_key->columns, std::vector<std::string>{"id"});
  ASSERT_EQ(orders->foreign_keys.size(), 1U);
  EXPECT_EQ(orders->foreign_keys[0].target_columns, std::vector<std::string>{"id"});
  EXPECT_EQ(orders->foreign_keys[0].origin, KeyOrigin::declared);
  EXPECT_EQ(catalog->find("", "customers")->unique_keys.size(), 1U);
  EXPECT_EQ(orders->row_count, 1);
  EXPECT_EQ(run(*session(*sqlite), "SELECT name FROM customers ORDER BY id DESC").kept[0][0], Value(std::string("Bob")));
  RowBuffer rows(10);
  for (const char* sql :
       {"DELETE FROM orders", "INSERT INTO customers VALUES (3, 'X')", "DETACH sqlite_file", "CREATE TABLE sqlite_file.t (a INTEGER)"})
    EXPECT_FALSE(session(*sqlite)->run(sql, {.rows_max = 10, .bytes_max = 999}, rows)) << sql;
  EXPECT_EQ(bytes_of(path), before);
}

TEST_F(DuckDbTest, BadSourcesSayWhatToDo) {
  std::ofstream(folder_ / "text.duckdb") << "this is no database, whatever it is called, and it is long enough to look like one";
  struct Case {
    DuckDbSource source;
    const char* code;
  };
  for (const auto& [source, code] :
       {Case{{.path = (folder_ / "missing.duckdb").string()}, "E0404"}, Case{{.path = (folder_ / "text.duckdb").string()}, "E0401"},
        Case{{.kind = DuckDbSource::Kind::sqlite, .path = db_}, "E0401"}}) {
    auto opened = open_duckdb("shop", source);
    if (opened) {  // SQLite looks at its file on first use
      auto catalog = session(**opened)->catalog({});
      ASSERT_FALSE(catalog) << source.path;
      EXPECT_FALSE(catalog.error().hint.empty());
      continue;
    }
    EXPECT_EQ(opened.error().code, code) << opened.error().message;
    EXPECT_FALSE(opened.error().hint.empty());
  }
}

TEST_F(DuckDbTest, ABrokenViewHidesNothingElse) {
  const std::string path = (folder_ / "broken.duckdb").string();
  make(path,
       "CREATE TABLE t (a INTEGER); CREATE TABLE gone (a INTEGER); CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT * FROM gone; DROP TABLE "
       "gone;");
  const auto database = engine({.path = path});
  const auto catalog = session(*database)->catalog({});
  ASSERT_TRUE(catalog) << catalog.error().message;
  EXPECT_NE(catalog->find("", "t"), nullptr);
  ASSERT_NE(catalog->find("", "v"), nullptr);
  EXPECT_EQ(catalog->find("", "v")->columns.size(), 1U);
}

TEST_F(DuckDbTest, RunsNothingButSelects) {
  const auto database = engine({.path = db_});
  for (const char* sql : {"COMMIT", "ROLLBACK", "CHECKPOINT", "SET VARIABLE a = 1", "PREPARE p AS SELECT 1", "CALL pragma_version()",
                          "EXPLAIN SELECT 1", "COPY (SELECT 1) TO '/tmp/sluice-x.csv'", "DELETE FROM orders", "BEGIN"}) {
    RowBuffer rows(10);
    const auto read = session(*database);
    const auto ran = read->run(sql, {.rows_max = 10, .bytes_max = 999}, rows);
    ASSERT_FALSE(ran) << sql;
    // What doesn't even bind has its own reason.
    EXPECT_TRUE(ran.error().code == "E0414" || ran.error().code == "E0406") << sql << ": " << ran.error().code;
    EXPECT_FALSE(read->estimate(sql)) << sql;
  }
  RowBuffer rows(10);
  EXPECT_TRUE(session(*database)->run("SUMMARIZE orders", {.rows_max = 10, .bytes_max = 9999}, rows));
}

TEST_F(DuckDbTest, RunsAllOfAStatementOrNothing) {
  const auto database = engine({.path = db_});
  const std::string cut("SELECT id FROM orders\0 WHERE false", 34);
  RowBuffer rows(10);
  EXPECT_EQ(session(*database)->run(cut, {.rows_max = 10, .bytes_max = 999}, rows).error().code, "E0406");
  EXPECT_EQ(session(*database)->estimate(cut).error().code, "E0406");
}

TEST_F(DuckDbTest, AnErrorInTheMiddleOfAStreamIsAnError) {
  const auto error_of = [&](DataEngine& database) {
    RowBuffer rows(10);
    const auto ran = session(database)->run("SELECT CAST(CASE WHEN i = 500000 THEN 'x' ELSE '1' END AS INTEGER) FROM range(1000000) r(i)",
                                            {.rows_max = 2'000'000, .bytes_max = INT64_MAX}, rows);
    return ran ? "" : ran.error().message;
  };
  const auto alone = open_duckdb("shop", {.path = db_}, {.memory_limit_bytes = 200'000'000, .threads = 1});
  ASSERT_TRUE(alone);
  EXPECT_NE(error_of(**alone).find("Could not convert string 'x'"), std::string::npos);
  // Of several threads' errors, which one DuckDB shows is a race of its own; "Interrupted!", which nobody did, is never said.
  const std::string said = error_of(*engine({.path = db_}));
  EXPECT_TRUE(said.contains("Could not convert string 'x'") || said.contains("an error in one of the rows")) << said;
}

TEST_F(DuckDbTest, SaysWhichLineOfAFileIsWrong) {
  {
    std::ofstream out(folder_ / "big.csv");
    out << "n,s\n";
    for (int i = 0; i < 30'000; ++i) out << i << ",s" << i % 7 << "\n";
    out << "oops,end\n";
  }
  const auto files = engine({.kind = DuckDbSource::Kind::files, .globs = {(folder_ / "big.csv").string()}});
  const auto read = session(*files);
  ASSERT_TRUE(read->catalog({})) << "a bad value is no reason to know nothing";
  ASSERT_TRUE(read->estimate("SELECT * FROM big")) << "nor does it end the session";
  RowBuffer rows(10);
  const auto ran = read->run("SELECT * FROM big", {.rows_max = 100'000, .bytes_max = INT64_MAX}, rows);
  ASSERT_FALSE(ran);
  EXPECT_NE(ran.error().message.find("line 30002"), std::string::npos) << ran.error().message;
  EXPECT_NE(ran.error().message.find("column \"n\""), std::string::npos) << ran.error().message;
}

TEST_F(DuckDbTest, TakesFileNamesAsTheyAre) {
  std::ofstream(folder_ / "a[1].csv") << "a\n1\n";
  std::ofstream(folder_ / "a1.csv") << "a\n2\n";
  std::ofstream(folder_ / "it's.csv") << "a\n3\n";
  const auto files = engine({.kind = DuckDbSource::Kind::files, .globs = {(folder_ / "*.csv").string()}});
  ASSERT_NE(files, nullptr);
  EXPECT_EQ(run(*session(*files), "SELECT a FROM a_1_").kept.at(0).at(0), Value(std::int64_t{1}));
  EXPECT_EQ(run(*session(*files), "SELECT a FROM a1").kept.at(0).at(0), Value(std::int64_t{2}));
  EXPECT_EQ(run(*session(*files), "SELECT a FROM it_s").kept.at(0).at(0), Value(std::int64_t{3}));
}

/// An SQLite file made of statements.
void make_sqlite(const std::string& path, const char* sql) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  char* message = nullptr;
  EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, &message), SQLITE_OK) << message;
  sqlite3_close(db);
}

TEST_F(DuckDbTest, SqliteFunctionsReachNothingElse) {
  const std::string path = (folder_ / "shop.sqlite").string(), other = (folder_ / "other.sqlite").string();
  make_sqlite(path, "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)");
  make_sqlite(other, "CREATE TABLE secret (a TEXT); INSERT INTO secret VALUES ('hidden')");
  const DuckDbSource source{.kind = DuckDbSource::Kind::sqlite, .path = path};
  const std::vector<std::string> reaching{"SELECT * FROM sqlite_scan('" + other + "', 'secret')",
                                          "SELECT (SELECT min(a) FROM sqlite_scan('" + other + "', 'secret'))",
                                          "SELECT * FROM query('SELECT * FROM sqlite_' || 'scan(''" + other + "'', ''secret'')')",
                                          "SELECT * FROM sqlite_query('sqlite_file', 'SELECT 1')",
                                          "SELECT * FROM sqlite_attach('" + other + "')",
                                          "CALL sqlite_attach('" + other + "')"};
  const auto sqlite = engine(source);
  for (const std::string& sql : reaching) {
    RowBuffer rows(10);
    const auto read = session(*sqlite);
    EXPECT_FALSE(read->run(sql, {.rows_max = 10, .bytes_max = 999}, rows)) << sql;
    EXPECT_TRUE(rows.kept.empty()) << sql;
    EXPECT_FALSE(read->estimate(sql)) << sql;
  }
  {  // DuckDB's own lock does not hold this: take ours away and the other file can be read
    auto open = duckdb_detail::open_engine("shop", source, {}, {.read_only = true, .lock = false});
    ASSERT_TRUE(open);
    EXPECT_EQ(run(*session(**open), reaching.front()).kept.size(), 1U);
  }
  EXPECT_EQ(run(*session(*sqlite), "SELECT a FROM t").kept.size(), 1U);
}

TEST_F(DuckDbTest, ReadsWhatIsOddInSqlite) {
  const std::string path = (folder_ / "odd.sqlite").string();
  make_sqlite(path,
              "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, s TEXT); INSERT INTO t VALUES (1, 'abc', 'x'), (2, 5, 'y');"
              "CREATE VIEW v AS SELECT id, s FROM t; CREATE VIEW broken AS SELECT * FROM nowhere;"
              "CREATE VIEW counted AS SELECT s, count(*) AS c, sum(id) / 2 AS half, total(id) AS all_of FROM t GROUP BY 1;");
  fs::create_symlink(path, folder_ / "link.sqlite");
  for (const std::string& name : {path, (folder_ / "link.sqlite").string()}) {
    const auto sqlite = engine({.kind = DuckDbSource::Kind::sqlite, .path = name});
    ASSERT_NE(sqlite, nullptr);
    const auto read = session(*sqlite);
    const auto catalog = read->catalog({});
    ASSERT_TRUE(catalog) << catalog.error().message;
    ASSERT_NE(catalog->find("", "v"), nullptr);
    ASSERT_EQ(catalog->find("", "v")->columns.size(), 2U);
    EXPECT_EQ(catalog->find("", "v")->definition, "SELECT id, s FROM t");
    EXPECT_EQ(catalog->find("", "broken"), nullptr);
    EXPECT_EQ(catalog->find("", "v")->columns[1].type.kind, TypeKind::text);
    EXPECT_EQ(run(*read, "SELECT s FROM v ORDER BY id").kept.size(), 2U);
    EXPECT_EQ(run(*read, "SELECT n FROM t ORDER BY id").kept, (std::vector<Row>{{Value(std::string("abc"))}, {Value(std::string("5"))}}));
    EXPECT_EQ(catalog->find("", "t")->find_column("n")->type.kind, TypeKind::text) << "the type that a query sees";
    EXPECT_EQ(catalog->find("", "t")->find_column("id")->type.kind, TypeKind::integer);
    EXPECT_EQ(catalog->find("", "t")->row_count, 2);
    EXPECT_EQ(catalog->find("", "t")->primary_key->columns, std::vector<std::string>{"id"});
    ASSERT_NE(catalog->find("", "counted"), nullptr) << "DuckDB has no total()";
    EXPECT_EQ(run(*read, "SELECT c, half FROM counted ORDER BY s").kept.back(), (Row{Value(std::string("1")), Value(std::string("1"))}))
        << "by SQLite's rules, where 2 / 2 is whole";
    const auto estimate = read->estimate("SELECT n FROM t");
    ASSERT_TRUE(estimate) << estimate.error().message;
    EXPECT_GT(estimate->bytes.value_or(0), 0);
  }
}

TEST_F(DuckDbTest, KeepsTheValuesOfSqliteAsTheyAre) {
  const std::string path = (folder_ / "values.sqlite").string();
  make_sqlite(
      path,
      "CREATE TABLE t (id INTEGER PRIMARY KEY, odd INTEGER NOT NULL, r REAL, b BLOB, s TEXT, d DATE, z INTEGER);"
      "INSERT INTO t VALUES (1, 'many', 0.1 + 0.2, x'00ff', 'a', '2024-01-02', NULL), (2, 3.5, 1e300, 'AB', NULL, NULL, -9223372036854775808)");
  const auto sqlite = engine({.kind = DuckDbSource::Kind::sqlite, .path = path});
  const auto read = session(*sqlite);
  const auto catalog = read->catalog({});
  ASSERT_TRUE(catalog) << catalog.error().message;
  EXPECT_FALSE(catalog->find("", "t")->find_column("odd")->nullable);
  const RowBuffer rows = run(*read, "SELECT odd, r, b, s, d, z FROM t ORDER BY id");
  ASSERT_EQ(rows.kept.size(), 2U);
  EXPECT_EQ(rows.kept[0][1], Value(0.1 + 0.2)) << "SQLite's own text has 15 digits";
  EXPECT_EQ(rows.kept[1][0], Value(std::string("3.5")));
  EXPECT_EQ(value_text(rows.kept[0][2], rows.header[2].type), "AP8=");
  EXPECT_EQ(value_text(rows.kept[1][2], rows.header[2].type), "QUI=") << "text in a column of bytes is not read as hexadecimal";
  EXPECT_EQ(rows.header[4].type.kind, TypeKind::date);
  EXPECT_EQ(rows.kept[1][5], Value(std::numeric_limits<std::int64_t>::min()));
  EXPECT_EQ(run(*read, "SELECT count(*) FROM t WHERE d = DATE '2024-01-02' AND r < 1").kept[0][0], Value(std::int64_t{1}));
  RowBuffer none(10);
  for (const char* sql : {"DELETE FROM t", "CREATE TABLE u (a INTEGER)", "SELECT * FROM sqlite_scan('/tmp/other.sqlite', 't')"})
    EXPECT_FALSE(session(*sqlite)->run(sql, {.rows_max = 10, .bytes_max = 999}, none)) << sql;
}

TEST_F(DuckDbTest, WaitsForNobodyWhoWritesSqlite) {
  const std::string path = (folder_ / "busy.sqlite").string();
  make_sqlite(path, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, "BEGIN EXCLUSIVE; INSERT INTO t VALUES (1)", nullptr, nullptr, nullptr), SQLITE_OK);
  Result<Catalog> catalog = Error::bug("not read");
  if (auto open = open_duckdb("shop", {.kind = DuckDbSource::Kind::sqlite, .path = path}); !open)
    catalog = open.error();
  else if (auto read = (*open)->open_read(soon()); !read)
    catalog = read.error();
  else
    catalog = (*read)->catalog({});
  ASSERT_FALSE(catalog) << "keys that cannot be read are not absent";
  EXPECT_EQ(catalog.error().kind, ErrorKind::transient) << catalog.error().code << " " << catalog.error().message;
  sqlite3_close(db);
}

TEST_F(DuckDbTest, NamesWhatIsNearAndWhatItIs) {
  make_sqlite((folder_ / "other.sqlite").string(), "CREATE TABLE t (a INTEGER)");
  const auto missing = open_duckdb("shop", {.path = (folder_ / "shpo.duckdb").string()});
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("did you mean \"shop.duckdb\"?"), std::string::npos) << missing.error().message;
  const auto sqlite = open_duckdb("shop", {.path = (folder_ / "other.sqlite").string()});
  ASSERT_FALSE(sqlite) << "DuckDB would ask the network for an extension";
  EXPECT_EQ(sqlite.error().code, "E0401");
  EXPECT_NE(sqlite.error().hint.find("--sqlite"), std::string::npos) << sqlite.error().hint;
  EXPECT_EQ(open_duckdb("shop", {.kind = DuckDbSource::Kind::sqlite, .path = db_}).error().code, "E0401");
  EXPECT_EQ(open_duckdb("shop", {.path = folder_.string()}).error().code, "E0401");
}

/// Holds the file that $SLUICE_TEST_HOLD names open for writing until its input ends: the other program of the test below.
TEST(DuckDbHolder, Holds) {
  const char* path = std::getenv("SLUICE_TEST_HOLD");
  if (path == nullptr) GTEST_SKIP() << "another test starts this as a program of its own";
  const auto database = duckdb_detail::Database::open(path, {});
  ASSERT_TRUE(database) << database.error().message;
  std::printf("\nheld\n");
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
}

TEST_F(DuckDbTest, SaysThatAnotherProgramWrites) {
  const std::string command = "SLUICE_TEST_HOLD='" + db_ + "' /proc/" + std::to_string(getpid()) + "/exe --gtest_filter=DuckDbHolder.*";
  const std::string answers = (folder_ / "holder.txt").string();
  FILE* holder = popen((command + " > '" + answers + "'").c_str(), "w");  // NOLINT(bugprone-command-processor): the test's own command
  ASSERT_NE(holder, nullptr);
  constexpr int kTries = 500;
  for (int i = 0; i < kTries && bytes_of(answers).find("\nheld") == std::string::npos; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const auto opened = open_duckdb("shop", {.path = db_});
  pclose(holder);
  ASSERT_FALSE(opened) << bytes_of(answers);
  EXPECT_EQ(opened.error().code, "E0402") << opened.error().message;
  EXPECT_EQ(opened.error().kind, ErrorKind::transient);
  EXPECT_TRUE(open_duckdb("shop", {.path = db_})) << "and it opens once the other is gone";
}

TEST(DuckDbLibrary, KnowsItsVersions) {
  for (const char* version : {"v1.4.4", "v1.5.5", "v1.10.0"}) EXPECT_TRUE(duckdb_detail::is_supported_version(version)) << version;
  for (const char* version : {"v1.3.9", "v2.0.0", "v0.10.2", "1.5.5", "", "v1."})
    EXPECT_FALSE(duckdb_detail::is_supported_version(version)) << version;
  const auto version = duckdb_version();
  ASSERT_TRUE(version) << version.error().message;
  EXPECT_TRUE(duckdb_detail::is_supported_version(*version));
}

}  // namespace
}  // namespace sluice
