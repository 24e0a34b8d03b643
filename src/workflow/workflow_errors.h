#pragma once
#include <chrono>
#include <string>

#include "workflow/ports/journal_types.h"

namespace sluice::workflow_detail {

Error no_workflow(const std::string& name);                                                // E0103
Error no_version(const RunInfo& run, const std::string& known);                            // E0103
Error drifted(const RunId& run, const std::string& path, const std::string& what);         // E0112
Error outcome_unknown(const RunId& run, const std::string& path, const std::string& why);  // E0114
/// A fault of this machine that paused the run.
Error until_mended(const RunId& run, Error fault);
Error no_progress(const RunId& run, int claims);                                                            // E0116
Error step_threw(const std::string& path, const std::string& what);                                         // E0117
Error run_cancelled(const RunId& run, const std::string& by, const std::string& reason);                    // E0118
Error deadline_passed(const RunId& run, TimeMs deadline);                                                   // E0119
Error name_used_twice(const RunId& run, const std::string& path);                                           // E0120
Error too_large(const std::string& what, std::size_t bytes, std::size_t max);                               // E0124
Error result_unreadable(const std::string& path, const Error& why);                                         // E0125
Error workflow_threw(const RunId& run, const std::string& what);                                            // E0126
Error branch_late(const std::string& name, const std::string& branch, std::chrono::milliseconds deadline);  // E0132
Error too_many_branches(const std::string& path, std::size_t count);                                        // E0132
Error too_deep(const RunId& run, const std::string& path);                                                  // E0135
Error too_many_events(const RunId& run);                                                                    // E0141
Error lease_lost(const RunId& run);                                                                         // E0136

}  // namespace sluice::workflow_detail
