#include "config/add_connection.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/text.h"
#include "config/yaml.h"

namespace sluice {
namespace {

constexpr std::size_t kNameMax = 63;
constexpr mode_t kFileMode = 0644, kSecretFileMode = 0600;
constexpr std::string_view kNewFile =
    "# What Sluice connects to. Keys: docs/schemas/sluice-yaml.schema.json. Passwords: ${VARIABLE} or secret://file/PATH, never in clear.\n";

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameMax && std::isalpha(static_cast<unsigned char>(name.front())) != 0 &&
         std::all_of(name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; });
}

std::string yaml_text(const std::string& text) {
  static const std::vector<std::string> kWords{"true", "false", "null", "yes", "no", "on", "off"};
  const bool plain = !text.empty() && std::isalpha(static_cast<unsigned char>(text.front())) != 0 &&
                     std::all_of(text.begin(), text.end(),
                                 [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::strchr("_./-", c) != nullptr; }) &&
                     std::find(kWords.begin(), kWords.end(), to_lower(text)) == kWords.end();
  return plain ? text : Json(text).dump();  // a JSON string is a YAML string
}

/// Relative to the file's folder where it lies below it, and with `${` kept as it is.
std::string yaml_path(const std::string& path, const std::string& folder) {
  std::string text = path.starts_with(folder + "/") ? path.substr(folder.size() + 1) : path;
  for (std::size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at + 3)) text.insert(at, "$");
  return yaml_text(text);
}

std::string entry(const ConnectionConfig& connection, const std::string& folder, const std::string& indent) {
  std::string out = indent + connection.name + ":\n";
  const auto line = [&](const std::string& key, const std::string& value) { out += indent + "  " + key + ": " + value + "\n"; };
  const auto list = [&](const std::vector<std::string>& values, bool paths) {
    std::string text;
    for (const std::string& value : values) text += (text.empty() ? "[" : ", ") + (paths ? yaml_path(value, folder) : yaml_text(value));
    return text + "]";
  };
  if (connection.dbt) {
    line("dbt_profile", yaml_text(connection.dbt->profile));
    if (!connection.dbt->target.empty()) line("target", yaml_text(connection.dbt->target));
    if (!connection.dbt->profiles.empty()) line("profiles", yaml_path(connection.dbt->profiles, folder));
    return out;
  }
  line("kind", std::string(enum_name(connection.kind)));
  if (!connection.path.empty()) line("path", yaml_path(connection.path, folder));
  if (!connection.globs.empty()) line("files", list(connection.globs, true));
  if (!connection.url.empty()) line("url", yaml_text(connection.url.written()));
  if (!connection.replica_url.empty()) line("replica_url", yaml_text(connection.replica_url.written()));
  if (!connection.sslmode.empty()) line("sslmode", yaml_text(connection.sslmode));
  if (!connection.sslrootcert.empty()) line("sslrootcert", yaml_path(connection.sslrootcert, folder));
  if (!connection.role.empty()) line("role", yaml_text(connection.role));
  if (!connection.search_path.empty()) line("search_path", list(connection.search_path, false));
  return out;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end == std::string::npos ? std::string::npos : end + 1 - at));
    at += lines.back().size();
  }
  return lines;
}

std::size_t indent_of(const std::string& line) { return line.find_first_not_of(' '); }
bool is_content(const std::string& line) {
  const std::string_view text = trim(line);
  return !text.empty() && text.front() != '#';
}

/// The old text with the entry put in at the end of `connections:`. "" where the shape does not allow it.
std::string inserted(const std::string& old, const YamlNode& root, const Config& before, const ConnectionConfig& connection,
                     const std::string& folder) {
  std::vector<std::string> lines = lines_of(old);
  if (!lines.empty() && !lines.back().ends_with('\n')) lines.back() += '\n';
  const auto key = std::find_if(lines.begin(), lines.end(), [](const std::string& line) { return line.starts_with("connections:"); });
  if (key == lines.end()) {
    if (root.kind != YamlNode::Kind::null && (root.members.empty() || root.find("connections") != nullptr)) return "";
    std::string text;
    for (const std::string& line : lines) text += line;
    return text + "connections:\n" + entry(connection, folder, "  ");
  }
  const std::string_view rest = trim(std::string_view(*key).substr(std::strlen("connections:")));
  if (!rest.empty() && rest.front() != '#') return "";  // connections: {…}
  std::size_t indent = 2;
  auto last = key;
  for (auto line = key + 1; line != lines.end() && (!is_content(*line) || indent_of(*line) > 0); ++line) {
    if (!is_content(*line)) continue;
    if (last == key) indent = indent_of(*line);
    last = line;
  }
  const auto at = lines.insert(last + 1, entry(connection, folder, std::string(indent, ' ')));
  // The only connection was the default one without being named; it stays so.
  if (before.connections.size() == 1 && root.find("default") == nullptr) {
    const auto place = std::find_if(lines.begin(), at, [](const std::string& line) { return line.starts_with("connections:"); });
    lines.insert(place, "default: " + before.connections.front().name + "\n");
  }
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

Error cant_write(const std::string& path, const std::string& doing) {
  const int reason = errno;
  return Error{ErrorKind::storage, "E0732", path + " was not changed: " + doing + ": " + std::strerror(reason),
               reason == ENOSPC ? "free some space on the disk" : "check the folder's permissions"};
}

Result<> write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {  // bounded: every round writes at least a byte
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return cant_write(path, "writing failed");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (fsync(fd) != 0) return cant_write(path, "writing failed");
  return {};
}

Result<> replace_file(const std::string& path, const std::string& text, mode_t mode) {
  std::string temporary = path + ".XXXXXX";
  const int fd = mkstemp(temporary.data());
  if (fd < 0) return cant_write(path, "no file can be made in its folder");
  auto written = write_all(fd, text, path);
  if (written && fchmod(fd, mode) != 0) written = cant_write(path, "its permissions can't be set");
  close(fd);
  if (written && rename(temporary.c_str(), path.c_str()) != 0) written = cant_write(path, "it can't be replaced");
  if (!written) {
    unlink(temporary.c_str());
    return written;
  }
  const int folder = open(std::filesystem::path(path).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    fsync(folder);
    close(folder);
  }
  return {};
}

Result<> move_password(SecretText& url, const std::string& variable, AddedConnection& added) {
  if (!url.has_literal_password()) return {};
  TRY(url, url.with_password_from(variable));
  added.variables.push_back(variable);
  return {};
}

Result<> check_new(const Config& before, const ConnectionConfig& connection) {
  if (!is_name(connection.name))
    return Error{ErrorKind::input, "E0730", "\"" + show_hidden(connection.name.substr(0, kNameMax), false) + "\" can't be the name of a connection",
                 "use a letter first, then letters, digits, _ and -, at most " + std::to_string(kNameMax)};
  for (const ConnectionConfig& other : before.connections)
    if (other.name == connection.name)
      return Error{ErrorKind::conflict, "E0730", "there is a connection \"" + connection.name + "\" in " + before.path + " already",
                   "choose another name, or change that entry in the file"};
  return {};
}

}  // namespace

Result<AddedConnection> add_connection(const std::string& path, const ConnectionConfig& connection, PasswordPolicy passwords,
                                       const Environment& environment, const ConnectionCheck& works) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  AddedConnection added;
  added.path = fs::weakly_canonical(fs::absolute(path, ignored), ignored).string();
  added.created = !fs::exists(added.path, ignored);
  std::string old{kNewFile};
  if (!added.created) {
    TRY(old, read_config_file(added.path));
  }
  // The file alone counts here, not what SLUICE_* variables make of it today.
  const Environment of_file = [&](const std::string& name) {
    return name.starts_with("SLUICE_CONNECTION") || name.starts_with("SLUICE_LIMITS") ? std::nullopt : environment(name);
  };
  TRY(Config before, parse_config(old, added.path, of_file));
  TRY(YamlNode root, parse_yaml(old, added.path));
  TRY_VOID(check_new(before, connection));

  ConnectionConfig wanted = connection;
  std::string stem = "SLUICE_" + connection.name;
  std::transform(stem.begin(), stem.end(), stem.begin(), [](unsigned char c) { return c == '-' ? '_' : static_cast<char>(std::toupper(c)); });
  if (passwords == PasswordPolicy::move_to_variable) {
    TRY_VOID(move_password(wanted.url, stem + "_PASSWORD", added));
    TRY_VOID(move_password(wanted.replica_url, stem + "_REPLICA_PASSWORD", added));
  }
  const std::string folder = fs::path(added.path).parent_path().string();
  const std::string text = inserted(old, root, before, wanted, folder);
  const Error shape{ErrorKind::input, "E0731", added.path + " is written in a way that Sluice can't add to without changing it; it was left alone",
                    "add these lines under `connections:` yourself:\n" + entry(wanted, folder, "  ")};
  if (text.empty()) return shape;
  auto after = parse_config(text, added.path, of_file);
  if (!after)
    return after.error().code == "E0702" || after.error().code == "E0701" || after.error().code == "E0706" ? Result<AddedConnection>(shape)
                                                                                                           : std::move(after).error();
  Config expected = before;
  if (after->connections.size() != before.connections.size() + 1 || after->connections.back().name != wanted.name) return shape;
  // What a dbt target holds comes from dbt's file, not from the entry.
  expected.connections.push_back(wanted.dbt ? after->connections.back() : wanted);
  if (expected.default_connection.empty()) expected.default_connection = after->default_connection;
  if (!(*after == expected)) return shape;
  if (works) TRY_VOID(works(connection.dbt ? after->connections.back() : connection));

  struct stat status{};
  mode_t mode = stat(added.path.c_str(), &status) == 0 ? status.st_mode & 07777U : kFileMode;
  if (wanted.url.has_literal_password() || wanted.replica_url.has_literal_password()) mode = kSecretFileMode;
  TRY_VOID(replace_file(added.path, text, mode));
  return added;
}

}  // namespace sluice
