#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "agents/ports/reply_store.h"

namespace sluice {

/// A request as lines, with all that its key is made of, so that two requests with different keys differ in a line.
std::vector<std::string> request_lines(const std::string& provider, const std::string& model, const ModelRequest& request);

/// How much of the two texts is not in the other: the bytes of the lines that are not shared, wherever they stand.
std::size_t difference(const std::vector<std::string>& a, const std::vector<std::string>& b);

/// The first places where they differ, as a unified diff of at most kDiffLinesMax lines ("-recorded", "+asked"); hidden characters and blanks at the
/// end of a line are shown as \u{…}. A long line is shown from where it begins to differ. "" where they are the same.
std::string first_differences(const std::vector<std::string>& recorded, const std::vector<std::string>& asked);
inline constexpr int kDiffLinesMax = 20;

}  // namespace sluice
