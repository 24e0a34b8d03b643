#include "journal/postgres_artifacts.h"

#include "base/hash.h"
#include "journal/compression.h"
#include "journal/hashed_files.h"
#include "journal/pg_schema.h"

namespace sluice {

using namespace journal_detail;

namespace {

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
    // What is there is written again: it may be damaged, and putting is how it comes back.
    Query insert(db,
                 "INSERT INTO wf_blob (hash, codec, data, at_ms) VALUES (?1, 1, ?2, ?3)"
                 " ON CONFLICT (hash) DO UPDATE SET codec = excluded.codec, data = excluded.data, at_ms = excluded.at_ms");
    TRY_VOID(insert.bind(hash).bind(data).bind(db.now()).run());
    return {};
  });
  if (!written) return written.error();
  return hash;
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
