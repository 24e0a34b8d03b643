#include "connectors/postgres/key_evidence.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>

#include "connectors/postgres/private_server.h"

namespace sluice::postgres {
namespace {

constexpr const char* kCars = R"(
CREATE TABLE countries AS SELECT i AS country_id, 'n' || i AS name FROM generate_series(1, 30) i;
CREATE TABLE makers AS SELECT i AS id, (1 + i % 15)::text AS country, (1 + i % 15) AS country_rank FROM generate_series(1, 22) i;
CREATE TABLE models AS SELECT i AS modelid, 1 + i % 22 AS maker, 900 + i AS made_in_country_id FROM generate_series(1, 40) i;
CREATE TABLE sold (model_id int, maker_id int); INSERT INTO sold SELECT 1 + i % 40, 1 + i / 40 FROM generate_series(0, 99) i;
CREATE TABLE wheels AS SELECT i % 5 AS id, i AS maker_id FROM generate_series(1, 22) i;
CREATE TABLE nobody (id int, maker int); CREATE TABLE empty_ones (id int); CREATE TABLE uses AS SELECT 1 AS empty_one_id;
CREATE FUNCTION loud(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1'; CREATE TABLE guarded AS SELECT 1 AS maker, 2 AS note;
CREATE INDEX by_loud ON guarded (loud(note));
CREATE TABLE large AS SELECT i AS large_id, 1 + i % 22 AS maker FROM generate_series(1, 300000) i; ALTER TABLE large ADD PRIMARY KEY (large_id);
CREATE TABLE small AS SELECT i AS id, i * 1000 AS the_large_id FROM generate_series(1, 90) i;
CREATE TYPE size AS ENUM ('s', 'm'); CREATE TABLE sizes (size size PRIMARY KEY, words text); INSERT INTO sizes VALUES ('s', 'small'), ('m', 'middle');
CREATE TABLE shirts AS SELECT i AS id, 's'::char(3) AS size FROM generate_series(1, 9) i; ANALYZE;)";

class PostgresKeys : public ::testing::Test {
 protected:
  static const PrivateServer* server() {
    static std::string missing;
    static const std::unique_ptr<PrivateServer> kServer = [] {
      auto made = PrivateServer::start(missing);
      if (made != nullptr) made->admin(kCars);
      return made;
    }();
    return kServer.get();
  }
  void SetUp() override {
    if (server() != nullptr) return;
    if (std::getenv("CI") != nullptr) FAIL() << "no PostgreSQL server";
    GTEST_SKIP() << "no PostgreSQL server";
  }
  static Catalog read() {
    const auto libpq = libpq::load();
    const auto target = make_target(**libpq, "cars", {.url = server()->socket_url("admin")});
    const auto session = Session::open(*libpq, *target, {std::chrono::steady_clock::now() + std::chrono::seconds(20), {}});
    EXPECT_TRUE(session) << session.error().message;
    auto catalog = (*session)->catalog({});
    EXPECT_TRUE(catalog) << catalog.error().message;
    return *std::move(catalog);
  }
  static std::string references(const Catalog& catalog, const char* table) {
    std::string out;
    for (const ForeignKey& key : catalog.find("", table)->foreign_keys)
      out += (out.empty() ? "" : " ") + key.columns.front() + "->" + key.target.name + "." + key.target_columns.front();
    return out;
  }
};

TEST_F(PostgresKeys, AreLookedUp) {
  const Catalog catalog = read();
  EXPECT_EQ(references(catalog, "makers"), "country->countries.country_id") << "text that refers to numbers; a rank is none";
  EXPECT_EQ(references(catalog, "models"), "maker->makers.id") << "no model is made in any of these countries";
  EXPECT_EQ(references(catalog, "sold"), "model_id->models.modelid maker_id->makers.id");
  EXPECT_EQ(catalog.find("", "sold")->primary_key, (Key{{"model_id", "maker_id"}, KeyOrigin::inferred}));
  EXPECT_EQ(catalog.find("", "wheels")->primary_key, std::nullopt) << "id repeats";
  EXPECT_EQ(references(catalog, "uses"), "") << "nothing refers to an empty table";
  EXPECT_EQ(references(catalog, "nobody"), "") << "nothing is there that could refer";
  EXPECT_EQ(references(catalog, "shirts"), "size->sizes.size") << "character(3) and an enum are compared as text";
}

TEST_F(PostgresKeys, OfLargeTablesNeedAnIndex) {
  const Catalog catalog = read();
  EXPECT_EQ(references(catalog, "small"), "the_large_id->large.large_id");
  EXPECT_EQ(references(catalog, "large"), "maker->makers.id");
}

TEST_F(PostgresKeys, AreNotLookedUpWhereThatRunsUsersCode) {
  const Catalog catalog = read();
  ASSERT_TRUE(runs_on_read(*catalog.find("", "guarded")));
  EXPECT_EQ(references(catalog, "guarded"), "");
}

TEST_F(PostgresKeys, OfOtherTablesAreFoundWhileOneIsLocked) {
  std::thread locks([] { server()->admin("BEGIN; LOCK TABLE models; SELECT pg_sleep(1.5); COMMIT"); });
  std::this_thread::sleep_for(std::chrono::milliseconds(400));
  const Catalog catalog = read();
  locks.join();
  EXPECT_EQ(references(catalog, "makers"), "country->countries.country_id");
  EXPECT_EQ(references(catalog, "models"), "");
}

}  // namespace
}  // namespace sluice::postgres
