#include "net/proxy.h"

#include <gtest/gtest.h>

#include <vector>

namespace sluice {
namespace {

struct Case {
  const char *url, *none;
  bool proxied;
};

TEST(Proxy, IsPassedByWhereTheEnvironmentSaysSo) {
  const std::vector<Case> cases{
      {"https://api.example.com/", "", true},
      {"https://api.example.com/", "*", false},
      {"https://api.example.com/", "example.com", false},
      {"https://api.example.com/", ".example.com", false},
      {"https://api.example.com/", "*.example.com", false},
      {"https://api.example.com/", "EXAMPLE.com", false},
      {"https://api.example.com/", "api.example.com", false},
      {"https://api.example.com/", "ample.com", true},
      {"https://api.example.com/", "www.api.example.com", true},
      {"https://api.example.com/", "other.org, example.com", false},
      {"https://api.example.com/", "other.org example.com", false},
      {"https://api.example.com/", "other.org,,", true},
      {"https://api.example.com/", ".", true},
      {"https://api.example.com/", "example.com:443", false},
      {"https://api.example.com/", "example.com:8443", true},
      {"http://10.1.2.3/", "10.0.0.0/8", false},
      {"http://10.1.2.3/", "10.1.2.3", false},
      {"http://10.1.2.3/", "10.1.2.3:80", false},
      {"http://10.1.2.3/", "10.1.2.3:81", true},
      {"http://10.1.2.3/", "10.1.2.0/25", false},
      {"http://10.1.2.200/", "10.1.2.0/25", true},
      {"http://10.1.2.3/", "10.0.0.0/", true},
      {"http://10.1.2.3/", "10.0.0.0/99", true},
      {"http://10.1.2.3/", "2.3", true},
      {"http://[fd00::1]/", "fd00::/8", false},
      {"http://[fd00::1]/", "fd00::1", false},
      {"http://[fd00::1]/", "[fd00::1]:80", false},
      {"http://[fd00::1]/", "[fd00::1]:81", true},
      {"http://[fd00::1]/", "10.0.0.0/8", true},
      {"http://localhost:11434/", "", false},
      {"http://127.0.0.1:11434/", "", false},
      {"http://[::1]:11434/", "", false},
  };
  for (const Case& one : cases) {
    const auto origin = origin_of(one.url);
    ASSERT_TRUE(origin) << one.url;
    EXPECT_EQ(proxy_for(*origin, {"http://proxy:1", "http://proxy:1", one.none}), one.proxied ? "http://proxy:1" : "") << one.url << " " << one.none;
  }
}

TEST(Proxy, IsChosenByTheScheme) {
  const ProxyVariables variables{"http://for-https:1", "http://for-http:1", ""};
  EXPECT_EQ(proxy_for(*origin_of("https://a.example/"), variables), "http://for-https:1");
  EXPECT_EQ(proxy_for(*origin_of("http://a.example/"), variables), "http://for-http:1");
}

/// Sets variables of the environment and puts them back.
class Variables {
 public:
  explicit Variables(const std::vector<std::pair<std::string, std::string>>& set) {
    for (const char* name :
         {"https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "REQUEST_METHOD"}) {
      const char* value = std::getenv(name);
      before_.emplace_back(name, value != nullptr ? std::optional<std::string>(value) : std::nullopt);
      ::unsetenv(name);
    }
    for (const auto& [name, value] : set) ::setenv(name.c_str(), value.c_str(), 1);
  }
  ~Variables() {
    for (const auto& [name, value] : before_) value ? ::setenv(name.c_str(), value->c_str(), 1) : ::unsetenv(name.c_str());
  }
  Variables(const Variables&) = delete;
  Variables& operator=(const Variables&) = delete;

 private:
  std::vector<std::pair<std::string, std::optional<std::string>>> before_{};
};

TEST(Proxy, IsReadFromTheEnvironment) {
  {
    const Variables set({{"HTTPS_PROXY", "http://s:1"}, {"HTTP_PROXY", "http://h:1"}, {"NO_PROXY", "a"}});
    const ProxyVariables read = ProxyVariables::of_environment();
    EXPECT_EQ(read.https, "http://s:1");
    EXPECT_EQ(read.http, "http://h:1");
    EXPECT_EQ(read.none, "a");
  }
  {
    const Variables set({{"https_proxy", "http://lower:1"}, {"HTTPS_PROXY", "http://upper:1"}, {"ALL_PROXY", "http://all:1"}});
    const ProxyVariables read = ProxyVariables::of_environment();
    EXPECT_EQ(read.https, "http://lower:1");
    EXPECT_EQ(read.http, "http://all:1");
  }
  const Variables set({{"HTTP_PROXY", "http://from-a-header:1"}, {"REQUEST_METHOD", "GET"}});
  EXPECT_EQ(ProxyVariables::of_environment().http, "");
}

}  // namespace
}  // namespace sluice
