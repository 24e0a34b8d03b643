#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/sweep.h"

namespace sluice::journal_detail {

/// Files named by a hash: FOLDER/ab/ab12…ENDING. Written beside, synced, renamed, and the folders synced, so that a name that exists has all of its
/// bytes. Any thread, any number of processes. Errors of kind `storage`: E0201, E0204, E0206, E0207.
class HashedFiles {
 public:
  static constexpr int kLeftoversMax = 1'000;

  HashedFiles(std::string folder, std::string ending) : folder_(std::move(folder)), ending_(std::move(ending)) {}

  /// Creates the folder, not those above it. In one that is there, nothing is removed: it may be a person's.
  Result<> create_folder() const;
  /// Removes what writers who died left behind a day ago or more, at most kLeftoversMax of it at once. Only for a folder that is Sluice's own: what
  /// another program has there may bear such a name.
  void remove_leftovers() const;
  std::string file_of(const std::string& hash) const { return folder_of(hash) + "/" + hash + ending_; }
  bool exists(const std::string& hash) const;
  /// On disk when it returns; takes the place of what is there.
  Result<> write(const std::string& hash, std::string_view bytes);
  /// Makes sure that what is there is on disk: whoever wrote it may have died before its sync.
  Result<> confirm(const std::string& hash) const;
  /// None there: nothing to do.
  Result<> remove(const std::string& hash) const;
  /// How long ago it was written; nothing where it is not there.
  std::optional<std::chrono::seconds> age(const std::string& hash) const;
  /// Of those that lie in the same folder as this one, removes what is older, and the oldest of more than `files_max`; and the leftovers. What goes
  /// wrong leaves a file. Only for a folder that is Sluice's own.
  void prune_beside(const std::string& hash, std::chrono::seconds age_max, std::size_t files_max) const;
  /// Makes it as young as if it had just been written. False: it is not there, or not ours to change.
  bool refresh(const std::string& hash) const;
  /// Deletes what is neither kept nor young.
  Result<Swept> sweep(const Sweep& sweep) const;
  /// Hands the file's bytes over in pieces; ends with the first error of `use`.
  Result<> read(const std::string& hash, const std::function<Result<>(std::string_view)>& use) const;
  /// The hashes of the files that there are, in order. Other files are passed over.
  Result<std::vector<std::string>> hashes() const;

 private:
  std::string folder_of(const std::string& hash) const { return folder_ + "/" + hash.substr(0, 2); }
  bool remove_unused(const std::string& hash, std::chrono::seconds unused_for) const;
  std::optional<std::string> hash_in(const std::string& name) const;
  Result<> sync_folders(const std::string& hash) const;

  std::string folder_, ending_;
};

/// Whether it is a SHA-256 in lower-case hex: nothing else may become part of a path.
bool is_hash(std::string_view text);

}  // namespace sluice::journal_detail
