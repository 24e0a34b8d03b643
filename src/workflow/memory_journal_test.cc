#include "workflow/memory_journal.h"

#include "workflow/ports/journal_contract.h"

namespace sluice {
namespace {

struct MemoryHarness final : JournalHarness {
  MemoryJournal memory{[this] { return now.load(); }};
  Journal& journal() override { return memory; }
  Journal& other() override { return memory; }
};

INSTANTIATE_TEST_SUITE_P(Memory, JournalContract, testing::Values(JournalMaker{"memory", []() -> std::unique_ptr<JournalHarness> {
                                                                                 return std::make_unique<MemoryHarness>();
                                                                               }}));

}  // namespace
}  // namespace sluice
