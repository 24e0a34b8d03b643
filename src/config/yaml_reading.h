#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/amount.h"
#include "config/environment.h"
#include "config/secret_text.h"
#include "config/yaml.h"

// How values are read out of sluice.yaml: every error names the file and the line, none quotes a value that may be a secret.
namespace sluice {

/// The file that is read, its folder, and where its references are looked up.
struct ConfigSource {
  std::string path{}, folder{};
  const Environment& environment;
};

Error at_line(const ConfigSource& source, const YamlNode& node, const char* code, const std::string& what, const std::string& hint);
/// `; did you mean "x"?` of the candidate that is near enough to be meant, else "".
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);
/// That the node is a map with no other keys than these: E0702, E0703.
Result<> known_keys(const ConfigSource& source, const YamlNode& node, const std::string& where, const std::vector<std::string>& keys);
Error wrong_type(const ConfigSource& source, const YamlNode& node, const std::string& key, const std::string& expected);

/// A scalar with its ${…} references looked up; for everything but secrets.
Result<std::string> text_at(const ConfigSource& source, const YamlNode& node, const std::string& key);
/// A URL whose references stay as they are.
Result<SecretText> secret_at(const ConfigSource& source, const YamlNode& node, const std::string& key);
Result<bool> flag_at(const ConfigSource& source, const YamlNode& node, const std::string& key);

using Parse = Result<std::int64_t> (*)(std::string_view);
Result<std::int64_t> amount_at(const ConfigSource& source, const YamlNode& node, const std::string& key, Parse parse, bool positive);

/// From the file's folder; `~/` is the home.
std::string absolute(const ConfigSource& source, const std::string& path);

}  // namespace sluice
