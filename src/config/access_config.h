#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/codec.h"
#include "config/yaml_reading.h"

// Who may do what: `server.access` in sluice.yaml.
namespace sluice {

/// Each may do what those before it may, and more: docs/access.md.
enum class Role : std::uint8_t { viewer, analyst, approver, operator_, admin };
template <>
struct EnumNames<Role> {
  static constexpr std::array<std::pair<Role, std::string_view>, 5> names{
      {{Role::viewer, "viewer"}, {Role::analyst, "analyst"}, {Role::approver, "approver"}, {Role::operator_, "operator"}, {Role::admin, "admin"}}};
};

/// Names of connections or workflows, or all that there are and will be. Without either it covers nothing.
struct Scope {
  bool all = false;
  std::vector<std::string> names{};

  /// What has no name ("") is about everything, and so covered only by all.
  bool covers(std::string_view name) const;
  bool operator==(const Scope&) const = default;
};

/// A role on some connections, in some workflows.
struct Grant {
  Role role = Role::viewer;
  Scope connections{}, workflows{};

  bool operator==(const Grant&) const = default;
};

/// One entry under `server.access:`.
struct AccessConfig {
  std::string who{};  ///< "token:ci", "ada@example.org", "group:data", "slack:T123/U456" or "google:123"
  Grant grant{};

  bool operator==(const AccessConfig&) const = default;
};

constexpr std::string_view kTokenPrefix = "token:", kGroupPrefix = "group:", kSlackPrefix = "slack:", kGooglePrefix = "google:";
/// Workflows that a grant may name: those that this program has. A grant for one to come would open it to people before anybody looked at it.
constexpr std::array<std::string_view, 1> kWorkflowNames{"ask"};

/// Small letters, digits, "_", "-" and ".", at most 63, a letter or digit first. Two names that differ only in the case of letters would be taken for
/// each other.
bool is_token_name(std::string_view name);
/// "ada@example.org": no ":" in it, so that nobody who logs in is taken for a token or a group.
bool is_person_name(std::string_view name);

/// "slack:T123/U456" (workspace and person) or "google:123": an id that the chat's service has given.
bool is_chat_person(std::string_view name);

/// The list under `access:`. A role, connection or workflow that is not there is an error, and so is a grant of nothing: E0702 to E0706.
Result<std::vector<AccessConfig>> read_access(const ConfigSource& source, const YamlNode& node, const std::vector<std::string>& connections);

}  // namespace sluice
