#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace sluice {

/// A YAML document as a tree that remembers its lines. Aliases are copied in, within a bound on the number of nodes; merge keys (`<<`) are merged.
struct YamlNode {
  enum class Kind { null, scalar, list, map };
  Kind kind = Kind::null;
  int line = 0;       ///< 1-based
  bool plain = true;  ///< a scalar without quotes: only these are numbers or booleans
  std::string text{};
  std::vector<YamlNode> items{};
  std::vector<std::pair<std::string, YamlNode>> members{};  ///< in the file's order; keys are unique

  const YamlNode* find(std::string_view key) const;
};

/// Fails with E0701 on what is not one YAML document, is larger than 256 KB, deeper than 32 levels or has more than 20,000 nodes, and
/// with E0706 on a key that occurs twice. `path` is for messages; values are never quoted in them.
Result<YamlNode> parse_yaml(std::string_view text, const std::string& path);

/// The whole file, at most as large as a YAML document may be. E0709.
Result<std::string> read_config_file(const std::string& path);

}  // namespace sluice
