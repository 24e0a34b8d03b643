#include "config/yaml_reading.h"

#include <algorithm>
#include <filesystem>

#include "base/text.h"

namespace sluice {

Error at_line(const ConfigSource& source, const YamlNode& node, const char* code, const std::string& what, const std::string& hint) {
  return Error{ErrorKind::input, code, source.path + " line " + std::to_string(node.line) + ": " + what, hint};
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string meant = nearest(word, candidates);
  return meant.empty() ? "" : "; did you mean \"" + meant + "\"?";
}

Result<> known_keys(const ConfigSource& source, const YamlNode& node, const std::string& where, const std::vector<std::string>& keys) {
  if (node.kind != YamlNode::Kind::map)
    return at_line(source, node, "E0703", where + " has to be a map", "write `" + keys.front() + ": …` and the like below it, indented");
  for (const auto& [key, member] : node.members) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    return at_line(source, member, "E0702", "there is no key \"" + show_hidden(key.substr(0, 80), false) + "\" in " + where + did_you_mean(key, keys),
                   "the keys there are " + join(keys, ", "));
  }
  return {};
}

Error wrong_type(const ConfigSource& source, const YamlNode& node, const std::string& key, const std::string& expected) {
  return at_line(source, node, "E0703", key + " has to be " + expected,
                 "correct it in sluice.yaml; docs/schemas/sluice-yaml.schema.json describes every key");
}

/// A scalar with its ${…} references looked up; for everything but secrets.
Result<std::string> text_at(const ConfigSource& source, const YamlNode& node, const std::string& key) {
  if (node.kind != YamlNode::Kind::scalar) return wrong_type(source, node, key, "a text");
  auto parsed = SecretText::parse(node.text, source.folder);
  if (!parsed) return at_line(source, node, parsed.error().code.c_str(), key + ": " + parsed.error().message, parsed.error().hint);
  auto text = parsed->plain(source.environment);
  if (!text) return at_line(source, node, text.error().code.c_str(), key + ": " + text.error().message, text.error().hint);
  return text;
}

Result<SecretText> secret_at(const ConfigSource& source, const YamlNode& node, const std::string& key) {
  if (node.kind != YamlNode::Kind::scalar) return wrong_type(source, node, key, "a text");
  auto parsed = SecretText::parse_url(node.text, source.folder);
  if (!parsed) return at_line(source, node, parsed.error().code.c_str(), key + ": " + parsed.error().message, parsed.error().hint);
  return parsed;
}

Result<bool> flag_at(const ConfigSource& source, const YamlNode& node, const std::string& key) {
  TRY(std::string text, text_at(source, node, key));
  if (node.plain && (text == "true" || text == "false")) return text == "true";
  return wrong_type(source, node, key, "true or false");
}

Result<std::int64_t> amount_at(const ConfigSource& source, const YamlNode& node, const std::string& key, Parse parse, bool positive) {
  TRY(std::string text, text_at(source, node, key));
  auto value = parse(text);
  if (!value) return at_line(source, node, value.error().code.c_str(), key + " is " + value.error().message, value.error().hint);
  if (positive && *value == 0) return at_line(source, node, "E0703", key + " can't be 0", "leave it out for the default");
  return value;
}

std::string absolute(const ConfigSource& source, const std::string& path) {
  if (path.starts_with("~/"))
    if (const auto home = source.environment("HOME")) return *home + path.substr(1);
  return (std::filesystem::path(source.folder) / path).lexically_normal().string();
}

}  // namespace sluice
