#include "config/server_config.h"

#include <gtest/gtest.h>

#include "config/config.h"

namespace sluice {
namespace {

Result<Config> parse(const std::string& text) {
  return parse_config(text, "/project/sluice.yaml", [](const std::string&) -> std::optional<std::string> { return std::nullopt; });
}

constexpr const char* kFull = R"(connections:
  shop: {kind: duckdb, path: shop.duckdb}
  crm: {kind: duckdb, path: crm.duckdb}
approvals: {four_eyes: true}
server:
  listen: 0.0.0.0:8443
  tls: {certificate: tls/server.pem, key: /etc/server.key}
  public_url: https://Sluice.example.org/
  trusted_proxies: [127.0.0.1/32, "fd00::/8"]
  environment: staging
  login: tokens
  limits: {connections: 20, connections_per_client: 9, requests_per_second: 5, burst: 7, body_bytes: 2MB}
  access:
    - {who: "token:ci", role: approver, connections: [shop], workflows: [ask]}
    - {who: ada@example.org, role: admin, connections: all, workflows: all}
    - {who: "group:data", role: operator, connections: [crm, shop], workflows: all}
)";

TEST(ServerConfig, APublicUrlHasNoPortThatBrowsersLeaveOut) {
  for (const auto& [written, read] : {std::pair{"https://s.example.org:443", "https://s.example.org"},
                                      {"http://s.example.org:80/", "http://s.example.org"},
                                      {"https://s.example.org:80", "https://s.example.org:80"},
                                      {"https://s.example.org:8443", "https://s.example.org:8443"}}) {
    std::string text = kFull;
    const std::string usual = "https://Sluice.example.org/";
    text.replace(text.find(usual), usual.size(), written);
    const auto config = parse(text);
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->server.public_url, read);
  }
}

TEST(ServerConfig, ReadsEveryKey) {
  const auto config = parse(kFull);
  ASSERT_TRUE(config) << config.error().message;
  const ServerConfig& server = config->server;
  EXPECT_TRUE(config->approvals.four_eyes);
  EXPECT_EQ(server.listen, (ListenAddress{"0.0.0.0", 8443}));
  EXPECT_EQ(server.certificate, "/project/tls/server.pem");
  EXPECT_EQ(server.key, "/etc/server.key");
  EXPECT_EQ(server.public_url, "https://sluice.example.org");
  ASSERT_EQ(server.trusted_proxies.size(), 2U);
  EXPECT_TRUE(server.trusted_proxies[1].contains("fd12::1"));
  EXPECT_EQ(server.environment, "staging");
  EXPECT_EQ(server.limits, (ServerLimits{20, 9, 5, 7, 2'000'000}));
  ASSERT_EQ(server.access.size(), 3U);
  EXPECT_EQ(server.access[0], (AccessConfig{"token:ci", {Role::approver, {false, {"shop"}}, {false, {"ask"}}}}));
  EXPECT_EQ(server.access[1], (AccessConfig{"ada@example.org", {Role::admin, {true, {}}, {true, {}}}}));
  EXPECT_EQ(server.access[2].grant.role, Role::operator_);
  EXPECT_TRUE(server_warnings(server).empty());
}

TEST(ServerConfig, PeopleLogInWhereOthersCanComeOrSomebodySaidWhoMayDoWhat) {
  const ListenAddress here{"127.0.0.1", 8080}, away{"0.0.0.0", 8080};
  const AccessConfig grant{"token:ci", {Role::viewer, {true, {}}, {true, {}}}};
  EXPECT_EQ(login_of({.listen = here}), Login::off);
  EXPECT_EQ(login_of({.listen = away}), Login::tokens);
  EXPECT_EQ(login_of({.listen = here, .access = {grant}}), Login::tokens);
  EXPECT_EQ(login_of({.listen = here, .public_url = "https://sluice.example.org"}), Login::tokens);
  EXPECT_EQ(login_of({.listen = here, .trusted_proxies = {*parse_address_block("127.0.0.1")}}), Login::tokens);
  EXPECT_EQ(login_of({.listen = here, .login = Login::off, .access = {grant}}), Login::off);
}

TEST(ServerConfig, SaysNothingAndIsSafe) {
  const auto config = parse("connections: {}");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->server, ServerConfig{});
  EXPECT_EQ(config->server.listen.text(), "127.0.0.1:8080");
  EXPECT_EQ(login_of(config->server), Login::off);
  EXPECT_FALSE(config->approvals.four_eyes);
  EXPECT_TRUE(server_warnings(config->server).empty());
}

TEST(ServerConfig, RefusesWhatIsWrongAndSaysWhere) {
  struct Case {
    std::string access, code, words;
  };
  const std::vector<Case> cases{
      {"{who: 'token:ci', role: aprover, connections: [shop], workflows: [ask]}", "E0703",
       "line 5: there is no role \"aprover\"; did you mean \"approver\"?"},
      {"{who: 'token:ci', role: Admin, connections: [shop], workflows: [ask]}", "E0703", "there is no role \"Admin\""},
      {"{who: 'token:ci', role: '', connections: [shop], workflows: [ask]}", "E0703", "there is no role"},
      {"{who: 'token:ci', role: viewer, connections: [shp], workflows: [ask]}", "E0703",
       "line 5: a grant names the connection \"shp\", which is not there; did you mean \"shop\"?"},
      {"{who: 'token:ci', role: viewer, connections: ['*'], workflows: [ask]}", "E0703", "\"*\""},
      {"{who: 'token:ci', role: viewer, connections: ['${NONE:-}'], workflows: [ask]}", "E0703", "which is not there"},
      {"{who: 'token:ci', role: viewer, connections: [shop], workflows: [aks]}", "E0703", "did you mean \"ask\"?"},
      {"{who: 'token:ci', role: viewer, connections: [shop], workflows: [etl]}", "E0703", "the workflow \"etl\", which is not there"},
      {"{who: 'token:ci', role: viewer, connections: [], workflows: [ask]}", "E0703", "grants nothing"},
      {"{who: 'token:ci', role: viewer, connections: , workflows: [ask]}", "E0703", "connections has to be"},
      {"{who: 'token:ci', role: viewer, connections: shop, workflows: [ask]}", "E0703", "connections has to be"},
      {"{who: 'token:ci', role: viewer, connections: [shop, shop], workflows: [ask]}", "E0703", "each of connections"},
      {"{who: 'token:ci', role: viewer, connections: [shop]}", "E0704", "lacks \"workflows\""},
      {"{who: 'token:ci', connections: [shop], workflows: [ask]}", "E0704", "lacks \"role\""},
      {"{role: viewer, connections: [shop], workflows: [ask]}", "E0704", "lacks \"who\""},
      {"{who: 'token:', role: viewer, connections: [shop], workflows: [ask]}", "E0703", "who has to be"},
      {"{who: 'tokens:ci', role: viewer, connections: [shop], workflows: [ask]}", "E0703", "who has to be"},
      {"{who: ci, role: viewer, connections: [shop], workflows: [ask]}", "E0703", "who has to be"},
      {"{who: 'token:ci@x', role: viewer, connections: [shop], workflows: [ask]}", "E0703", "who has to be"},
      {"{who: 'group:', role: viewer, connections: [shop], workflows: [ask]}", "E0703", "who has to be"},
      {"{who: 'group: data', role: viewer, connections: [shop], workflows: [ask]}", "E0703", "who has to be"},
      {"{who: '*@example.org', role: viewer, connections: [shop], workflows: [ask]}", "E0703", "who has to be"},
      {"{who: 'token:ci', role: viewer, connections: [shop], workflow: [ask]}", "E0702", "did you mean \"workflows\"?"},
  };
  for (const Case& one : cases) {
    const auto config = parse("connections: {shop: {kind: duckdb, path: x}}\nserver:\n  login: tokens\n  access:\n    - " + one.access);
    ASSERT_FALSE(config) << one.access;
    EXPECT_EQ(config.error().code, one.code) << one.access << config.error().message;
    EXPECT_NE(config.error().message.find(one.words), std::string::npos) << one.access << "\n" << config.error().message;
  }
  EXPECT_EQ(parse("server: {login: tokens}").error().code, "E0713");
  EXPECT_EQ(parse("\nserver: {listen: 0.0.0.0:80}").error().code, "E0713") << "who listens for others asks for a token";
  EXPECT_NE(parse("\nserver: {listen: 0.0.0.0:80}").error().message.find("line 2"), std::string::npos);
  EXPECT_EQ(parse("server: {access: []}").error().code, "E0703") << "also where nobody has to log in";
}

TEST(ServerConfig, ListensOnlyWhereItIsTold) {
  for (const char* wrong : {"", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:80x", "::1:8080",
                            "[127.0.0.1]:80", "[::1]", "example.org:80", "127.0.0.256:80", "[::1]x:80"})
    EXPECT_EQ(parse_listen(wrong).error().code, "E0703") << wrong;
  for (const char* here : {"127.0.0.1:8080", "127.9.9.9:1", "[::1]:8080", "localhost:0", "[::ffff:127.0.0.1]:80"}) {
    const auto listen = parse_listen(here);
    ASSERT_TRUE(listen) << here;
    EXPECT_TRUE(listen->is_loopback()) << here;
    EXPECT_EQ(listen->text(), here);
  }
  for (const char* away : {"0.0.0.0:80", "[::]:80", "10.0.0.1:80", "128.0.0.1:80", "[fe80::1]:80"})
    EXPECT_FALSE(parse_listen(away)->is_loopback()) << away;
}

TEST(ServerConfig, WarnsOfWhatIsOpen) {
  const auto first = [](ServerConfig server) {
    const auto warnings = server_warnings(server);
    return warnings.empty() ? std::string() : warnings.front();
  };
  const ListenAddress away = *parse_listen("0.0.0.0:80");
  EXPECT_NE(first({.listen = away, .login = Login::off}).find("nobody has to log in"), std::string::npos);
  EXPECT_NE(first({.listen = away, .login = Login::tokens}).find("without TLS"), std::string::npos);
  EXPECT_NE(first({.public_url = "https://x", .login = Login::off}).find("a proxy brings others"), std::string::npos);
  EXPECT_EQ(first({.listen = away, .certificate = "c", .key = "k", .login = Login::tokens}), "");
}

TEST(AddressBlock, TrustsNobodyElse) {
  for (const char* wrong :
       {"", "x", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "0.0.0.0/0", "::/0", "10.0.0.1/8", "::1/129", "10.0.0.0/8x", "10.0.0/8"})
    EXPECT_EQ(parse_address_block(wrong).error().code, "E0703") << wrong;
  const AddressBlock ten = *parse_address_block("10.0.0.0/9");
  for (const char* inside : {"10.0.0.0", "10.127.255.255", "::ffff:10.1.2.3"}) EXPECT_TRUE(ten.contains(inside)) << inside;
  for (const char* outside : {"10.128.0.0", "11.0.0.0", "::1", "", "10.0.0.1:80", " 10.0.0.1", "10.0.0.1, 1.2.3.4"})
    EXPECT_FALSE(ten.contains(outside)) << outside;
  EXPECT_FALSE(ten.contains(std::string_view("10.0.0.1\0x", 10)));
  EXPECT_TRUE(parse_address_block("127.0.0.1")->contains("127.0.0.1"));
  EXPECT_FALSE(parse_address_block("127.0.0.1")->contains("127.0.0.2"));
  EXPECT_FALSE(AddressBlock{}.contains("1.2.3.4"));
}

}  // namespace
}  // namespace sluice
