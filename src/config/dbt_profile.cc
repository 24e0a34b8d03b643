#include "config/dbt_profile.h"

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "config/yaml.h"

namespace sluice {
namespace {

constexpr int kExpressionsMax = 20;

/// A value of profiles.yml: text, and calls of env_var.
struct DbtPart {
  bool variable = false;
  std::string text{};
  std::optional<std::string> fallback{};
};
using DbtValue = std::vector<DbtPart>;

struct Profile {
  std::string file{};
  const Environment& environment;
};

Error at_line(const Profile& profile, const YamlNode& node, const char* code, const std::string& what, const std::string& hint) {
  return Error{ErrorKind::input, code, profile.file + " line " + std::to_string(node.line) + ": " + what, hint};
}

/// Takes a quoted string off the front of `rest`.
std::optional<std::string> take_string(std::string_view& rest) {
  rest = trim(rest);
  if (rest.empty() || (rest.front() != '\'' && rest.front() != '"')) return std::nullopt;
  const std::size_t end = rest.find(rest.front(), 1);
  if (end == std::string_view::npos) return std::nullopt;
  std::string text(rest.substr(1, end - 1));
  rest = trim(rest.substr(end + 1));
  return text;
}

/// `env_var('X')`, `env_var('X', 'default')`, with one of dbt's conversions behind it.
std::optional<DbtPart> env_var_call(std::string_view inside) {
  static constexpr std::array<std::string_view, 6> kConversions{"int", "as_number", "as_text", "as_native", "as_bool", "string"};
  std::string_view rest = trim(inside);
  if (!rest.starts_with("env_var")) return std::nullopt;
  rest = trim(rest.substr(7));
  if (!rest.starts_with('(')) return std::nullopt;
  rest.remove_prefix(1);
  auto name = take_string(rest);
  if (!name || name->empty()) return std::nullopt;
  DbtPart part{true, *std::move(name), std::nullopt};
  if (rest.starts_with(',')) {
    rest.remove_prefix(1);
    part.fallback = take_string(rest);
    if (!part.fallback) return std::nullopt;
  }
  if (!rest.starts_with(')')) return std::nullopt;
  rest = trim(rest.substr(1));
  if (rest.empty()) return part;
  if (!rest.starts_with('|')) return std::nullopt;
  rest = trim(rest.substr(1));
  if (std::find(kConversions.begin(), kConversions.end(), rest) == kConversions.end()) return std::nullopt;
  return part;
}

Result<DbtValue> value_at(const Profile& profile, const YamlNode& node, const std::string& key) {
  if (node.kind != YamlNode::Kind::scalar)
    return at_line(profile, node, "E0724", key + " has to be a text or a number", "correct it in profiles.yml");
  const Error jinja = at_line(profile, node, "E0723", key + " uses jinja that Sluice does not understand",
                              "only {{ env_var('NAME') }} and {{ env_var('NAME', 'default') }} are; or write the connection into sluice.yaml");
  DbtValue value;
  std::string_view rest = node.text;
  for (int n = 0; n < kExpressionsMax && !rest.empty(); ++n) {
    const std::size_t begin = rest.find("{{");
    const std::string_view plain = rest.substr(0, begin);
    if (plain.find("{%") != std::string_view::npos || plain.find("{#") != std::string_view::npos) return jinja;
    if (!plain.empty()) value.push_back({false, std::string(plain), std::nullopt});
    if (begin == std::string_view::npos) return value;
    const std::size_t end = rest.find("}}", begin);
    if (end == std::string_view::npos) return jinja;
    auto call = env_var_call(rest.substr(begin + 2, end - begin - 2));
    if (!call) return jinja;
    value.push_back(*std::move(call));
    rest = rest.substr(end + 2);
  }
  if (!rest.empty()) return jinja;
  return value;
}

Result<std::string> text_of(const Profile& profile, const YamlNode& node, const std::string& key) {
  TRY(DbtValue value, value_at(profile, node, key));
  std::string text;
  for (const DbtPart& part : value) {
    if (!part.variable) {
      text += part.text;
      continue;
    }
    auto found = profile.environment(part.text);
    if (!found) found = part.fallback;
    if (!found) return at_line(profile, node, "E0711", key + ": the variable " + part.text + " is not set", "set it and run the command again");
    text += *found;
  }
  return text;
}

/// The member by any of its names; dbt has aliases for some.
const YamlNode* find_any(const YamlNode& node, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys)
    if (const YamlNode* found = node.find(key); found != nullptr && found->kind != YamlNode::Kind::null) return found;
  return nullptr;
}

Result<bool> append(const Profile& profile, const YamlNode& output, std::initializer_list<std::string_view> keys, const std::string& before,
                    SecretText& url) {
  const YamlNode* node = find_any(output, keys);
  if (node == nullptr) return false;
  TRY(DbtValue value, value_at(profile, *node, std::string(*keys.begin())));
  url.append_literal(before);
  for (DbtPart& part : value) {
    if (part.variable)
      url.append_variable(std::move(part.text), std::move(part.fallback), true);
    else
      url.append_literal(percent_encoded(part.text));
  }
  return true;
}

Result<> read_postgres(const Profile& profile, const YamlNode& output, ConnectionConfig& out) {
  for (const auto& [key, alias] : {std::pair{"host", "host"}, std::pair{"user", "username"}, std::pair{"dbname", "database"}})
    if (find_any(output, {key, alias}) == nullptr)
      return at_line(profile, output, "E0724", std::string("the target lacks \"") + key + "\"", "add it to profiles.yml");
  SecretText url = SecretText::literal("postgresql://");
  TRY([[maybe_unused]] bool user, append(profile, output, {"user", "username"}, "", url));
  TRY([[maybe_unused]] bool password, append(profile, output, {"password", "pass"}, ":", url));
  TRY([[maybe_unused]] bool host, append(profile, output, {"host"}, "@", url));
  TRY([[maybe_unused]] bool port, append(profile, output, {"port"}, ":", url));
  TRY([[maybe_unused]] bool database, append(profile, output, {"dbname", "database"}, "/", url));
  std::string before = "?";
  for (const std::string key : {"sslcert", "sslkey"}) {
    TRY(bool given, append(profile, output, {key}, before + key + "=", url));
    if (given) before = "&";
  }
  out.url = std::move(url);
  for (const auto& [key, member] : {std::pair{"sslmode", &ConnectionConfig::sslmode}, std::pair{"sslrootcert", &ConnectionConfig::sslrootcert},
                                    std::pair{"role", &ConnectionConfig::role}})
    if (const YamlNode* node = find_any(output, {key})) {
      TRY(out.*member, text_of(profile, *node, key));
    }
  if (const YamlNode* path = find_any(output, {"search_path"})) {
    TRY(std::string text, text_of(profile, *path, "search_path"));
    for (const std::string_view schema : split(text, ','))
      if (!trim(schema).empty()) out.search_path.emplace_back(trim(schema));
  } else if (const YamlNode* schema = find_any(output, {"schema"})) {
    // dbt builds into this schema; its models are what people mean by a bare name.
    TRY(std::string text, text_of(profile, *schema, "schema"));
    out.search_path.push_back(text);
    if (text != "public") out.search_path.emplace_back("public");
  }
  return {};
}

Result<> read_duckdb(const Profile& profile, const YamlNode& output, ConnectionConfig& out) {
  const YamlNode* path = find_any(output, {"path"});
  std::string text = ":memory:";
  if (path != nullptr) {
    TRY(text, text_of(profile, *path, "path"));
  }
  if (text.empty() || text.starts_with(":memory:") || text.starts_with("md:") || text.find("://") != std::string::npos)
    return at_line(profile, path == nullptr ? output : *path, "E0724", "the target's path is no database file on this machine",
                   "name a .duckdb file");
  out.path = (std::filesystem::path(profile.file).parent_path() / text).lexically_normal().string();
  return {};
}

std::vector<std::string> keys_of(const YamlNode& node) {
  std::vector<std::string> keys;
  keys.reserve(node.members.size());
  for (const auto& [key, member] : node.members) keys.push_back(key);
  return keys;
}

Error not_there(const std::string& what, const std::string& name, const std::string& where, const std::vector<std::string>& known) {
  const std::string meant = nearest(name, known);
  return Error{
      ErrorKind::not_found, "E0721",
      "there is no " + what + " \"" + show_hidden(name, false) + "\" in " + where + (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"),
      known.empty() ? "check the file" : "there are " + join(known, ", ")};
}

}  // namespace

Result<std::string> find_dbt_profiles(const std::string& given, const std::string& base_dir, const Environment& environment) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  std::vector<std::string> tried;
  const auto try_path = [&](const std::string& path) {
    const std::string file = fs::is_directory(path, ignored) || fs::path(path).extension().empty() ? path + "/profiles.yml" : path;
    tried.push_back(fs::path(file).lexically_normal().string());
    return fs::is_regular_file(tried.back(), ignored);
  };
  if (!given.empty()) {
    if (try_path(given)) return tried.back();
  } else {
    if (const auto folder = environment("DBT_PROFILES_DIR"); folder && !folder->empty() && try_path(*folder)) return tried.back();
    if (!base_dir.empty() && try_path(base_dir)) return tried.back();
    if (const auto home = environment("HOME"); home && !home->empty() && try_path(*home + "/.dbt")) return tried.back();
  }
  return Error{ErrorKind::not_found, "E0720", "dbt's profiles.yml was not found; looked for " + join(tried, ", "),
               "name it with `profiles:` in sluice.yaml, or set DBT_PROFILES_DIR"};
}

Result<ConnectionConfig> read_dbt_target(const std::string& profiles_file, const std::string& name, const DbtTarget& target,
                                         const Environment& environment) {
  const Profile profile{profiles_file, environment};
  TRY(std::string text, read_config_file(profiles_file));
  TRY(YamlNode root, parse_yaml(text, profiles_file));
  std::vector<std::string> profiles = keys_of(root);
  std::erase(profiles, "config");
  const YamlNode* found = root.find(target.profile);
  if (found == nullptr || target.profile == "config") return not_there("profile", target.profile, profiles_file, profiles);
  const YamlNode* outputs = found->find("outputs");
  if (outputs == nullptr || outputs->kind != YamlNode::Kind::map)
    return at_line(profile, *found, "E0724", "profile \"" + target.profile + "\" has no outputs", "correct it in profiles.yml");
  std::string chosen = target.target;
  if (const YamlNode* usual = found->find("target"); chosen.empty() && usual != nullptr) {
    TRY(chosen, text_of(profile, *usual, "target"));
  }
  if (chosen.empty()) chosen = "default";
  const YamlNode* output = outputs->find(chosen);
  if (output == nullptr) return not_there("target", chosen, "profile \"" + target.profile + "\" of " + profiles_file, keys_of(*outputs));
  const YamlNode* type = output->find("type");
  if (type == nullptr) return at_line(profile, *output, "E0724", "target \"" + chosen + "\" has no type", "add `type: postgres` or `type: duckdb`");
  TRY(std::string adapter, text_of(profile, *type, "type"));
  ConnectionConfig out;
  out.name = name;
  out.dbt = target;
  if (adapter == "postgres") {
    out.kind = ConnectionKind::postgres;
    TRY_VOID(read_postgres(profile, *output, out));
  } else if (adapter == "duckdb") {
    out.kind = ConnectionKind::duckdb;
    TRY_VOID(read_duckdb(profile, *output, out));
  } else {
    return at_line(profile, *type, "E0722", "Sluice has no connector for dbt's adapter \"" + show_hidden(adapter.substr(0, 40), false) + "\"",
                   "postgres and duckdb are there; choose another target");
  }
  return out;
}

}  // namespace sluice
