#include "journal/outbox_rows.h"

#include <algorithm>

namespace sluice::journal_detail {
namespace {

/// The rows that the query gives, as far as its LIMIT lets it.
Result<std::vector<OutboxEntry>> rows_of(Query& query) {
  std::vector<OutboxEntry> found;
  for (;;) {  // bounded by LIMIT
    TRY(const bool more, query.next());
    if (!more) return found;
    OutboxEntry entry{.no = query.integer(0), .channel = query.text(1), .key = query.text(2), .kind = query.text(3)};
    entry.run = query.text(4);
    entry.about = query.text(5);
    entry.wanted = query.integer(6);
    entry.delivered = query.integer(7);
    entry.ref = query.text(8);
    entry.attempts = query.integer(9);
    entry.unclear = query.integer(10) != 0;
    entry.error = query.text(11);
    entry.created_at = query.integer(12);
    entry.updated_at = query.integer(13);
    entry.next_at = query.integer(14);
    entry.gave_up_at = query.maybe_integer(15);
    found.push_back(std::move(entry));
  }
}

}  // namespace

Result<std::optional<OutboxEntry>> read_outbox_entry(Db& db, const std::string& channel, const std::string& key) {
  Query query(db,
              "SELECT entry_no, channel, entry_key, kind, run_id, about, wanted, delivered, ref, attempts, unclear, error, created_at, updated_at,"
              " next_at, gave_up_at FROM wf_outbox WHERE channel = ?1 AND entry_key = ?2 LIMIT 1");
  query.bind(channel).bind(key);
  TRY(std::vector<OutboxEntry> found, rows_of(query));
  if (found.empty()) return std::optional<OutboxEntry>();
  return std::optional(std::move(found.front()));
}

Result<OutboxEntry> insert_outbox_entry(Db& db, const OutboxEntry& entry) {
  {
    Query insert(db,
                 "INSERT INTO wf_outbox (channel, entry_key, kind, run_id, about, wanted, delivered, created_at, updated_at, next_at)"
                 " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?8) ON CONFLICT DO NOTHING");
    insert.bind(entry.channel).bind(entry.key).bind(entry.kind).bind(entry.run).bind(entry.about).bind(entry.wanted).bind(entry.delivered);
    TRY(const int inserted, insert.bind(db.now()).run());
    if (inserted > 0) db.news();
  }
  TRY(std::optional<OutboxEntry> there, read_outbox_entry(db, entry.channel, entry.key));
  if (!there) return Error::bug("an entry of the outbox was added and is not there");
  return *std::move(there);
}

Result<int> raise_outbox(Db& db, const std::string& key, std::int64_t wanted) {
  Query raise(
      db, "UPDATE wf_outbox SET wanted = ?2, attempts = 0, gave_up_at = NULL, next_at = ?3, updated_at = ?3 WHERE entry_key = ?1 AND wanted < ?2");
  TRY(const int raised, raise.bind(key).bind(wanted).bind(db.now()).run());
  if (raised > 0) db.news();
  return raised;
}

Result<bool> outbox_has_due(Db& db, const std::string& channel) {
  Query look(db,
             "SELECT entry_no FROM wf_outbox WHERE channel = ?1 AND delivered < wanted AND gave_up_at IS NULL AND next_at <= ?2 AND lease_until <= ?2"
             " LIMIT 1");
  return look.bind(channel).bind(db.now()).next();
}

Result<std::optional<OutboxEntry>> take_from_outbox(Db& db, const std::string& channel, const std::string& holder, std::int64_t lease_ms) {
  const std::int64_t now = db.now();
  Query find(db,
             "SELECT entry_no, channel, entry_key, kind, run_id, about, wanted, delivered, ref, attempts, unclear + trying, error, created_at,"
             " updated_at, next_at, gave_up_at FROM wf_outbox WHERE channel = ?1 AND delivered < wanted AND gave_up_at IS NULL AND next_at <= ?2"
             " AND lease_until <= ?2 ORDER BY next_at, entry_no LIMIT 1");
  find.bind(channel).bind(now);
  TRY(std::vector<OutboxEntry> found, rows_of(find));
  if (found.empty()) return std::optional<OutboxEntry>();
  OutboxEntry& entry = found.front();
  Query take(db,
             "UPDATE wf_outbox SET holder = ?2, lease_until = ?3, attempts = attempts + 1, unclear = ?5, trying = 1"
             " WHERE entry_no = ?1 AND lease_until <= ?4");
  TRY(const int taken, take.bind(entry.no).bind(holder).bind(now + lease_ms).bind(now).bind(std::int64_t{entry.unclear ? 1 : 0}).run());
  if (taken == 0) return std::optional<OutboxEntry>();  // somebody else was quicker
  ++entry.attempts;
  return std::optional(std::move(entry));
}

Result<bool> settle_in_outbox(Db& db, std::int64_t no, const std::string& holder, const OutboxOutcome& outcome) {
  const std::int64_t now = db.now();
  const std::string error = outcome.error.substr(0, kOutboxErrorMax);
  Query settle(db,
               "UPDATE wf_outbox SET delivered = ?3, ref = ?4, unclear = ?5, error = ?6, next_at = ?7, gave_up_at = ?8, updated_at = ?9, holder = '',"
               " lease_until = 0, trying = 0 WHERE entry_no = ?1 AND holder = ?2");
  settle.bind(no).bind(holder).bind(outcome.delivered).bind(outcome.ref).bind(std::int64_t{outcome.unclear ? 1 : 0}).bind(error);
  settle.bind(now + outcome.wait_ms).bind(outcome.gives_up ? std::optional(now) : std::nullopt);
  TRY(const int settled, settle.bind(now).run());
  return settled > 0;
}

Result<std::vector<OutboxEntry>> read_outbox_wanting(Db& db, const std::string& kind, std::int64_t wanted_max) {
  Query query(db,
              "SELECT entry_no, channel, entry_key, kind, run_id, about, wanted, delivered, ref, attempts, unclear, error, created_at, updated_at,"
              " next_at, gave_up_at FROM wf_outbox WHERE kind = ?1 AND wanted <= ?2 ORDER BY entry_no LIMIT ?3");
  query.bind(kind).bind(wanted_max).bind(std::int64_t{kOutboxListed});
  return rows_of(query);
}

Result<std::vector<OutboxCount>> count_outbox(Db& db) {
  Query query(db,
              "SELECT channel, entry_no, created_at, gave_up_at, error, updated_at FROM wf_outbox WHERE delivered < wanted"
              " AND (gave_up_at IS NULL OR gave_up_at > ?2) ORDER BY channel, updated_at, entry_no LIMIT ?1");
  constexpr std::int64_t kCountedMax = 100'000;
  query.bind(kCountedMax).bind(db.now() - kOutboxGivenUpMs);
  std::vector<OutboxCount> counts;
  for (;;) {  // bounded by LIMIT
    TRY(const bool more, query.next());
    if (!more) return counts;
    if (counts.empty() || counts.back().channel != query.text(0)) counts.push_back({.channel = query.text(0)});
    OutboxCount& count = counts.back();
    if (query.maybe_integer(3)) {
      ++count.given_up;
    } else {
      ++count.waiting;
      count.oldest_at = std::min(count.oldest_at.value_or(query.integer(2)), query.integer(2));
    }
    if (!query.text(4).empty()) count.error = query.text(4);
  }
}

Result<bool> outbox_has_old(Db& db) {
  Query look(db, "SELECT entry_no FROM wf_outbox WHERE updated_at < ?1 AND kind <> 'begin' LIMIT 1");
  return look.bind(db.now() - kOutboxKeptMs).next();
}

Result<int> forget_outbox(Db& db) {
  // An approval that is asked about and not decided stays: its message is still to be brought to its end.
  Query forget(db,
               "DELETE FROM wf_outbox WHERE updated_at < ?1 AND kind <> 'begin' AND lease_until < ?1"
               " AND (gave_up_at IS NOT NULL OR (delivered >= wanted AND (kind <> 'approval' OR wanted > 1)))");
  return forget.bind(db.now() - kOutboxKeptMs).run();
}

}  // namespace sluice::journal_detail
