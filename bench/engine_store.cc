#include "engine_store.h"

#include <libpq-fe.h>
#include <sqlite3.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace sluice::bench {
namespace {

constexpr std::size_t kBodyBytes = 478;  // of a step that returns 400 bytes, as the engine writes it
constexpr std::int64_t kCopiesAtOnce = 20'000;
constexpr int kPipelineMax = 64;  // inserts that are sent before their answers are read: what is on the way fits the socket's buffers
constexpr const char* kHash = "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9";
constexpr const char* kRun = "r-01jz3k9m2h7w5q8c4";
constexpr const char* kPath = "n:0/step";

/// Makes another id of a run's id: same time, then 'z', which sorts behind the digits and letters of random parts.
std::string new_id(const std::string& run, const std::string& number) {
  constexpr std::size_t kTimePart = 11;  // "r-" and nine digits
  return "'" + run.substr(0, kTimePart) + "z' || " + number;
}

/// INSERT … SELECT of all columns, with another id.
std::string copy_of(const std::string& table, const std::vector<std::string>& columns, const std::string& id, const std::string& numbers,
                    const std::string& run) {
  std::string into, from;
  for (const std::string& column : columns) {
    into += (into.empty() ? "" : ", ") + column;
    from += (from.empty() ? "" : ", ") + (column == "run_id" || column == "root_id" ? id : "t." + column);
  }
  return "INSERT INTO " + table + " (" + into + ") SELECT " + from + " FROM " + numbers + " CROSS JOIN " + table + " t WHERE t.run_id = '" + run +
         "' ORDER BY n.i" + (table == "wf_event" ? ", t.seq" : "");
}

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(const std::string& file) {
    if (sqlite3_open(file.c_str(), &db_) != SQLITE_OK) broken("opening " + file);
    exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY");
  }
  ~SqliteStore() override {
    sqlite3_finalize(insert_);
    sqlite3_close(db_);
  }

  void make_table() override {
    exec(
        "CREATE TABLE bare (run_id TEXT NOT NULL, seq INTEGER NOT NULL, epoch INTEGER NOT NULL, type INTEGER NOT NULL, path TEXT NOT NULL,"
        " try_no INTEGER NOT NULL, in_hash TEXT NOT NULL, body TEXT NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (run_id, seq)) WITHOUT ROWID");
    const std::string sql = "INSERT INTO bare VALUES ('" + std::string(kRun) + "', ?1, 1, 4, '" + kPath + "', 0, '" + kHash + "', ?2, 1760000000000)";
    if (sqlite3_prepare_v2(db_, sql.c_str(), -1, &insert_, nullptr) != SQLITE_OK) broken("preparing");
  }

  void append(std::int64_t first, std::int64_t count) override {
    exec("BEGIN IMMEDIATE");
    for (std::int64_t n = first; n < first + count; ++n) {
      sqlite3_bind_int64(insert_, 1, n);
      sqlite3_bind_text(insert_, 2, body_.data(), static_cast<int>(body_.size()), SQLITE_STATIC);
      if (sqlite3_step(insert_) != SQLITE_DONE) broken("inserting");
      sqlite3_reset(insert_);
    }
    exec("COMMIT");
  }

  void multiply(const std::string& run, std::int64_t first, std::int64_t count) override {
    exec("PRAGMA synchronous=OFF");  // of this connection; `settle` makes it safe
    for (std::int64_t done = 0; done < count; done += kCopiesAtOnce) {
      const std::int64_t from = first + done, to = first + std::min(count, done + kCopiesAtOnce);
      const std::string numbers = "(WITH RECURSIVE k(i) AS (SELECT " + std::to_string(from) + " UNION ALL SELECT i + 1 FROM k WHERE i + 1 < " +
                                  std::to_string(to) + ") SELECT i FROM k) n";
      const std::string id = new_id(run, "printf('%012d', n.i)");
      exec("BEGIN IMMEDIATE");
      for (const char* table : {"wf_run", "wf_event"}) exec(copy_of(table, columns_of(table), id, numbers, run));
      exec("COMMIT");
    }
    exec("PRAGMA synchronous=FULL");
  }

  void settle() override { exec("PRAGMA wal_checkpoint(TRUNCATE)"); }

 private:
  [[noreturn]] void broken(const std::string& doing) { fail(doing + ": " + sqlite3_errmsg(db_)); }
  void exec(const std::string& sql) {
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) broken(sql.substr(0, 60));
  }
  std::vector<std::string> columns_of(const std::string& table) {
    std::vector<std::string> columns;
    const auto add = [](void* to, int, char** values, char**) {
      static_cast<std::vector<std::string>*>(to)->emplace_back(values[0]);
      return 0;
    };
    const std::string sql = "SELECT name FROM pragma_table_info('" + table + "')";
    if (sqlite3_exec(db_, sql.c_str(), add, &columns, nullptr) != SQLITE_OK) broken("reading columns");
    return columns;
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  std::string body_ = std::string(kBodyBytes, 'a');
};

class PgStore final : public Store {
 public:
  explicit PgStore(const std::string& url) : db_(PQconnectdb(url.c_str())) {
    if (PQstatus(db_) != CONNECTION_OK) broken("connecting");
    exec("SET client_min_messages = warning");
    exec("SET search_path = sluice, public");
  }
  ~PgStore() override { PQfinish(db_); }

  void make_table() override {
    exec("DROP TABLE IF EXISTS public.bare");
    exec(
        "CREATE TABLE public.bare (run_id TEXT COLLATE \"C\" NOT NULL, seq BIGINT NOT NULL, epoch BIGINT NOT NULL, type SMALLINT NOT NULL,"
        " path TEXT NOT NULL, try_no INTEGER NOT NULL, in_hash TEXT NOT NULL, body TEXT NOT NULL, at_ms BIGINT NOT NULL, PRIMARY KEY (run_id, seq))");
    const std::string sql =
        "INSERT INTO public.bare VALUES ('" + std::string(kRun) + "', $1, 1, 4, '" + kPath + "', 0, '" + kHash + "', $2, 1760000000000)";
    check(PQprepare(db_, "row", sql.c_str(), 2, nullptr), "preparing");
    check(PQprepare(db_, "begin", "BEGIN", 0, nullptr), "preparing");
    check(PQprepare(db_, "commit", "COMMIT", 0, nullptr), "preparing");
  }

  /// The whole transaction is sent at once where it fits, so that it costs one way to the server and back.
  void append(std::int64_t first, std::int64_t count) override {
    if (count == 1) {
      insert_alone(first);
      return;
    }
    if (PQenterPipelineMode(db_) != 1) broken("pipelining");
    send("begin");
    int sent = 1;
    for (std::int64_t n = first; n < first + count; ++n) {
      send_row(n);
      if (++sent < kPipelineMax || n + 1 == first + count) continue;
      take_answers(sent);
      sent = 0;
    }
    send("commit");
    take_answers(sent + 1);
    if (PQexitPipelineMode(db_) != 1) broken("leaving the pipeline");
  }

  void multiply(const std::string& run, std::int64_t first, std::int64_t count) override {
    exec("SET synchronous_commit = off");  // of this connection; `settle` makes it safe
    for (std::int64_t done = 0; done < count; done += kCopiesAtOnce) {
      const std::int64_t from = first + done, to = first + std::min(count, done + kCopiesAtOnce);
      const std::string numbers = "generate_series(" + std::to_string(from) + "::bigint, " + std::to_string(to - 1) + ") n(i)";
      const std::string id = new_id(run, "lpad(n.i::text, 12, '0')");
      exec("BEGIN");
      for (const char* table : {"wf_run", "wf_event"}) exec(copy_of(table, columns_of(table), id, numbers, run));
      exec("COMMIT");
    }
    exec("SET synchronous_commit = on");
  }

  void settle() override {
    exec("VACUUM ANALYZE wf_run");
    exec("VACUUM ANALYZE wf_event");
    exec("CHECKPOINT");
  }

 private:
  [[noreturn]] void broken(const std::string& doing) { fail(doing + ": " + PQerrorMessage(db_)); }
  void check(PGresult* answer, const std::string& doing) {
    const auto status = PQresultStatus(answer);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) broken(doing);
    PQclear(answer);
  }
  void exec(const std::string& sql) { check(PQexec(db_, sql.c_str()), sql.substr(0, 60)); }
  void insert_alone(std::int64_t n) {
    const std::string number = std::to_string(n);
    const std::array<const char*, 2> values{number.c_str(), body_.c_str()};
    check(PQexecPrepared(db_, "row", 2, values.data(), nullptr, nullptr, 0), "inserting");
  }
  void send(const char* statement) {
    if (PQsendQueryPrepared(db_, statement, 0, nullptr, nullptr, nullptr, 0) != 1) broken("sending");
  }
  void send_row(std::int64_t n) {
    const std::string number = std::to_string(n);
    const std::array<const char*, 2> values{number.c_str(), body_.c_str()};
    if (PQsendQueryPrepared(db_, "row", 2, values.data(), nullptr, nullptr, 0) != 1) broken("sending");
  }
  void take_answers(int count) {
    if (PQpipelineSync(db_) != 1) broken("sending");
    for (int n = 0; n < count; ++n) {
      check(PQgetResult(db_), "inserting");
      if (PQgetResult(db_) != nullptr) broken("an answer too many");
    }
    PGresult* synced = PQgetResult(db_);
    if (PQresultStatus(synced) != PGRES_PIPELINE_SYNC) broken("syncing");
    PQclear(synced);
  }
  std::vector<std::string> columns_of(const std::string& table) {
    const std::string sql =
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'sluice' AND table_name = '" + table + "' ORDER BY ordinal_position";
    PGresult* answer = PQexec(db_, sql.c_str());
    if (PQresultStatus(answer) != PGRES_TUPLES_OK) broken("reading columns");
    std::vector<std::string> columns;
    for (int row = 0; row < PQntuples(answer); ++row) columns.emplace_back(PQgetvalue(answer, row, 0));
    PQclear(answer);
    return columns;
  }

  PGconn* db_;
  std::string body_ = std::string(kBodyBytes, 'a');
};

}  // namespace

void fail(const std::string& what) {
  std::fprintf(stderr, "engine_bench: %s\n", what.c_str());
  std::exit(2);
}

std::unique_ptr<Store> open_store(const std::string& journal, const std::string& at) {
  if (journal == "postgres") return std::make_unique<PgStore>(at);
  return std::make_unique<SqliteStore>(at);
}

}  // namespace sluice::bench
