#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/codec.h"
#include "config/server_config.h"
#include "workflow/ports/journal_types.h"

// Who may do what. What is not granted is refused.
namespace sluice {

/// What somebody wants to do, by the least role that may.
enum class Deed : std::uint8_t {
  look,        ///< at runs, approvals, the catalog, costs: viewer
  see_rows,    ///< results, previews and the samples on approval cards: analyst
  ask,         ///< questions and SQL of one's own: analyst
  decide,      ///< approve, refine, reject, answer what was asked back: approver
  operate,     ///< resume, cancel, fork, signal: operator
  administer,  ///< tokens, import, prune: admin
};
template <>
struct EnumNames<Deed> {
  static constexpr std::array<std::pair<Deed, std::string_view>, 6> names{{{Deed::look, "look"},
                                                                           {Deed::see_rows, "see rows"},
                                                                           {Deed::ask, "ask"},
                                                                           {Deed::decide, "decide"},
                                                                           {Deed::operate, "operate"},
                                                                           {Deed::administer, "administer"}}};
};

/// How somebody showed who they are.
enum class SignedIn : std::uint8_t {
  off,      ///< nobody has to: whoever sits at this machine
  token,    ///< by a token
  session,  ///< by a login
  chat,     ///< by the signature of a chat's service
};

/// Whoever acts, and all that they may.
struct Principal {
  std::string name{};  ///< "ada@workstation", "token:ci", "ada@example.org"; what journal and audit chain say
  SignedIn how = SignedIn::off;
  std::vector<Grant> grants{};
};

/// Whoever acts where nobody has to log in: may do everything.
Principal local_principal(std::string person);
/// By the token's name ("ci"), which the caller has made sure of.
Principal token_principal(const ServerConfig& server, const std::string& token);
/// Somebody who logged in, and the groups that they are in. E1301 for a name that could be taken for a token or a group.
Result<Principal> session_principal(const ServerConfig& server, const std::string& name, const std::vector<std::string>& groups);

/// Somebody in a chat, by their id there or their e-mail address, which the caller has made sure of. E1301 for a name that is neither.
Result<Principal> chat_principal(const ServerConfig& server, const std::string& name);

Role least_role(Deed deed);
/// The highest role there. "" for a connection or workflow is all of them, and takes a grant of all.
std::optional<Role> role_of(const Principal& principal, std::string_view connection, std::string_view workflow);
/// E1301. "" as `role_of` says: what is about no connection (`administer`) takes a grant of all.
Result<> may(const Principal& principal, Deed deed, std::string_view connection, std::string_view workflow);
/// The runs that they may look at, with their approvals: what lists and counts are made of. Agrees with `may`.
Sight sight_of(const Principal& principal);
/// Whether there is any connection and workflow where they may: what a page shows of its menus. Decides nothing.
bool may_somewhere(const Principal& principal, Deed deed);

}  // namespace sluice
