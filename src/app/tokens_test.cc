#include "app/tokens.h"

#include <set>

#include "app/memory_tokens_for_test.h"
#include "app/ports/token_store_contract.h"
#include "base/hash.h"

namespace sluice {
namespace {

struct MemoryHarness final : TokenStoreHarness {
  std::atomic<std::int64_t> now{1'000'000};
  MemoryTokens tokens{[this] { return now.load(); }};
  TokenStore& store() override { return tokens; }
  TokenStore& other() override { return tokens; }
  void pass(std::int64_t ms) override { now += ms; }
  std::int64_t time() const override { return now; }
};
const TokenStoreMaker kMemory{"memory", []() -> std::unique_ptr<TokenStoreHarness> { return std::make_unique<MemoryHarness>(); }};
INSTANTIATE_TEST_SUITE_P(Memory, TokenStoreContract, testing::Values(kMemory));

class Tokens : public testing::Test {
 protected:
  std::string why_not(std::string_view secret) {
    const auto shown = look_at_token(in_.tokens, secret);
    return shown ? shown->why_not : shown.error().code;
  }
  NewToken make(const std::string& name, std::optional<std::chrono::milliseconds> lives = {}) {
    auto made = create_token(in_.tokens, name, lives, "ann");
    EXPECT_TRUE(made) << made.error().message;
    return made ? *std::move(made) : NewToken{};
  }
  MemoryHarness in_{};
};

TEST_F(Tokens, AreShownOnceAndKeptAsAHash) {
  const NewToken made = make("ci");
  ASSERT_EQ(made.secret.size(), kTokenSize);
  EXPECT_TRUE(made.secret.starts_with("slu_"));
  EXPECT_EQ(made.secret.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), std::string::npos);
  EXPECT_EQ(made.stored.hash, sha256_hex(made.secret));
  EXPECT_EQ(why_not(made.secret), "");
  EXPECT_EQ(look_at_token(in_.tokens, made.secret)->known->name, "ci");
  std::set<std::string> secrets;
  for (int n = 0; n < 200; ++n) secrets.insert(make("t" + std::to_string(n)).secret);
  EXPECT_EQ(secrets.size(), 200U);
}

TEST_F(Tokens, CountUntilTheyExpireOrAreRevoked) {
  const NewToken made = make("ci", std::chrono::milliseconds(10));
  in_.pass(9);
  EXPECT_EQ(why_not(made.secret), "");
  in_.pass(1);
  EXPECT_EQ(why_not(made.secret), "the token has expired");
  const NewToken other = make("cd");
  ASSERT_TRUE(in_.tokens.revoke_token("cd", "ann"));
  EXPECT_EQ(why_not(other.secret), "the token is revoked");
  const NewToken again = make("cd");
  EXPECT_EQ(why_not(again.secret), "");
  EXPECT_EQ(why_not(other.secret), "the token is revoked") << "a new one of the same name does not wake the old one";
}

TEST_F(Tokens, WhatIsForgedDoesNotCount) {
  const std::string secret = make("ci").secret;
  for (std::size_t n = 0; n < secret.size(); ++n) {
    std::string forged = secret;
    forged[n] = forged[n] == 'A' ? 'B' : 'A';
    EXPECT_NE(why_not(forged), "") << n;
  }
  const int looks = in_.tokens.looks();
  for (const std::string& forged :
       {std::string(), std::string("slu_"), secret.substr(0, secret.size() - 1), secret + "A", secret + "=", " " + secret, secret.substr(4),
        "SLU_" + secret.substr(4), sha256_hex(secret), std::string(1'000'000, 'A'), secret.substr(0, 20) + std::string("\0", 1) + secret.substr(21),
        "slu_" + std::string(42, 'A') + "+", std::string("slu_' OR 1=1 --")})
    EXPECT_EQ(why_not(forged), "what was shown is no token") << forged.substr(0, 60);
  EXPECT_EQ(in_.tokens.looks(), looks) << "no look into the store for what cannot be a token";
  EXPECT_EQ(why_not("slu_" + std::string(43, 'A')), "no such token");
}

TEST_F(Tokens, AStoreWhoseHashesBeginAlikeDoesNotConfuse) {
  const std::string secret = make("ci").secret;
  std::string alike = sha256_hex(secret);
  alike.back() = alike.back() == '0' ? '1' : '0';
  ASSERT_TRUE(in_.tokens.add_token({.name = "other", .hash = alike, .created_by = "eve"}));
  EXPECT_EQ(look_at_token(in_.tokens, secret)->known->name, "ci");
  ASSERT_TRUE(in_.tokens.revoke_token("ci", "ann"));
  EXPECT_EQ(why_not(secret), "the token is revoked");
}

TEST_F(Tokens, HaveANameAndALifeThatMakeSense) {
  for (const std::string& name : {std::string(), std::string("CI"), std::string("a b"), std::string(".a"), std::string("token:a"), std::string("ä"),
                                  std::string(64, 'a'), std::string("a\0b", 3)})
    EXPECT_EQ(create_token(in_.tokens, name, {}, "ann").error().code, "E1306") << name;
  for (const auto lives : {std::chrono::milliseconds(0), std::chrono::milliseconds(-1), kTokenLifeMax + std::chrono::milliseconds(1)})
    EXPECT_EQ(create_token(in_.tokens, "ci", lives, "ann").error().code, "E1306");
  EXPECT_TRUE(in_.tokens.tokens()->empty());
  make("ci");
  EXPECT_EQ(create_token(in_.tokens, "ci", {}, "ann").error().code, "E1304");
}

}  // namespace
}  // namespace sluice
