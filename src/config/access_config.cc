#include "config/access_config.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace sluice {
namespace {

constexpr std::size_t kAccessMax = 1000, kNamesMax = 500, kTokenNameMax = 63, kWhoMax = 254;

bool is_plain(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.'; }

Result<std::string> read_who(const ConfigSource& source, const YamlNode& node) {
  TRY(std::string who, text_at(source, node, "who"));
  const std::string_view text = who;
  const bool token = text.starts_with(kTokenPrefix) && is_token_name(text.substr(kTokenPrefix.size()));
  const std::string_view group = text.starts_with(kGroupPrefix) ? text.substr(kGroupPrefix.size()) : "";
  const bool is_group = !group.empty() && group.size() <= kWhoMax && trim(group) == group && show_hidden(group, false) == group;
  if (token || is_group || is_person_name(text) || is_chat_person(text)) return who;
  return wrong_type(source, node, "who", "token:NAME, an address such as ada@example.org, group:NAME, slack:TEAM/USER or google:NUMBER");
}

Result<Role> read_role(const ConfigSource& source, const YamlNode& node) {
  TRY(const std::string text, text_at(source, node, "role"));
  std::vector<std::string> names;
  for (const auto& [role, name] : EnumNames<Role>::names) {
    if (name == text) return role;
    names.emplace_back(name);
  }
  return at_line(source, node, "E0703", "there is no role \"" + show_hidden(text.substr(0, kTokenNameMax), false) + "\"" + did_you_mean(text, names),
                 "one of " + join(names, ", ") + "; docs/access.md says what each may do");
}

/// `all`, or a list of names that are there.
Result<Scope> read_scope(const ConfigSource& source, const YamlNode& node, const std::string& key, const std::string& noun,
                         const std::vector<std::string>& known) {
  const std::string expected = "a list of names, or the word all";
  if (node.kind == YamlNode::Kind::scalar) {
    TRY(const std::string text, text_at(source, node, key));
    if (text == "all") return Scope{.all = true};
    return wrong_type(source, node, key, expected);
  }
  if (node.kind != YamlNode::Kind::list) return wrong_type(source, node, key, expected);
  if (node.items.empty() || node.items.size() > kNamesMax)
    return wrong_type(source, node, key, expected + ": an empty list grants nothing, and that is never meant");
  Scope scope;
  for (const YamlNode& item : node.items) {
    TRY(std::string name, text_at(source, item, key));
    if (std::ranges::find(known, name) == known.end())
      return at_line(source, item, "E0703",
                     "a grant names the " + noun + " \"" + show_hidden(name, false) + "\", which is not there" + did_you_mean(name, known),
                     known.empty() ? "there is none yet"
                     : name == "*" ? "write `" + key + ": all`"
                                   : "there is: " + join(known, ", "));
    if (std::ranges::find(scope.names, name) != scope.names.end()) return wrong_type(source, item, "each of " + key, "another one");
    scope.names.push_back(std::move(name));
  }
  return scope;
}

Result<AccessConfig> read_entry(const ConfigSource& source, const YamlNode& node, const std::vector<std::string>& connections) {
  static const std::vector<std::string> kKeys{"who", "role", "connections", "workflows"};
  static const std::vector<std::string> kWorkflows{kWorkflowNames.begin(), kWorkflowNames.end()};
  TRY_VOID(known_keys(source, node, "an entry of access", kKeys));
  for (const std::string& key : kKeys)
    if (node.find(key) == nullptr)
      return at_line(source, node, "E0704", "an entry of access lacks \"" + key + "\"",
                     "write all four: {who: token:ci, role: viewer, connections: [shop], workflows: [ask]}; for everything `connections: all`");
  AccessConfig out;
  TRY(out.who, read_who(source, *node.find("who")));
  TRY(out.grant.role, read_role(source, *node.find("role")));
  TRY(out.grant.connections, read_scope(source, *node.find("connections"), "connections", "connection", connections));
  TRY(out.grant.workflows, read_scope(source, *node.find("workflows"), "workflows", "workflow", kWorkflows));
  return out;
}

}  // namespace

bool Scope::covers(std::string_view name) const { return all || (!name.empty() && std::ranges::find(names, name) != names.end()); }

bool is_token_name(std::string_view name) {
  const auto fits = [](char c) { return is_plain(c) && std::isupper(static_cast<unsigned char>(c)) == 0; };
  return !name.empty() && name.size() <= kTokenNameMax && std::isalnum(static_cast<unsigned char>(name.front())) != 0 &&
         std::ranges::all_of(name, fits);
}

bool is_person_name(std::string_view name) {
  const std::size_t at = name.find('@');
  if (at == 0 || at == std::string_view::npos || at + 1 == name.size() || name.size() > kWhoMax) return false;
  const auto fits = [](char c) { return is_plain(c) || c == '+' || c == '\''; };
  return std::ranges::all_of(name.substr(0, at), fits) && std::ranges::all_of(name.substr(at + 1), is_plain);
}

bool is_chat_person(std::string_view name) {
  const auto is_id = [](std::string_view id, std::string_view letters) {
    return !id.empty() && id.size() <= kTokenNameMax && id.find_first_not_of(letters) == std::string_view::npos;
  };
  constexpr std::string_view kDigits = "0123456789", kSlackId = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  if (name.starts_with(kGooglePrefix)) return is_id(name.substr(kGooglePrefix.size()), kDigits);
  if (!name.starts_with(kSlackPrefix)) return false;
  const std::string_view id = name.substr(kSlackPrefix.size());
  const std::size_t slash = id.find('/');
  return slash != std::string_view::npos && is_id(id.substr(0, slash), kSlackId) && is_id(id.substr(slash + 1), kSlackId);
}

Result<std::vector<AccessConfig>> read_access(const ConfigSource& source, const YamlNode& node, const std::vector<std::string>& connections) {
  if (node.kind != YamlNode::Kind::list || node.items.empty() || node.items.size() > kAccessMax)
    return wrong_type(source, node, "access", "a list of 1 to " + std::to_string(kAccessMax) + " grants");
  std::vector<AccessConfig> out;
  for (const YamlNode& item : node.items) {
    TRY(AccessConfig entry, read_entry(source, item, connections));
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace sluice
