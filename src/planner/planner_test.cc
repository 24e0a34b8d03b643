#include "planner/planner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/text.h"
#include "plan/render.h"
#include "planner/sample_catalogs_for_test.h"
#include "planner/words.h"

namespace sluice {
namespace {

using planner::SampleCatalog;

Result<Proposal> ask(Proposer& proposer, const SampleCatalog& sample, std::string question, std::vector<std::string> feedback = {}) {
  return proposer.propose({std::move(question), std::move(feedback), sample.catalog, sample.values});
}

std::string answer_text(const Result<Proposal>& answer) {
  if (!answer) return "! " + answer.error().code + " " + answer.error().message;
  return answer->sql;
}

/// A golden file is blocks `? question`, `+ feedback` and the SQL, or `! code message`; SLUICE_UPDATE_GOLDEN=1 rewrites it for a person to review.
void run_golden(const std::string& file, const SampleCatalog& sample) {
  const std::string path = "tests/cases/planner/" + file;
  std::ifstream in(path);
  ASSERT_TRUE(in) << path;
  std::stringstream whole;
  whole << in.rdbuf();
  const auto proposer = make_planner();
  std::string written, question, expected;
  std::vector<std::string> feedback;
  int asked = 0;
  const auto flush = [&] {
    if (question.empty()) return;
    const std::string got = answer_text(ask(*proposer, sample, question, feedback));
    if (std::getenv("SLUICE_UPDATE_GOLDEN") == nullptr) {
      EXPECT_EQ(std::string(trim(expected)), got) << path << ": " << question;
    }
    written += "? " + question + "\n";
    for (const std::string& one : feedback) written += "+ " + one + "\n";
    written += got + "\n\n";
    question.clear();
    feedback.clear();
    expected.clear();
    ++asked;
  };
  const std::string text = whole.str();
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with("? ")) {
      flush();
      question = line.substr(2);
    } else if (line.starts_with("+ ")) {
      feedback.emplace_back(line.substr(2));
    } else {
      expected += std::string(line) + "\n";
    }
  }
  flush();
  EXPECT_GT(asked, 0) << path;
  if (std::getenv("SLUICE_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << written;
}

TEST(Planner, AnswersFlights) { run_golden("flights.txt", planner::flights_catalog()); }
TEST(Planner, AnswersNorthwind) { run_golden("northwind.txt", planner::northwind_catalog()); }
TEST(Planner, AnswersChinook) { run_golden("chinook.txt", planner::chinook_catalog()); }
TEST(Planner, Refines) { run_golden("feedback.txt", planner::flights_catalog()); }
TEST(Planner, RefusesWhatItCannotPlace) { run_golden("refused.txt", planner::flights_catalog()); }
TEST(Planner, RefusesOnNorthwind) { run_golden("refused_northwind.txt", planner::northwind_catalog()); }

std::string understood(const SampleCatalog& sample, const std::string& question, const std::vector<std::string>& feedback = {}) {
  const auto answer = ask(*make_planner(), sample, question, feedback);
  if (!answer) return "! " + answer.error().message;
  std::string out;
  for (const LinkedWord& word : answer->linked) out += (out.empty() ? "" : "; ") + word.word + " = " + word.meaning;
  return out;
}

TEST(Planner, ShowsWhichPeriodsItUnderstood) {
  const auto flights = planner::flights_catalog(), northwind = planner::northwind_catalog();
  EXPECT_EQ(understood(flights, "how many flights in March?"), "flights = table flights; March = flights.month = 3");
  EXPECT_EQ(understood(flights, "how many flights not in March 2013?"),
            "flights = table flights; March 2013 = not (flights.year = 2013 and flights.month = 3)");
  EXPECT_EQ(understood(northwind, "how many orders were placed in 1997?"),
            "orders = table orders; 1997 = orders.order_date from 1997-01-01 to before 1998-01-01");
  EXPECT_EQ(understood(northwind, "how many orders in May?"), "orders = table orders; May = month of orders.order_date = 5");
  EXPECT_EQ(understood(northwind, "how many orders after 1997-03-31?"),
            "orders = table orders; after 1997-03-31 = orders.order_date after 1997-03-31");
  EXPECT_EQ(understood(northwind, "how many orders between 1997-01-01 and 1997-03-31?"),
            "orders = table orders; between 1997-01-01 and 1997-03-31 = orders.order_date between 1997-01-01 and 1997-03-31");
  EXPECT_EQ(understood(northwind, "number of orders per month", {"only 1997"}),
            "orders = table orders; per month = month of orders.order_date; 1997 = orders.order_date from 1997-01-01 to before 1998-01-01");
}

TEST(Planner, TakesAUnitOnlyWhereTheCatalogSaysIt) {
  const std::string question = "how many flights had a departure delay over 60 minutes?";
  auto sample = planner::flights_catalog();
  EXPECT_EQ(ask(*make_planner(), sample, question).error().code, "E0606");
  const auto flights = std::ranges::find_if(sample.catalog.tables, [](const Table& one) { return one.name.name == "flights"; });
  std::ranges::find(flights->columns, "dep_delay", &Column::name)->comment = "departure delay, in minutes";
  EXPECT_EQ(answer_text(ask(*make_planner(), sample, question)), "SELECT\n  count(*) AS number_of_flights\nFROM flights\nWHERE dep_delay > 60");
  EXPECT_EQ(ask(*make_planner(), sample, "how many flights had a departure delay over 2 hours?").error().code, "E0606");
}

TEST(Planner, KeepsRowsThatAKeyMayLeadNowhereFrom) {
  const std::string question = "how many flights per plane manufacturer";
  auto sample = planner::flights_catalog();
  const auto flights = std::ranges::find_if(sample.catalog.tables, [](const Table& one) { return one.name.name == "flights"; });
  const auto key = std::ranges::find(flights->foreign_keys, std::vector<std::string>{"tailnum"}, &ForeignKey::columns);
  const auto column = std::ranges::find(flights->columns, "tailnum", &Column::name);
  const auto joins_left = [&] { return ask(*make_planner(), sample, question)->sql.find("LEFT JOIN planes") != std::string::npos; };
  EXPECT_TRUE(joins_left());  // inferred: nothing enforces it
  key->origin = KeyOrigin::declared;
  EXPECT_TRUE(joins_left());  // a flight may have no tail number
  column->nullable = false;
  EXPECT_FALSE(joins_left());
  key->origin = KeyOrigin::inferred;
  EXPECT_TRUE(joins_left());
}

TEST(Planner, RefusesEveryQuestionOfTheRefusedFiles) {
  for (const auto& [file, sample] :
       {std::pair{"refused.txt", planner::flights_catalog()}, std::pair{"refused_northwind.txt", planner::northwind_catalog()}}) {
    std::ifstream in(std::string("tests/cases/planner/") + file);
    const auto proposer = make_planner();
    for (std::string line; std::getline(in, line);) {
      if (!line.starts_with("? ")) continue;
      const auto answer = ask(*proposer, sample, line.substr(2));
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
  EXPECT_EQ(ask(*proposer, sample, std::string("\xff\xfe\0 flights", 11)).error().code, "E0602");
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
        if (encode(*ask(*proposer, flights, "average arrival delay per carrier")).dump() != expected) ++wrong;
        if (!ask(*proposer, chinook, "how many tracks are there per genre?")) ++wrong;
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
  EXPECT_EQ(texts, (std::vector<std::string>{"Isn", "t", "New York", "the", "carrier", "1,000", "on", "2013-01-31"}));
  EXPECT_EQ(words[7].kind, planner::WordKind::date);
}

}  // namespace
}  // namespace sluice
