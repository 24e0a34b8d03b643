#include "server/live_reader.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

std::shared_ptr<const LiveMessage> message(std::string text) {
  return std::make_shared<const LiveMessage>(LiveMessage{.id = "1", .text = std::move(text)});
}

TEST(LiveReader, GivesMessagesInTheirOrderAndTellsOfThem) {
  LiveReader reader({});
  int told = 0;
  reader.on_news([&] { ++told; });
  EXPECT_TRUE(reader.add(message("a")));
  EXPECT_TRUE(reader.add(message("b")));
  EXPECT_EQ(told, 2);
  EXPECT_EQ(reader.take()->text, "a");
  EXPECT_EQ(reader.take()->text, "b");
  EXPECT_EQ(reader.take(), nullptr);
}

TEST(LiveReader, CutsOffWhoReadsTooSlowly) {
  LiveReader by_count({});
  for (std::size_t n = 0; n < LiveReader::kWaitingMax; ++n) ASSERT_TRUE(by_count.add(message("x")));
  EXPECT_FALSE(by_count.add(message("x")));
  EXPECT_EQ(by_count.state(), LiveReader::State::too_slow);
  EXPECT_EQ(by_count.take(), nullptr) << "what waits is let go of at once";
  EXPECT_FALSE(by_count.add(message("x")));

  LiveReader by_size({});
  const std::string large(LiveReader::kWaitingBytesMax / 2, 'x');
  EXPECT_TRUE(by_size.add(message(large)));
  EXPECT_TRUE(by_size.add(message(large)));
  EXPECT_FALSE(by_size.add(message("x")));
}

TEST(LiveReader, EndsOnce) {
  int ended = 0;
  LiveReader reader({.on_end = [&] { ++ended; }});
  EXPECT_TRUE(reader.add(message("a")));
  reader.end();
  EXPECT_EQ(reader.state(), LiveReader::State::ended);
  EXPECT_EQ(reader.take()->text, "a") << "what waits is still given";
  reader.gone();
  reader.gone();
  EXPECT_EQ(ended, 1);
}

}  // namespace
}  // namespace sluice
