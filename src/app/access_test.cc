#include "app/access.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

Grant on(Role role, const std::string& connection, const std::string& workflow = "ask") {
  return {.role = role, .connections = {.names = {connection}}, .workflows = {.names = {workflow}}};
}
Principal with(std::vector<Grant> grants) { return {.name = "token:ci", .how = SignedIn::token, .grants = std::move(grants)}; }
std::string verdict(const Principal& who, Deed deed, std::string_view connection = "shop", std::string_view workflow = "ask") {
  const auto may_it = may(who, deed, connection, workflow);
  return may_it ? "may" : may_it.error().code;
}

/// Written out, so that nobody moves a deed to a lower role unseen.
TEST(Access, EachRoleMayWhatTheTableSays) {
  constexpr std::array<Deed, 6> kDeeds{Deed::look, Deed::see_rows, Deed::ask, Deed::decide, Deed::operate, Deed::administer};
  const std::vector<std::pair<Role, std::string>> table{
      {Role::viewer, "y-----"}, {Role::analyst, "yyy---"}, {Role::approver, "yyyy--"}, {Role::operator_, "yyyyy-"}, {Role::admin, "yyyyyy"}};
  ASSERT_EQ(table.size(), EnumNames<Role>::names.size());
  ASSERT_EQ(kDeeds.size(), EnumNames<Deed>::names.size());
  for (const auto& [role, may_do] : table)
    for (std::size_t n = 0; n < kDeeds.size(); ++n)
      EXPECT_EQ(verdict(with({on(role, "shop")}), kDeeds.at(n)), may_do[n] == 'y' ? "may" : "E1301")
          << enum_name(role) << " " << enum_name(kDeeds.at(n));
}

TEST(Access, AGrantIsForItsConnectionAndWorkflowAlone) {
  const Principal ci = with({on(Role::admin, "shop"), on(Role::viewer, "crm")});
  EXPECT_EQ(verdict(ci, Deed::decide, "shop"), "may");
  EXPECT_EQ(verdict(ci, Deed::decide, "crm"), "E1301") << "the role of another connection counts for nothing";
  EXPECT_EQ(verdict(ci, Deed::look, "crm"), "may");
  EXPECT_EQ(verdict(ci, Deed::look, "hr"), "E1301");
  EXPECT_EQ(verdict(ci, Deed::look, "Shop"), "E1301") << "names are names";
  EXPECT_EQ(verdict(ci, Deed::look, "shop", "etl"), "E1301");
  EXPECT_EQ(verdict(ci, Deed::look, ""), "E1301") << "what is about no connection is about all";
  EXPECT_EQ(verdict(ci, Deed::administer, "", ""), "E1301");
  EXPECT_EQ(verdict(with({{Role::admin, {.all = true}, {.names = {"ask"}}}}), Deed::administer, "", ""), "E1301");
  EXPECT_EQ(verdict(with({{Role::admin, {.all = true}, {.all = true}}}), Deed::administer, "", ""), "may");
  EXPECT_EQ(verdict(with({{Role::viewer, {.all = true}, {.all = true}}}), Deed::look, "any", "any"), "may");
}

TEST(Access, NothingGrantedIsNothingAllowed) {
  for (const auto& [deed, name] : EnumNames<Deed>::names) {
    EXPECT_EQ(verdict(with({}), deed), "E1301") << name;
    EXPECT_EQ(verdict(with({{Role::admin, {}, {}}}), deed), "E1301") << name << ": a grant of nothing";
    EXPECT_EQ(verdict(with({{static_cast<Role>(99), {.all = true}, {.all = true}}}), deed), "E1301") << name << ": a role that is none";
    EXPECT_EQ(verdict(Principal{.name = "x", .how = SignedIn::off}, deed), "E1301") << name << ": that nobody has to log in is no grant by itself";
    EXPECT_FALSE(may_somewhere(with({{Role::admin, {}, {}}}), deed)) << name;
  }
  EXPECT_EQ(verdict(with({on(Role::operator_, "shop")}), static_cast<Deed>(99)), "E1301") << "a deed that nobody has heard of takes the highest role";
  const auto refused = may(with({on(Role::viewer, "shop")}), Deed::decide, "shop", "ask");
  EXPECT_EQ(refused.error().kind, ErrorKind::forbidden);
  EXPECT_EQ(refused.error().message,
            "token:ci may not decide on connection \"shop\" in workflow \"ask\": that takes the role approver, and token:ci is viewer there");
}

TEST(Access, NamesMeetTheirGrantsAndNoOthers) {
  ServerConfig server;
  server.access = {{"token:ci", on(Role::approver, "shop")},   {"token:ci", on(Role::viewer, "crm")},
                   {"token:ci2", on(Role::admin, "shop")},     {"ada@example.org", on(Role::analyst, "shop")},
                   {"group:data", on(Role::operator_, "crm")}, {"slack:T01/U01", on(Role::approver, "shop")}};
  const Principal ci = token_principal(server, "ci");
  EXPECT_EQ(ci.name, "token:ci");
  EXPECT_EQ(ci.grants.size(), 2U);
  EXPECT_EQ(verdict(ci, Deed::decide, "shop"), "may");
  EXPECT_EQ(verdict(ci, Deed::operate, "shop"), "E1301");
  EXPECT_TRUE(token_principal(server, "cx").grants.empty());
  const Principal ada = *session_principal(server, "ada@example.org", {"data", "other"});
  EXPECT_EQ(verdict(ada, Deed::ask, "shop"), "may");
  EXPECT_EQ(verdict(ada, Deed::operate, "crm"), "may") << "by her group";
  EXPECT_TRUE(session_principal(server, "eve@example.org", {"datA", "token:ci", "group:data"})->grants.empty());
  for (const char* forged : {"token:ci", "group:data", "", "ada", "token:ci@example.org", "ada@example.org\n", "@example.org"})
    EXPECT_EQ(session_principal(server, forged, {}).error().code, "E1301") << forged;
  EXPECT_EQ(verdict(*chat_principal(server, "slack:T01/U01"), Deed::decide, "shop"), "may");
  EXPECT_EQ(verdict(*chat_principal(server, "slack:T02/U01"), Deed::decide, "shop"), "E1301") << "the same number in another workspace";
  EXPECT_EQ(verdict(*chat_principal(server, "ada@example.org"), Deed::ask, "shop"), "may") << "by the address of her login";
  EXPECT_EQ(verdict(*chat_principal(server, "Ada@Example.org"), Deed::ask, "shop"), "may") << "an address in any case of letters";
  EXPECT_EQ(chat_principal(server, "Ada@Example.org")->name, "ada@example.org");
  for (const char* forged : {"token:ci", "group:data", "", "slack:U01", "slack:T01/U01/x", "slack:T01/u01", "google:ada", "google:"})
    EXPECT_EQ(chat_principal(server, forged).error().code, "E1301") << forged;
  EXPECT_EQ(verdict(local_principal("ada@desk"), Deed::administer, "", ""), "may");
  EXPECT_TRUE(may_somewhere(ci, Deed::decide));
  EXPECT_FALSE(may_somewhere(ci, Deed::operate));
}

}  // namespace
}  // namespace sluice
