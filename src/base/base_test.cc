#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "base/codec.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"

namespace sluice {
namespace {

struct Point {
  int x = 0, y = 0;
  std::string note{};
  std::optional<double> weight{};
  static constexpr auto fields() {
    return std::tuple{Field{"x", &Point::x}, Field{"y", &Point::y}, Field{"note", &Point::note}, Field{"weight", &Point::weight}};
  }
};

TEST(Json, KeepsOrderAndRoundTrips) {
  for (const char* text : {R"({"b":1,"a":[true,null,-3,1.5,"x\"\\\n"]})", "[]", "{}", "9223372036854775807", "\"\\u0000\""}) {
    auto value = Json::parse(text);
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(value->dump(), text);
  }
}

TEST(Json, EscapesWhatHasToBeWhereverItStands) {
  const std::vector<std::pair<std::string, std::string>> escaped{{"\"", "\\\""}, {"\\", "\\\\"},      {"\n", "\\n"},      {"\r", "\\r"},
                                                                 {"\t", "\\t"},  {"\x01", "\\u0001"}, {"\x7f", "\\u007f"}};
  for (const auto& [raw, text] : escaped) {
    EXPECT_EQ(Json(raw).dump(), "\"" + text + "\"");
    EXPECT_EQ(Json(raw + raw).dump(), "\"" + text + text + "\"");
    EXPECT_EQ(Json("ab" + raw + "\xC3\xA9" + raw).dump(), "\"ab" + text + "\xC3\xA9" + text + "\"");
    EXPECT_EQ(Json(raw + "ab").dump(), "\"" + text + "ab\"");
  }
  EXPECT_EQ(Json("").dump(), "\"\"");
}

TEST(Json, CarriesWhatJsonCannot) {
  const Json value(Json::Array{Json(std::string("\xff\0a", 3)), Json(std::nan("")), Json(-HUGE_VAL)});
  auto back = Json::parse(value.dump());
  ASSERT_TRUE(back);
  EXPECT_EQ(*back->as_array()->at(0).as_string(), std::string("\xff\0a", 3));
  EXPECT_TRUE(std::isnan(*back->as_array()->at(1).as_double()));
  EXPECT_EQ(back->as_array()->at(2), Json(-HUGE_VAL));
  EXPECT_EQ(value.dump_text(), "[\"\xEF\xBF\xBD\\u0000a\",null,null]");
}

TEST(Json, RefusesDepthAndGarbage) {
  EXPECT_FALSE(Json::parse(std::string(200'000, '[')));
  EXPECT_TRUE(Json::parse(std::string(200, '[') + std::string(200, ']')));
  EXPECT_FALSE(Json::parse(std::string(201, '[') + std::string(201, ']')));
  for (const char* text : {"", "{", "[1,]", "{\"a\":1} x", "nul", "\"\xff\""}) EXPECT_FALSE(Json::parse(text)) << text;
}

TEST(Codec, OmitsDefaultsAndReadsBack) {
  EXPECT_EQ(encode(Point{}).dump(), "{}");
  const Point point{3, 0, "n", 0.5};
  EXPECT_EQ(encode(point).dump(), R"({"x":3,"note":"n","weight":0.5})");
  auto back = decode<Point>(*Json::parse(R"({"x":3,"note":"n","weight":0.5,"new":1})"));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->x, 3);
  EXPECT_EQ(back->weight, 0.5);
  auto bad = decode<Point>(*Json::parse(R"({"x":"three"})"));
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message, "in \"x\": expected an integer in range, found \"three\"");
}

TEST(Codec, ErrorsReadBack) {
  const Error error{ErrorKind::unanswerable, "E0600", "no such word", "say it otherwise", 7};
  EXPECT_EQ(read_error(encode(error)), error);
  auto optional = decode<std::optional<Error>>(encode(std::optional(error)));
  ASSERT_TRUE(optional);
  EXPECT_EQ(*optional, error);
  EXPECT_FALSE(decode<std::optional<Error>>(Json())->has_value()) << "null is none";
  EXPECT_EQ(read_error(Json(1)).kind, ErrorKind::bug);
}

TEST(Text, ShowsWhatIsHidden) {
  EXPECT_EQ(show_hidden("a\xE2\x80\xAE"
                        "b\tc\xff",
                        true),
            "a\\u{202E}b\tc\\x{FF}");
  EXPECT_EQ(show_hidden("a\nb", false), "a\\u{000A}b");
  EXPECT_EQ(show_hidden("Zürich", false), "Zürich");
  EXPECT_EQ(show_hidden("東京 😀 Ελλάδα – …", false), "東京 😀 Ελλάδα – …");
}

std::string utf8_of(std::uint32_t c) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(static_cast<unsigned char>(value)); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xC0 | (c >> 6)), byte(0x80 | (c & 0x3F))};
  if (c < 0x10000) return {byte(0xE0 | (c >> 12)), byte(0x80 | ((c >> 6) & 0x3F)), byte(0x80 | (c & 0x3F))};
  return {byte(0xF0 | (c >> 18)), byte(0x80 | ((c >> 12) & 0x3F)), byte(0x80 | ((c >> 6) & 0x3F)), byte(0x80 | (c & 0x3F))};
}

TEST(Text, ShowsEveryCharacterThatHidesSomething) {
  const std::pair<std::uint32_t, std::uint32_t> ranges[] = {
      {0x00, 0x1F},     {0x7F, 0x9F},       {0xAD, 0xAD},       {0x061C, 0x061C},   {0x115F, 0x1160},   {0x180E, 0x180E},  {0x200B, 0x200F},
      {0x2028, 0x202E}, {0x2060, 0x2064},   {0x2066, 0x206F},   {0x2800, 0x2800},   {0x3164, 0x3164},   {0xFE00, 0xFE0F},  {0xFEFF, 0xFEFF},
      {0xFFF0, 0xFFFB}, {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE007F}, {0xE0100, 0xE01EF}};
  for (const auto& [first, last] : ranges)
    for (std::uint32_t c = first; c <= last; ++c) {
      char shown[16];
      std::snprintf(shown, sizeof shown, "\\u{%04X}", static_cast<unsigned>(c));
      EXPECT_EQ(show_hidden(utf8_of(c), false), shown);
    }
  for (std::uint32_t c = 0x20; c < 0x7F; ++c) EXPECT_EQ(show_hidden(utf8_of(c), false), utf8_of(c));
}

TEST(Text, MeasuresAndNames) {
  EXPECT_EQ(with_thousands(-1234567), "-1,234,567");
  EXPECT_EQ(with_thousands(-123), "-123");
  EXPECT_EQ(human_bytes(12'345'678), "12.3 MB");
  EXPECT_EQ(human_duration(61'000), "1 min 01 s");
  EXPECT_EQ(edit_distance("custmers", "customers", 3), 1);
  EXPECT_EQ(edit_distance("ab", "ba", 3), 1);
  const std::vector<std::string> names{"orders", "customers"};
  EXPECT_EQ(nearest("custmers", names), "customers");
  EXPECT_EQ(nearest("flights", names), "");
}

TEST(Text, Base64) {
  for (const char* text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    bool ok = false;
    EXPECT_EQ(base64_decode(base64_encode(text), ok), text);
    EXPECT_TRUE(ok);
  }
  EXPECT_EQ(base64_encode("foobar"), "Zm9vYmFy");
}

TEST(Hash, KnownAnswer) {  // FIPS 180-4's example
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace sluice
