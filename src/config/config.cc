#include "config/config.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <set>

#include "base/text.h"
#include "config/dbt_profile.h"
#include "config/yaml.h"

namespace sluice {
namespace {

constexpr int kParentsMax = 64;
constexpr std::size_t kConnectionsMax = 500;
constexpr std::size_t kGlobsMax = 1000;

/// What the functions below read from and where they are.
struct Source {
  std::string path{}, folder{};
  const Environment& environment;
};

Error at_line(const Source& source, const YamlNode& node, const char* code, const std::string& what, const std::string& hint) {
  return Error{ErrorKind::input, code, source.path + " line " + std::to_string(node.line) + ": " + what, hint};
}

Result<> known_keys(const Source& source, const YamlNode& node, const std::string& where, const std::vector<std::string>& keys) {
  if (node.kind != YamlNode::Kind::map)
    return at_line(source, node, "E0703", where + " has to be a map", "write `" + keys.front() + ": …` and the like below it, indented");
  for (const auto& [key, member] : node.members) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    const std::string meant = nearest(key, keys);
    return at_line(
        source, member, "E0702",
        "there is no key \"" + show_hidden(key.substr(0, 80), false) + "\" in " + where + (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"),
        "the keys there are " + join(keys, ", "));
  }
  return {};
}

Error wrong_type(const Source& source, const YamlNode& node, const std::string& key, const std::string& expected) {
  return at_line(source, node, "E0703", key + " has to be " + expected,
                 "correct it in sluice.yaml; docs/schemas/sluice-yaml.schema.json describes every key");
}

/// A scalar with its ${…} references looked up; for everything but secrets.
Result<std::string> text_at(const Source& source, const YamlNode& node, const std::string& key) {
  if (node.kind != YamlNode::Kind::scalar) return wrong_type(source, node, key, "a text");
  auto parsed = SecretText::parse(node.text, source.folder);
  if (!parsed) return at_line(source, node, parsed.error().code.c_str(), key + ": " + parsed.error().message, parsed.error().hint);
  auto text = parsed->reveal(source.environment);
  if (!text) return at_line(source, node, text.error().code.c_str(), key + ": " + text.error().message, text.error().hint);
  return text;
}

Result<SecretText> secret_at(const Source& source, const YamlNode& node, const std::string& key) {
  if (node.kind != YamlNode::Kind::scalar) return wrong_type(source, node, key, "a text");
  auto parsed = SecretText::parse_url(node.text, source.folder);
  if (!parsed) return at_line(source, node, parsed.error().code.c_str(), key + ": " + parsed.error().message, parsed.error().hint);
  return parsed;
}

Result<bool> flag_at(const Source& source, const YamlNode& node, const std::string& key) {
  TRY(std::string text, text_at(source, node, key));
  if (node.plain && (text == "true" || text == "false")) return text == "true";
  return wrong_type(source, node, key, "true or false");
}

Result<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0)
    return Error{ErrorKind::input, "E0703", "not a whole number of 0 or more", "write digits only, for example 100000"};
  return value;
}

/// Splits "1.5 GB" and multiplies; `units` maps lower-case suffixes to factors.
Result<std::int64_t> with_unit(std::string_view given, std::span<const std::pair<std::string_view, double>> units, const std::string& hint) {
  const std::string text = to_lower(trim(given));
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  const Error wrong{ErrorKind::input, "E0705", "not an amount that Sluice understands", hint};
  if (error != std::errc{} || !(value >= 0)) return wrong;
  const std::string_view suffix = trim(std::string_view(end, static_cast<std::size_t>(text.data() + text.size() - end)));
  for (const auto& [unit, factor] : units) {
    if (unit != suffix) continue;
    if (value * factor > 9e18) return wrong;
    return std::llround(value * factor);
  }
  return wrong;
}

using Parse = Result<std::int64_t> (*)(std::string_view);
struct Amount {
  const char* key;
  std::int64_t LimitsConfig::* member;
  Parse parse;
  bool positive;
};
constexpr std::array<Amount, 7> kLimits{{{"rows_max", &LimitsConfig::rows_max, whole_number, true},
                                         {"bytes_max", &LimitsConfig::bytes_max, parse_bytes, true},
                                         {"scan_rows_max", &LimitsConfig::scan_rows_max, whole_number, true},
                                         {"scan_bytes_max", &LimitsConfig::scan_bytes_max, parse_bytes, true},
                                         {"seconds", &LimitsConfig::seconds, parse_seconds, true},
                                         {"memory", &LimitsConfig::memory_bytes, parse_bytes, true},
                                         {"threads", &LimitsConfig::threads, whole_number, false}}};

/// "30" could be seconds or minutes: a key whose name does not say which wants a unit, as --approval-timeout does.
Result<std::int64_t> seconds_with_unit(std::string_view text) {
  TRY(const std::int64_t seconds, parse_seconds(text));
  if (std::isalpha(static_cast<unsigned char>(trim(text).back())) == 0)
    return Error{ErrorKind::input, "E0705", "a number without a unit", "write a number and a unit: 90s, 30m, 2h or 1d"};
  return seconds;
}

Result<std::int64_t> amount_at(const Source& source, const YamlNode& node, const std::string& key, Parse parse, bool positive) {
  TRY(std::string text, text_at(source, node, key));
  auto value = parse(text);
  if (!value) return at_line(source, node, value.error().code.c_str(), key + " is " + value.error().message, value.error().hint);
  if (positive && *value == 0) return at_line(source, node, "E0703", key + " can't be 0", "leave it out for the default");
  return value;
}

std::string absolute(const Source& source, const std::string& path) {
  if (path.starts_with("~/"))
    if (const auto home = source.environment("HOME")) return *home + path.substr(1);
  return (std::filesystem::path(source.folder) / path).lexically_normal().string();
}

Result<> read_sources(const Source& source, const YamlNode& node, const std::string& where, ConnectionConfig& out) {
  const auto need = [&](const char* key) -> Result<const YamlNode*> {
    if (const YamlNode* found = node.find(key)) return found;
    return at_line(source, node, "E0704", where + " is of kind " + std::string(enum_name(out.kind)) + " and lacks \"" + key + "\"",
                   std::string("add `") + key + ": …`");
  };
  if (out.kind == ConnectionKind::duckdb || out.kind == ConnectionKind::sqlite) {
    TRY(const YamlNode* path, need("path"));
    TRY(std::string text, text_at(source, *path, "path"));
    out.path = absolute(source, text);
    return {};
  }
  if (out.kind == ConnectionKind::postgres) {
    TRY(const YamlNode* url, need("url"));
    TRY(out.url, secret_at(source, *url, "url"));
    return {};
  }
  TRY(const YamlNode* files, need("files"));
  std::vector<YamlNode> single{*files};
  for (const YamlNode& glob : files->kind == YamlNode::Kind::list ? files->items : single) {
    TRY(std::string text, text_at(source, glob, "files"));
    out.globs.push_back(absolute(source, text));
  }
  if (out.globs.empty() || out.globs.size() > kGlobsMax)
    return wrong_type(source, *files, "files", "a pattern or a list of them, for example ['data/*.csv']");
  return {};
}

Result<> read_postgres_options(const Source& source, const YamlNode& node, ConnectionConfig& out) {
  if (const YamlNode* replica = node.find("replica_url")) {
    TRY(out.replica_url, secret_at(source, *replica, "replica_url"));
  }
  for (const auto& [key, member] : {std::pair{"sslmode", &ConnectionConfig::sslmode}, std::pair{"sslrootcert", &ConnectionConfig::sslrootcert},
                                    std::pair{"role", &ConnectionConfig::role}})
    if (const YamlNode* value = node.find(key)) {
      TRY(out.*member, text_at(source, *value, key));
    }
  if (!out.sslrootcert.empty() && out.sslrootcert != "system") out.sslrootcert = absolute(source, out.sslrootcert);
  if (const YamlNode* path = node.find("search_path")) {
    if (path->kind != YamlNode::Kind::list) return wrong_type(source, *path, "search_path", "a list of schemas");
    for (const YamlNode& schema : path->items) {
      TRY(std::string text, text_at(source, schema, "search_path"));
      out.search_path.push_back(std::move(text));
    }
  }
  return {};
}

Result<ConnectionConfig> read_dbt_connection(const Source& source, const YamlNode& node, const std::string& name, const std::string& where) {
  TRY_VOID(known_keys(source, node, where, {"dbt_profile", "target", "profiles", "dbt_project"}));
  DbtTarget target;
  TRY(target.profile, text_at(source, *node.find("dbt_profile"), "dbt_profile"));
  if (const YamlNode* value = node.find("target")) {
    TRY(target.target, text_at(source, *value, "target"));
  }
  if (const YamlNode* value = node.find("profiles")) {
    TRY(std::string given, text_at(source, *value, "profiles"));
    target.profiles = absolute(source, given);
  }
  TRY(std::string file, find_dbt_profiles(target.profiles, source.folder, source.environment));
  return read_dbt_target(file, name, target, source.environment);
}

/// The connection but for `dbt_project`, which every kind may have.
Result<ConnectionConfig> read_kind(const Source& source, const std::string& name, const YamlNode& node) {
  const std::string where = "connection \"" + show_hidden(name, false) + "\"";
  if (node.kind == YamlNode::Kind::map && node.find("dbt_profile") != nullptr) return read_dbt_connection(source, node, name, where);
  ConnectionConfig out;
  out.name = name;
  if (node.kind != YamlNode::Kind::map) return wrong_type(source, node, where, "a map with at least `kind`");
  const YamlNode* kind = node.find("kind");
  const std::vector<std::string> kinds{"duckdb", "postgres", "files", "sqlite"};
  if (kind == nullptr) {
    TRY_VOID(known_keys(source, node, where,
                        {"kind", "path", "url", "files", "replica_url", "sslmode", "sslrootcert", "role", "search_path", "dbt_profile", "target",
                         "profiles", "dbt_project"}));
    return at_line(source, node, "E0704", where + " lacks \"kind\"", "add `kind:` with one of " + join(kinds, ", ") + ", or `dbt_profile:`");
  }
  TRY(std::string text, text_at(source, *kind, "kind"));
  const auto decoded = decode<ConnectionKind>(Json(text));
  if (!decoded) {
    const std::string meant = nearest(text, kinds);
    return at_line(source, *kind, "E0703", where + " has no known kind" + (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"),
                   "one of " + join(kinds, ", "));
  }
  out.kind = *decoded;
  if (out.kind == ConnectionKind::postgres) {
    TRY_VOID(known_keys(source, node, where, {"kind", "url", "replica_url", "sslmode", "sslrootcert", "role", "search_path", "dbt_project"}));
    TRY_VOID(read_postgres_options(source, node, out));
  } else {
    TRY_VOID(known_keys(source, node, where, {"kind", out.kind == ConnectionKind::files ? "files" : "path", "dbt_project"}));
  }
  TRY_VOID(read_sources(source, node, where, out));
  return out;
}

Result<ConnectionConfig> read_connection(const Source& source, const std::string& name, const YamlNode& node) {
  TRY(ConnectionConfig out, read_kind(source, name, node));
  if (const YamlNode* project = node.find("dbt_project")) {
    TRY(const std::string folder, text_at(source, *project, "dbt_project"));
    out.dbt_project = absolute(source, folder);
  }
  return out;
}

Result<> read_approvals(const Source& source, const YamlNode& node, ApprovalsConfig& out) {
  TRY_VOID(known_keys(source, node, "approvals", {"auto", "timeout"}));
  if (const YamlNode* value = node.find("timeout")) {
    TRY(out.timeout_seconds, amount_at(source, *value, "timeout", seconds_with_unit, true));
  }
  if (const YamlNode* automatic = node.find("auto")) {
    TRY_VOID(known_keys(source, *automatic, "approvals.auto", {"reads", "max_bytes"}));
    if (const YamlNode* value = automatic->find("reads")) {
      TRY(out.auto_reads, flag_at(source, *value, "reads"));
    }
    if (const YamlNode* value = automatic->find("max_bytes")) {
      TRY(out.auto_max_bytes, amount_at(source, *value, "max_bytes", parse_bytes, false));
    }
  }
  return {};
}

Result<> read_limits(const Source& source, const YamlNode& node, LimitsConfig& out) {
  std::vector<std::string> keys;
  keys.reserve(kLimits.size());
  for (const Amount& limit : kLimits) keys.emplace_back(limit.key);
  TRY_VOID(known_keys(source, node, "limits", keys));
  for (const Amount& limit : kLimits)
    if (const YamlNode* value = node.find(limit.key)) {
      TRY(out.*limit.member, amount_at(source, *value, limit.key, limit.parse, limit.positive));
    }
  return {};
}

Result<> apply_variable(const Environment& environment, const std::string& name, Parse parse, bool positive, std::int64_t& out) {
  const auto text = environment(name);
  if (!text || text->empty()) return {};
  auto value = parse(*text);
  if (!value) return Error{ErrorKind::input, "E0708", "the variable " + name + " is " + value.error().message, value.error().hint};
  if (positive && *value == 0) return Error{ErrorKind::input, "E0708", "the variable " + name + " can't be 0", "unset it for the default"};
  out = *value;
  return {};
}

Result<> apply_variables(const Source& source, Config& config) {
  const Environment& environment = source.environment;
  for (const Amount& limit : kLimits) {
    std::string name = std::string("SLUICE_LIMITS_") + limit.key;
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    TRY_VOID(apply_variable(environment, name, limit.parse, limit.positive, config.limits.*limit.member));
  }
  TRY_VOID(apply_variable(environment, "SLUICE_APPROVALS_TIMEOUT", seconds_with_unit, true, config.approvals.timeout_seconds));
  config.home = source.folder + "/.sluice";
  if (const auto home = environment("SLUICE_HOME"); home && !home->empty())
    config.home = std::filesystem::absolute(*home).lexically_normal().string();
  const auto chosen = environment("SLUICE_CONNECTION");
  const bool by_variable = chosen && !chosen->empty();
  if (by_variable) config.default_connection = *chosen;
  if (config.default_connection.empty() && config.connections.size() == 1) config.default_connection = config.connections.front().name;
  std::vector<std::string> names;
  names.reserve(config.connections.size());
  for (const ConnectionConfig& connection : config.connections) names.push_back(connection.name);
  if (!config.default_connection.empty() && std::find(names.begin(), names.end(), config.default_connection) == names.end()) {
    const std::string meant = nearest(config.default_connection, names);
    return Error{ErrorKind::input, "E0707",
                 std::string(by_variable ? "the variable SLUICE_CONNECTION" : source.path + ": default") + " names \"" +
                     show_hidden(config.default_connection, false) + "\", which is no connection" +
                     (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"),
                 names.empty() ? "add one with `sluice init`" : "the connections are " + join(names, ", ")};
  }
  return {};
}

}  // namespace

Result<std::int64_t> parse_seconds(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, double>, 5> kUnits{{{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}}};
  TRY(std::int64_t seconds, with_unit(text, kUnits, "write seconds, or a number with s, m, h or d: 90s, 30m, 2h, 1d"));
  constexpr std::int64_t kYears = 10LL * 366 * 86400;
  if (seconds > kYears) return Error{ErrorKind::input, "E0705", "longer than ten years", "write a shorter time"};
  return seconds;
}

Result<std::int64_t> parse_bytes(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, double>, 11> kUnits{{{"", 1},
                                                                               {"b", 1},
                                                                               {"kb", 1e3},
                                                                               {"mb", 1e6},
                                                                               {"gb", 1e9},
                                                                               {"tb", 1e12},
                                                                               {"pb", 1e15},
                                                                               {"kib", 1024.0},
                                                                               {"mib", 1048576.0},
                                                                               {"gib", 1073741824.0},
                                                                               {"tib", 1099511627776.0}}};
  return with_unit(text, kUnits, "write bytes, or a number with kB, MB, GB, TB, KiB, MiB, GiB or TiB: 100MB, 1.5 GB");
}

Result<Config> parse_config(std::string_view text, const std::string& path, const Environment& environment) {
  const Source source{path, std::filesystem::path(path).parent_path().string(), environment};
  TRY(YamlNode root, parse_yaml(text, path));
  Config config;
  config.path = path;
  if (root.kind != YamlNode::Kind::null)
    TRY_VOID(known_keys(source, root, "sluice.yaml", {"default", "connections", "approvals", "limits", "glossary"}));
  if (const YamlNode* connections = root.find("connections"); connections != nullptr && connections->kind != YamlNode::Kind::null) {
    if (connections->kind != YamlNode::Kind::map) return wrong_type(source, *connections, "connections", "a map from names to connections");
    if (connections->members.size() > kConnectionsMax)
      return wrong_type(source, *connections, "connections", "a map of at most " + std::to_string(kConnectionsMax) + " connections");
    for (const auto& [name, node] : connections->members) {
      TRY(ConnectionConfig connection, read_connection(source, name, node));
      config.connections.push_back(std::move(connection));
    }
  }
  if (const YamlNode* value = root.find("default")) {
    TRY(config.default_connection, text_at(source, *value, "default"));
  }
  config.glossary = absolute(source, "glossary.yml");
  if (const YamlNode* value = root.find("glossary")) {
    TRY(const std::string file, text_at(source, *value, "glossary"));
    config.glossary = absolute(source, file);
    config.glossary_named = true;
  }
  if (const YamlNode* value = root.find("approvals"); value != nullptr && value->kind != YamlNode::Kind::null)
    TRY_VOID(read_approvals(source, *value, config.approvals));
  if (const YamlNode* value = root.find("limits"); value != nullptr && value->kind != YamlNode::Kind::null)
    TRY_VOID(read_limits(source, *value, config.limits));
  TRY_VOID(apply_variables(source, config));
  return config;
}

Result<Config> load_config(const std::string& start_dir, const Environment& environment) {
  namespace fs = std::filesystem;
  std::string path;
  std::error_code failed;
  if (const auto named = environment("SLUICE_CONFIG"); named && !named->empty()) {
    path = fs::absolute(*named, failed).lexically_normal().string();
    if (!fs::exists(path, failed))
      return Error{ErrorKind::not_found, "E0700", "there is no file " + path + ", which SLUICE_CONFIG names", "correct the variable, or unset it"};
  } else {
    fs::path folder = fs::absolute(start_dir, failed).lexically_normal();
    for (int i = 0; i < kParentsMax && path.empty(); ++i) {
      if (fs::exists(folder / "sluice.yaml", failed)) path = (folder / "sluice.yaml").string();
      if (folder == folder.parent_path()) break;
      folder = folder.parent_path();
    }
    if (start_dir.empty())
      return Error{ErrorKind::not_found, "E0700", "the current folder is not there any more, so no sluice.yaml is found from it",
                   "go to a folder that is there (`cd`), or name the file by SLUICE_CONFIG"};
    if (path.empty())
      return Error{ErrorKind::not_found, "E0700", "there is no sluice.yaml in " + start_dir + " or above it",
                   "make one: `sluice init NAME --duckdb FILE`, or --postgres URL, --files 'data/*.csv', --sqlite FILE"};
  }
  TRY(std::string text, read_config_file(path));
  return parse_config(text, path, environment);
}

}  // namespace sluice
