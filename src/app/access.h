#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/codec.h"
#include "base/result.h"

namespace sluice {

/// What somebody may do, each role all that the one before may.
enum class Role : std::uint8_t { viewer, analyst, approver, operates, admin };
template <>
struct EnumNames<Role> {
  static constexpr std::array<std::pair<Role, std::string_view>, 5> names{
      {{Role::viewer, "viewer"}, {Role::analyst, "analyst"}, {Role::approver, "approver"}, {Role::operates, "operator"}, {Role::admin, "admin"}}};
};

/// What is to be done, and the least role that may.
enum class Deed : std::uint8_t {
  look,        ///< viewer: runs, approvals, catalogs
  see_rows,    ///< analyst: results, samples, previews
  ask,         ///< analyst
  decide,      ///< approver
  operate,     ///< operator: resume, cancel, fork
  administer,  ///< admin
};

/// A role for connections and workflows; none named: for all.
struct Grant {
  Role role{};
  std::vector<std::string> connections{}, workflows{};
};

/// Who acts.
struct Principal {
  std::string name{};
  std::vector<Grant> grants{};
};

/// E0911 where no grant allows it.
Result<> may(const Principal& who, Deed deed, std::string_view connection, std::string_view workflow);

}  // namespace sluice
