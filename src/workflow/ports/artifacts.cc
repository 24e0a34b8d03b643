#include "workflow/ports/artifacts.h"

namespace sluice {

Error artifact_missing(std::string_view hash) {
  return {ErrorKind::storage, "E0122", "artifact " + std::string(hash.substr(0, 12)) + " is missing from this journal's artifacts",
          "restore the artifacts folder from a backup taken with the journal; the step that made it is not run again", 0};
}

Error artifact_damaged(std::string_view hash, std::string_view where) {
  return {ErrorKind::storage, "E0123",
          "artifact " + std::string(hash.substr(0, 12)) + " is damaged: " + std::string(where) + " holds other bytes than were written",
          "restore it from a backup and check the disk; the step that made it is not run again", 0};
}

}  // namespace sluice
