#include "connectors/postgres/ranges.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "base/text.h"
#include "connectors/postgres/private_server.h"

namespace sluice::postgres {
namespace {

constexpr const char* kVisits = R"(
CREATE ROLE reader LOGIN;
CREATE TABLE small AS SELECT i AS small_id, i % 3 AS status, (ARRAY[10,20])[1 + i % 2]::smallint AS grade, i % 100 AS score, round(i / 4.0, 2) AS price,
  (CASE WHEN i = 1 THEN 'NaN' ELSE i * 0.5 END)::float8 AS rate, date '2013-01-01' + i % 365 AS day, NULL::int AS nothing, 7 AS hidden,
  CASE WHEN i = 1 THEN 'infinity' ELSE timestamp '2013-01-01 05:00' + i * interval '1 min' END AS seen FROM generate_series(1, 3000) i;
CREATE TABLE large AS SELECT 1 + i % 4 AS quarter, i AS n, round(-i / 2.0, 1) AS loss, date '2013-01-01' + i % 365 AS day, repeat('x', 200) AS filler
  FROM generate_series(1, 50000) i; ALTER TABLE large ALTER n SET STATISTICS 20;
CREATE TABLE fresh WITH (autovacuum_enabled = off) AS TABLE large; CREATE TABLE guarded (n int, note int); INSERT INTO guarded VALUES (1, 2);
CREATE FUNCTION loud(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1'; CREATE INDEX by_loud ON guarded (loud(note));
CREATE TABLE parted (n int, day date) PARTITION BY RANGE (day); CREATE TABLE parted_2013 PARTITION OF parted FOR VALUES FROM ('2013-01-01') TO ('2014-01-01');
INSERT INTO parted SELECT i % 2, date '2013-01-01' + i FROM generate_series(0, 364) i; ANALYZE small; ANALYZE large; ANALYZE parted;
GRANT SELECT ON large, fresh, guarded, parted TO reader; GRANT SELECT (small_id, status, grade, score, price, rate, day, nothing, seen) ON small TO reader;)";

class PostgresRanges : public ::testing::Test {
 protected:
  static const PrivateServer* server() {
    static std::string missing;
    static const std::unique_ptr<PrivateServer> kServer = [] {
      auto made = PrivateServer::start(missing);
      if (made != nullptr) made->admin(kVisits);
      return made;
    }();
    return kServer.get();
  }
  void SetUp() override {
    if (server() != nullptr) return;
    if (std::getenv("CI") != nullptr) FAIL() << "no PostgreSQL server";
    GTEST_SKIP() << "no PostgreSQL server";
  }
  static std::unique_ptr<Session> session() {
    const auto libpq = libpq::load();
    const auto target = make_target(**libpq, "visits", {.url = server()->socket_url("reader")});
    auto opened = Session::open(*libpq, *target, {std::chrono::steady_clock::now() + std::chrono::seconds(20), {}});
    EXPECT_TRUE(opened) << opened.error().message;
    return *std::move(opened);
  }
  /// "status:0,1,2 score=0..99 ", with a question mark where statistics tell.
  static std::string told(ReadSession& session, const std::string& table) {
    const auto catalog = session.catalog({});
    EXPECT_TRUE(catalog) << catalog.error().message;
    const auto ranges = session.ranges(*catalog);
    EXPECT_TRUE(ranges) << ranges.error().message;
    std::string out;
    for (const ColumnRange& one : *ranges)
      if (one.table.name == table)
        out += one.column + (one.codes.empty() ? "=" + one.least + ".." + one.greatest : ":" + join(one.codes, ",")) + (one.complete ? " " : "? ");
    return out;
  }
};

TEST_F(PostgresRanges, AreReadOfSmallTables) {
  const auto open = session();
  EXPECT_EQ(told(*open, "small"),
            "status:0,1,2 grade:10,20 score=0..99 price=0.25..750.00 rate=1..1500 day=2013-01-01..2013-12-31 "
            "seen=2013-01-01 05:02:00..2013-01-03 07:00:00 ")
      << "finite values alone, and of the columns that this role may see";
}

TEST_F(PostgresRanges, AreThoseOfStatisticsElsewhere) {
  const auto open = session();
  const std::string large = told(*open, "large");
  EXPECT_TRUE(large.starts_with("quarter:1,2,3,4? n=")) << large;
  EXPECT_EQ(std::ranges::count(large, '?'), 4) << "of a sample: " << large;
  EXPECT_NE(large.find("..2013-12-31? "), std::string::npos) << large;
  EXPECT_EQ(told(*open, "fresh"), "quarter:1,2,3,4 n=1..50000 loss=-25000.0..-0.5 day=2013-01-01..2013-12-31 ")
      << "never analysed, so that it is read";
  EXPECT_EQ(told(*open, "parted"), "n:0,1? day=2013-01-01..2013-12-31? ") << "how large it is is not known";
  EXPECT_EQ(told(*open, "guarded"), "") << "its index runs a function of a user's";
}

TEST_F(PostgresRanges, GoWithoutATableThatIsLocked) {
  std::thread writer([] { server()->admin("BEGIN; LOCK TABLE small; SELECT pg_sleep(3); COMMIT"); });
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  const auto open = session();
  const auto start = std::chrono::steady_clock::now();
  const std::string small = told(*open, "small"), fresh = told(*open, "fresh");
  writer.join();
  EXPECT_NE(small.find("status:0,1,2? "), std::string::npos) << "by statistics: " << small;
  EXPECT_NE(fresh, "") << "the others are read";
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

}  // namespace
}  // namespace sluice::postgres
