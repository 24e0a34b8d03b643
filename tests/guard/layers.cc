#include "layers.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/hash.h"
#include "base/text.h"

namespace sluice::guard {

namespace fs = std::filesystem;

std::string on_one_line(const std::string& sql) {
  std::string out;
  for (const char c : sql) out += c == '\n' ? std::string("\\n") : std::string(1, c);
  return out;
}

std::set<std::string> documented(const std::string& heading) {
  std::ifstream in("docs/guard.md");
  std::set<std::string> out;
  bool under = false, listed = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("#")) {
      under = line == "### " + heading;
      listed = false;
    } else if (line.starts_with("```")) {
      listed = !listed;
    } else if (under && listed) {
      out.insert(line);
    }
  }
  return out;
}

std::string files_state(const std::string& folder) {
  std::set<std::string> lines;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::stringstream bytes;
    bytes << in.rdbuf();
    lines.insert(entry.path().string() + " " + sha256_hex(bytes.str()));
  }
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

}  // namespace sluice::guard
