#include "journal/artifact_dir.h"

#include <optional>

#include "base/hash.h"
#include "journal/compression.h"

namespace sluice {

using namespace journal_detail;

namespace {

/// The value in the file; nothing where it is damaged. Files of older programs hold it as it is.
Result<std::optional<std::string>> read_value(const HashedFiles& files, const std::string& hash) {
  std::string stored;
  TRY_VOID(files.read(hash, [&](std::string_view bytes) -> Result<> {
    stored.append(bytes);
    return {};
  }));
  std::optional<std::string> value = is_compressed(stored) ? decompressed(stored) : std::optional(std::move(stored));
  if (!value || sha256_hex(*value) != hash) return std::optional<std::string>();
  return value;
}

}  // namespace

Result<std::unique_ptr<ArtifactDir>> ArtifactDir::open(const std::string& folder) {
  std::unique_ptr<ArtifactDir> artifacts(new ArtifactDir(folder));
  TRY_VOID(artifacts->files_.create_folder());
  artifacts->files_.remove_leftovers();
  return artifacts;
}

Result<std::string> ArtifactDir::put(std::string_view bytes) {
  std::string hash = sha256_hex(bytes);
  // What is there already is written again where it is damaged: putting is how a missing artifact comes back from a backup.
  const auto there = read_value(files_, hash);
  // A sweep that is about to delete it sees that it is wanted again, or was quicker: then it is written.
  if (there && *there && files_.refresh(hash) && files_.confirm(hash)) return hash;
  TRY_VOID(files_.write(hash, compressed(bytes)));
  return hash;
}

Result<std::string> ArtifactDir::get(const std::string& hash) {
  if (!is_hash(hash) || !files_.exists(hash)) return artifact_missing(hash);
  TRY(std::optional<std::string> value, read_value(files_, hash));
  if (!value) return artifact_damaged(hash, files_.file_of(hash));
  return *std::move(value);
}

}  // namespace sluice
