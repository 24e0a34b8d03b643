#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sluice {

/// Something that a channel is to be told, as it is kept: not its words, which are made when it is sent. What is told in steps (asked, then decided)
/// is one entry, whose `wanted` rises. Times are milliseconds since 1970 by the store's clock.
struct OutboxEntry {
  std::int64_t no = 0;         ///< the store's
  std::string channel{};       ///< "slack"
  std::string key{};           ///< what it is about, once in a channel: "approval:apr-…"
  std::string kind{};          ///< "approval", "result", "failure", "message"
  std::string run{}, about{};  ///< about: the approval's id, or a message's words
  std::int64_t wanted = 1;     ///< the step that the channel is to stand at
  std::int64_t delivered = 0;  ///< the step that it stands at
  std::string ref{};           ///< how the channel finds the message again; "" before it is there
  std::int64_t attempts = 0;   ///< at the step that is wanted
  bool unclear = false;        ///< an attempt may have come through without anybody here knowing
  std::string error{};         ///< why the last attempt failed: "E1410: …"
  std::int64_t created_at = 0, updated_at = 0, next_at = 0;
  std::optional<std::int64_t> gave_up_at{};

  bool operator==(const OutboxEntry&) const = default;
};

/// What an attempt came to.
struct OutboxOutcome {
  std::int64_t delivered = 0;
  std::string ref{};
  bool unclear = false;
  std::string error{};       ///< "" where it went well
  std::int64_t wait_ms = 0;  ///< until the next attempt
  bool gives_up = false;     ///< there is none
};

/// A channel's entries, counted.
struct OutboxCount {
  std::string channel{};
  std::int64_t waiting = 0;   ///< have not reached the channel, and will be tried again
  std::int64_t given_up = 0;  ///< within kOutboxGivenUpMs
  std::string error{};        ///< the last one of those that wait or were given up
  std::optional<std::int64_t> oldest_at{};
};

constexpr int kOutboxListed = 1'000;
constexpr std::int64_t kOutboxGivenUpMs = 86'400'000;                  ///< after that, what was given up is no longer counted
constexpr std::size_t kOutboxErrorMax = 500;                           ///< bytes that are kept of an error
constexpr std::int64_t kOutboxKeptMs = std::int64_t{90} * 86'400'000;  ///< an entry that is through is forgotten after that

/// Keeps what chat channels are to be told, beside the runs: so that it is told after a restart, and by one of several servers. Any thread. Errors
/// are of kind `storage`.
class Outbox {
 public:
  Outbox() = default;
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;
  virtual ~Outbox() = default;

  virtual std::int64_t now() const = 0;
  /// Adds it (channel, key, kind, run, about, wanted, delivered), or gives what is there with that channel and key.
  virtual Result<OutboxEntry> outbox_add(const OutboxEntry& entry) = 0;
  /// Raises what is wanted of all entries with the key that want less: they are due at once, also those that were given up. How many.
  virtual Result<int> outbox_raise(const std::string& key, std::int64_t wanted) = 0;
  /// The entry of the channel that is due longest, for this holder alone until the lease has passed; it counts an attempt. What an earlier holder had
  /// and never settled is `unclear`. Nothing where none is due.
  virtual Result<std::optional<OutboxEntry>> outbox_take(const std::string& channel, const std::string& holder, std::int64_t lease_ms) = 0;
  /// False: it is no longer the holder's, and nothing is noted.
  virtual Result<bool> outbox_settle(std::int64_t no, const std::string& holder, const OutboxOutcome& outcome) = 0;
  /// Those of the kind that want no more than that, oldest first, as far as kOutboxListed.
  virtual Result<std::vector<OutboxEntry>> outbox_wanting(const std::string& kind, std::int64_t wanted_max) = 0;
  virtual Result<std::vector<OutboxCount>> outbox_counts() = 0;
  /// Forgets, of those that are through or were given up, the ones older than kOutboxKeptMs. How many.
  virtual Result<int> outbox_forget() = 0;
};

}  // namespace sluice
