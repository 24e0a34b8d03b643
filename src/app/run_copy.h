#pragma once
#include <iosfwd>
#include <string>

#include "workflow/ports/artifacts.h"
#include "workflow/ports/journal.h"

namespace sluice {

/// What an export wrote, or an import took in.
struct CopySummary {
  RunId run{};
  std::int64_t runs = 0, events = 0, approvals = 0, artifacts = 0, bytes = 0;
  std::string hash{};  ///< of the whole file: who compares it with what the export said knows that it is that file
};

constexpr std::int64_t kCopiedRunsMax = 1000;                ///< of one file: a run and those that it started
constexpr std::int64_t kCopiedArtifactsMax = 100'000;        ///< of one file
constexpr std::size_t kCopiedArtifactBytesMax = 64'000'000;  ///< of one artifact
/// The policy of an approval that came with an import: nobody here has decided it, and nothing here learns from it.
inline constexpr std::string_view kImportedPolicy = "imported";

/// Writes the run, the runs that it started, their events and approvals, and the artifacts that these name, as chained lines (chained_lines.h). Rows
/// of results are not in it. E0122, E0123 where an artifact that a step's input or result was put into is gone or damaged; E0124 where something is
/// too large; E0802.
Result<CopySummary> write_copy(Journal& journal, Artifacts& artifacts, const RunId& run, std::ostream& to);

/// Reads the file twice: it takes nothing in before all of it was verified. What an import that was cut off has taken in already is passed over.
/// E0134: no whole export; E0128: a run, or an approval, is here already.
Result<CopySummary> read_copy(Journal& journal, Artifacts& artifacts, std::istream& from, const std::string& by);

}  // namespace sluice
