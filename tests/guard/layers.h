#pragma once
#include <set>
#include <string>

namespace sluice::guard {

/// The statements that docs/guard.md lists under a heading as getting through, each on one line.
std::set<std::string> documented(const std::string& heading);

/// A statement on one line, as the document has it.
std::string on_one_line(const std::string& sql);

/// One line for each file below the folder: its path and a hash of its bytes.
std::string files_state(const std::string& folder);

}  // namespace sluice::guard
