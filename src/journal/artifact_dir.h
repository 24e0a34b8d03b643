#pragma once
#include <atomic>
#include <memory>
#include <string>

#include "workflow/ports/artifacts.h"

namespace sluice {

/// Artifacts as files: FOLDER/ab/ab12…, named by their hash. Written beside, synced, renamed, and the folders synced, so that a name
/// that exists has all of its bytes. Any thread, any number of processes.
class ArtifactDir final : public Artifacts {
 public:
  /// Creates the folder. Errors of kind `storage`: E0201, E0204, E0206, E0207.
  static Result<std::unique_ptr<ArtifactDir>> open(const std::string& folder);

  Result<std::string> put(std::string_view bytes) override;
  Result<std::string> get(const std::string& hash) override;

 private:
  explicit ArtifactDir(std::string folder) : folder_(std::move(folder)) {}
  std::string folder_of(const std::string& hash) const { return folder_ + "/" + hash.substr(0, 2); }
  std::string file_of(const std::string& hash) const { return folder_of(hash) + "/" + hash; }
  Result<> write(const std::string& hash, std::string_view bytes);

  std::string folder_;
  std::atomic<unsigned> next_{0};
};

}  // namespace sluice
