#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agents/ports/model.h"

namespace sluice {

/// A model call that was made: enough to answer it again without the model, and to see what it was.
struct RecordedCall {
  ModelRequest request{};           ///< as the model gets it (see asked_of)
  std::string provider{}, model{};  ///< that answered
  std::string endpoint{};           ///< where; "": a recording, which answers wherever the model is reached
  std::string run{};                ///< the one run that may have it; "": any
  ModelReply reply{};
  std::int64_t latency_ms = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"request", &RecordedCall::request},      Field{"provider", &RecordedCall::provider}, Field{"model", &RecordedCall::model},
                      Field{"endpoint", &RecordedCall::endpoint},    Field{"run", &RecordedCall::run},           Field{"reply", &RecordedCall::reply},
                      Field{"latency_ms", &RecordedCall::latency_ms}};
  }
};

/// The call of this model, without its reply, as a recording.
RecordedCall recording_of(const ModelInfo& info, const ModelRequest& request);
/// SHA-256 over all but the reply and its latency, in their canonical encoding.
std::string call_key(const RecordedCall& call);

/// Replies by what was asked: the cache beside the journal, and recordings for tests and bug reports. Any thread, any number of processes.
class ReplyStore {
 public:
  virtual ~ReplyStore() = default;
  /// `asked` needs no reply.
  virtual Result<std::optional<RecordedCall>> find(const RecordedCall& asked) = 0;
  /// On disk when it returns. A reply that is there already stays.
  virtual Result<> keep(const RecordedCall& call) = 0;
  /// So that nobody is given its reply again. None there: nothing to do. A recording stays.
  virtual Result<> forget(const RecordedCall& asked) = 0;
  /// All that there is, for showing which recording a request differs from; at most `limit`.
  virtual Result<std::vector<RecordedCall>> all(int limit) = 0;
};

}  // namespace sluice
