#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agents/ports/model.h"

namespace sluice {

/// A model call that was made: enough to answer it again without the model, and to see what it was.
struct RecordedCall {
  ModelRequest request{};
  std::string provider{}, model{};  ///< that answered: part of the key
  ModelReply reply{};
  std::int64_t latency_ms = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"request", &RecordedCall::request}, Field{"provider", &RecordedCall::provider}, Field{"model", &RecordedCall::model},
                      Field{"reply", &RecordedCall::reply}, Field{"latency_ms", &RecordedCall::latency_ms}};
  }
};

/// SHA-256 over provider, model and the request's canonical encoding.
std::string call_key(const std::string& provider, const std::string& model, const ModelRequest& request);
/// Of the request as this model gets it (see asked_of).
std::string call_key(const ModelInfo& info, const ModelRequest& request);

/// Replies by the hash of what was asked: the cache beside the journal, and recordings for tests and bug reports. Any thread, any number of
/// processes.
class ReplyStore {
 public:
  virtual ~ReplyStore() = default;
  virtual Result<std::optional<RecordedCall>> find(const std::string& key) = 0;
  /// On disk when it returns. A reply that is there already stays.
  virtual Result<> keep(const std::string& key, const RecordedCall& call) = 0;
  /// All that there is, for showing which recording a request differs from; at most `limit`.
  virtual Result<std::vector<RecordedCall>> all(int limit) = 0;
};

}  // namespace sluice
