#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "workflow/ports/journal.h"

namespace sluice::sim {

/// What SQLite's files do to the next write of the calling thread. (A disk that reports errors ends the process: src/journal/sync_failure_test.cc.)
enum class DiskFault : std::uint8_t { none, full, busy };

/// Puts a shim under SQLite, for the whole program; once.
void shim_sqlite();
/// For the next write of this thread; and whether it has struck since.
void arm(DiskFault fault);
bool has_struck();

/// A SQLite journal in a folder of its own, in memory where the machine has such a folder; removed with it.
class ScratchJournal {
 public:
  explicit ScratchJournal(std::function<TimeMs()> now);
  ~ScratchJournal();
  ScratchJournal(const ScratchJournal&) = delete;
  ScratchJournal& operator=(const ScratchJournal&) = delete;
  Journal& journal() { return *journal_; }

 private:
  std::string folder_{};
  std::unique_ptr<Journal> journal_{};
};

}  // namespace sluice::sim
