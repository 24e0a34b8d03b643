#include <gtest/gtest.h>

#include "story.h"

// The simulator's quick share, and its own tests: it tells the same story twice, and it finds a broken promise whenever a safeguard is taken away.
namespace sluice::sim {
namespace {

constexpr std::uint64_t kQuickCases = 1'500, kSeedsToBreak = 2'000;

class Simulator : public testing::Test {
 protected:
  static Strands& strands() {
    static Strands all;
    return all;
  }
  Ending play_one(std::uint64_t seed, bool telling = false, const Safeguards& safeguards = {}) {
    return play(seed, strands(), coverage_, telling, safeguards);
  }
  Coverage coverage_{};
};

TEST_F(Simulator, KeepsEveryPromise) {
  for (std::uint64_t seed = 1; seed <= kQuickCases && !HasFailure(); ++seed) {
    const Ending ending = play_one(seed);
    EXPECT_EQ(ending.violation, "") << "./dev sim --seed " << seed << " tells its story";
  }
  for (std::size_t n = 0; n < coverage_.cases.size(); ++n)
    EXPECT_GT(coverage_.cases[n], 0) << "not once in " << kQuickCases << " stories:\n" << coverage_.table();
  EXPECT_GT(coverage_.compared, coverage_.all / 2);
}

TEST_F(Simulator, TellsTheSameStoryTwice) {
  constexpr std::uint64_t kStories = 60;
  for (std::uint64_t seed = 1; seed <= kStories; ++seed) {
    const std::string first = play_one(seed, true).story;
    EXPECT_FALSE(first.empty());
    ASSERT_EQ(play_one(seed, true).story, first) << "seed " << seed;
  }
}

struct Missing {
  std::string name{};
  bool Safeguards::* safeguard = nullptr;
};
class Without : public Simulator, public testing::WithParamInterface<Missing> {};

TEST_P(Without, APromiseIsBroken) {
  Safeguards safeguards;
  safeguards.*GetParam().safeguard = false;
  std::string found;
  std::uint64_t seed = 0;
  while (found.empty() && seed < kSeedsToBreak) found = play_one(++seed, false, safeguards).violation;
  EXPECT_NE(found, "") << "not found in " << kSeedsToBreak << " stories";
  RecordProperty("seed", std::to_string(seed));
  RecordProperty("found", found);
}

INSTANTIATE_TEST_SUITE_P(Safeguards, Without,
                         testing::Values(Missing{"Fencing", &Safeguards::fencing}, Missing{"Intents", &Safeguards::intents},
                                         Missing{"Keys", &Safeguards::keys}, Missing{"TheScan", &Safeguards::scan},
                                         Missing{"Spending", &Safeguards::spending}, Missing{"WakeNumbers", &Safeguards::wake_numbers},
                                         Missing{"TheLeaseGuard", &Safeguards::lease_guard}, Missing{"TheWindow", &Safeguards::window},
                                         Missing{"Taking", &Safeguards::taking}),
                         [](const auto& chosen) { return chosen.param.name; });

}  // namespace
}  // namespace sluice::sim
