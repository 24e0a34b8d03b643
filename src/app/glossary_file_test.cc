#include "app/glossary_file.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

Result<Glossary> parse(std::string_view text, const std::string& connection = "shop") {
  return parse_glossary(text, "/p/glossary.yml", connection, {"shop", "crm"});
}

TEST(GlossaryFile, ReadsEveryKindOfEntry) {
  const auto got = parse(R"(# what we call things
terms:
  - term: client
    means: customers
    synonyms: [account, buyer]
  - {term: place, means: customers.city, synonyms: town, connections: crm}
values:
  - term: domestic
    condition: {column: customers.country, equals: USA}
  - term: large
    condition: orders.freight > 50 and not orders.paid
measures:
  - term: revenue
    synonyms: [turnover, sales]
    table: order_details
    expression: sum(quantity * unit_price)
    connections: [shop, crm]
defaults:
  - table: orders
    filter: {column: status, not_equals: cancelled}
    date: order_date
definitions:
  - term: SR
    synonyms: [shipping rate]
    says: number of shipped orders / number of orders
)");
  ASSERT_TRUE(got) << got.error().message;
  const Glossary expected{.path = "/p/glossary.yml",
                          .terms = {{"client", {"account", "buyer"}, "customers", 3}},
                          .values = {{"domestic", {}, "customers.country = 'USA'", 8}, {"large", {}, "orders.freight > 50 and not orders.paid", 10}},
                          .measures = {{"revenue", {"turnover", "sales"}, "order_details", "sum(quantity * unit_price)", 13}},
                          .defaults = {{"orders", "status <> 'cancelled'", "order_date", 19}},
                          .definitions = {{"SR", {"shipping rate"}, "number of shipped orders / number of orders", 23}}};
  EXPECT_EQ(*got, expected) << encode(*got).dump_text();
  EXPECT_EQ(*decode<Glossary>(encode(expected)), expected);
}

TEST(GlossaryFile, LeavesOutWhatIsForOtherConnections) {
  const std::string_view text =
      "terms:\n- {term: a, means: x, connections: crm}\n- {term: b, means: y}\n- {term: c, means: z, connections: [crm, shop]}\n";
  EXPECT_EQ(parse(text, "crm")->terms.size(), 3U);
  const auto shop = parse(text, "shop");
  ASSERT_EQ(shop->terms.size(), 2U);
  EXPECT_EQ(shop->terms[0].term, "b");
  EXPECT_EQ(shop->terms[0].line, 3);
}

TEST(GlossaryFile, WritesConditionsAsText) {
  for (const auto& [yaml, expected] : std::vector<std::pair<std::string, std::string>>{
           {"{column: c, equals: USA}", "c = 'USA'"},
           {"{column: c, equals: O'Brien}", "c = 'O''Brien'"},
           {"{column: c, equals: 5}", "c = 5"},
           {"{column: c, equals: -5.5}", "c = -5.5"},
           {"{column: c, equals: '5'}", "c = '5'"},
           {"{column: c, equals: true}", "c = true"},
           {"{column: c, equals: 'true'}", "c = 'true'"},
           {"{column: c, equals: 2013-01-31}", "c = '2013-01-31'"},
           {"{column: c, equals: inf}", "c = 'inf'"},
           {"{column: c, not_equals: x}", "c <> 'x'"},
           {"{column: c, in: [a, 1]}", "c in ('a', 1)"},
           {"{column: c, not_in: [a]}", "c not in ('a')"},
           {"{column: c, more_than: 1}", "c > 1"},
           {"{column: c, at_least: 1}", "c >= 1"},
           {"{column: c, less_than: 1}", "c < 1"},
           {"{column: c, at_most: 1}", "c <= 1"},
           {"{column: c, is_null: true}", "c is null"},
           {"{column: c, is_null: false}", "c is not null"},
       }) {
    const auto got = parse("values:\n- {term: t, condition: " + yaml + "}\n");
    ASSERT_TRUE(got) << yaml << ": " << got.error().message;
    EXPECT_EQ(got->values.at(0).condition, expected);
  }
}

TEST(GlossaryFile, SaysInWhichLineWhatIsWrong) {
  for (const auto& [text, expected] : std::vector<std::pair<std::string, std::string>>{
           {"- a", "line 1: the glossary has to be a map"},
           {"words: []", "line 1: there is no key \"words\" in the glossary"},
           {"mesures: []", "line 1: there is no key \"mesures\" in the glossary; did you mean \"measures\"?"},
           {"terms: {a: b}", "line 1: terms has to be a list"},
           {"terms:\n- a", "line 2: an entry of terms has to be a map"},
           {"terms:\n- {term: a, mean: b}", "line 2: there is no key \"mean\" in an entry of terms; did you mean \"means\"?"},
           {"terms:\n- term: a", "line 2: an entry of terms lacks \"means\""},
           {"terms:\n- means: a", "line 2: an entry of terms lacks \"term\""},
           {"terms:\n- term: a\n  means: [b]", "line 3: means has to be a text"},
           {"terms:\n- term: ''\n  means: b", "line 2: term has to be a text of 1 to 200 bytes"},
           {"terms:\n- {term: a, means: b, synonyms: []}", "line 2: synonyms has to be a list"},
           {"terms:\n- term: a\n  means: b\n  connections: [shpo]", "line 4: connection \"shpo\" is not in sluice.yaml; did you mean \"shop\"?"},
           {"values:\n- term: a", "line 2: an entry of values lacks \"condition\""},
           {"values:\n- {term: a, condition: {equals: 1}}", "line 2: condition lacks \"column\""},
           {"values:\n- {term: a, condition: {column: c}}", "line 2: condition needs its column and one test"},
           {"values:\n- {term: a, condition: {column: c, equals: 1, at_most: 2}}", "line 2: condition needs its column and one test"},
           {"values:\n- {term: a, condition: {column: c, eqals: 1}}", "line 2: there is no key \"eqals\" in condition; did you mean \"equals\"?"},
           {"values:\n- {term: a, condition: {column: c, equals: [1]}}", "line 2: equals has to be one value"},
           {"values:\n- {term: a, condition: {column: c, equals: null}}", "line 2: equals has to be one value"},
           {"values:\n- {term: a, condition: {column: c, in: 1}}", "line 2: in has to be a list"},
           {"values:\n- {term: a, condition: {column: c, in: [[1]]}}", "line 2: in holds something that is no value"},
           {"values:\n- {term: a, condition: {column: c, is_null: maybe}}", "line 2: is_null has to be true or false"},
           {"measures:\n- {term: a, table: b}", "line 2: an entry of measures lacks \"expression\""},
           {"defaults:\n- table: orders", "line 2: an entry of defaults says nothing about its table"},
           {"defaults:\n- date: placed", "line 2: an entry of defaults lacks \"table\""},
           {"terms:\n- {term: a, means: " + std::string(3000, 'x') + "}", "line 2: means has to be a text of 1 to 2000 bytes"},
       }) {
    const auto got = parse(text);
    ASSERT_FALSE(got) << text;
    EXPECT_EQ(got.error().code, "E0740");
    EXPECT_TRUE(got.error().message.starts_with("/p/glossary.yml " + expected)) << got.error().message;
    EXPECT_FALSE(got.error().hint.empty()) << text;
  }
  EXPECT_EQ(parse("terms: [").error().code, "E0701");
  EXPECT_EQ(parse("terms: []\nterms: []").error().code, "E0706");
  EXPECT_EQ(parse(std::string(300'000, '#')).error().code, "E0701");
}

TEST(GlossaryFile, MayBeEmpty) {
  for (const std::string_view text : {"", "# nothing yet\n", "terms:\nvalues: []\n"}) {
    const auto got = parse(text);
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_TRUE(got->empty());
  }
}

}  // namespace
}  // namespace sluice
