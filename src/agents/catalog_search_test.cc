#include "agents/catalog_search.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "agents/catalog_for_test.h"

namespace sluice {
namespace {

std::vector<std::string> names(const CatalogForTest& shop, const std::vector<FoundTable>& found) {
  std::vector<std::string> out;
  for (const FoundTable& one : found) out.push_back(shop.catalog.tables[one.table].name.name);
  return out;
}

bool has(const std::vector<std::string>& names, const std::string& name) { return std::ranges::find(names, name) != names.end(); }

class Search : public ::testing::Test {
 protected:
  std::vector<std::string> found(const TableQuery& query, std::size_t limit = 20) const { return names(made_, search_.search(query, limit)); }
  std::string best(std::string_view question) const {
    const auto all = found({.question = question});
    return all.empty() ? "" : all.front();
  }

  CatalogForTest made_{};
  CatalogSearch search_{made_.catalog, made_.values};
};

TEST_F(Search, FindsByNamesColumnsCommentsAndValues) {
  EXPECT_EQ(best("How many flights were there?"), "flights");
  EXPECT_EQ(best("average arr delay"), "flights") << "columns";
  EXPECT_EQ(best("which ones left New York"), "flights") << "the table's comment";
  EXPECT_EQ(best("how many were early"), "flights") << "a column's comment";
  EXPECT_EQ(best("who is JetBlue?"), "airlines") << "a value";
  EXPECT_EQ(best("who is Jet Blue?"), "airlines") << "a value, told into words as the question is";
  EXPECT_EQ(best("who is jetblue?"), "airlines") << "or whole";
  EXPECT_EQ(best("highest airport"), "airports");
  EXPECT_EQ(best("unit prices"), "Order Details");
  EXPECT_EQ(best("the of and"), "") << "words that say nothing";
  EXPECT_EQ(best("quasar"), "") << "words that nothing has";
  EXPECT_EQ(best(""), "");
}

TEST_F(Search, FeedbackCounts) {
  const std::vector<std::string> feedback{"I meant the airports"};
  EXPECT_EQ(found({.question = "How many are there?", .feedback = feedback}).front(), "airports");
}

TEST_F(Search, RanksAndLimits) {
  const auto all = search_.search({.question = "flights per airline and airport"}, 20);
  EXPECT_TRUE(std::ranges::is_sorted(all, std::ranges::greater{}, &FoundTable::score));
  EXPECT_EQ(search_.search({.question = "flights per airline and airport"}, 2).size(), 2U);
  EXPECT_EQ(search_.search({.question = "flights per airline and airport"}, 20), all) << "the same every time";
}

/// Nothing in has_pet says "student" or "dog"; both are next to it.
TEST_F(Search, FindsTheTableBetween) {
  const auto all = found({.question = "Which students have a dog?"});
  EXPECT_TRUE(has(all, "has_pet"));
  EXPECT_TRUE(has(all, "student"));
  EXPECT_TRUE(has(all, "pets"));
  EXPECT_FALSE(has(all, "airports"));
}

TEST_F(Search, RetrievesWhatJoinsTheBest) {
  const auto all = names(made_, search_.retrieve({.question = "airline names and airport altitude"}, 20));
  EXPECT_TRUE(has(all, "flights")) << "on the way from airlines to airports";
  EXPECT_LT(std::ranges::find(all, "flights") - all.begin(), 4);
  EXPECT_EQ(search_.retrieve({.question = "airline names and airport altitude"}, 1).size(), 1U);
}

/// Tables on a way of three keys say nothing of the question, and many others do.
TEST(CatalogSearch, TakesTheWayBetweenTheBestBeforeTheRest) {
  CatalogForTest made;
  made.add("far", "alpha", {{"alpha_id", TypeKind::integer}});
  CatalogForTest::refer(made.add("far", "first_step", {{"id", TypeKind::integer}, {"a", TypeKind::integer}}), "a", "alpha", "alpha_id");
  CatalogForTest::refer(made.add("far", "second_step", {{"id", TypeKind::integer}, {"b", TypeKind::integer}}), "b", "first_step", "id");
  CatalogForTest::refer(made.add("far", "omega", {{"omega_id", TypeKind::integer}, {"c", TypeKind::integer}}), "c", "second_step", "id");
  for (int i = 0; i < 40; ++i) made.add("zoo", (i % 2 == 0 ? "alpha_case_" : "omega_case_") + std::to_string(100 + i), {{"id", TypeKind::integer}});
  const CatalogSearch search(made.catalog, made.values);
  const auto found = search.retrieve({.question = "alpha per omega"}, 16);
  for (const char* name : {"first_step", "second_step"}) {
    const auto at = std::ranges::find(found, made.place(name), &FoundTable::table);
    ASSERT_NE(at, found.end()) << name;
    EXPECT_EQ(at->by, FoundTable::By::path) << name;
  }
}

TEST_F(Search, GlossaryLeadsToItsTables) {
  Glossary glossary;
  glossary.terms = {{.term = "hub", .synonyms = {"home base"}, .means = "airports"}, {.term = "punctuality", .means = "flights.arr_delay"}};
  glossary.values = {{.term = "metro hop", .condition = "flights.origin in ('JFK', 'LGA')"}};
  glossary.measures = {{.term = "turnover", .table = "sales.\"Order Details\"", .expression = "sum(\"Unit Price\")"}};
  glossary.definitions = {{.term = "HPR", .says = "pets per student"}};
  const auto first = [&](std::string_view question) { return found({.question = question, .glossary = glossary}).at(0); };
  EXPECT_EQ(first("largest hubs"), "airports");
  EXPECT_EQ(first("largest home base"), "airports");
  EXPECT_EQ(first("punctuality by month"), "flights");
  EXPECT_EQ(first("how many metro hops"), "flights");
  EXPECT_EQ(first("turnover last year"), "Order Details");
  EXPECT_TRUE(has(found({.question = "What is the HPR?", .glossary = glossary}), "student"));
  EXPECT_TRUE(found({.question = "bases at home", .glossary = glossary}).empty()) << "the words of a term stand in its order";
}

TEST_F(Search, PastQuestionsLeadToTheirTables) {
  const std::vector<PastQuestion> asked{{"How punctual was each company?", {{"public", "flights"}, {"public", "airlines"}}},
                                        {"Which animals are heavy?", {{"public", "pets"}, {"public", "gone"}}}};
  const PastQuestions past(made_.catalog, asked);
  EXPECT_EQ(found({.question = "punctual companies"}).size(), 0U);
  auto all = found({.question = "punctual companies", .past = &past});
  ASSERT_GE(all.size(), 2U);
  EXPECT_TRUE(has({all[0], all[1]}, "flights"));
  EXPECT_TRUE(has({all[0], all[1]}, "airlines"));
  EXPECT_EQ(found({.question = "heavy animals", .past = &past}).at(0), "pets");
  EXPECT_TRUE(found({.question = "quasar", .past = &past}).empty());
}

TEST_F(Search, ScoresColumns) {
  const auto terms = search_.terms_of({.question = "average delay in minutes by origin"});
  const auto scores = search_.column_scores(terms, made_.place("flights"));
  ASSERT_EQ(scores.size(), 5U);
  EXPECT_GT(scores[4], 0) << "arr_delay, by its name and comment";
  EXPECT_GT(scores[3], 0);
  EXPECT_EQ(scores[0], 0);
}

TEST(CatalogSearch, MayBeOfNothing) {
  const Catalog empty;
  const CatalogSearch search(empty, {});
  EXPECT_TRUE(search.search({.question = "anything"}, 10).empty());
  EXPECT_TRUE(search.retrieve({.question = "anything"}, 10).empty());
}

TEST(CatalogSearch, BoundsHugeQuestionsAndValues) {
  CatalogForTest made;
  made.values.push_back({{"public", "airlines"}, "name", std::vector<std::string>(5'000, std::string(1'000, 'y')), false});
  const CatalogSearch search(made.catalog, made.values);
  std::string question;
  for (int i = 0; i < 20'000; ++i) question += "flights student w" + std::to_string(i) + " ";
  EXPECT_FALSE(search.search({.question = question}, 10).empty());
}

TEST(KeyGraph, JoinsBothWays) {
  CatalogForTest made;
  CatalogForTest::refer(made.catalog.tables[made.place("pets")], "petid", "pets", "petid");
  CatalogForTest::refer(made.catalog.tables[made.place("pets")], "petid", "nowhere", "id");
  const KeyGraph graph(made.catalog);
  const auto between = made.place("has_pet");
  EXPECT_EQ(graph.neighbours(made.place("pets")).size(), 1U) << "neither itself nor what is not there";
  EXPECT_EQ(graph.neighbours(made.place("pets"))[0], between);
  EXPECT_EQ(graph.neighbours(between).size(), 2U);
  const auto far = graph.distances(made.place("student"), 3);
  EXPECT_EQ(far[made.place("student")], 0);
  EXPECT_EQ(far[between], 1);
  EXPECT_EQ(far[made.place("pets")], 2);
  EXPECT_EQ(far[made.place("flights")], KeyGraph::kFar);
  EXPECT_EQ(graph.distances(made.place("student"), 1)[made.place("pets")], KeyGraph::kFar) << "no further than asked";
}

}  // namespace
}  // namespace sluice
