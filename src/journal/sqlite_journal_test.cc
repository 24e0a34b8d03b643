#include "journal/sqlite_journal.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "app/ports/outbox_contract.h"
#include "app/ports/token_store_contract.h"
#include "journal/test_folder.h"
#include "workflow/ports/journal_queue_contract.h"

namespace sluice {
namespace {

struct SqliteHarness final : JournalHarness {
  TestFolder folder{};
  std::unique_ptr<SqliteJournal> first{}, second{};
  SqliteHarness() {
    const auto clock = [this] { return now.load(); };
    first = *SqliteJournal::open(folder.path("journal.db"), {.now = clock});
    second = *SqliteJournal::open(folder.path("journal.db"), {.now = clock});
  }
  Journal& journal() override { return *first; }
  Journal& other() override { return *second; }
};
const JournalMaker kSqlite{"sqlite", []() -> std::unique_ptr<JournalHarness> { return std::make_unique<SqliteHarness>(); }};
INSTANTIATE_TEST_SUITE_P(Sqlite, JournalContract, testing::Values(kSqlite));
INSTANTIATE_TEST_SUITE_P(Sqlite, JournalQueueContract, testing::Values(kSqlite));

struct SqliteTokens final : TokenStoreHarness {
  SqliteHarness in{};
  TokenStore& store() override { return *in.first; }
  TokenStore& other() override { return *in.second; }
  void pass(std::int64_t ms) override { in.pass(ms); }
  std::int64_t time() const override { return in.now; }
};
const TokenStoreMaker kSqliteTokens{"sqlite", []() -> std::unique_ptr<TokenStoreHarness> { return std::make_unique<SqliteTokens>(); }};
INSTANTIATE_TEST_SUITE_P(Sqlite, TokenStoreContract, testing::Values(kSqliteTokens));

struct SqliteOutbox final : OutboxHarness {
  SqliteHarness in{};
  Outbox& store() override { return *in.first; }
  Outbox& other() override { return *in.second; }
  void pass(std::int64_t ms) override { in.pass(ms); }
  std::int64_t time() const override { return in.now; }
};
const OutboxMaker kSqliteOutbox{"sqlite", []() -> std::unique_ptr<OutboxHarness> { return std::make_unique<SqliteOutbox>(); }};
INSTANTIATE_TEST_SUITE_P(Sqlite, OutboxContract, testing::Values(kSqliteOutbox));

TEST(SqliteTokens, ComeAndGoInTheAuditChain) {
  const SqliteHarness in;
  ASSERT_TRUE(in.first->add_token({.name = "ci", .hash = std::string(64, 'a'), .created_by = "ann", .expires_at = 7}));
  ASSERT_FALSE(in.first->add_token({.name = "ci", .hash = std::string(64, 'b'), .created_by = "ann"}));
  ASSERT_TRUE(in.second->revoke_token("ci", "bob"));
  const auto chain = *in.first->audit(1, 10);
  ASSERT_EQ(chain.size(), 2U);
  EXPECT_EQ(chain[0].kind, "token");
  EXPECT_EQ(chain[0].body.dump(), R"({"name":"ci","what":"created","by":"ann","expires_at":7})");
  EXPECT_EQ(chain[1].body.dump(), R"({"name":"ci","what":"revoked","by":"bob","expires_at":7})");
}

class SqliteFile : public testing::Test {
 protected:
  TestFolder folder_{};
  std::string file_ = folder_.path("journal.db");

  void fill(int runs) {
    auto journal = SqliteJournal::open(file_);
    ASSERT_TRUE(journal) << journal.error().message;
    for (int n = 0; n < runs; ++n)
      ASSERT_TRUE(
          (*journal)->create_run({.id = {"r-" + std::to_string(n)}, .name = "ask", .code_version = "1", .input = Json(std::string(500, 'x'))}));
  }
  Error refusal() {
    auto journal = SqliteJournal::open(file_);
    if (!journal) return journal.error();
    auto runs = (*journal)->runs({.limit = 1000});
    if (!runs) return runs.error();
    for (const RunInfo& run : *runs)
      if (auto events = (*journal)->events(run.id); !events) return events.error();
    if (auto sound = (*journal)->check(); !sound) return sound.error();
    return {};
  }
  void expect(const std::string& code, const std::string& part) {
    const Error error = refusal();
    EXPECT_EQ(error.code, code) << error.message;
    EXPECT_EQ(error.kind, ErrorKind::storage);
    EXPECT_NE(error.message.find(part), std::string::npos) << error.message;
    EXPECT_FALSE(error.hint.empty());
  }
  void sql(const char* text) const {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file_.c_str(), &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db, text, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(db);
  }
  void overwrite(std::int64_t at, const std::string& bytes) const {
    std::fstream file(file_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file << bytes;
  }
};

TEST_F(SqliteFile, OpensItsOwnAgain) {
  fill(3);
  EXPECT_EQ(refusal(), Error{});
  EXPECT_EQ((*SqliteJournal::open(file_))->runs({})->size(), 3U);
}

TEST_F(SqliteFile, RefusesANewerFormatUntouched) {
  fill(1);
  sql("PRAGMA user_version=99");
  expect("E0203", "format 99, this one knows 7");
}

TEST_F(SqliteFile, RefusesWhatIsNoJournal) {
  std::ofstream(file_) << std::string(5000, 'x');
  expect("E0202", "no SQLite database");
  std::ofstream(file_) << "short";
  expect("E0202", "too short");
}

TEST_F(SqliteFile, RefusesAnotherProgramsDatabase) {
  sql("CREATE TABLE theirs (x)");
  expect("E0202", "another program");
}

TEST_F(SqliteFile, NoticesTruncation) {
  fill(50);
  std::filesystem::resize_file(file_, 8192);
  expect("E0202", "shorter than it should be");
  std::filesystem::resize_file(file_, 0);
  expect("E0202", "emptied");
  std::filesystem::remove(file_);
  expect("E0202", "gone");
}

TEST_F(SqliteFile, NoticesOverwrittenPages) {
  fill(200);
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(file_));
  ASSERT_GT(size, 60'000);
  overwrite(4096, std::string(static_cast<std::size_t>(size) - 4096, '\x5a'));
  expect("E0202", "damaged");
}

TEST_F(SqliteFile, NoticesAnUnreadableEntry) {
  fill(1);
  sql("UPDATE wf_event SET body = '{\"input\":'");
  expect("E0202", "cannot be read");
  sql("UPDATE wf_event SET seq = 2, body = '{}'");
  expect("E0202", "missing");
}

TEST_F(SqliteFile, SaysThatAFolderIsMissingOrInTheWay) {
  file_ = folder_.path("none/journal.db");
  expect("E0201", "folder does not exist");
  file_ = folder_.path("a-folder");
  std::filesystem::create_directory(file_);
  expect("E0201", "it is a folder");
}

/// Runs as nobody, whom permissions bind also where the tests run as root. The child's exit code tells.
template <class Fn>
bool as_nobody(const Fn& holds) {
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr unsigned kNobody = 65534;
    if (::geteuid() == 0 && (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) ::_exit(9);
    ::_exit(holds() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_F(SqliteFile, SaysThatItMayNotWrite) {
  ::chmod(folder_.path("").c_str(), 0755);
  EXPECT_TRUE(as_nobody([&] { return refusal().code == "E0201"; })) << "a new journal in a folder that is not ours to write";
  fill(1);
  ::chmod(file_.c_str(), 0644);
  ::chmod((file_ + ".lock").c_str(), 0644);
  EXPECT_TRUE(as_nobody([&] { return refusal().code == "E0201"; })) << "an old one";
  ::chmod((file_ + ".lock").c_str(), 0666);
  EXPECT_TRUE(as_nobody([&] {
    const Error error = refusal();
    return error.kind == ErrorKind::storage && (error.code == "E0201" || error.code == "E0206");
  })) << "a lock file that may be written, a journal that may not";
}

TEST_F(SqliteFile, AFullDiskLosesNothingConfirmed) {
  const std::string disk = folder_.path("disk");
  std::filesystem::create_directory(disk);
  if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=512k") != 0) GTEST_SKIP() << "mounting a small file system needs root";
  file_ = disk + "/journal.db";
  int confirmed = 0;
  Error refused{};
  {
    auto journal = SqliteJournal::open(file_);
    ASSERT_TRUE(journal) << journal.error().message;
    constexpr int kFarTooMany = 10'000;
    for (; confirmed < kFarTooMany; ++confirmed) {
      auto created = (*journal)->create_run(
          {.id = {"r-" + std::to_string(confirmed)}, .name = "ask", .code_version = "1", .input = Json(std::string(2000, 'x'))});
      if (created) continue;
      refused = created.error();
      break;
    }
    EXPECT_EQ(refused.code, "E0204") << refused.message;
    EXPECT_GT(confirmed, 10);
    auto runs = (*journal)->runs({.limit = 1000});
    ASSERT_TRUE(runs) << runs.error().message;
    EXPECT_EQ(static_cast<int>(runs->size()), confirmed);
  }
  {
    auto again = SqliteJournal::open(file_);
    if (again) {
      EXPECT_EQ(static_cast<int>((*again)->runs({.limit = 1000})->size()), confirmed);
    } else {
      EXPECT_EQ(again.error().code, "E0204") << again.error().message;
    }
  }
  ASSERT_EQ(::umount(disk.c_str()), 0);
}

TEST_F(SqliteFile, SaysThatAnotherProgramHoldsIt) {
  fill(1);
  auto journal = SqliteJournal::open(file_, {.busy_timeout = std::chrono::milliseconds(50)});
  ASSERT_TRUE(journal);
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(file_.c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr), SQLITE_OK);
  auto created = (*journal)->create_run({.id = {"r-x"}, .name = "ask", .code_version = "1"});
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().code, "E0205");
  sqlite3_close(db);
  EXPECT_TRUE((*journal)->create_run({.id = {"r-x"}, .name = "ask", .code_version = "1"}));
}

}  // namespace
}  // namespace sluice
