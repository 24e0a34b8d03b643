#include "server/origin_check.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

std::string refused(const OriginCheck& check, const std::string& method, Headers headers, bool websocket = false, bool secure = false) {
  const auto why = check.refuse({.method = method, .headers = std::move(headers), .secure = secure, .websocket = websocket});
  return why ? why->code : "";
}

TEST(OriginCheck, LetsItsOwnPagesAndProgramsThrough) {
  OriginCheck check("");
  check.listens_at("127.0.0.1", 8080);
  for (const char* host : {"127.0.0.1:8080", "localhost:8080", "[::1]:8080", "LOCALHOST:8080", "localhost"}) {
    EXPECT_EQ(refused(check, "GET", {{"host", host}}), "") << host;
    EXPECT_EQ(refused(check, "POST", {{"host", host}, {"origin", std::string("http://") + host}, {"sec-fetch-site", "same-origin"}}), "") << host;
  }
  EXPECT_EQ(refused(check, "POST", {{"host", "127.0.0.1:8080"}}), "") << "a program sends no Origin";
}

TEST(OriginCheck, RefusesForeignNamesAndPages) {
  OriginCheck check("");
  check.listens_at("127.0.0.1", 8080);
  for (const char* host : {"evil.example", "127.0.0.1.evil.example:8080", "", "localhost.evil.example", "192.168.1.5:8080"})
    EXPECT_EQ(refused(check, "GET", {{"host", host}}), "E1218") << host;
  const std::pair<std::string, std::string> host{"host", "127.0.0.1:8080"};
  for (const char* origin : {"https://evil.example", "null", "http://127.0.0.1:8081", "https://127.0.0.1:8080", "http://localhost:8080"}) {
    EXPECT_EQ(refused(check, "POST", {host, {"origin", origin}}), "E1219") << origin;
    EXPECT_EQ(refused(check, "GET", {host, {"origin", origin}}, true), "E1219") << "a WebSocket, " << origin;
  }
  for (const char* site : {"cross-site", "same-site"}) EXPECT_EQ(refused(check, "POST", {host, {"sec-fetch-site", site}}), "E1219") << site;
  EXPECT_EQ(refused(check, "GET", {host, {"sec-fetch-site", "cross-site"}}), "") << "a link from elsewhere may be followed";
}

TEST(OriginCheck, KnowsWherePeopleReachIt) {
  OriginCheck check("https://sluice.example.org/");
  check.listens_at("0.0.0.0", 8080);
  EXPECT_EQ(refused(check, "POST", {{"host", "sluice.example.org"}, {"origin", "https://sluice.example.org"}}), "");
  EXPECT_EQ(refused(check, "POST", {{"host", "sluice.example.org"}, {"origin", "https://evil.example"}}), "E1219");
  EXPECT_EQ(refused(check, "GET", {{"host", "10.1.2.3:8080"}}), "") << "it listens on all addresses, and an address cannot be made to lead elsewhere";
  EXPECT_EQ(refused(check, "GET", {{"host", "evil.example"}}), "E1218");
}

}  // namespace
}  // namespace sluice
