#pragma once
#include <cstdint>
#include <memory>
#include <string>

namespace sluice::bench {

/// The store beneath a journal, without the journal: what appending to it costs at least, and history in bulk. One thread at a time. A failure ends
/// the program: a benchmark has nothing to do after it.
class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  /// A table with the columns of the journal's events.
  virtual void make_table() = 0;
  /// Inserts rows with these numbers, each as large as the event of a step, and returns when they are on the disk: one transaction.
  virtual void append(std::int64_t first, std::int64_t count) = 0;

  /// Copies a run of the journal, with its events, under new ids that sort between this run's and those of runs that begin later.
  virtual void multiply(const std::string& run, std::int64_t first, std::int64_t count) = 0;
  /// Does what the store would do in its own time after so much new data, so that it isn't done while something is measured.
  virtual void settle() = 0;
};

/// `journal` is "sqlite" (`at`: the file) or "postgres" (`at`: the URL).
std::unique_ptr<Store> open_store(const std::string& journal, const std::string& at);

[[noreturn]] void fail(const std::string& what);

}  // namespace sluice::bench
