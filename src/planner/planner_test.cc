#include "planner/planner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <thread>

#include "planner/golden_for_test.h"
#include "planner/words.h"

namespace sluice {
namespace {

using planner::golden_text;
using planner::GoldenFile;
using planner::SampleCatalog;

Result<Proposal> ask(Proposer& proposer, const SampleCatalog& sample, std::string question, std::vector<std::string> feedback = {},
                     std::string catalog_id = "") {
  return proposer.propose({.question = std::move(question),
                           .feedback = std::move(feedback),
                           .catalog = sample.catalog,
                           .values = sample.values,
                           .catalog_id = std::move(catalog_id)});
}

TEST(Planner, AnswersFlights) { GoldenFile("flights.txt", planner::flights_catalog()).run(); }
TEST(Planner, AnswersNorthwind) { GoldenFile("northwind.txt", planner::northwind_catalog()).run(); }
TEST(Planner, AnswersChinook) { GoldenFile("chinook.txt", planner::chinook_catalog()).run(); }
TEST(Planner, TellsRolesOfATableApart) { GoldenFile("roles.txt").run(); }
TEST(Planner, PassesOverPrefixesOfNames) { GoldenFile("prefixes.txt").run(); }
TEST(Planner, RefusesWhatItCannotPlace) { GoldenFile("refused.txt", planner::flights_catalog()).run(); }
TEST(Planner, RefusesOnNorthwind) { GoldenFile("refused_northwind.txt", planner::northwind_catalog()).run(); }

std::string understood(const SampleCatalog& sample, const std::string& question) {
  const auto answer = ask(*make_planner(), sample, question);
  if (!answer) return "! " + answer.error().message;
  std::string out;
  for (const LinkedWord& word : answer->linked) out += (out.empty() ? "" : "; ") + word.word + " = " + word.meaning;
  return out;
}

TEST(Planner, ShowsWhatItUnderstood) {
  const auto flights = planner::flights_catalog(), northwind = planner::northwind_catalog();
  EXPECT_EQ(understood(flights, "how many flights from JFK?"), "flights = table flights; JFK = flights.origin = 'JFK'");
  EXPECT_EQ(understood(northwind, "how many orders were placed in 1997?"),
            "orders = table orders; placed in 1997 = orders.order_date from 1997-01-01 to before 1998-01-01");
}

TEST(Planner, TakesAUnitOnlyWhereTheCatalogSaysIt) {
  const std::string question = "how many flights had a departure delay over 60 minutes?";
  auto sample = planner::flights_catalog();
  EXPECT_EQ(golden_text(ask(*make_planner(), sample, question)).substr(0, 7), "! E0606");
  const auto flights = std::ranges::find_if(sample.catalog.tables, [](const Table& one) { return one.name.name == "flights"; });
  std::ranges::find(flights->columns, "dep_delay", &Column::name)->comment = "departure delay, in minutes";
  EXPECT_EQ(golden_text(ask(*make_planner(), sample, question)), "SELECT\n  count(*) AS number_of_flights\nFROM flights\nWHERE dep_delay > 60");
  EXPECT_EQ(golden_text(ask(*make_planner(), sample, "how many flights had a departure delay over 2 hours?")).substr(0, 7), "! E0606");
}

TEST(Planner, ComparesDatesThatAreText) {
  const SampleCatalog iso(Dialect::duckdb, "main", R"(
    orders: *order_id i, customer t, order_date t, freight f
    orders.order_date = 1996-07-04 | 1997-01-01 10:30:00 | 1998-05-06)");
  const SampleCatalog unknown(Dialect::duckdb, "main", R"(
    orders: *order_id i, customer t, order_date t, freight f
    orders.order_date = 4 July 1996 | 1 January 1997)");
  const auto asked = [&](const SampleCatalog& sample, const std::string& question) { return golden_text(ask(*make_planner(), sample, question)); };
  EXPECT_EQ(asked(iso, "how many orders in 1997"),
            "SELECT\n  count(*) AS number_of_orders\nFROM orders\nWHERE order_date >= '1997-01-01'\n  AND order_date < '1998-01-01'");
  EXPECT_EQ(asked(iso, "total freight of orders since 1997-03-01"),
            "SELECT\n  sum(freight) AS total_freight\nFROM orders\nWHERE order_date >= '1997-03-01'");
  EXPECT_EQ(asked(iso, "how many orders in March").substr(0, 7), "! E0606");
  EXPECT_EQ(asked(iso, "how many orders per month"), "! E0606 \"order_date\" is text, so that there are no groups by its days, months or years");
  EXPECT_EQ(asked(unknown, "how many orders in 1997"),
            "! E0605 \"orders.order_date\" is text, so that nothing tells when rows of the table happened");
}

TEST(Planner, RefusesEveryQuestionOfTheRefusedFiles) {
  for (const auto& [file, sample] :
       {std::pair{"refused.txt", planner::flights_catalog()}, std::pair{"refused_northwind.txt", planner::northwind_catalog()}}) {
    std::ifstream in(std::string("tests/cases/planner/") + file);
    const auto proposer = make_planner();
    for (std::string line; std::getline(in, line);) {
      if (!line.starts_with("? ")) continue;
      const auto answer = ask(*proposer, sample, line.substr(2));
      if (answer && answer->is_question()) continue;
      ASSERT_FALSE(answer) << line << "\n" << answer->sql;
      EXPECT_EQ(answer.error().kind, ErrorKind::unanswerable) << line;
      EXPECT_FALSE(answer.error().hint.empty()) << line;
    }
  }
}

TEST(Planner, BoundsTheQuestion) {
  const auto proposer = make_planner();
  const auto sample = planner::flights_catalog();
  EXPECT_EQ(ask(*proposer, sample, std::string(1'000'000, 'x')).error().code, "E0601");
  std::string many;
  for (int i = 0; i < 900; ++i) many += "a ";
  EXPECT_EQ(ask(*proposer, sample, many).error().code, "E0601");
  EXPECT_EQ(ask(*proposer, sample, "").error().code, "E0600");
  EXPECT_EQ(ask(*proposer, sample, " \t?! ").error().code, "E0600");
  EXPECT_EQ(golden_text(ask(*proposer, sample, std::string("\xff\xfe\0 flights", 11))).substr(0, 7), "! E0602");
}

TEST(Planner, IsDeterministicFromManyThreads) {
  const auto proposer = make_planner();
  const auto flights = planner::flights_catalog();
  const auto chinook = planner::chinook_catalog();
  const auto expected = encode(*ask(*proposer, flights, "average arrival delay per carrier")).dump();
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        if (encode(*ask(*proposer, flights, "average arrival delay per carrier", {}, "flights")).dump() != expected) ++wrong;
        if (!ask(*proposer, chinook, "how many tracks are there per genre?", {}, "chinook")) ++wrong;
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Planner, SeesAChangedCatalog) {
  const auto proposer = make_planner();
  auto sample = planner::flights_catalog();
  EXPECT_FALSE(ask(*proposer, sample, "how many gates are there?"));
  Table gates;
  gates.name = {"main", "gates"};
  gates.columns = {{"gate", Type{TypeKind::text, ""}, false, false, ""}};
  sample.catalog.tables.push_back(gates);
  EXPECT_TRUE(ask(*proposer, sample, "how many gates are there?"));
}

TEST(Planner, TellsCatalogsApartByTheirIdsAlone) {
  // Looking at two million values to find out whether they are the same takes longer than the answer.
  const auto proposer = make_planner();
  auto sample = planner::flights_catalog();
  const auto knows_gates = [&](const std::string& id) { return static_cast<bool>(ask(*proposer, sample, "how many gates are there?", {}, id)); };
  EXPECT_FALSE(knows_gates("monday"));
  Table gates;
  gates.name = {"main", "gates"};
  gates.columns = {{"gate", Type{TypeKind::text, ""}, false, false, ""}};
  sample.catalog.tables.push_back(gates);
  EXPECT_FALSE(knows_gates("monday"));
  EXPECT_TRUE(knows_gates("tuesday"));
  EXPECT_TRUE(knows_gates(""));
}

TEST(Planner, AnswersAmongAThousandTables) {
  SampleCatalog wide = planner::flights_catalog();
  for (int t = 0; t < 1000; ++t) {
    Table table;
    table.name = {"main", "thing" + std::to_string(t) + "_log"};
    for (int c = 0; c < 20; ++c) table.columns.push_back({"field" + std::to_string(c) + "_name", Type{TypeKind::text, ""}, true, false, ""});
    wide.catalog.tables.push_back(std::move(table));
  }
  ASSERT_TRUE(ask(*make_planner(), wide, "which carriers had the highest average arrival delay?"));
}

TEST(Words, SplitsNamesAndQuestions) {
  EXPECT_EQ(planner::name_pieces("BillingCountryID"), (std::vector<std::string>{"billing", "country", "id"}));
  EXPECT_EQ(planner::name_pieces("arr_delay"), (std::vector<std::string>{"arr", "delay"}));
  EXPECT_EQ(planner::stem("countries"), "country");
  EXPECT_EQ(planner::stem("status"), "status");
  EXPECT_EQ(planner::stem("boxes"), "box");
  const auto words = planner::split_words("Isn't \"New York\" the carrier's 1,000 on 2013-01-31?");
  std::vector<std::string> texts;
  texts.reserve(words.size());
  for (const auto& word : words) texts.push_back(word.text);
  EXPECT_EQ(texts, (std::vector<std::string>{"Isn", "New York", "the", "carrier", "1,000", "on", "2013-01-31", "?"}));
  EXPECT_EQ(words[6].kind, planner::WordKind::date);
  EXPECT_EQ(words[7].kind, planner::WordKind::stop);
}

}  // namespace
}  // namespace sluice
