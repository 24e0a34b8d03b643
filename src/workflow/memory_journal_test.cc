#include "workflow/memory_journal.h"

#include "workflow/ports/journal_queue_contract.h"

namespace sluice {
namespace {

struct MemoryHarness final : JournalHarness {
  MemoryJournal memory{[this] { return now.load(); }};
  Journal& journal() override { return memory; }
  Journal& other() override { return memory; }
};

const JournalMaker kMemory{"memory", []() -> std::unique_ptr<JournalHarness> { return std::make_unique<MemoryHarness>(); }};
INSTANTIATE_TEST_SUITE_P(Memory, JournalContract, testing::Values(kMemory));
INSTANTIATE_TEST_SUITE_P(Memory, JournalQueueContract, testing::Values(kMemory));

TEST(Artifacts, AreReadAsValues) {
  MemoryArtifacts artifacts;
  const std::string good = *artifacts.put("[1, 2]"), broken = *artifacts.put("[1,"), other = *artifacts.put("{}");
  EXPECT_EQ(*read_artifact<std::vector<std::int64_t>>(artifacts, good), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(read_artifact<std::vector<std::int64_t>>(artifacts, broken).error().code, "E0002");
  EXPECT_EQ(read_artifact<std::vector<std::int64_t>>(artifacts, other).error().code, "E0003");
  artifacts.forget(good);
  EXPECT_EQ(read_artifact<std::vector<std::int64_t>>(artifacts, good).error().code, "E0122");
}

}  // namespace
}  // namespace sluice
