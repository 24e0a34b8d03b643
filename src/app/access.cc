#include "app/access.h"

#include <algorithm>

#include "base/text.h"

namespace sluice {
namespace {

std::vector<Grant> grants_of(const ServerConfig& server, const std::vector<std::string>& names) {
  std::vector<Grant> grants;
  // Nobody tells people apart by the letters' case of their addresses; ids and groups are what they are.
  const auto is = [](const std::string& who) {
    return [&who](const std::string& name) { return is_person_name(name) ? equals_ignoring_case(who, name) : who == name; };
  };
  for (const AccessConfig& access : server.access)
    if (std::ranges::any_of(names, is(access.who))) grants.push_back(access.grant);
  return grants;
}

/// A role that is none counts for nothing.
bool is_role(Role role) {
  return std::ranges::any_of(EnumNames<Role>::names, [&](const auto& known) { return known.first == role; });
}

std::string where(std::string_view connection, std::string_view workflow) {
  const std::string on = connection.empty() ? "on all connections" : "on connection \"" + show_hidden(connection, false) + "\"";
  return on + (workflow.empty() ? " in all workflows" : " in workflow \"" + show_hidden(workflow, false) + "\"");
}

}  // namespace

Principal local_principal(std::string person) {
  return {
      .name = std::move(person), .how = SignedIn::off, .grants = {{.role = Role::admin, .connections = {.all = true}, .workflows = {.all = true}}}};
}

Principal token_principal(const ServerConfig& server, const std::string& token) {
  const std::string name = std::string(kTokenPrefix) + token;
  return {.name = name, .how = SignedIn::token, .grants = grants_of(server, {name})};
}

Result<Principal> session_principal(const ServerConfig& server, const std::string& name, const std::vector<std::string>& groups) {
  if (!is_person_name(name))
    return Error{ErrorKind::forbidden, "E1301", "\"" + show_hidden(name, false) + "\" is no name that a person can have here",
                 "the login has to give an address such as ada@example.org", 0};
  std::vector<std::string> names{name};
  for (const std::string& group : groups) names.push_back(std::string(kGroupPrefix) + group);
  return Principal{.name = to_lower(name), .how = SignedIn::session, .grants = grants_of(server, names)};
}

Result<Principal> chat_principal(const ServerConfig& server, const std::string& name) {
  if (!is_chat_person(name) && !is_person_name(name))
    return Error{ErrorKind::forbidden, "E1301", "\"" + show_hidden(name, false) + "\" is no name that a person can have here",
                 "the chat has to give an id, or an address such as ada@example.org", 0};
  return Principal{.name = is_person_name(name) ? to_lower(name) : name, .how = SignedIn::chat, .grants = grants_of(server, {name})};
}

Role least_role(Deed deed) {
  switch (deed) {
    case Deed::look: return Role::viewer;
    case Deed::see_rows:
    case Deed::ask: return Role::analyst;
    case Deed::decide: return Role::approver;
    case Deed::operate: return Role::operator_;
    case Deed::administer: break;
  }
  return Role::admin;  // also of a deed that nobody has heard of
}

std::optional<Role> role_of(const Principal& principal, std::string_view connection, std::string_view workflow) {
  std::optional<Role> highest;
  for (const Grant& grant : principal.grants)
    if (is_role(grant.role) && grant.connections.covers(connection) && grant.workflows.covers(workflow))
      highest = std::max(highest.value_or(grant.role), grant.role);
  return highest;
}

Result<> may(const Principal& principal, Deed deed, std::string_view connection, std::string_view workflow) {
  const std::optional<Role> role = role_of(principal, connection, workflow);
  const Role least = least_role(deed);
  if (role && *role >= least) return {};
  const std::string has = role ? "is " + std::string(enum_name(*role)) : "has no role";
  return Error{ErrorKind::forbidden, "E1301",
               show_hidden(principal.name, false) + " may not " + std::string(enum_name(deed)) + " " + where(connection, workflow) +
                   ": that takes the role " + std::string(enum_name(least)) + ", and " + show_hidden(principal.name, false) + " " + has + " there",
               "ask somebody who may, or an administrator for the role: `server.access` in sluice.yaml", 0};
}

Sight sight_of(const Principal& principal) {
  Sight sight{.all = false, .of = {}};
  const auto names_of = [](const Scope& scope) { return scope.all ? std::vector<std::string>{""} : scope.names; };
  for (const Grant& grant : principal.grants) {
    if (!is_role(grant.role)) continue;
    sight.all = sight.all || (grant.connections.all && grant.workflows.all);
    for (const std::string& connection : names_of(grant.connections))
      for (const std::string& workflow : names_of(grant.workflows)) sight.of.emplace_back(connection, workflow);
  }
  return sight;
}

bool may_somewhere(const Principal& principal, Deed deed) {
  return std::ranges::any_of(principal.grants, [&](const Grant& grant) {
    const auto any = [](const Scope& scope) { return scope.all || !scope.names.empty(); };
    return is_role(grant.role) && grant.role >= least_role(deed) && any(grant.connections) && any(grant.workflows);
  });
}

}  // namespace sluice
