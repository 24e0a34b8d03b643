#include "net/sse.h"

#include <gtest/gtest.h>

#include <vector>

namespace sluice {
namespace {

struct Seen {
  std::string event{}, data{};
  bool operator==(const Seen&) const = default;
};
void PrintTo(const Seen& seen, std::ostream* out) { *out << '(' << seen.event << ", " << seen.data << ')'; }

/// What a parser gives for the stream, cut into pieces of `piece` bytes.
std::vector<Seen> read(std::string_view stream, std::size_t piece) {
  std::vector<Seen> seen;
  SseParser parser([&](std::string_view event, std::string_view data) {
    seen.push_back({std::string(event), std::string(data)});
    return Result<>();
  });
  for (std::size_t at = 0; at < stream.size(); at += piece) EXPECT_TRUE(parser.feed(stream.substr(at, piece)));
  return seen;
}

struct Case {
  const char* what;
  std::string stream;
  std::vector<Seen> events;
};

TEST(Sse, ReadsAStreamHoweverItIsCut) {
  const std::vector<Case> cases{
      {"one event", "data: hello\n\n", {{"message", "hello"}}},
      {"several lines of data", "data: YHOO\ndata: +2\ndata: 10\n\n", {{"message", "YHOO\n+2\n10"}}},
      {"a named event", "event: delta\ndata: {\"a\":1}\n\n", {{"delta", "{\"a\":1}"}}},
      {"a name is for one event only", "event: a\ndata: 1\n\ndata: 2\n\n", {{"a", "1"}, {"message", "2"}}},
      {"the last name counts", "event: a\nevent: b\ndata: 1\n\n", {{"b", "1"}}},
      {"CRLF", "event: a\r\ndata: 1\r\ndata: 2\r\n\r\n", {{"a", "1\n2"}}},
      {"CR", "event: a\rdata: 1\rdata: 2\r\r", {{"a", "1\n2"}}},
      {"mixed line ends", "data: 1\rdata: 2\r\ndata: 3\n\rdata: 4\n\n", {{"message", "1\n2\n3"}, {"message", "4"}}},
      {"a byte order mark",
       "\xEF\xBB\xBF"
       "data: 1\n\n",
       {{"message", "1"}}},
      {"a mark in the middle is no mark",
       "data: 1\n\n\xEF\xBB\xBF"
       "data: 2\n\n",
       {{"message", "1"}}},
      {"comments", ": ping\n\ndata: 1\n: more\ndata: 2\n\n:\n\n", {{"message", "1\n2"}}},
      {"only one space is dropped", "data:  two\ndata:none\n\n", {{"message", " two\nnone"}}},
      {"a colon in the data", "data: a: b\n\n", {{"message", "a: b"}}},
      {"a field without a colon", "data\n\ndata\ndata\n\n", {{"message", ""}, {"message", "\n"}}},
      {"an event without data is none", "event: a\n\ndata: 1\n\n", {{"message", "1"}}},
      {"other fields", "id: 7\nretry: 10\nfoo: bar\nDATA: no\ndata: 1\n\n", {{"message", "1"}}},
      {"an event that is cut off is none", "data: 1\n\ndata: 2\n", {{"message", "1"}}},
      {"many empty lines", "\n\n\ndata: 1\n\n\n\n", {{"message", "1"}}},
      {"UTF-8 and NUL", std::string("data: \xC3\xA4\0b\n\n", 12), {{"message", std::string("\xC3\xA4\0b", 4)}}},
  };
  for (const Case& one : cases)
    for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}, one.stream.size()})
      EXPECT_EQ(read(one.stream, piece), one.events) << one.what << ", in pieces of " << piece;
}

TEST(Sse, BoundsAnEvent) {
  int events = 0;
  const auto count = [&](std::string_view, std::string_view) {
    ++events;
    return Result<>();
  };
  SseParser exact(count, 16);
  EXPECT_TRUE(exact.feed("data: 0123456789\n\ndata: 0123456789\n\n"));
  EXPECT_EQ(events, 2);
  SseParser long_line(count, 16);
  const auto line = long_line.feed("data: 0123456789A");
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().code, "E1108");
  EXPECT_TRUE(long_line.feed("\n\n"));
  SseParser many_lines(count, 16);
  EXPECT_FALSE(many_lines.feed("data: 01234\ndata: 56789\ndata: A\n\n"));
  EXPECT_EQ(events, 2);
}

TEST(Sse, EndsWithTheReceiversError) {
  int events = 0;
  SseParser parser([&](std::string_view, std::string_view data) -> Result<> {
    ++events;
    if (data == "bad") return Error{ErrorKind::transient, "E1010", "garbled", ""};
    return {};
  });
  const auto read = parser.feed("data: good\n\ndata: bad\n\ndata: never\n\n");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, "E1010");
  EXPECT_EQ(events, 2);
  EXPECT_TRUE(parser.feed("data: never\n\n"));
  EXPECT_EQ(events, 2);
}

}  // namespace
}  // namespace sluice
