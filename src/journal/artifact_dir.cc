#include "journal/artifact_dir.h"

#include "base/hash.h"

namespace sluice {

using namespace journal_detail;

namespace {

/// Hashes the file; hands its bytes on where `sink` is given.
Result<std::string> read_hashing(const HashedFiles& files, const std::string& hash, std::string* sink) {
  Sha256 found;
  TRY_VOID(files.read(hash, [&](std::string_view bytes) -> Result<> {
    found.update(bytes);
    if (sink != nullptr) sink->append(bytes);
    return {};
  }));
  return found.finish_hex();
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
  const auto there = read_hashing(files_, hash, nullptr);
  TRY_VOID(there && *there == hash ? files_.confirm(hash) : files_.write(hash, bytes));
  return hash;
}

Result<std::string> ArtifactDir::get(const std::string& hash) {
  if (!is_hash(hash) || !files_.exists(hash)) return artifact_missing(hash);
  std::string bytes;
  TRY(const std::string found, read_hashing(files_, hash, &bytes));
  if (found != hash) return artifact_damaged(hash, files_.file_of(hash));
  return bytes;
}

}  // namespace sluice
