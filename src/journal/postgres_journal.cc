#include "journal/postgres_journal.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <functional>
#include <mutex>
#include <random>
#include <thread>

#include "journal/pg_errors.h"
#include "journal/pg_schema.h"
#include "journal/run_rows.h"

namespace sluice {

using namespace journal_detail;

namespace {

using namespace std::chrono_literals;

constexpr int kReadTriesMax = 5;      // of one read whose connection breaks
constexpr auto kListenAgain = 500ms;  // after its connection broke
constexpr TimeMs kCommittersKept = 7 * 24 * 3'600'000LL;

struct EventFd {
  EventFd() = default;
  ~EventFd() { ::close(fd); }
  EventFd(const EventFd&) = delete;
  EventFd& operator=(const EventFd&) = delete;
  const int fd = ::eventfd(0, EFD_CLOEXEC);
};

/// Goes on while the machine sleeps, and is set by nobody.
TimeMs boot_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return TimeMs{now.tv_sec} * 1'000 + now.tv_nsec / 1'000'000;
}

std::string nonce() {
  std::random_device random;
  char text[20];
  std::snprintf(text, sizeof text, "%08x%08x", random(), random());
  return text;
}

/// The database's clock as this machine can tell it without asking: its own monotonic one and how far the two are apart.
class RemoteClock {
 public:
  TimeMs now() const { return boot_ms() + offset_; }
  void set(TimeMs asked_at, TimeMs theirs) { offset_ = theirs - (asked_at + boot_ms()) / 2; }

 private:
  std::atomic<TimeMs> offset_{0};
};

/// A connection that commits, with those who wait for it.
struct Writer {
  Writer(const PgTarget& target, const std::function<TimeMs()>& clock, PgNews& news) : db(target, "c-" + nonce(), clock, &news) {}
  PgDb db;
  Committer committer{db};
};

}  // namespace

struct PostgresJournal::Inner {
  Inner(PostgresJournalOptions the_options, PgTarget the_target) : options(std::move(the_options)), target(std::move(the_target)) {}

  Result<> open();
  Result<> read_clock(PgDb& db);
  PgDb& borrow();
  void give_back(PgDb& db);
  void listen(const std::stop_token& stop);
  void changed();
  void tell();

  PostgresJournalOptions options;
  PgTarget target;
  RemoteClock clock{};
  std::vector<std::unique_ptr<Writer>> writers{};
  std::mutex mutex{};  // guards what follows
  std::vector<std::unique_ptr<PgDb>> readers{};
  std::vector<PgDb*> idle{};
  std::condition_variable returned{};
  std::condition_variable_any change{};
  std::uint64_t changes = 0;
  std::jthread listener{};
  PgNews news{[this] { tell(); }};
};

Result<> PostgresJournal::Inner::read_clock(PgDb& db) {
  const TimeMs asked_at = boot_ms();
  TRY(const TimeMs theirs, db.read_clock());
  clock.set(asked_at, theirs);
  return {};
}

Result<> PostgresJournal::Inner::open() {
  TRY_VOID(prepare_pg_schema(target));
  const auto now = [this] { return clock.now(); };
  for (int n = 0; n < options.committers; ++n) writers.push_back(std::make_unique<Writer>(target, now, news));
  for (int n = 0; n < options.readers; ++n) {
    readers.push_back(std::make_unique<PgDb>(target, "", now));
    idle.push_back(readers.back().get());
  }
  TRY_VOID(read_clock(*readers.front()));
  listener = std::jthread([this](const std::stop_token& stop) { listen(stop); });
  return {};
}

Result<std::unique_ptr<PostgresJournal>> PostgresJournal::open(PostgresJournalOptions options) {
  TRY(PgTarget target, target_of(options));
  auto inner = std::make_unique<Inner>(std::move(options), std::move(target));
  TRY_VOID(inner->open());
  return std::unique_ptr<PostgresJournal>(new PostgresJournal(std::move(inner)));
}

PostgresJournal::PostgresJournal(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}
PostgresJournal::~PostgresJournal() = default;

TimeMs PostgresJournal::now() const { return inner_->clock.now(); }
std::chrono::milliseconds PostgresJournal::lease() const { return inner_->options.lease; }

Committer& PostgresJournal::committer(const RunId& run) {
  const std::size_t of_runs = inner_->writers.size() - 1;
  const std::size_t n = run.empty() || of_runs == 0 ? 0 : 1 + std::hash<std::string>()(run.text) % of_runs;
  return inner_->writers[n]->committer;
}

PgDb& PostgresJournal::Inner::borrow() {
  std::unique_lock lock(mutex);
  returned.wait(lock, [this] { return !idle.empty(); });
  PgDb* db = idle.back();
  idle.pop_back();
  return *db;
}

void PostgresJournal::Inner::give_back(PgDb& db) {
  {
    const std::scoped_lock lock(mutex);
    idle.push_back(&db);
  }
  returned.notify_one();
}

Result<> PostgresJournal::with_reader(const std::function<Result<>(Db&)>& use) {
  PgDb& db = inner_->borrow();
  Result<> outcome{};
  for (int n = 0; n < kReadTriesMax; ++n) {
    outcome = db.connect();  // not all that is read begins with a statement that would
    if (outcome) outcome = use(db);
    if (outcome || outcome.error().kind != ErrorKind::storage || !db.may_try_again()) break;
  }
  inner_->give_back(db);
  return outcome;
}

Result<NodeId> PostgresJournal::register_node() {
  char host[64] = "node";
  ::gethostname(host, sizeof host - 1);
  const NodeId node{std::string(host) + "-" + std::to_string(::getpid()) + "-" + nonce()};
  TRY_VOID(heartbeat(node));
  return node;
}

Result<> PostgresJournal::heartbeat(const NodeId& node) {
  TRY_VOID(SqlJournal::heartbeat(node));
  PgDb& db = inner_->borrow();
  auto outcome = inner_->read_clock(db);
  inner_->give_back(db);
  TRY_VOID(outcome);
  return committer({}).write({}, [&](Db& writing) -> Result<> {
    Query forget(writing, "DELETE FROM wf_committer WHERE at_ms < ?1");
    TRY_VOID(forget.bind(writing.now() - kCommittersKept).run());
    return {};
  });
}

void PostgresJournal::release_node(const NodeId& node) {
  [[maybe_unused]] const auto released = committer({}).write({}, [&](Db& db) -> Result<> {
    Query forget(db, "DELETE FROM wf_node WHERE node_id = ?1");
    TRY_VOID(forget.bind(node.text).run());
    db.news();
    return {};
  });
}

std::int64_t PostgresJournal::bytes_stored() {
  std::int64_t bytes = 0;
  [[maybe_unused]] const auto read = with_reader([&](Db& db) -> Result<> {
    TRY(bytes,
        integer_of(db,
                   "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                   " WHERE n.nspname = current_schema() AND c.relkind = 'r'"));
    return {};
  });
  return bytes;
}

void PostgresJournal::Inner::changed() {
  {
    const std::scoped_lock lock(mutex);
    ++changes;
  }
  change.notify_all();
}

/// Where it fails, those who listen have lost their connections as well, and look.
void PostgresJournal::Inner::tell() {
  PgDb& db = borrow();
  if (db.connect_within({})) [[maybe_unused]]
    const auto told = db.exec(("NOTIFY " + target.channel).c_str());
  give_back(db);
}

/// Hears of news by NOTIFY. A connection that broke may have missed some: that counts as news.
void PostgresJournal::Inner::listen(const std::stop_token& stop) {
  PgDb db(target, "", [this] { return clock.now(); });
  const EventFd stopped;  // outlives the callback
  const std::stop_callback wake(stop, [&stopped] { ::eventfd_write(stopped.fd, 1); });
  bool listening = false;
  while (!stop.stop_requested()) {
    if (!listening) {
      const auto begun = db.connect_within({});  // the journal can be closed meanwhile
      listening = begun && db.exec(("LISTEN " + target.channel).c_str());
      changed();
      if (!listening) std::this_thread::sleep_for(kListenAgain);
      continue;
    }
    std::array<pollfd, 2> watched{{{db.socket(), POLLIN, 0}, {stopped.fd, POLLIN, 0}}};
    if (::poll(watched.data(), watched.size(), -1) <= 0 || watched[0].revents == 0) continue;
    const auto taken = db.take_notices();
    listening = bool(taken);
    if (!taken || *taken > 0) changed();
  }
}

Result<> PostgresJournal::check() {
  return with_reader([&](Db& db) -> Result<> {
    TRY_VOID(db.exec("SET statement_timeout = 0"));
    const std::shared_ptr<void> again(nullptr, [&db](void*) { [[maybe_unused]] const auto set = db.exec("SET statement_timeout = '30s'"); });
    // A row as text has all of its values, also those that lie outside of it. Indexes are not compared with their tables.
    for (const char* read :
         {"SELECT coalesce(sum(length(t::text)), 0)::bigint FROM wf_run t", "SELECT coalesce(sum(length(t::text)), 0)::bigint FROM wf_event t",
          "SELECT coalesce(sum(length(t::text)), 0)::bigint FROM wf_approval t", "SELECT coalesce(sum(length(t::text)), 0)::bigint FROM wf_inbox t",
          "SELECT coalesce(sum(length(t::text)), 0)::bigint FROM wf_audit t", "SELECT coalesce(sum(length(t::text)), 0)::bigint FROM wf_refusal t",
          "SELECT coalesce(sum(length(t::text)), 0)::bigint FROM wf_token t", "SELECT coalesce(sum(length(t::text)), 0)::bigint FROM wf_outbox t",
          "SELECT coalesce(sum(length(encode(data, 'base64'))), 0)::bigint FROM wf_blob"})
      TRY_VOID(integer_of(db, read));
    return check_counts(db);
  });
}

std::uint64_t PostgresJournal::change_no() {
  const std::scoped_lock lock(inner_->mutex);
  return inner_->changes;
}

std::uint64_t PostgresJournal::wait_for_change(std::uint64_t seen, std::chrono::milliseconds at_most, std::stop_token stop) {
  std::unique_lock lock(inner_->mutex);
  inner_->change.wait_for(lock, std::move(stop), at_most, [&] { return inner_->changes != seen; });
  return inner_->changes;
}

}  // namespace sluice
