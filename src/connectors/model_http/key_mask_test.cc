#include "connectors/model_http/key_mask.h"

#include <gtest/gtest.h>

namespace sluice::model_http {
namespace {

// Made up: no account has it.
const std::string kKey = "sk-proj-AbCdEfGh12345678wxyz";

TEST(KeyMask, TakesWholeSecretsOut) {
  const KeyMask mask({kKey, "azure-header-value"});
  EXPECT_EQ(mask.masked("a " + kKey + " b " + kKey + "azure-header-value"), "a [key] b [key][key]");
  EXPECT_EQ(mask.masked("nothing"), "nothing");
}

TEST(KeyMask, LeavesOrdinaryWords) {
  const KeyMask mask({"none", "", "ollama"});
  EXPECT_EQ(mask.masked_message("none of ollama's models"), "none of ollama's models");
}

TEST(KeyMask, TakesTheLongerOfTwoSecretsFirst) {
  const KeyMask mask({"secret-123", "secret-123-and-more"});
  EXPECT_EQ(mask.masked("secret-123-and-more"), "[key]");
}

TEST(KeyMask, TakesWhatProvidersLeaveOfAKey) {
  const KeyMask mask({kKey});
  const std::vector<std::pair<std::string, std::string>> cases{
      {"Incorrect API key provided: sk-proj-********wxyz. You can find", "Incorrect API key provided: [key] You can find"},
      {"Received API Key = sk-...wxyz, Key Hash", "Received API Key = [key], Key Hash"},
      {"key 'sk-proj-AbCdE…' is wrong", "key '[key]' is wrong"},
      {"key sk-proj-AbCdEf is wrong", "key [key] is wrong"},
      {"please wait ... and try again", "please wait ... and try again"},
      {"use **bold** text", "use **bold** text"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(mask.masked_message(text), expected);
}

TEST(StreamMask, HoldsBackWhatMayBeginASecret) {
  const KeyMask mask({kKey});
  const std::string text = "before " + kKey + " after sk-proj-Ab and sk";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    StreamMask stream(mask);
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += size) {
      const std::string more = stream.pass(text.substr(at, size));
      EXPECT_EQ(more.find("AbCdEfGh"), std::string::npos) << size;
      out += more;
    }
    EXPECT_EQ(out + stream.rest(), "before [key] after sk-proj-Ab and sk") << size;
  }
}

}  // namespace
}  // namespace sluice::model_http
