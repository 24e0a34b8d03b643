#include "plan/expression_text.h"

#include <gtest/gtest.h>

#include "base/codec.h"
#include "plan/typing.h"

namespace sluice::plan {
namespace {

std::string shown(std::string_view text) {
  const auto expr = parse_expression(text);
  return expr ? show(*expr) : "! " + expr.error().message;
}

TEST(ExpressionText, ReadsExpressions) {
  for (const auto& [text, expected] : std::vector<std::pair<std::string, std::string>>{
           {"sum(quantity * unit_price * (1 - discount))", "sum(*(*(quantity, unit_price), -(1, discount)))"},
           {"a + b * c - d / 2", "-(+(a, *(b, c)), /(d, 2))"},
           {"SUM(profit) / count_distinct(order_id)", "/(sum(profit), count distinct(order_id))"},
           {"count(*)", "count rows()"},
           {"Count()", "count rows()"},
           {"count(id) * 100.0 / count(*)", "/(*(count(id), '100.0'), count rows())"},
           {"avg(-price) + -2 - -.5", "-(+(avg(negate(price)), -2), '-0.5')"},
           {"median(min) + max(\"sum\")", "+(median(min), max(sum))"},
           {"a -- 1", "-(a, -1)"},
       })
    EXPECT_EQ(shown(text), expected) << text;
}

TEST(ExpressionText, ReadsConditions) {
  for (const auto& [text, same] : std::vector<std::pair<std::string, Expr>>{
           {"customers.country = 'USA'", call(Fn::eq, {column("customers", "country"), text("USA")})},
           {"name <> 'O''Brien'", call(Fn::ne, {column("", "name"), text("O'Brien")})},
           {"name != ''", call(Fn::ne, {column("", "name"), text("")})},
           {"a.b.c in (1, -2, 3)", call(Fn::in, {column("a.b", "c"), integer(1), integer(-2), integer(3)})},
           {"x not in ('a')", call(Fn::logical_not, {call(Fn::in, {column("", "x"), text("a")})})},
           {"x is null", call(Fn::is_null, {column("", "x")})},
           {"x IS NOT NULL", call(Fn::logical_not, {call(Fn::is_null, {column("", "x")})})},
           {"paid = true", call(Fn::eq, {column("", "paid"), {Literal{TypeKind::boolean, true}}})},
           {"not paid and (a >= 1 or b < 2)", call(Fn::logical_and, {call(Fn::logical_not, {column("", "paid")}),
                                                                     call(Fn::logical_or, {call(Fn::ge, {column("", "a"), integer(1)}),
                                                                                           call(Fn::lt, {column("", "b"), integer(2)})})})},
           {"\"not\" = 1", call(Fn::eq, {column("", "not"), integer(1)})},
           {"größe > 1", call(Fn::gt, {column("", "größe"), integer(1)})},
       }) {
    const auto expr = parse_expression(text);
    ASSERT_TRUE(expr) << text << ": " << expr.error().message;
    EXPECT_EQ(*expr, same) << text << ": " << show(*expr);
  }
}

TEST(ExpressionText, SaysWhereItGoesWrong) {
  for (const auto& [text, where] : std::vector<std::pair<std::string, std::string>>{
           {"", "at character 1: there is nothing"},
           {"  ", "at character 1: there is nothing"},
           {"sum(quantity *", "at character 15: something is missing at the end"},
           {"sum(quantity", "at character 4: the parenthesis that opens here is not closed"},
           {"summ(x)", "at character 1: there is no function \"summ\"; did you mean \"sum\"?"},
           {"größe + lower(x)", "at character 9: there is no function \"lower\""},
           {"sum(x, y)", "at character 6: \",\" does not belong here"},
           {"sum()", "at character 5: \")\" does not belong here"},
           {"a = 'USA", "at character 5: the text that begins here has no closing '"},
           {"\"a", "at character 1: the name that begins here has no closing \""},
           {"a b", "at character 3: \"b\" does not belong here"},
           {"a < b < c", "at character 7: \"<\" does not belong here"},
           {"a; DROP TABLE x", "at character 2: \";\" means nothing here"},
           {"x in ()", "at character 7: \")\" does not belong here"},
           {"x in (y)", "at character 7: after \"in\" there are only numbers and texts"},
           {"x in 1", "at character 6: \"1\" does not belong here"},
           {"x not 1", "at character 7: \"1\" does not belong here"},
           {"x is 1", "at character 6: \"1\" does not belong here"},
           {"a.b.c.d", "at character 1: a name has at most three parts"},
           {"a. b", "at character 3: after the dot there has to be a name"},
           {"1e5", "at character 1: a number is followed by letters"},
           {"1.2.3", "at character 1: \"1.2.3\" is no number"},
           {"1.", "at character 1: \"1.\" is no number"},
           {"12345678901234567890", "at character 1: \"12345678901234567890\" is no number"},
           {"and", "at character 1: \"and\" does not belong here"},
           {"null", "at character 1: \"null\" does not belong here"},
           {std::string("a\0b", 3), "at character 2"},
       }) {
    const auto expr = parse_expression(text);
    ASSERT_FALSE(expr) << text << ": " << show(*expr);
    EXPECT_EQ(expr.error().code, "E0908");
    EXPECT_NE(expr.error().message.find(where), std::string::npos) << text << ": " << expr.error().message;
  }
}

TEST(ExpressionText, IsBounded) {
  std::string deep(100, '('), wide = "x";
  for (int i = 0; i < 100; ++i) wide += " + x";
  for (const std::string& text : {deep, wide, std::string(100, '-') + "x", "x = '" + std::string(kExpressionBytesMax, 'x') + "'"}) {
    const auto expr = parse_expression(text);
    ASSERT_FALSE(expr);
    EXPECT_EQ(expr.error().code, "E0908") << expr.error().message;
  }
}

TEST(ExpressionText, ReadsAndWritesNames) {
  for (const std::vector<std::string>& parts : std::vector<std::vector<std::string>>{
           {"orders"}, {"sales", "orders"}, {"sales", "Order Details", "unit.price"}, {"a\"b"}, {"1st"}, {"größe"}}) {
    const auto read = parse_name(name_text(parts));
    ASSERT_TRUE(read) << name_text(parts);
    EXPECT_EQ(*read, parts);
  }
  EXPECT_EQ(name_text({"sales", "Order Details"}), "sales.\"Order Details\"");
  for (const std::string_view text : {"", "a b", "1", "a.", "'a'", "a = 1", "a.b.c.d"}) EXPECT_FALSE(parse_name(text)) << text;
}

}  // namespace
}  // namespace sluice::plan
