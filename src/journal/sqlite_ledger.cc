#include "journal/sqlite_ledger.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "agents/ports/budget_check.h"
#include "journal/committer.h"
#include "journal/journal_file.h"

namespace sluice {

using namespace journal_detail;

namespace {

constexpr std::int64_t kDay = 24LL * 60 * 60 * 1000;  // as the triggers of model_day have it
constexpr double kNano = 1e9;
constexpr std::int64_t kTokensMax = 1'000'000'000'000;  // of one call: keeps what a provider garbled from spoiling the sums
constexpr int kEntriesMax = 100'000;                    // of a run; the newest are left out
constexpr int kCostLinesMax = 10'000;
constexpr int kForgottenMax = 100'000;

std::int64_t within(std::int64_t tokens) { return std::clamp<std::int64_t>(tokens, 0, kTokensMax); }
double dollars(std::int64_t nano) { return static_cast<double>(nano) / kNano; }

// Calls of one run. total() never overflows where sum() would fail; a cast of what is too large gives the largest integer. The time is the same in
// both rows: of each step, that of its longest draw (see schema.cc).
constexpr const char* kUsedByRun =
    "SELECT state = 'reserved', CAST(total(usd_nano) AS INTEGER), CAST(total(tokens) AS INTEGER), count(*),"
    " (SELECT CAST(total(longest) AS INTEGER) FROM (SELECT max(ms) AS longest FROM"
    " (SELECT path, total(latency_ms) AS ms FROM model_call WHERE run_id = ?1 GROUP BY path, draw) GROUP BY path)),"
    " count(*) FILTER (WHERE NOT priced)"
    " FROM model_call WHERE run_id = ?1 AND state <> 'cached' GROUP BY 1";
constexpr const char* kUsedOnDay =
    "SELECT usd_nano, tokens, calls, latency_ms, flight_usd_nano, flight_tokens, flight_calls, 0 FROM model_day WHERE day = ?1";

/// What a row holds from a column on.
Spent read_spent(const Query& row, int from) {
  return {.usd = dollars(row.integer(from)), .tokens = row.integer(from + 1), .calls = row.integer(from + 2), .milliseconds = row.integer(from + 3)};
}

Result<BudgetUse> used_by_run(Db& db, const std::string& run) {
  Query sums(db, kUsedByRun);
  sums.bind(run);
  BudgetUse use{};
  for (;;) {  // two rows at most
    TRY(const bool more, sums.next());
    if (!more) return use;
    (sums.integer(0) != 0 ? use.in_flight : use.ended) = read_spent(sums, 1);
    use.ended.milliseconds = sums.integer(4);
    use.ended.unpriced += sums.integer(5);
  }
}

Result<BudgetUse> used_on_day_of(Db& db, TimeMs at) {
  Query day(db, kUsedOnDay);
  TRY(const bool found, day.bind(at / kDay).next());
  if (!found) return BudgetUse{};
  return BudgetUse{.ended = read_spent(day, 0), .in_flight = read_spent(day, 4)};
}

Result<> insert_call(Db& db, const Reservation& call, TimeMs at, std::string_view state, std::int64_t tokens, const ModelUsage& usage) {
  Query insert(db,
               "INSERT INTO model_call (run_id, workflow, path, model, provider, call_key, state, at_ms, usd_nano, tokens, input, cached,"
               " cache_written, output, draw, priced) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)");
  insert.bind(call.run).bind(call.workflow).bind(call.path).bind(call.model).bind(call.provider).bind(call.key).bind(state).bind(at);
  insert.bind(nano_dollars(call.usd_max.value_or(0))).bind(tokens);
  insert.bind(within(usage.input)).bind(within(usage.cached)).bind(within(usage.cache_written)).bind(within(usage.output));
  insert.bind(call.draw).bind(std::int64_t{call.usd_max ? 1 : 0});
  TRY_VOID(insert.run());
  return {};
}

/// In the caller's transaction: nobody reserves between the check and the row.
Result<std::int64_t> write_reservation(Db& db, const Reservation& reservation, TimeMs at) {
  if (reservation.run_budget != Budget{}) {
    TRY(const BudgetUse use, used_by_run(db, reservation.run));
    TRY_VOID(check_budget(BudgetOf::run, reservation.run_budget, use, reservation));
  }
  if (reservation.day_budget != Budget{}) {
    TRY(const BudgetUse use, used_on_day_of(db, at));
    TRY_VOID(check_budget(BudgetOf::day, reservation.day_budget, use, reservation));
  }
  TRY_VOID(insert_call(db, reservation, at, "reserved", within(reservation.tokens_max), {}));
  return integer_of(db, "SELECT last_insert_rowid()");
}

LedgerEntry read_entry(const Query& row) {
  LedgerEntry entry{.id = row.integer(0), .at_ms = row.integer(1), .run = row.text(2), .workflow = row.text(3), .path = row.text(4)};
  entry.model = row.text(5);
  entry.provider = row.text(6);
  entry.key = row.text(7);
  entry.state = row.text(8);
  entry.usage = {.input = row.integer(9), .cached = row.integer(10), .cache_written = row.integer(11), .output = row.integer(12)};
  if (row.integer(16) != 0) entry.usd = dollars(row.integer(13));
  entry.latency_ms = row.integer(14);
  entry.failure = row.text(15);
  entry.draw = row.integer(17);
  return entry;
}

#define SENT "FILTER (WHERE state <> 'cached')"
#define COST_SUMS                                                                                                                  \
  "count(*) " SENT                                                                                                                 \
  ", count(*) FILTER (WHERE state = 'cached'), count(*) FILTER (WHERE state = 'failed'),"                                          \
  " count(*) FILTER (WHERE state = 'reserved'), count(*) FILTER (WHERE state <> 'cached' AND NOT priced), CAST(total(input) " SENT \
  " AS INTEGER), CAST(total(cached) " SENT                                                                                         \
  " AS INTEGER),"                                                                                                                  \
  " CAST(total(cache_written) " SENT " AS INTEGER), CAST(total(output) " SENT " AS INTEGER), CAST(total(usd_nano) " SENT           \
  " AS INTEGER) AS usd,"                                                                                                           \
  " CAST(total(latency_ms) AS INTEGER) FROM model_call WHERE at_ms >= ?1 GROUP BY 1"
constexpr const char* kCostsByWorkflow = "SELECT workflow, " COST_SUMS " ORDER BY usd DESC, 1 LIMIT ?2";
constexpr const char* kCostsByModel = "SELECT provider, " COST_SUMS " ORDER BY usd DESC, 1 LIMIT ?2";
constexpr const char* kCostsByDay = "SELECT strftime('%Y-%m-%d', at_ms / 1000, 'unixepoch'), " COST_SUMS " ORDER BY 1 LIMIT ?2";

CostLine read_costs(const Query& row) {
  CostLine line{.group = row.text(0), .calls = row.integer(1), .cached = row.integer(2), .failed = row.integer(3), .in_flight = row.integer(4)};
  line.unpriced = row.integer(5);
  line.usage = {.input = row.integer(6), .cached = row.integer(7), .cache_written = row.integer(8), .output = row.integer(9)};
  line.usd = dollars(row.integer(10));
  line.latency_ms = row.integer(11);
  return line;
}

const char* costs_query(CostsBy by) {
  switch (by) {
    case CostsBy::workflow: return kCostsByWorkflow;
    case CostsBy::model: return kCostsByModel;
    case CostsBy::day: return kCostsByDay;
  }
  return kCostsByDay;
}

/// All rows of a query; its statement bounds them.
template <class T, class Read>
Result<std::vector<T>> read_all(Query& query, const Read& read) {
  std::vector<T> found;
  for (;;) {
    TRY(const bool more, query.next());
    if (!more) return found;
    found.push_back(read(query));
  }
}

}  // namespace

struct SqliteLedger::Inner {
  Inner(std::function<TimeMs()> clock, JournalFile file) : now(std::move(clock)), opened(std::move(file)) {
    opened.writer->write_with(opened.lock, now);
  }

  template <class Fn>
  auto read(const Fn& fn) {
    const std::scoped_lock guard(reading);
    return fn(*opened.reader);
  }

  std::function<TimeMs()> now;
  JournalFile opened;
  std::mutex reading{};
  Committer committer{*opened.writer};
};

Result<std::unique_ptr<SqliteLedger>> SqliteLedger::open(const std::string& file, SqliteLedgerOptions options) {
  TRY(JournalFile opened, open_journal_file(file, options.busy_timeout));
  auto now = options.now ? std::move(options.now) : std::function<TimeMs()>(system_time);
  return std::unique_ptr<SqliteLedger>(new SqliteLedger(std::make_unique<Inner>(std::move(now), std::move(opened))));
}

SqliteLedger::SqliteLedger(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}
SqliteLedger::~SqliteLedger() = default;

Result<std::int64_t> SqliteLedger::reserve(const Reservation& reservation) {
  std::int64_t id = 0;
  TRY_VOID(inner_->committer.write({}, [&](Db& db) -> Result<> {
    TRY(id, write_reservation(db, reservation, inner_->now()));
    return {};
  }));
  return id;
}

Result<> SqliteLedger::settle(std::int64_t id, const Settlement& settlement) {
  const ModelUsage& usage = settlement.usage;
  const std::int64_t usd = nano_dollars(settlement.usd), tokens = within(usage.input) + within(usage.output);
  const std::string_view state = settlement.failure.empty() ? "paid" : "failed";
  return inner_->committer.write({}, [&](Db& db) -> Result<> {
    Query set(db,
              "UPDATE model_call SET state = ?2, usd_nano = ?3, tokens = ?4, input = ?5, cached = ?6, cache_written = ?7, output = ?8,"
              " latency_ms = ?9, failure = ?10 WHERE call_id = ?1 AND state = 'reserved'");
    set.bind(id).bind(state).bind(usd).bind(tokens);
    set.bind(within(usage.input)).bind(within(usage.cached)).bind(within(usage.cache_written)).bind(within(usage.output));
    TRY(const int settled, set.bind(std::max<std::int64_t>(settlement.latency_ms, 0)).bind(settlement.failure).run());
    if (settled > 0) return {};
    Query same(db, "SELECT state = ?2 AND usd_nano = ?3 AND tokens = ?4 AND failure = ?5 FROM model_call WHERE call_id = ?1");
    TRY(const bool found, same.bind(id).bind(state).bind(usd).bind(tokens).bind(settlement.failure).next());
    if (found && same.integer(0) != 0) return {};
    return Error::bug("the ledger's call " + std::to_string(id) + (found ? " was settled before, and otherwise" : " was settled but never reserved"));
  });
}

Result<> SqliteLedger::cached(const Reservation& reservation, const ModelUsage& usage) {
  return inner_->committer.write(
      {}, [&](Db& db) { return insert_call(db, reservation, inner_->now(), "cached", within(usage.input) + within(usage.output), usage); });
}

Result<Spent> SqliteLedger::spent(const std::string& run) {
  return inner_->read([&](Db& db) -> Result<Spent> {
    TRY(const BudgetUse use, used_by_run(db, run));
    return Spent{.usd = dollars(nano_dollars(use.ended.usd) + nano_dollars(use.in_flight.usd)),
                 .tokens = use.ended.tokens + use.in_flight.tokens,
                 .calls = use.ended.calls + use.in_flight.calls,
                 .milliseconds = use.ended.milliseconds,
                 .unpriced = use.ended.unpriced};
  });
}

Result<std::vector<LedgerEntry>> SqliteLedger::entries(const std::string& run) {
  return inner_->read([&](Db& db) {
    Query query(db,
                "SELECT call_id, at_ms, run_id, workflow, path, model, provider, call_key, state, input, cached, cache_written, output, usd_nano,"
                " latency_ms, failure, priced, draw FROM model_call WHERE run_id = ?1 ORDER BY call_id LIMIT ?2");
    query.bind(run).bind(std::int64_t{kEntriesMax});
    return read_all<LedgerEntry>(query, read_entry);
  });
}

Result<std::vector<CostLine>> SqliteLedger::costs(std::int64_t since_ms, CostsBy by) {
  return inner_->read([&](Db& db) {
    Query query(db, costs_query(by));
    query.bind(since_ms).bind(std::int64_t{kCostLinesMax});
    return read_all<CostLine>(query, read_costs);
  });
}

Result<> SqliteLedger::forget_example(const std::string& approval) {
  return inner_->committer.write({}, [&](Db& db) -> Result<> {
    // Refused rather than forgotten: an example that somebody took back is never shown again.
    TRY(const std::int64_t count, integer_of(db, "SELECT count(*) FROM forgotten_example"));
    if (count >= kForgottenMax) return Error::exhausted("forgotten examples", kForgottenMax);
    Query insert(db, "INSERT INTO forgotten_example VALUES (?1, ?2) ON CONFLICT DO NOTHING");
    TRY_VOID(insert.bind(approval).bind(inner_->now()).run());
    return {};
  });
}

Result<std::vector<std::string>> SqliteLedger::forgotten_examples() {
  return inner_->read([&](Db& db) {
    Query query(db, "SELECT approval_id FROM forgotten_example ORDER BY at_ms, approval_id LIMIT ?1");
    query.bind(std::int64_t{kForgottenMax});
    return read_all<std::string>(query, [](const Query& row) { return row.text(0); });
  });
}

}  // namespace sluice
