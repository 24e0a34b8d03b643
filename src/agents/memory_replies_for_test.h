#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agents/ports/reply_store.h"

namespace sluice {

/// A reply store in memory; fails when told to. One thread at a time.
class MemoryReplies final : public ReplyStore {
 public:
  std::map<std::string, RecordedCall> calls{};
  std::optional<Error> fails{};

  Result<std::optional<RecordedCall>> find(const RecordedCall& asked) override {
    if (fails) return *fails;
    const auto place = calls.find(call_key(asked));
    return place == calls.end() ? std::optional<RecordedCall>() : std::optional<RecordedCall>(place->second);
  }
  Result<> keep(const RecordedCall& call) override {
    if (fails) return *fails;
    calls.try_emplace(call_key(call), call);
    return {};
  }
  Result<> forget(const RecordedCall& asked) override {
    calls.erase(call_key(asked));
    return {};
  }
  Result<std::vector<RecordedCall>> all(int limit) override {
    std::vector<RecordedCall> out;
    for (const auto& [key, call] : calls)
      if (static_cast<int>(out.size()) < limit) out.push_back(call);
    return out;
  }
};

}  // namespace sluice
