#include "connectors/duckdb/catalog.h"
#include "connectors/duckdb/duckdb_for_test.h"

namespace sluice {
namespace {

using KeysTest = DuckDbFolder;

std::string references(const Catalog& catalog, const std::string& table) {
  std::string out;
  for (const ForeignKey& key : catalog.find("", table)->foreign_keys)
    out += key.columns.front() + "->" + key.target.name + "." + key.target_columns.front() + (key.origin == KeyOrigin::inferred ? " " : " declared ");
  return out;
}

TEST_F(KeysTest, FindsWhatTheValuesShow) {
  const std::string path = (folder_ / "flights.duckdb").string();
  make(path,
       "CREATE TABLE airlines AS SELECT * FROM (VALUES ('AA', 'American'), ('UA', 'United'), ('B6', 'JetBlue')) t(carrier, name);"
       "CREATE TABLE airports AS SELECT * FROM (VALUES ('JFK', 'Kennedy'), ('EWR', 'Newark'), ('LGA', 'La Guardia'), ('SFO', 'San Francisco')) "
       "t(faa, name);"
       "CREATE TABLE planes AS SELECT 'N' || i AS tailnum, 2000 + i % 5 AS year FROM range(100) r(i);"
       "CREATE TABLE flights AS SELECT 2013 AS year, ['AA', 'UA', 'B6'][1 + i % 3] AS carrier, 'N' || i % 120 AS tailnum, "
       "['JFK', 'EWR', 'LGA'][1 + i % 3] AS origin, ['JFK', 'EWR', 'LGA', 'SFO'][1 + i % 4] AS dest FROM range(1000) r(i);");
  const auto database = engine({.path = path});
  const auto catalog = session(*database)->catalog({});
  ASSERT_TRUE(catalog) << catalog.error().message;
  EXPECT_EQ(references(*catalog, "flights"), "carrier->airlines.carrier tailnum->planes.tailnum origin->airports.faa dest->airports.faa ");
  EXPECT_EQ(catalog->find("", "airports")->primary_key->origin, KeyOrigin::inferred);
}

TEST_F(KeysTest, FindsThemInFilesToo) {
  std::ofstream(folder_ / "airports.csv") << "faa,name\nJFK,Kennedy\nEWR,Newark\nLGA,La Guardia\n";
  std::ofstream(folder_ / "flights.csv") << "year,origin\n2013,JFK\n2013,EWR\n2013,LGA\n2013,JFK\n";
  std::ofstream(folder_ / "numbers.csv") << "a,b\n1,2\n3,4\n";
  const auto files = engine({.kind = DuckDbSource::Kind::files, .globs = {(folder_ / "*.csv").string()}});
  const auto catalog = session(*files)->catalog({});
  ASSERT_TRUE(catalog) << catalog.error().message;
  EXPECT_EQ(references(*catalog, "flights"), "origin->airports.faa ");
  EXPECT_EQ(catalog->find("", "flights")->row_count, 4);
  EXPECT_EQ(catalog->find("", "numbers")->row_count, 2) << "counted, as it has no text that tells";
}

TEST_F(KeysTest, CountsFilesOrSaysAbout) {
  const auto at = [&](const char* name) { return (folder_ / name).string(); };
  make((folder_ / "x.duckdb").string(), "COPY (SELECT range AS id FROM range(70000)) TO '" + at("z_last.parquet") +
                                            "'; COPY (SELECT range AS id, range * 2.5 AS n FROM range(9)) TO '" + at("small.csv") +
                                            "'; COPY (SELECT 1000000 + range AS id, range % 7 AS n FROM range(3000000)) TO '" + at("big.csv") + "'");
  const auto files = engine({.kind = DuckDbSource::Kind::files, .globs = {at("*.csv"), at("*.parquet")}});
  const auto catalog = session(*files)->catalog({});
  ASSERT_TRUE(catalog) << catalog.error().message;
  for (const auto& [name, rows] : {std::pair{"z_last", 70'000}, std::pair{"small", 9}}) {
    EXPECT_EQ(catalog->find("", name)->row_count, rows);
    EXPECT_TRUE(catalog->find("", name)->row_count_exact);
  }
  // Without any time: what the lines show, and the file's own count.
  Catalog again = *catalog;
  for (Table& table : again.tables) table.row_count.reset();
  for (Table& table : again.tables) table.row_count_exact = false;
  const auto database = duckdb_detail::Database::open("", {});
  const auto connection = duckdb_detail::Connection::open(*database, {std::chrono::steady_clock::now(), {}});
  ASSERT_TRUE(duckdb_detail::count_files(**connection, again));
  EXPECT_FALSE(again.find("", "big")->row_count_exact);
  EXPECT_NEAR(static_cast<double>(again.find("", "big")->row_count.value_or(0)), 3e6, 3e4);
  EXPECT_FALSE(again.find("", "small")->row_count) << "too small to tell by its size";
}

TEST_F(KeysTest, DropsWhatTheDataContradict) {
  const std::string path = (folder_ / "names.duckdb").string();
  make(path,
       "CREATE TABLE orders AS SELECT i // 2 AS id, i % 7 AS customer_id, 1000000 + i AS product_id FROM range(100) r(i);"
       "CREATE TABLE customers AS SELECT i AS id FROM range(10) r(i); CREATE TABLE products AS SELECT i AS id FROM range(50) r(i);"
       "CREATE TABLE lines AS SELECT i AS line_id, i % 50 AS order_id FROM range(100) r(i);"
       "CREATE TABLE vendors (id INTEGER); CREATE TABLE bills AS SELECT i AS id, i AS vendor_id FROM range(10) r(i);");
  const auto database = engine({.path = path});
  const auto catalog = session(*database)->catalog({});
  ASSERT_TRUE(catalog) << catalog.error().message;
  EXPECT_FALSE(catalog->find("", "orders")->primary_key) << "id repeats";
  EXPECT_EQ(references(*catalog, "lines"), "") << "orders.id is no key";
  EXPECT_EQ(references(*catalog, "orders"), "customer_id->customers.id ") << "no product_id is a product's";
  EXPECT_EQ(references(*catalog, "bills"), "") << "nothing refers to an empty table";
}

TEST_F(KeysTest, LooksUpWhatNamesOnlySuggest) {
  const std::string path = (folder_ / "cars.duckdb").string();
  make(path,
       "CREATE TABLE continents AS SELECT i AS cont_id, 'c' || i AS continent FROM range(1, 6) r(i);"
       "CREATE TABLE countries AS SELECT i AS id, 'n' || i AS name, 1 + i % 5 AS continent FROM range(1, 16) r(i);"
       "CREATE TABLE car_makers AS SELECT i AS id, 'm' || i AS full_name, (1 + i % 15)::VARCHAR AS country FROM range(1, 23) r(i);"
       "CREATE TABLE models AS SELECT i AS model_id, 1 + i % 22 AS maker, i % 8 AS number_of_countries, (i * 100)::VARCHAR AS code FROM range(1, 40) "
       "r(i);"
       "CREATE TABLE sold_by AS SELECT 1 + i % 39 AS model_id, 1 + i // 39 AS maker_id FROM range(200) r(i);"
       "CREATE TABLE computed (id INTEGER, model_id INTEGER GENERATED ALWAYS AS (error('read')));");
  const auto database = engine({.path = path});
  const auto catalog = session(*database)->catalog({});
  ASSERT_TRUE(catalog) << catalog.error().message;
  EXPECT_EQ(references(*catalog, "countries"), "continent->continents.cont_id ");
  EXPECT_EQ(references(*catalog, "car_makers"), "country->countries.id ") << "text that refers to numbers";
  EXPECT_EQ(references(*catalog, "models"), "maker->car_makers.id ");
  EXPECT_EQ(references(*catalog, "sold_by"), "model_id->models.model_id maker_id->car_makers.id ");
  EXPECT_EQ(catalog->find("", "sold_by")->primary_key, (Key{{"model_id", "maker_id"}, KeyOrigin::inferred}));
}

TEST_F(KeysTest, OneColumnThatCannotBeReadSpoilsNoOther) {
  std::ofstream(folder_ / "teams.csv") << "id,name\n1,A\n2,B\n3,C\n";
  {
    std::ofstream games(folder_ / "games.csv");  // a value that does not fit, behind the rows by which the types were found
    games << "game_id,home_team\n";
    for (int i = 0; i < 30'000; ++i) games << i << ',' << (i < 29'000 ? "1" : "none at all") << '\n';
  }
  std::ofstream(folder_ / "goals.csv") << "goal_id,scoring_team\n1,1\n2,3\n3,2\n";
  const auto files = engine({.kind = DuckDbSource::Kind::files, .globs = {(folder_ / "*.csv").string()}});
  const auto catalog = session(*files)->catalog({});
  ASSERT_TRUE(catalog) << catalog.error().message;
  EXPECT_EQ(references(*catalog, "goals"), "scoring_team->teams.id ");
  EXPECT_EQ(references(*catalog, "games"), "");
}

TEST_F(KeysTest, ValuesAreCompleteOnlyWhenTheyAre) {
  const std::string path = (folder_ / "values.duckdb").string();
  make(path,
       "CREATE TABLE t AS SELECT 'v' || i % 3 AS few, 'v' || i AS many, CASE WHEN i = 0 THEN repeat('x', 101) ELSE 'y' END AS long, "
       "NULL::VARCHAR AS nothing, (['a', 'b'][1 + i % 2])::ENUM ('a', 'b') AS choice FROM range(30) r(i)");
  const auto database = engine({.path = path});
  const std::vector<TableName> tables{{"main", "t"}};
  const auto values = session(*database)->values(tables, 10);
  ASSERT_TRUE(values) << values.error().message;
  struct Case {
    const char* column;
    std::size_t count;
    bool complete;
  };
  ASSERT_EQ(values->size(), 5U);
  for (const auto& [column, count, complete] :
       {Case{"few", 3, true}, Case{"many", 10, false}, Case{"long", 1, false}, Case{"nothing", 0, true}, Case{"choice", 2, true}}) {
    const auto found = std::find_if(values->begin(), values->end(), [&](const ColumnValues& one) { return one.column == column; });
    ASSERT_NE(found, values->end()) << column;
    EXPECT_EQ(found->values.size(), count) << column;
    EXPECT_EQ(found->complete, complete) << column;
  }
}

TEST_F(KeysTest, NumbersWithMissingOnesAreNumbers) {
  std::ofstream(folder_ / "delays.csv") << "carrier,delay,country,day\nAA,5,NA,2024-01-01\nUA,NA,DE,NA\nB6,-3,NA,2024-01-03\n";
  const auto files = engine({.kind = DuckDbSource::Kind::files, .globs = {(folder_ / "*.csv").string()}});
  const auto read = session(*files);
  const auto catalog = read->catalog({});
  ASSERT_TRUE(catalog) << catalog.error().message;
  const Table* delays = catalog->find("", "delays");
  EXPECT_EQ(delays->find_column("delay")->type.kind, TypeKind::integer);
  EXPECT_EQ(delays->find_column("day")->type.kind, TypeKind::date);
  EXPECT_EQ(delays->find_column("country")->type.kind, TypeKind::text);
  const RowBuffer rows = run(*read, "SELECT sum(delay), count(delay), count(*) FILTER (WHERE country = 'NA'), count(day) FROM delays");
  EXPECT_EQ(value_text(rows.kept.at(0).at(0), {}), "2");
  EXPECT_EQ(rows.kept.at(0).at(1), Value(std::int64_t{2}));
  EXPECT_EQ(rows.kept.at(0).at(2), Value(std::int64_t{2})) << "Namibia stays";
  EXPECT_EQ(rows.kept.at(0).at(3), Value(std::int64_t{2}));
}

TEST_F(KeysTest, ReadsCsvInManyShapes) {
  std::ofstream(folder_ / "semicolon.csv") << "a;b\n1;'x'\n2;y\n";
  std::ofstream(folder_ / "tabs.tsv") << "a\tb\n1\tx y\n2\tz\n";
  std::ofstream(folder_ / "windows.csv") << "a,b\r\n1,x\r\n2,y\r\n";
  std::ofstream(folder_ / "quoted.csv") << "\"a b\",\"it's\"\n1,\"x,\"\"y\"\"\"\n2,\"two\nlines\"\n";
  std::ofstream(folder_ / "dates.csv") << "a,b\n31/01/2024,x\n28/02/2024,y\n";
  {
    std::ofstream late(folder_ / "late.csv");  // quotes only where nobody looked
    late << "a,b\n";
    for (int i = 0; i < 25'000; ++i) late << i << ",x\n";
    late << "25000,\"p,q\"\n";
  }
  const auto files = engine({.kind = DuckDbSource::Kind::files, .globs = {(folder_ / "*.csv").string(), (folder_ / "*.tsv").string()}});
  ASSERT_NE(files, nullptr);
  const auto read = session(*files);
  for (const char* table : {"semicolon", "tabs", "windows", "quoted"}) {
    const RowBuffer rows = run(*read, std::string("SELECT * FROM ") + table);
    EXPECT_EQ(rows.kept.size(), 2U) << table;
    EXPECT_EQ(rows.header.size(), 2U) << table;
  }
  EXPECT_EQ(run(*read, "SELECT \"it's\" FROM quoted").kept.at(0).at(0), Value(std::string("x,\"y\"")));
  EXPECT_EQ(run(*read, "SELECT a FROM dates ORDER BY a").kept.at(0).at(0), Value(std::string("2024-01-31")));
  EXPECT_EQ(run(*read, "SELECT b FROM late WHERE a = 25000").kept.at(0).at(0), Value(std::string("p,q")));
}

}  // namespace
}  // namespace sluice
