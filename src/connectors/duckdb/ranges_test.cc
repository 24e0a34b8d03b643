#include "base/text.h"
#include "connectors/duckdb/catalog.h"
#include "connectors/duckdb/duckdb_for_test.h"

namespace sluice {
namespace {

using RangesTest = DuckDbFolder;

std::string ranges_of(const std::vector<ColumnRange>& ranges, const std::string& table) {
  std::string out;
  for (const ColumnRange& one : ranges)
    if (one.table.name == table)
      out += one.column + (one.codes.empty() ? "=" + one.least + ".." + one.greatest : ":" + join(one.codes, ",")) + (one.complete ? " " : "? ");
  return out;
}

constexpr const char* kVisits =
    "SELECT i AS visit_id, 1 + i % 10 AS room_id, i % 3 AS status, CASE WHEN i % 2 = 0 THEN 1990 + i % 20 END AS year, i % 100 AS score, "
    "(i / 4)::DECIMAL(10,2) AS price, i * 0.5::DOUBLE AS rate, DATE '2013-01-01' + (i % 365)::INTEGER AS day, "
    "TIMESTAMP '2013-01-01 05:00:00' + to_minutes(i) AS seen, NULL::INTEGER AS nothing, 'n' || i AS note FROM range(3000) r(i)";
constexpr const char* kVisitRanges =
    "status:0,1,2 year:1990,1992,1994,1996,1998,2000,2002,2004,2006,2008 score=0..99 price=0.00..749.75 rate=0.0..1499.5 "
    "day=2013-01-01..2013-12-31 seen=2013-01-01 05:00:00..2013-01-03 06:59:00 ";

TEST_F(RangesTest, AreToldOfEverySource) {
  const auto at = [&](const char* name) { return (folder_ / name).string(); };
  std::ofstream(at("rooms.csv")) << "id\n1\n2\n";
  make(at("visits.duckdb"), std::string("CREATE TABLE visits AS ") + kVisits + "; CREATE TABLE rooms AS SELECT 1 + i AS id FROM range(10) r(i);" +
                                "CREATE VIEW seen AS SELECT * FROM visits; COPY visits TO '" + at("visits.parquet") + "'; COPY visits TO '" +
                                at("listed.csv") + "'; CREATE TABLE empty (n INTEGER, d DATE); " +
                                "CREATE TABLE odd AS SELECT [1.5, 'NaN'::DOUBLE][1 + i % 2] AS rate, i AS n FROM range(20) r(i)");
  const auto told = [](DataEngine& engine) {
    const auto read = session(engine);
    const auto catalog = read->catalog({});
    EXPECT_TRUE(catalog) << catalog.error().message;
    auto ranges = read->ranges(*catalog);
    EXPECT_TRUE(ranges) << ranges.error().message;
    return *std::move(ranges);
  };
  const auto database = engine({.path = at("visits.duckdb")});
  const auto ranges = told(*database);
  EXPECT_EQ(ranges_of(ranges, "visits"), kVisitRanges);
  EXPECT_EQ(ranges_of(ranges, "seen") + ranges_of(ranges, "empty"), "") << "a view runs what somebody wrote";
  EXPECT_EQ(ranges_of(ranges, "odd"), "n=0..19 ") << "no range ends at NaN";
  const auto files = engine({.kind = DuckDbSource::Kind::files, .globs = {at("*.csv"), at("*.parquet")}});
  const auto of_files = told(*files);
  EXPECT_EQ(ranges_of(of_files, "visits"), kVisitRanges);
  EXPECT_EQ(ranges_of(of_files, "listed"),
            "status:0,1,2 year:1990,1992,1994,1996,1998,2000,2002,2004,2006,2008 score=0..99 price=0.0..749.75 "
            "rate=0.0..1499.5 day=2013-01-01..2013-12-31 seen=2013-01-01 05:00:00..2013-01-03 06:59:00 ");
}

TEST_F(RangesTest, SayWhereOnlyAPartWasRead) {
  const auto at = [&](const char* name) { return (folder_ / name).string(); };
  const std::string rows = "SELECT i AS n, (i >= 2500000)::INTEGER AS late, i % 3 AS status FROM range(2600000) r(i)";
  make(at("large.duckdb"), "CREATE TABLE large AS " + rows + "; COPY large TO '" + at("listed.csv") + "'");
  auto database = duckdb_detail::Database::open("", {});
  auto connection = duckdb_detail::Connection::open(*database, soon());
  ASSERT_TRUE((*connection)->execute("ATTACH '" + at("large.duckdb") + "' AS d (READ_ONLY)"));
  ASSERT_TRUE((*connection)->execute("CREATE VIEW listed AS FROM read_csv('" + at("listed.csv") + "')"));
  Catalog catalog{.database = "d", .tables = {{.name = {"main", "large"}}}};
  catalog.tables[0].columns = {
      {"n", Type{TypeKind::integer, "BIGINT"}}, {"late", Type{TypeKind::integer, "INTEGER"}}, {"status", Type{TypeKind::integer, "BIGINT"}}};
  const auto own = duckdb_detail::read_ranges(**connection, catalog, {});
  ASSERT_TRUE(own) << own.error().message;
  EXPECT_EQ(ranges_of(*own, "large"), "n=0..2599999 late=0..1 status:0,1,2? ") << "the ends are known without reading, the codes are not";
  catalog.database = "memory";
  catalog.tables[0].name.name = "listed";
  catalog.tables[0].kind = TableKind::file;
  const auto listed = duckdb_detail::read_ranges(**connection, catalog, {.kind = DuckDbSource::Kind::files});
  ASSERT_TRUE(listed) << listed.error().message;
  EXPECT_EQ(ranges_of(*listed, "listed"), "n=0..1999999? late:0? status:0,1,2? ");
}

TEST_F(RangesTest, OfOneColumnDoNotHangOnAnother) {
  {
    std::ofstream games(folder_ / "games.csv");  // a value that does not fit, behind the rows by which the types were found
    games << "round,goals\n";
    for (int i = 0; i < 30'000; ++i) games << i % 3 << ',' << (i < 29'000 ? "1" : "none at all") << '\n';
  }
  const auto files = engine({.kind = DuckDbSource::Kind::files, .globs = {(folder_ / "*.csv").string()}});
  const auto read = session(*files);
  const auto catalog = read->catalog({});
  ASSERT_TRUE(catalog) << catalog.error().message;
  const auto ranges = read->ranges(*catalog);
  ASSERT_TRUE(ranges) << ranges.error().message;
  EXPECT_EQ(ranges_of(*ranges, "games"), "round:0,1,2 ");
  const auto database = duckdb_detail::Database::open("", {});
  const auto late = duckdb_detail::Connection::open(*database, {std::chrono::steady_clock::now(), {}});
  const auto none = duckdb_detail::read_ranges(**late, *catalog, {.kind = DuckDbSource::Kind::files});
  ASSERT_TRUE(none) << "out of time is no failure";
  EXPECT_TRUE(none->empty());
}

/// A table whose rows nobody ever has read, before one of ten.
Catalog with_an_endless_table(const std::string& database) {
  const std::vector<Column> columns{{"n", Type{TypeKind::integer, "BIGINT"}}};
  return {.database = database,
          .tables = {{.name = {"main", "endless"}, .columns = columns}, {.name = {"main", "small"}, .columns = columns, .row_count = 10}}};
}
constexpr const char* kEndless =
    "CREATE VIEW endless AS SELECT (i * 7919) % 1000003 AS n FROM range(1000000000000) r(i); CREATE TABLE small AS SELECT i AS n FROM range(10) r(i)";

TEST_F(RangesTest, OfSmallTablesComeFirst) {
  const auto database = duckdb_detail::Database::open("", {});
  const auto connection = duckdb_detail::Connection::open(*database, soon(std::chrono::milliseconds(1500)));
  ASSERT_TRUE((*connection)->execute(kEndless));
  const auto ranges = duckdb_detail::read_ranges(**connection, with_an_endless_table("memory"), {});
  ASSERT_TRUE(ranges) << ranges.error().message;
  EXPECT_EQ(ranges_of(*ranges, "small"), "n:0,1,2,3,4,5,6,7,8,9 ");
  EXPECT_EQ(ranges_of(*ranges, "endless"), "") << "what was not known in time is left out";
}

TEST_F(RangesTest, HaveATimeOfTheirOwn) {
  const std::string path = (folder_ / "endless.duckdb").string();
  make(path, kEndless);
  const auto database = engine({.path = path});
  const auto read = session(*database);
  Catalog catalog = with_an_endless_table("endless");
  const auto known = read->catalog({});
  ASSERT_TRUE(known) << known.error().message;
  catalog.database = known->database;
  const auto first = read->ranges(catalog);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(ranges_of(*first, "endless"), "");
  const auto again = read->ranges(catalog);  // whatever was looked at before took its time
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(ranges_of(*again, "small"), "n:0,1,2,3,4,5,6,7,8,9 ");
}

}  // namespace
}  // namespace sluice
