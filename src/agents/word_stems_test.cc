#include "agents/word_stems.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sluice {
namespace {

std::vector<std::string> stems(std::string_view text) {
  std::vector<std::string> out;
  WordStems words(text);
  for (std::string_view stem = words.next(); !stem.empty(); stem = words.next()) out.emplace_back(stem);
  return out;
}

using Words = std::vector<std::string>;

TEST(WordStems, SplitsNamesAndTexts) {
  EXPECT_EQ(stems("arr_delay"), (Words{"arr", "delai"}));
  EXPECT_EQ(stems("BillingCountry"), (Words{"bill", "countri"}));
  EXPECT_EQ(stems("XMLFileName"), (Words{"xml", "fil", "nam"}));
  EXPECT_EQ(stems("address2_line"), (Words{"address", "lin"})) << "a single digit says nothing";
  EXPECT_EQ(stems("Q3 2013, the carrier's (UA)"), (Words{"2013", "the", "carrier", "ua"}));
  EXPECT_EQ(stems("ZÜRICH Zürich"), (Words{"zürich", "zürich"}));
  EXPECT_EQ(stems("東京 tokyo"), (Words{"東", "京", "tokyo"}));
  EXPECT_EQ(stems(""), Words{});
  EXPECT_EQ(stems(" -- ; ' "), Words{});
  EXPECT_EQ(stems("\xFF ab\xE3"), Words{"ab"}) << "no UTF-8 does no harm";
  EXPECT_EQ(stems(std::string(1000, 'x')).at(0).size(), WordStems::kBytesMax);
}

TEST(WordStems, GivesCompoundsWholeWhereAsked) {
  const auto whole = [](std::string_view text) {
    Words out;
    WordStems words(text, WordStems::Compounds::also_whole);
    for (std::string_view stem = words.next(); !stem.empty(); stem = words.next()) out.emplace_back(stem);
    return out;
  };
  EXPECT_EQ(whole("JetBlue"), (Words{"jet", "blu", "jetblu"}));
  EXPECT_EQ(whole("jetblue"), (Words{"jetblu"}));
  EXPECT_EQ(whole("PetType_id, XMLFileName"), (Words{"pet", "typ", "pettyp", "id", "xml", "fil", "nam", "xmlfilenam"}));
  EXPECT_EQ(whole("arr_delay B6 12"), stems("arr_delay B6 12"));
}

/// Forms of one word have one stem.
TEST(WordStems, MeetsFormsOfAWord) {
  const Words families[] = {{"flight", "flights", "Flights"},
                            {"country", "countries", "COUNTRY"},
                            {"movie", "movies"},
                            {"address", "addresses"},
                            {"box", "boxes"},
                            {"status", "statuses"},
                            {"bus", "buses"},
                            {"delay", "delayed", "delays", "delaying"},
                            {"create", "created", "creating", "creates"},
                            {"plan", "planned", "planning"},
                            {"ship", "shipped", "shipping"},
                            {"bill", "billed", "billing"},
                            {"price", "prices", "priced", "pricing"}};
  for (const Words& family : families)
    for (const std::string& form : family) EXPECT_EQ(stems(form), stems(family.front())) << form;
}

TEST(WordStems, KeepsDifferentWordsApart) {
  const std::pair<const char*, const char*> pairs[] = {{"string", "str"}, {"need", "ned"}, {"king", "k"},       {"class", "clas"},
                                                       {"speed", "sped"}, {"gas", "ga"},   {"singer", "single"}};
  for (const auto& [a, b] : pairs) EXPECT_NE(stems(a), stems(b)) << a;
}

TEST(StopStems, SayNothingOfTheSubject) {
  for (const char* word : {"the", "how", "many", "show", "which", "highest", "their", "average"})
    EXPECT_TRUE(is_stop_stem(stems(word).at(0))) << word;
  for (const char* word : {"flight", "order", "number", "total", "date", "name", "dog"}) EXPECT_FALSE(is_stop_stem(stems(word).at(0))) << word;
}

}  // namespace
}  // namespace sluice
