#include "journal/postgres_artifacts.h"

#include "base/hash.h"
#include "journal/compression.h"
#include "journal/hashed_files.h"
#include "journal/pg_schema.h"

namespace sluice {

using namespace journal_detail;

namespace {

// The database's time as it is now: there is no transaction here that would have one.
#define NOW_MS "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
#define OLD "at_ms <= " NOW_MS " - ?2"

constexpr int kTriesMax = 5;  // of what is the same however often it is done

int digit_of(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

/// PostgreSQL's hex form of a BYTEA: \\x and two small hex digits a byte.
std::string bytes_of(std::string_view hex) {
  std::string bytes;
  bytes.reserve(hex.size() / 2);
  for (std::size_t at = 2; at + 1 < hex.size(); at += 2) bytes += static_cast<char>(digit_of(hex[at]) * 16 + digit_of(hex[at + 1]));
  return bytes;
}

}  // namespace

struct PostgresArtifacts::Inner {
  explicit Inner(PgTarget target) : db(std::move(target), "", [] { return TimeMs{0}; }) {}

  /// A connection that breaks is connected again: a value is under its hash once, however often it is put.
  template <class Fn>
  Result<> use(const Fn& fn) {
    const std::scoped_lock lock(mutex);
    Result<> outcome{};
    for (int n = 0; n < kTriesMax; ++n) {
      outcome = fn(db);
      if (outcome || outcome.error().kind != ErrorKind::storage || !db.may_try_again()) break;
    }
    return outcome;
  }
  std::mutex mutex{};
  PgDb db;
};

Result<std::unique_ptr<PostgresArtifacts>> PostgresArtifacts::open(const PostgresJournalOptions& options) {
  TRY(const PgTarget target, target_of(options));
  TRY_VOID(prepare_pg_schema(target));
  return std::unique_ptr<PostgresArtifacts>(new PostgresArtifacts(std::make_unique<Inner>(target)));
}

PostgresArtifacts::PostgresArtifacts(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}
PostgresArtifacts::~PostgresArtifacts() = default;

Result<std::string> PostgresArtifacts::put(std::string_view bytes) {
  std::string hash = sha256_hex(bytes);
  const std::string data = compressed(bytes);
  const auto written = inner_->use([&](Db& db) -> Result<> {
    Query there(db, "UPDATE wf_blob SET at_ms = " NOW_MS " WHERE hash = ?1 AND data = ?2");  // who puts it again makes it young
    TRY(const int known, there.bind(hash).bind(data).run());
    if (known > 0) return {};
    // What is there and is something else is damaged, and putting is how it comes back.
    Query insert(db, "INSERT INTO wf_blob (hash, codec, data, at_ms) VALUES (?1, 1, ?2, " NOW_MS
                     ")"
                     " ON CONFLICT (hash) DO UPDATE SET codec = excluded.codec, data = excluded.data, at_ms = excluded.at_ms");
    TRY_VOID(insert.bind(hash).bind(data).run());
    return {};
  });
  if (!written) return written.error();
  return hash;
}

Result<Swept> PostgresArtifacts::sweep(const Sweep& sweep) {
  constexpr std::int64_t kPage = 1'000;
  const TimeMs unused_ms = std::chrono::milliseconds(sweep.unused_for).count();
  Swept swept;
  std::string after;
  bool more = true;
  while (more && !sweep.stop.stop_requested()) {  // bounded by the table
    std::vector<std::pair<std::string, std::int64_t>> page;
    TRY_VOID(inner_->use([&](Db& db) -> Result<> {
      page.clear();
      Query query(db, "SELECT hash, CASE WHEN " OLD " THEN octet_length(data) ELSE -1 END FROM wf_blob WHERE hash > ?1 ORDER BY hash LIMIT ?3");
      query.bind(after).bind(unused_ms).bind(kPage);
      for (;;) {  // bounded by LIMIT
        TRY(const bool row, query.next());
        if (!row) return {};
        page.emplace_back(query.text(0), query.integer(1));
      }
    }));
    more = std::ssize(page) == kPage;
    if (!page.empty()) after = page.back().first;
    for (const auto& [hash, bytes] : page) {
      if (bytes < 0 || sweep.is_kept(hash)) continue;
      int gone = 1;
      if (!sweep.dry)
        TRY_VOID(inner_->use([&, &name = hash](Db& db) -> Result<> {
          Query remove(db, "DELETE FROM wf_blob WHERE hash = ?1 AND " OLD);  // who puts it again makes it young
          TRY(gone, remove.bind(name).bind(unused_ms).run());
          return {};
        }));
      swept.files += gone;
      swept.bytes += gone > 0 ? bytes : 0;
    }
  }
  return swept;
}

Result<std::string> PostgresArtifacts::get(const std::string& hash) {
  if (!is_hash(hash)) return artifact_missing(hash);
  std::optional<std::string> stored;
  TRY_VOID(inner_->use([&](Db& db) -> Result<> {
    Query query(db, "SELECT data FROM wf_blob WHERE hash = ?1");
    TRY(const bool found, query.bind(hash).next());
    if (found) stored = bytes_of(query.text(0));
    return {};
  }));
  if (!stored) return artifact_missing(hash);
  std::optional<std::string> value = decompressed(*stored);
  if (!value || sha256_hex(*value) != hash) return artifact_damaged(hash, "table wf_blob of the journal " + inner_->db.name());
  return *std::move(value);
}

}  // namespace sluice
