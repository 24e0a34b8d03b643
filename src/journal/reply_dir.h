#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "agents/ports/reply_store.h"
#include "journal/hashed_files.h"

namespace sluice {

/// How much a cache remembers.
struct ReplyLimits {
  std::chrono::seconds age_max = std::chrono::days(30);  ///< an older reply is not there
  std::size_t folder_files_max = 400;                    ///< in each of the 256 folders; the oldest go first
};

/// Replies as files: FOLDER/ab/KEY.json, indented, so that a person can read them and their difference. Any thread, any number of processes.
class ReplyDir final : public ReplyStore {
 public:
  static constexpr std::size_t kBytesMax = 32'000'000;  ///< of one recording

  /// Recordings: for ever, and of no endpoint and no run. Creates the folder. Errors of kind `storage`: E0201, E0204, E0206, E0207.
  static Result<std::unique_ptr<ReplyDir>> open(const std::string& folder);
  /// The cache. Errors as `open`.
  static Result<std::unique_ptr<ReplyDir>> open_cache(const std::string& folder, ReplyLimits limits = {});

  /// E1030: its request was edited, so that it answers another one. E1031: it is no recording, or damaged.
  Result<std::optional<RecordedCall>> find(const RecordedCall& asked) override;
  /// Takes the place of what is damaged. E1033: too large.
  Result<> keep(const RecordedCall& call) override;
  Result<> forget(const RecordedCall& asked) override;
  /// In the order of their keys. One that cannot be read is the error that `find` gives of it.
  Result<std::vector<RecordedCall>> all(int limit) override;

 private:
  ReplyDir(const std::string& folder, std::optional<ReplyLimits> limits) : files_(folder, ".json"), limits_(limits) {}
  RecordedCall as_kept(RecordedCall call) const;
  Result<std::optional<RecordedCall>> find(const std::string& key) const;
  Result<RecordedCall> read(const std::string& key) const;

  journal_detail::HashedFiles files_;
  std::optional<ReplyLimits> limits_;  ///< of a cache
};

}  // namespace sluice
