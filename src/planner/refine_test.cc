#include "planner/refine.h"

#include <gtest/gtest.h>

#include "planner/choices.h"
#include "planner/golden_for_test.h"

namespace sluice {
namespace {

using planner::SampleCatalog;

std::string answer_text(Proposer& proposer, const SampleCatalog& sample, const std::string& question, const std::vector<std::string>& feedback) {
  return planner::golden_text(proposer.propose({.question = question, .feedback = feedback, .catalog = sample.catalog, .values = sample.values}));
}

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
  const planner::Schema schema_ = planner::make_schema(sample_.catalog, sample_.values, kNoGlossary, lexicon_, nullptr);
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

TEST(Refine, SaysWhatWouldHelpWhereItDoesNotFit) {
  const SampleCatalog sample = planner::flights_catalog();
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"show the name and altitude of airports", "only above 5000"}, "say of what"},
      {{"average arrival delay per carrier", "as percentages"}, "only numbers that add up"},
      {{"average arrival delay per carrier", "also the average"}, "what is shown already"},
      {{"show the name and altitude of airports", "top 5"}, "say by what"}};
  for (const auto& [said, help] : cases) {
    const auto answer = make_planner()->propose({.question = said[0], .feedback = {said[1]}, .catalog = sample.catalog, .values = sample.values});
    ASSERT_FALSE(answer) << said[1];
    EXPECT_NE(answer.error().message.find(said[1]), std::string::npos) << answer.error().message;
    EXPECT_NE(answer.error().hint.find(help), std::string::npos) << answer.error().hint;
  }
}

TEST(Refine, ChangesTheQuestion) { planner::GoldenFile("feedback.txt").run(); }

}  // namespace
}  // namespace sluice
