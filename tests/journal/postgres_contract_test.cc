#include "app/ports/outbox_contract.h"
#include "app/ports/token_store_contract.h"
#include "journal_server.h"
#include "workflow/ports/journal_queue_contract.h"

namespace sluice {
namespace {

/// Two nodes on one journal, whose database goes by the test's clock.
struct PostgresHarness final : JournalHarness {
  PostgresHarness() {
    JournalServer& server = JournalServer::get();
    const std::string schema = server.new_schema();
    table_ = "public.clock_of_" + schema;
    server.server().admin("CREATE TABLE " + table_ + " (ms BIGINT NOT NULL); INSERT INTO " + table_ + " VALUES (" + std::to_string(now) + ")");
    PostgresJournalOptions options = server.options(schema);
    options.clock = "(SELECT ms FROM " + table_ + ")";
    first = open(options);
    second = open(options);
  }
  static std::unique_ptr<PostgresJournal> open(const PostgresJournalOptions& options) {
    auto journal = PostgresJournal::open(options);
    EXPECT_TRUE(journal) << journal.error().message;
    return journal ? *std::move(journal) : nullptr;
  }
  Journal& journal() override { return *first; }
  Journal& other() override { return *second; }
  void pass(TimeMs ms) override {
    now += ms;
    JournalServer::get().server().admin("UPDATE " + table_ + " SET ms = " + std::to_string(now));
  }
  std::string table_{};
  std::unique_ptr<PostgresJournal> first{}, second{};
};

const JournalMaker kPostgres{"postgres", []() -> std::unique_ptr<JournalHarness> {
                               if (!JournalServer::get().is_there()) return nullptr;
                               return std::make_unique<PostgresHarness>();
                             }};
INSTANTIATE_TEST_SUITE_P(Postgres, JournalContract, testing::Values(kPostgres));
INSTANTIATE_TEST_SUITE_P(Postgres, JournalQueueContract, testing::Values(kPostgres));

struct PostgresTokens final : TokenStoreHarness {
  PostgresHarness in{};
  TokenStore& store() override { return *in.first; }
  TokenStore& other() override { return *in.second; }
  void pass(std::int64_t ms) override { in.pass(ms); }
  std::int64_t time() const override { return in.now; }
};
const TokenStoreMaker kPostgresTokens{"postgres", []() -> std::unique_ptr<TokenStoreHarness> {
                                        if (!JournalServer::get().is_there()) return nullptr;
                                        return std::make_unique<PostgresTokens>();
                                      }};
INSTANTIATE_TEST_SUITE_P(Postgres, TokenStoreContract, testing::Values(kPostgresTokens));

struct PostgresOutbox final : OutboxHarness {
  PostgresHarness in{};
  Outbox& store() override { return *in.first; }
  Outbox& other() override { return *in.second; }
  void pass(std::int64_t ms) override { in.pass(ms); }
  std::int64_t time() const override { return in.now; }
};
const OutboxMaker kPostgresOutbox{"postgres", []() -> std::unique_ptr<OutboxHarness> {
                                    if (!JournalServer::get().is_there()) return nullptr;
                                    return std::make_unique<PostgresOutbox>();
                                  }};
INSTANTIATE_TEST_SUITE_P(Postgres, OutboxContract, testing::Values(kPostgresOutbox));

}  // namespace
}  // namespace sluice
