#pragma once
#include <memory>
#include <string>

#include "agents/ports/reply_store.h"
#include "journal/hashed_files.h"

namespace sluice {

/// Replies as files: FOLDER/ab/KEY.json, indented, so that a person can read them and their difference. Any thread, any number of processes.
class ReplyDir final : public ReplyStore {
 public:
  static constexpr std::size_t kBytesMax = 32'000'000;  ///< of one recording

  /// Creates the folder. Errors of kind `storage`: E0201, E0204, E0206, E0207.
  static Result<std::unique_ptr<ReplyDir>> open(const std::string& folder);

  /// E1030: its request was edited, so that it answers another one. E1031: it is no recording, or damaged. What is no key is not there.
  Result<std::optional<RecordedCall>> find(const std::string& key) override;
  /// Takes the place of what is damaged. E1033: too large.
  Result<> keep(const std::string& key, const RecordedCall& call) override;
  /// In the order of their keys. One that cannot be read is the error that `find` gives of it.
  Result<std::vector<RecordedCall>> all(int limit) override;

 private:
  explicit ReplyDir(const std::string& folder) : files_(folder, ".json") {}
  Result<RecordedCall> read(const std::string& key) const;

  journal_detail::HashedFiles files_;
};

}  // namespace sluice
