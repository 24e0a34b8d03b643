#include "net/secret_echo.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

std::string masked(std::string text, const HttpRequest& request) {
  mask_secrets(text, secrets_of(request));
  return text;
}

TEST(SecretEcho, MasksWhatTheRequestKeepsSecret) {
  HttpRequest request;
  request.url = "https://h/v1?alt=streaming&key=query-s3cret%2Fx&X-Amz-Signature=abcdef012345#part";
  request.headers = {{"Authorization", "Bearer header-s3cret"}, {"x-api-key", "other-s3cret"}, {"content-type", "application/json"}};
  EXPECT_EQ(masked("key header-s3cret is wrong", request), "key … is wrong");
  EXPECT_EQ(masked("other-s3cretother-s3cret", request), "……");
  EXPECT_EQ(masked("query-s3cret%2Fx and query-s3cret/x", request), "… and …");
  EXPECT_EQ(masked("streaming application/json Bearer", request), "streaming application/json Bearer");
}

TEST(SecretEcho, MasksAProxysCredentials) {
  std::string text = "Proxy-Authorization: Basic cmVhZGVyOnBAc3N3b3Jk, p%40ssword or p@ssword of reader";
  mask_secrets(text, secrets_of_proxy("http://reader:p%40ssword@proxy:3128/"));
  EXPECT_EQ(text, "Proxy-Authorization: Basic …, … or … of reader");
  EXPECT_TRUE(secrets_of_proxy("http://proxy:3128").empty());
  EXPECT_TRUE(secrets_of_proxy("").empty());
  EXPECT_EQ(secrets_of_proxy("reader:x@proxy"), std::vector<std::string>{"cmVhZGVyOng="});
  EXPECT_EQ(secrets_of_proxy("http://@proxy").size(), 1U);
}

TEST(SecretEcho, LeavesShortWords) {
  HttpRequest request;
  request.headers = {{"x-api-key", "none"}};
  EXPECT_EQ(masked("there is none", request), "there is none");
}

TEST(SecretEcho, MasksTheLongerOfTwoFirst) {
  HttpRequest request;
  request.headers = {{"x-key", "abcdef"}, {"x-token", "abcdefgh"}};
  EXPECT_EQ(masked("abcdefgh", request), "…");
}

}  // namespace
}  // namespace sluice
