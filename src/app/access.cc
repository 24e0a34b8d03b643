#include "app/access.h"

#include <algorithm>

#include "base/text.h"

namespace sluice {
namespace {

Role least_role(Deed deed) {
  switch (deed) {
    case Deed::look: return Role::viewer;
    case Deed::see_rows:
    case Deed::ask: return Role::analyst;
    case Deed::decide: return Role::approver;
    case Deed::operate: return Role::operates;
    case Deed::administer: return Role::admin;
  }
  return Role::admin;
}

bool covers(const std::vector<std::string>& names, std::string_view name) { return names.empty() || std::ranges::find(names, name) != names.end(); }

}  // namespace

Result<> may(const Principal& who, Deed deed, std::string_view connection, std::string_view workflow) {
  const Role least = least_role(deed);
  const bool allowed = std::ranges::any_of(who.grants, [&](const Grant& grant) {
    return grant.role >= least && covers(grant.connections, connection) && covers(grant.workflows, workflow);
  });
  if (allowed) return {};
  return Error{ErrorKind::refused, "E0911",
               who.name + " may not do this" + (connection.empty() ? "" : " on " + std::string(connection)) + ": it needs the role " +
                   std::string(enum_name(least)),
               "ask who keeps sluice.yaml for that role", 0};
}

}  // namespace sluice
