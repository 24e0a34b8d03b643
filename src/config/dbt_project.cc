#include "config/dbt_project.h"

#include <algorithm>
#include <filesystem>

#include "base/hash.h"
#include "base/text.h"
#include "config/yaml.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kFilesMax = 5'000, kEntriesSeenMax = 200'000, kTextBytesMax = 2'000;

Error no_project(const std::string& folder, const std::string& why) {
  return {ErrorKind::input, "E0725", "there is no dbt project in " + folder + ": " + why,
          "let dbt_project in sluice.yaml name the folder that holds dbt_project.yml", 0};
}

/// A text without jinja; "" where there is none.
std::string plain_text(const YamlNode* node) {
  if (node == nullptr || node->kind != YamlNode::Kind::scalar || node->text.size() > kTextBytesMax) return "";
  return node->text.find("{{") == std::string::npos ? std::string(trim(node->text)) : "";
}

std::vector<YamlNode> list_at(const YamlNode& node, std::string_view key) {
  const YamlNode* found = node.find(key);
  return found == nullptr ? std::vector<YamlNode>() : found->items;
}

/// Where dbt looks for YAML files: the folders that dbt_project.yml names, else its own defaults.
Result<std::vector<std::string>> resource_folders(const std::string& folder) {
  const std::string path = (fs::path(folder) / "dbt_project.yml").string();
  const auto text = read_config_file(path);
  if (!text) return no_project(folder, text.error().message);
  const auto root = parse_yaml(*text, path);
  if (!root) return no_project(folder, root.error().message);
  std::vector<std::string> out;
  for (const auto& [key, usual] : {std::pair{"model-paths", "models"}, std::pair{"seed-paths", "seeds"}, std::pair{"snapshot-paths", "snapshots"}}) {
    std::vector<std::string> named;
    for (const YamlNode& item : list_at(*root, key)) named.push_back(plain_text(&item));
    if (named.empty()) named.emplace_back(usual);
    for (const std::string& one : named) {
      const std::string inside = fs::path(one).lexically_normal().string();
      if (!inside.empty() && !inside.starts_with("..") && !inside.starts_with('/')) out.push_back((fs::path(folder) / inside).string());
    }
  }
  return out;
}

/// The YAML files in these folders and below, in order.
std::vector<std::string> yaml_files(const std::vector<std::string>& folders) {
  std::vector<std::string> out;
  std::size_t seen = 0;
  for (const std::string& folder : folders) {
    std::error_code failure;
    for (fs::recursive_directory_iterator entry(folder, failure), end; !failure && entry != end && seen < kEntriesSeenMax; entry.increment(failure)) {
      ++seen;
      const std::string ending = to_lower(entry->path().extension().string());
      if ((ending == ".yml" || ending == ".yaml") && entry->is_regular_file(failure)) out.push_back(entry->path().string());
    }
  }
  std::ranges::sort(out);
  const auto repeated = std::ranges::unique(out);
  out.erase(repeated.begin(), repeated.end());
  if (out.size() > kFilesMax) out.resize(kFilesMax);
  return out;
}

/// A model, a seed, a snapshot or a source's table; `renamed` is the key that says how it is called in the database.
void add_table(const YamlNode& node, const std::string& schema, std::string name, std::vector<DbtDescription>& out) {
  DbtDescription one{.schema = schema, .table = std::move(name), .text = plain_text(node.find("description"))};
  for (const YamlNode& column : list_at(node, "columns")) {
    const std::string column_name = plain_text(column.find("name"));
    if (std::string text = plain_text(column.find("description")); !column_name.empty() && !text.empty())
      one.columns.emplace_back(column_name, std::move(text));
  }
  if (!one.table.empty() && (!one.text.empty() || !one.columns.empty())) out.push_back(std::move(one));
}

void add_file(const YamlNode& root, std::vector<DbtDescription>& out) {
  for (const char* kind : {"models", "seeds", "snapshots"})
    for (const YamlNode& node : list_at(root, kind)) {
      const YamlNode* config = node.find("config");
      const std::string alias = config == nullptr ? "" : plain_text(config->find("alias"));
      add_table(node, "", alias.empty() ? plain_text(node.find("name")) : alias, out);
    }
  for (const YamlNode& source : list_at(root, "sources")) {
    const std::string named = plain_text(source.find("schema"));
    const std::string schema = source.find("schema") == nullptr ? plain_text(source.find("name")) : named;
    for (const YamlNode& node : list_at(source, "tables")) {
      const std::string identifier = plain_text(node.find("identifier"));
      add_table(node, schema, identifier.empty() ? plain_text(node.find("name")) : identifier, out);
    }
  }
}

}  // namespace

Result<DbtDescriptions> read_dbt_descriptions(const std::string& folder) {
  TRY(const std::vector<std::string> folders, resource_folders(folder));
  DbtDescriptions out;
  for (const std::string& path : yaml_files(folders)) {
    const auto text = read_config_file(path);
    const auto root = text ? parse_yaml(*text, path) : Result<YamlNode>(text.error());
    if (root)
      add_file(*root, out.tables);
    else
      out.skipped.push_back(root.error().message);
  }
  return out;
}

std::string dbt_project_state(const std::string& folder) {
  const auto folders = resource_folders(folder);
  if (!folders) return "";
  std::string all;
  for (const std::string& path : yaml_files(*folders)) {
    std::error_code failure;
    const auto size = fs::file_size(path, failure);
    const auto written = fs::last_write_time(path, failure).time_since_epoch().count();
    all += path + '\0' + std::to_string(failure ? 0 : size) + '\0' + std::to_string(failure ? 0 : written) + '\0';
  }
  return sha256_hex(all);
}

}  // namespace sluice
