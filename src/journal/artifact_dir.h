#pragma once
#include <memory>
#include <string>

#include "journal/hashed_files.h"
#include "workflow/ports/artifacts.h"

namespace sluice {

/// Artifacts as compressed files: FOLDER/ab/ab12…, named by the hash of the bytes that were put. Any thread, any number of processes.
class ArtifactDir final : public Artifacts {
 public:
  /// Creates the folder. Errors of kind `storage`: E0201, E0204, E0206, E0207.
  static Result<std::unique_ptr<ArtifactDir>> open(const std::string& folder);

  Result<std::string> put(std::string_view bytes) override;
  Result<std::string> get(const std::string& hash) override;
  Result<Swept> sweep(const Sweep& sweep) override { return files_.sweep(sweep); }

 private:
  explicit ArtifactDir(const std::string& folder) : files_(folder, "") {}

  journal_detail::HashedFiles files_;
};

}  // namespace sluice
