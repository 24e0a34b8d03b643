#include "journal/sqlite_journal.h"

#include <sys/stat.h>

#include <mutex>
#include <utility>

#include "journal/journal_file.h"
#include "journal/nodes.h"
#include "journal/run_rows.h"
#include "journal/storage_errors.h"

namespace sluice {

using namespace journal_detail;

struct SqliteJournal::Inner {
  Inner(std::string path, SqliteJournalOptions the_options, JournalFile the_journal)
      : file(std::move(path)), options(std::move(the_options)), opened(std::move(the_journal)) {
    opened.writer->write_with(opened.lock, options.now);
    opened.reader->write_with(opened.lock, options.now);
  }

  std::string file;
  SqliteJournalOptions options;
  JournalFile opened;
  std::mutex reading{};
  Nodes nodes{file + ".nodes"};
  Committer committer{*opened.writer};
};

Result<std::unique_ptr<SqliteJournal>> SqliteJournal::open(const std::string& file, SqliteJournalOptions options) {
  TRY(JournalFile opened, open_journal_file(file, options.busy_timeout));
  if (!options.now) options.now = system_time;
  auto inner = std::make_unique<Inner>(file, std::move(options), std::move(opened));
  return std::unique_ptr<SqliteJournal>(new SqliteJournal(std::move(inner)));
}

SqliteJournal::SqliteJournal(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}
SqliteJournal::~SqliteJournal() = default;

Committer& SqliteJournal::committer(const RunId&) { return inner_->committer; }

Result<> SqliteJournal::with_reader(const std::function<Result<>(Db&)>& use) {
  const std::scoped_lock guard(inner_->reading);
  return use(*inner_->opened.reader);
}

bool SqliteJournal::is_dead_for_sure(const NodeId& node) { return inner_->nodes.is_dead(node); }

std::int64_t SqliteJournal::bytes_stored() {
  std::int64_t bytes = 0;
  for (const char* part : {"", "-wal"}) {
    struct stat status{};
    if (::stat((inner_->file + part).c_str(), &status) == 0) bytes += status.st_size;
  }
  return bytes;
}

Result<> SqliteJournal::check() {
  return with_reader([&](Db& db) -> Result<> {
    Query query(db, "PRAGMA integrity_check(1)");
    TRY(const bool row, query.next());
    if (!row || query.text(0) != "ok") return damaged(inner_->file, "its pages contradict each other");
    Query bodies(db, "SELECT run_id, seq FROM wf_event WHERE NOT json_valid(body) LIMIT 1");
    TRY(const bool garbage, bodies.next());
    if (garbage) return damaged(inner_->file, "event " + std::to_string(bodies.integer(1)) + " of run " + bodies.text(0) + " is not readable");
    return check_counts(db);
  });
}

TimeMs SqliteJournal::now() const { return inner_->options.now(); }

std::chrono::milliseconds SqliteJournal::lease() const { return inner_->options.lease; }

Result<NodeId> SqliteJournal::register_node() { return inner_->nodes.add(); }

void SqliteJournal::release_node(const NodeId& node) { inner_->nodes.remove(node); }

/// SQLite's own count, as the reading connection sees it: every commit of another connection, of this process or not, changes it. A look at it costs
/// microseconds. (https://sqlite.org/pragma.html#pragma_data_version)
std::uint64_t SqliteJournal::change_no() {
  const std::scoped_lock guard(inner_->reading);
  const auto found = inner_->opened.reader->integer("PRAGMA data_version");
  return found ? static_cast<std::uint64_t>(*found) : 0;
}

/// Another process's commit shows in the file alone; this one's own committer tells at once.
std::uint64_t SqliteJournal::wait_for_change(std::uint64_t seen, std::chrono::milliseconds at_most, std::stop_token stop) {
  constexpr std::chrono::milliseconds kSlice{10};
  const auto until = std::chrono::steady_clock::now() + at_most;
  std::uint64_t no = change_no();
  for (auto now = std::chrono::steady_clock::now(); no == seen && now < until && !stop.stop_requested(); now = std::chrono::steady_clock::now()) {
    const auto slice = std::min(kSlice, std::chrono::ceil<std::chrono::milliseconds>(until - now));
    inner_->committer.wait_for_change(slice, stop);
    no = change_no();
  }
  return no;
}

}  // namespace sluice
