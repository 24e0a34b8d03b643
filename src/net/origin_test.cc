#include "net/origin.h"

#include <gtest/gtest.h>

#include <vector>

namespace sluice {
namespace {

struct Case {
  const char *url, *text;
  bool names_its_address;
};

TEST(Origin, IsSchemeHostAndPort) {
  const std::vector<Case> cases{
      {"https://api.example.com/v1?key=s3cret", "https://api.example.com:443", false},
      {"HTTP://API.Example.com", "http://api.example.com:80", false},
      {"http://localhost:11434/api", "http://localhost:11434", true},
      {"http://sub.localhost:1/", "http://sub.localhost:1", false},
      {"http://127.0.0.1:8080/", "http://127.0.0.1:8080", true},
      {"http://127.1/", "http://127.0.0.1:80", true},
      {"http://0x7f000001/", "http://127.0.0.1:80", true},
      {"http://[::1]:8080/", "http://[::1]:8080", true},
      {"http://[::ffff:10.0.0.1]/", "http://[::ffff:10.0.0.1]:80", true},
      {"http://127.0.0.1.example.com/", "http://127.0.0.1.example.com:80", false},
  };
  for (const Case& one : cases) {
    const auto origin = origin_of(one.url);
    ASSERT_TRUE(origin) << one.url;
    EXPECT_EQ(origin->text(), one.text) << one.url;
    EXPECT_EQ(origin->names_its_address(), one.names_its_address) << one.url;
  }
}

TEST(Origin, RefusesWhatIsNoUrlOfAService) {
  const std::vector<std::string> urls{"",
                                      "api.example.com/v1",
                                      "ftp://h/",
                                      "file:///etc/passwd",
                                      "https://",
                                      "http://h:x/",
                                      "http://h:99999/",
                                      "http://u:s3cret@h/",
                                      "http://u@h/",
                                      "http://a b/",
                                      "http://[::1",
                                      "javascript:s3cret",
                                      "http://h/" + std::string(20'000, 'a'),
                                      std::string("http://h\0.example/", 18)};
  for (const std::string& url : urls) {
    const auto origin = origin_of(url);
    ASSERT_FALSE(origin) << url;
    EXPECT_EQ(origin.error().code, "E1110") << url;
    EXPECT_EQ(origin.error().kind, ErrorKind::input) << url;
    EXPECT_EQ(origin.error().message.find("s3cret"), std::string::npos) << origin.error().message;
    EXPECT_FALSE(origin.error().hint.empty());
  }
}

TEST(Origin, OfARedirectIsItsHostAlone) {
  EXPECT_EQ(redirect_target("https://u:p@login.example.com/x?token=s3cret"), "https://login.example.com");
  EXPECT_EQ(redirect_target("/elsewhere?token=s3cret"), "");
  EXPECT_EQ(redirect_target(""), "");
}

}  // namespace
}  // namespace sluice
