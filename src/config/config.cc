#include "config/config.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "base/text.h"
#include "config/dbt_profile.h"
#include "config/yaml_reading.h"

namespace sluice {
namespace {

constexpr int kParentsMax = 64;
constexpr std::size_t kConnectionsMax = 500;
constexpr std::size_t kGlobsMax = 1000;

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

Result<> read_sources(const ConfigSource& source, const YamlNode& node, const std::string& where, ConnectionConfig& out) {
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

Result<> read_postgres_options(const ConfigSource& source, const YamlNode& node, ConnectionConfig& out) {
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

Result<ConnectionConfig> read_dbt_connection(const ConfigSource& source, const YamlNode& node, const std::string& name, const std::string& where) {
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
Result<ConnectionConfig> read_kind(const ConfigSource& source, const std::string& name, const YamlNode& node) {
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

Result<ConnectionConfig> read_connection(const ConfigSource& source, const std::string& name, const YamlNode& node) {
  TRY(ConnectionConfig out, read_kind(source, name, node));
  if (const YamlNode* project = node.find("dbt_project")) {
    TRY(const std::string folder, text_at(source, *project, "dbt_project"));
    out.dbt_project = absolute(source, folder);
  }
  return out;
}

Result<> read_approvals(const ConfigSource& source, const YamlNode& node, ApprovalsConfig& out) {
  TRY_VOID(known_keys(source, node, "approvals", {"auto", "timeout", "four_eyes"}));
  if (const YamlNode* value = node.find("timeout")) {
    TRY(out.timeout_seconds, amount_at(source, *value, "timeout", seconds_with_unit, true));
  }
  if (const YamlNode* value = node.find("four_eyes")) {
    TRY(out.four_eyes, flag_at(source, *value, "four_eyes"));
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

Result<> read_limits(const ConfigSource& source, const YamlNode& node, LimitsConfig& out) {
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

Result<> apply_variables(const ConfigSource& source, Config& config) {
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
  if (const auto journal = environment("SLUICE_JOURNAL"); journal && !journal->empty()) {
    TRY(config.journal, SecretText::parse_url(*journal, source.folder));
    config.journal_by_variable = true;
  }
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

Result<Config> parse_config(std::string_view text, const std::string& path, const Environment& environment) {
  const ConfigSource source{path, std::filesystem::path(path).parent_path().string(), environment};
  TRY(YamlNode root, parse_yaml(text, path));
  Config config;
  config.path = path;
  if (root.kind != YamlNode::Kind::null)
    TRY_VOID(known_keys(source, root, "sluice.yaml",
                        {"default", "connections", "approvals", "limits", "models", "agents", "budgets", "glossary", "journal", "queues", "worker",
                         "server", "telemetry", "chat"}));
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
  if (const YamlNode* value = root.find("journal")) {
    TRY(config.journal, secret_at(source, *value, "journal"));
  }
  if (const YamlNode* value = root.find("approvals"); value != nullptr && value->kind != YamlNode::Kind::null)
    TRY_VOID(read_approvals(source, *value, config.approvals));
  if (const YamlNode* value = root.find("limits"); value != nullptr && value->kind != YamlNode::Kind::null)
    TRY_VOID(read_limits(source, *value, config.limits));
  TRY_VOID(read_models(source, root, config));
  TRY_VOID(read_queues(source, root, config));
  TRY_VOID(read_server(source, root, config));
  TRY(config.telemetry, read_telemetry(source, root));
  TRY_VOID(read_chat(source, root, config));
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
