#pragma once
#include <algorithm>
#include <functional>
#include <mutex>

#include "app/ports/token_store.h"

namespace sluice {

/// Tokens without a disk: the same contract as the real store.
class MemoryTokens final : public TokenStore {
 public:
  explicit MemoryTokens(std::function<std::int64_t()> now) : now_(std::move(now)) {}
  std::int64_t now() const override { return now_(); }
  Result<StoredToken> add_token(const StoredToken& token) override {
    const std::scoped_lock lock(mutex_);
    if (live(token.name) != tokens_.end()) return token_name_taken(token.name);
    if (std::ranges::count_if(tokens_, [](const StoredToken& one) { return !one.revoked_at; }) >= kTokensMax) return too_many_tokens();
    tokens_.insert(tokens_.begin(), token);
    tokens_.front().created_at = now_();
    return tokens_.front();
  }
  Result<std::vector<StoredToken>> tokens() override {
    const std::scoped_lock lock(mutex_);
    return tokens_;
  }
  Result<std::vector<StoredToken>> tokens_beginning(std::string_view beginning) override {
    const std::scoped_lock lock(mutex_);
    ++looks_;
    std::vector<StoredToken> found;
    for (const StoredToken& token : tokens_)
      if (token.hash.substr(0, kHashBeginning) == beginning) found.push_back(token);
    return found;
  }
  Result<StoredToken> revoke_token(const std::string& name, const std::string& by) override {
    const std::scoped_lock lock(mutex_);
    const auto place = live(name);
    if (place == tokens_.end()) return no_such_token(name);
    place->revoked_at = now_();
    place->revoked_by = by;
    return *place;
  }
  Result<> token_used(const std::string& hash) override {
    const std::scoped_lock lock(mutex_);
    for (StoredToken& token : tokens_)
      if (token.hash == hash && (!token.used_at || *token.used_at <= now_() - kTokenUsedMs)) token.used_at = now_();
    return {};
  }
  Result<> note_login(const std::string& who, const std::vector<std::string>&) override {
    const std::scoped_lock lock(mutex_);
    logins_.push_back(who);
    return {};
  }
  std::vector<std::string> logins() {
    const std::scoped_lock lock(mutex_);
    return logins_;
  }
  int looks() const { return looks_; }

 private:
  std::vector<StoredToken>::iterator live(const std::string& name) {
    return std::ranges::find_if(tokens_, [&](const StoredToken& token) { return token.name == name && !token.revoked_at; });
  }
  std::function<std::int64_t()> now_;
  std::mutex mutex_{};
  std::vector<StoredToken> tokens_{};
  std::vector<std::string> logins_{};
  int looks_ = 0;
};

}  // namespace sluice
