#pragma once
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "app/ports/token_store.h"

// What every store of tokens has to do: instantiate TokenStoreContract in the test program of each adapter.
namespace sluice {

struct TokenStoreHarness {
  virtual ~TokenStoreHarness() = default;
  virtual TokenStore& store() = 0;
  /// The same store as another process sees it.
  virtual TokenStore& other() = 0;
  virtual void pass(std::int64_t ms) = 0;
  /// The clock that the store's rows go by. (TokenStore::now may be an estimate of it, which does not follow a clock that a test moves.)
  virtual std::int64_t time() const = 0;
};
struct TokenStoreMaker {
  std::string name{};
  std::unique_ptr<TokenStoreHarness> (*make)() = nullptr;
};

class TokenStoreContract : public testing::TestWithParam<TokenStoreMaker> {
 protected:
  void SetUp() override {
    harness_ = GetParam().make();
    if (harness_ != nullptr) return;  // else its store is not on this machine
    if (std::getenv("CI") != nullptr) FAIL() << "a part that the store's tests need is missing";
    GTEST_SKIP() << "the store is not on this machine";
  }
  TokenStore& store() { return harness_->store(); }
  TokenStore& other() { return harness_->other(); }
  static std::string hash(char digit, char last = '0') { return std::string(63, digit) + last; }
  template <class T>
  static std::string code(const Result<T>& result) {
    return result ? "ok" : result.error().code;
  }
  std::unique_ptr<TokenStoreHarness> harness_{};
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(TokenStoreContract);

TEST_P(TokenStoreContract, KeepsATokenAsItIs) {
  const std::int64_t now = harness_->time();
  const auto added = store().add_token({.name = "ci", .hash = hash('a'), .created_by = "ann", .expires_at = now + 5});
  ASSERT_TRUE(added) << added.error().message;
  const StoredToken expected{.name = "ci", .hash = hash('a'), .created_by = "ann", .created_at = now, .expires_at = now + 5};
  EXPECT_EQ(*added, expected);
  EXPECT_EQ(*other().tokens(), std::vector{expected});
  EXPECT_EQ(*other().tokens_beginning(hash('a').substr(0, kHashBeginning)), std::vector{expected});
  EXPECT_TRUE(other().tokens_beginning(hash('b').substr(0, kHashBeginning))->empty());
  EXPECT_TRUE(other().tokens_beginning("")->empty()) << "nothing begins with nothing";
}

TEST_P(TokenStoreContract, ANameHasOneTokenAtATime) {
  ASSERT_TRUE(store().add_token({.name = "ci", .hash = hash('a'), .created_by = "ann"}));
  EXPECT_EQ(code(other().add_token({.name = "ci", .hash = hash('b'), .created_by = "ann"})), "E1304");
  harness_->pass(7);
  const auto revoked = other().revoke_token("ci", "bob");
  ASSERT_TRUE(revoked) << revoked.error().message;
  EXPECT_EQ(revoked->revoked_by, "bob");
  EXPECT_EQ(revoked->revoked_at, harness_->time());
  EXPECT_EQ(code(store().revoke_token("ci", "bob")), "E1305") << "it is revoked already";
  EXPECT_EQ(code(store().revoke_token("cj", "bob")), "E1305");
  ASSERT_TRUE(store().add_token({.name = "ci", .hash = hash('b'), .created_by = "ann"}));
  const auto all = store().tokens();
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->at(0).hash, hash('b')) << "newest first";
  EXPECT_EQ(all->at(1), *revoked) << "what was, stays";
}

TEST_P(TokenStoreContract, OneOfManyGetsTheName) {
  constexpr int kThreads = 4;
  std::atomic<int> added = 0, taken = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      const auto one = (t % 2 == 0 ? store() : other()).add_token({.name = "ci", .hash = hash('a', static_cast<char>('0' + t)), .created_by = "ann"});
      if (one) ++added;
      if (!one && one.error().code == "E1304") ++taken;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(added, 1);
  EXPECT_EQ(taken, kThreads - 1);
}

TEST_P(TokenStoreContract, NotesAUseNowAndThen) {
  ASSERT_TRUE(store().add_token({.name = "ci", .hash = hash('a'), .created_by = "ann"}));
  const std::int64_t begun = harness_->time();
  ASSERT_TRUE(store().token_used(hash('a')));
  harness_->pass(kTokenUsedMs - 1);
  ASSERT_TRUE(other().token_used(hash('a')));
  EXPECT_EQ(store().tokens()->front().used_at, begun);
  harness_->pass(1);
  ASSERT_TRUE(other().token_used(hash('a')));
  EXPECT_EQ(store().tokens()->front().used_at, begun + kTokenUsedMs);
  EXPECT_TRUE(store().token_used(hash('b'))) << "one that is gone is no error";
}

TEST_P(TokenStoreContract, NotesLoginsWithoutEnd) {
  constexpr int kMany = 100;
  for (int n = 0; n < kMany; ++n)
    ASSERT_TRUE((n % 2 == 0 ? store() : other()).note_login("ada@example.org", {"data", "more"})) << "a flood is no error";
}

}  // namespace sluice
