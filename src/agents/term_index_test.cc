#include "agents/term_index.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>

namespace sluice {
namespace {

constexpr std::array<TermIndex::Field, 2> kTwo{{{.weight = 3, .b = 0}, {.weight = 1, .b = 0.5F}}};

TEST(Terms, NumbersEachWordOnce) {
  Terms terms;
  std::set<std::uint32_t> numbers;
  for (int i = 0; i < 5000; ++i) numbers.insert(terms.add("word" + std::to_string(i)));
  EXPECT_EQ(numbers.size(), 5000U);
  EXPECT_EQ(terms.size(), 5000U);
  for (int i = 0; i < 5000; ++i) {
    const std::string word = "word" + std::to_string(i);
    EXPECT_EQ(terms.add(word), terms.find(word));
    EXPECT_EQ(terms.text(terms.find(word)), word);
  }
  EXPECT_EQ(terms.find("never"), Terms::kNone);
}

/// The formula in the header, computed by hand.
TEST(TermIndex, ScoresByTheFormula) {
  TermIndex index(kTwo);
  index.begin_document();
  index.add(0, "gold");
  index.add(1, "gold ring gold");
  index.begin_document();
  index.add(1, "ring");
  index.begin_document();
  index.finish();
  const std::array query{QueryTerm{index.terms().find("gold"), 1}, QueryTerm{index.terms().find("ring"), 2}};
  std::array<float, 3> scores{};
  index.score(query, scores);
  const double idf_gold = std::log(1 + 2.5 / 1.5), idf_ring = std::log(1 + 1.5 / 2.5);
  const double mean = 4.0 / 3, norm = 1 / (0.5 + 0.5 * 3 / mean), norm_short = 1 / (0.5 + 0.5 * 1 / mean);
  const auto saturated = [](double tf) { return tf / (TermIndex::kK1 + tf); };
  EXPECT_NEAR(scores[0], idf_gold * saturated(3 + 2 * norm) + 2 * idf_ring * saturated(norm), 1e-5);
  EXPECT_NEAR(scores[1], 2 * idf_ring * saturated(norm_short), 1e-5);
  EXPECT_EQ(scores[2], 0);
}

TEST(TermIndex, TakesTheWordsOfATextThatItKnows) {
  TermIndex index(kTwo);
  index.begin_document();
  index.add(0, "gold ring JetBlue the");
  index.finish();
  const auto asked = [&](std::string_view text) {
    std::vector<QueryTerm> query{{index.terms().find("gold"), 2}};
    index.add_terms(text, 0.5F, query);
    std::string out;
    for (const QueryTerm& one : query) out += std::string(index.terms().text(one.term)) + (one.weight == 2 ? "! " : " ");
    return out;
  };
  EXPECT_EQ(asked("How many of the rings are gold rings of silver?"), "gold! ring ") << "each once, with the weight that it came with";
  EXPECT_EQ(asked("by jetblue"), "gold! jetblu ");
  EXPECT_EQ(asked("by JetBlue"), "gold! jet blu jetblu ") << "a compound by its parts, and whole";
  EXPECT_EQ(asked("the"), "gold! ") << "a word that says nothing";
}

TEST(TermIndex, BoundsAQuery) {
  TermIndex index(kTwo);
  index.begin_document();
  std::string text;
  for (int i = 0; i < 1000; ++i)
    text += "w" + std::string(1, static_cast<char>('a' + i % 26)) + std::string(static_cast<std::size_t>(1 + i / 26), 'x') + " ";
  index.add(0, text);
  index.finish();
  std::vector<QueryTerm> query;
  index.add_terms(text, 1, query);
  EXPECT_EQ(query.size(), TermIndex::kQueryTermsMax);
}

TEST(TermIndex, CountsAWordOnceWhereToldSo) {
  constexpr std::array<TermIndex::Field, 1> kOnce{{{.weight = 1, .b = 0, .once = true}}};
  TermIndex index(kOnce);
  index.begin_document();
  index.add(0, "cat cat cat");
  index.begin_document();
  index.add(0, "cat");
  index.finish();
  const auto postings = index.postings(index.terms().find("cat"));
  ASSERT_EQ(postings.size(), 2U);
  EXPECT_EQ(postings[0].saturated, postings[1].saturated);
}

TEST(TermIndex, MayBeEmpty) {
  TermIndex none(kTwo);
  none.finish();
  EXPECT_EQ(none.documents(), 0U);
  TermIndex wordless(kTwo);
  wordless.begin_document();
  wordless.finish();
  EXPECT_EQ(wordless.terms().find("x"), Terms::kNone);
}

}  // namespace
}  // namespace sluice
