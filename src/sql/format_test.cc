#include "sql/format.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "base/text.h"
#include "sql/golden_for_test.h"
#include "sql/lexer.h"
#include "sql/normal_form.h"
#include "sql/parser.h"

namespace sluice {
namespace {

std::string tokens_text(std::string_view sql) {
  const auto tokens = tokenize(sql);
  if (!tokens) return "no tokens";
  std::string out;
  for (const Token& token : *tokens) out += "[" + (token.kind == TokenKind::word ? to_lower(token.in(sql)) : std::string(token.in(sql))) + "]";
  return out;
}

TEST(Format, LaysOutAsTheGoldenFilesShow) {
  EXPECT_GE(run_golden("tests/cases/format/queries.txt", [](const std::string& sql) { return format_sql(sql); }), 15U);
}

TEST(Lexer, TellsTokensApart) {
  struct Case {
    const char *sql, *tokens;
  };
  for (const Case& c : std::initializer_list<Case>{{"select 1", "[select][1]"},
                                                   {"a.b::text", "[a][.][b][::][text]"},
                                                   {"'it''s'", "['it''s']"},
                                                   {"E'a\\'b' 'c'", "[E'a\\'b']['c']"},
                                                   {"'a\\' b", "['a\\'][b]"},
                                                   {"U&'x' U&\"y\"", "[U&'x'][U&\"y\"]"},
                                                   {"$$a'b$$ $t$ $$ $t$ $1", "[$$a'b$$][$t$ $$ $t$][$1]"},
                                                   {"/* a /* b */ c */ d", "[/* a /* b */ c */][d]"},
                                                   {"a--b\nc", "[a][--b][c]"},
                                                   {"a- -b", "[a][-][-][b]"},
                                                   {"1.5e-3 .5 0x1F 1..2", "[1.5e-3][.5][0x1F][1][.][.2]"},
                                                   {"a<>b <= c->>'d'", "[a][<>][b][<=][c][->>]['d']"},
                                                   {"x[1:2] y:=3", "[x][[][1][:][2][]][y][:=][3]"},
                                                   {"\"a\"\"b\"", "[\"a\"\"b\"]"},
                                                   {"", ""}})
    EXPECT_EQ(tokens_text(c.sql), c.tokens) << c.sql;
  for (const char* open : {"'a", "\"a", "/* a", "/* /* */", "$x$ a", "E'a\\'", "'"}) EXPECT_FALSE(tokenize(open)) << open;
  EXPECT_FALSE(tokenize(std::string_view("a\0b", 3)));
}

TEST(Format, LeavesWhatItCannotTellApart) {
  for (const char* sql : {"select 'a", "select /* x", "", "   ", "select \"x"}) EXPECT_EQ(format_sql(sql), sql);
}

constexpr std::array<const char*, 76> kPieces{"select",
                                              "from",
                                              "where",
                                              "and",
                                              "or",
                                              "not",
                                              "group by",
                                              "order by",
                                              "having",
                                              "limit",
                                              "union all",
                                              "with",
                                              "as",
                                              "(",
                                              ")",
                                              "[",
                                              "]",
                                              ",",
                                              ",",
                                              ".",
                                              ";",
                                              "case",
                                              "when",
                                              "then",
                                              "else",
                                              "end",
                                              "join",
                                              "left join",
                                              "on",
                                              "using",
                                              "in",
                                              "between",
                                              "exists",
                                              "null",
                                              "a",
                                              "b.c",
                                              "t",
                                              "\"Q d\"",
                                              "'s'",
                                              "E'\\''",
                                              "U&'x'",
                                              "$$d$$",
                                              "1",
                                              "1.",
                                              ".5",
                                              "0x1f",
                                              "1e5",
                                              "-",
                                              "+",
                                              "*",
                                              "/",
                                              "=",
                                              "<>",
                                              "::",
                                              ":",
                                              "->>",
                                              "?",
                                              "$1",
                                              "--c\n",
                                              "/* c */",
                                              "\n-- own\n",
                                              "\n/* own */\n",
                                              "/* two\nlines */",
                                              "count(*)",
                                              "over",
                                              "partition by",
                                              "values",
                                              "distinct",
                                              "x",
                                              "e",
                                              "interval",
                                              "{",
                                              "}",
                                              "lateral",
                                              "select a, b from t where c = 1",
                                              "(select 1)"};

/// Random sequences of awkward pieces: the tokens stay, and a second time changes nothing.
TEST(Format, MovesOnlyWhiteSpace) {
  const auto seed = std::random_device()();
  std::mt19937 random(seed);
  for (int round = 0; round < 4000; ++round) {
    std::string sql;
    const std::size_t length = random() % 60;
    for (std::size_t i = 0; i < length; ++i) sql += std::string(kPieces[random() % kPieces.size()]) + (random() % 4 == 0 ? "\n" : " ");
    const std::string once = format_sql(sql);
    ASSERT_EQ(tokens_text(once), tokens_text(sql)) << "seed " << seed << "\n" << sql << "\n-->\n" << once;
    ASSERT_EQ(format_sql(once), once) << "seed " << seed << "\n" << sql;
  }
}

/// A grammatical query of random length, with comments and line breaks thrown in.
std::string random_query(std::mt19937& random) {
  const auto noise = [&] { return std::string(std::array<const char*, 5>{" ", "\n", " /* n */ ", " --n\n", "\n-- own\n"}[random() % 5]); };
  std::string sql = "select ";
  const std::size_t items = 1 + random() % 8;
  for (std::size_t i = 0; i < items; ++i) {
    const std::string n = std::to_string(i);
    sql += (i > 0 ? "," : "") + noise() + "sum(case when a between 1 and " + n + " and b then -c.d else e::int end)" + noise() + "as x" + n;
  }
  sql += noise() + "from t left join (select * from u where u.x = 'y' or u.z in (1," + noise() + "2)) u on t.a = u.a and t.b = u.b" + noise();
  if (random() % 2 == 0) sql += "where a = 1 and (b = 2 or c is not null)" + noise() + "and d like 'x%'" + noise();
  return sql + "order by 1" + noise() + "limit 10";
}

TEST(Format, KeepsTheMeaning) {
  const auto seed = std::random_device()();
  std::mt19937 random(seed);
  const auto parser = make_postgres_parser();
  for (int round = 0; round < 300; ++round) {
    const std::string sql = random_query(random);
    const std::string formatted = format_sql(sql);
    ASSERT_EQ(format_sql(formatted), formatted) << "seed " << seed << "\n" << sql;
    const auto before = parser->parse(sql);
    const auto after = parser->parse(formatted);
    ASSERT_TRUE(before && after) << "seed " << seed << "\n" << formatted;
    ASSERT_EQ(canonical(before->query), canonical(after->query)) << "seed " << seed << "\n" << formatted;
  }
}

TEST(Format, TakesDeepAndLongTexts) {
  const std::string deep = "select " + std::string(50'000, '(') + "1" + std::string(50'000, ')');
  EXPECT_EQ(tokens_text(format_sql(deep)), tokens_text(deep));
  std::string chain = "select 1 where a";
  for (int i = 0; i < 20'000; ++i) chain += " and (select x from t where b)";
  EXPECT_EQ(tokens_text(format_sql(chain)), tokens_text(chain));
}

TEST(Highlight, MarksWords) {
  const std::string sql = "SELECT count(x) FROM \"T\" WHERE a = 'drop' AND b > 1.5 -- c";
  std::string marked;
  for (const Span& span : highlight_spans(sql))
    marked += std::to_string(static_cast<int>(span.kind)) + sql.substr(span.begin, span.end - span.begin) + " ";
  EXPECT_EQ(marked, "0SELECT 6count 1x 0FROM 1\"T\" 0WHERE 1a 5= 2'drop' 0AND 1b 5> 31.5 4-- c ");
}

TEST(Highlight, MarksWritesWhereverTheyStand) {
  const auto writes = [](std::string_view sql) {
    std::string out;
    for (const Span& span : highlight_spans(sql))
      if (span.kind == SpanKind::write_keyword) out += std::string(sql.substr(span.begin, span.end - span.begin)) + " ";
    return out;
  };
  EXPECT_EQ(writes("with x as (delete from t returning *) select * from x"), "delete ");
  EXPECT_EQ(writes("select 1; DROP TABLE t; copy t to 'x'; set a = 1"), "DROP copy set ");
  EXPECT_EQ(writes("select t.update, 'delete', \"drop\" from t -- insert"), "");
}

/// Nothing in the text can move the cursor, reorder what is shown or end a colour early.
TEST(Highlight, ShowsHiddenCharactersInEveryToken) {
  const std::string hostile =
      "select 'a\xE2\x80\xAE"
      "b', \"c\x1b[2Jd\" /* e\xE2\x80\x8B */ from t\r where x\x07 = 1";
  for (const std::string& sql : {hostile, hostile + " '"}) {
    const std::string shown = highlight_ansi(sql);
    std::string plain;
    for (std::size_t i = 0; i < shown.size(); ++i) {
      if (shown[i] == '\x1b') {
        i = shown.find('m', i);  // only our own colours
        continue;
      }
      plain += shown[i];
    }
    EXPECT_EQ(plain, show_hidden(sql, true));
  }
}

}  // namespace
}  // namespace sluice
