#include "planner/refine.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "planner/choices.h"
#include "planner/planner.h"
#include "planner/sample_catalogs_for_test.h"

namespace sluice {
namespace {

using planner::SampleCatalog;

std::string answer_text(Proposer& proposer, const SampleCatalog& sample, const std::string& question, const std::vector<std::string>& feedback) {
  const auto answer = proposer.propose({.question = question, .feedback = feedback, .catalog = sample.catalog, .values = sample.values});
  return answer ? answer->sql : "! " + answer.error().code + " " + answer.error().message;
}

/// A golden file is blocks `? question`, `+ feedback` and the SQL, or `! code message`; `# flights` names the catalog of those that follow.
/// SLUICE_UPDATE_GOLDEN=1 rewrites it for a person to review.
class Golden {
 public:
  explicit Golden(const std::string& path) : path_(path) {}

  void run() {
    std::ifstream in(path_);
    ASSERT_TRUE(in) << path_;
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("# ")) {
        flush();
        catalog_ = line.substr(2);
        written_ += line + "\n\n";
      } else if (line.starts_with("? ")) {
        flush();
        question_ = line.substr(2);
      } else if (line.starts_with("+ ")) {
        feedback_.emplace_back(line.substr(2));
      } else {
        expected_ += line + "\n";
      }
    }
    flush();
    EXPECT_GT(asked_, 0) << path_;
    if (updates()) std::ofstream(path_) << written_;
  }

 private:
  static bool updates() { return std::getenv("SLUICE_UPDATE_GOLDEN") != nullptr; }

  void flush() {
    if (!question_.empty()) {
      const SampleCatalog sample = catalog_ == "northwind" ? planner::northwind_catalog()
                                   : catalog_ == "chinook" ? planner::chinook_catalog()
                                                           : planner::flights_catalog();
      const std::string got = answer_text(*proposer_, sample, question_, feedback_);
      if (!updates()) {
        std::string said = question_;
        for (const std::string& one : feedback_) said += " + " + one;
        EXPECT_EQ(std::string(trim(expected_)), got) << path_ << ": " << said;
      }
      written_ += "? " + question_ + "\n";
      for (const std::string& one : feedback_) written_ += "+ " + one + "\n";
      written_ += got + "\n\n";
      ++asked_;
    }
    question_.clear();
    feedback_.clear();
    expected_.clear();
  }

  const std::string path_;
  const std::unique_ptr<Proposer> proposer_ = make_planner();
  std::string written_{}, question_{}, expected_{}, catalog_ = "flights";
  std::vector<std::string> feedback_{};
  int asked_ = 0;
};

/// Links by name in the Northwind catalog.
class ChoiceText : public ::testing::Test {
 protected:
  planner::Link link(std::string_view table, std::string_view column, const std::string& value = "") const {
    planner::Link out{.kind = value.empty() ? planner::Link::Kind::column : planner::Link::Kind::value, .score = 1, .value = value};
    while (known_.table(out.table).name.name != table) ++out.table;
    for (out.column = 0; known_.column(out).name != column;) ++out.column;
    return out;
  }
  planner::Quantity column(std::string_view table, std::string_view name, std::optional<plan::Fn> fn = {}) const {
    return {.noun = {.links = {link(table, name)}}, .fn = fn};
  }
  planner::Quantity rows(std::string_view table) const {
    planner::Set set{.table = link(table, first_column(table)).table};
    return {.kind = planner::Quantity::Kind::rows, .of = std::make_shared<const planner::Set>(set)};
  }
  std::string first_column(std::string_view table) const {
    for (const Table& one : sample_.catalog.tables)
      if (one.name.name == table) return one.columns.front().name;
    return "";
  }
  std::string asked(const std::string& question, const std::vector<std::string>& feedback = {}) {
    return answer_text(*proposer_, sample_, question, feedback);
  }

  const SampleCatalog sample_ = planner::northwind_catalog();
  const planner::Lexicon lexicon_{};
  const planner::Schema schema_{planner::HouseWords(sample_.catalog, kNoGlossary, lexicon_),
                                planner::CatalogIndex(sample_.catalog, sample_.values, lexicon_), planner::JoinGraph(sample_.catalog)};
  const std::vector<planner::Word> words_{};
  const planner::Known known_{sample_.catalog, schema_, lexicon_, words_};
  const std::unique_ptr<Proposer> proposer_ = make_planner();
};

TEST_F(ChoiceText, IsReadAsWhatItSays) {
  EXPECT_EQ(planner::choose_shown(known_, rows("orders")), "number of orders instead");
  EXPECT_EQ(asked("total freight per customer", {planner::choose_shown(known_, rows("orders"))}), asked("number of orders per customer"));
  EXPECT_EQ(planner::choose_shown(known_, column("orders", "freight", plan::Fn::sum)), "total orders freight instead");
  EXPECT_EQ(asked("number of orders per customer", {planner::choose_shown(known_, column("orders", "freight", plan::Fn::sum))}),
            asked("total freight per customer"));
  EXPECT_EQ(planner::choose_ranking(known_, column("orders", "freight", plan::Fn::sum)), "by total orders freight instead");
  EXPECT_EQ(asked("which customers have the most orders", {planner::choose_ranking(known_, column("orders", "freight", plan::Fn::sum))}),
            asked("which customers have the highest total freight"));
  EXPECT_EQ(planner::choose_value(known_, link("customers", "country", "Germany")), "customers country 'Germany'");
  EXPECT_NE(asked("how many orders from Germany", {planner::choose_value(known_, link("customers", "country", "Germany"))})
                .find("customers.country = 'Germany'"),
            std::string::npos);
  const planner::Link country = link("orders", "ship_country"), date = link("orders", "shipped_date");
  const auto set = std::make_shared<const planner::Set>(planner::Set{.table = country.table, .column = country.column});
  EXPECT_EQ(planner::choose_group(known_, {.key = set}), "per orders ship country instead");
  EXPECT_EQ(asked("number of orders per customer", {planner::choose_group(known_, {.key = set})}), asked("number of orders per ship country"));
  const planner::Quantity month{.noun = {.links = {date}}, .period = planner::Role::month};
  EXPECT_EQ(planner::choose_group(known_, {.key = month}), "per month orders shipped date instead");
  EXPECT_NE(asked("number of orders per customer", {planner::choose_group(known_, {.key = month})}).find("date_trunc('month', shipped_date)"),
            std::string::npos);
}

TEST(Refine, ChangesTheQuestion) { Golden("tests/cases/planner/feedback.txt").run(); }

}  // namespace
}  // namespace sluice
