#include "corpus.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "connectors/duckdb/ast_source.h"
#include "proof/prove.h"
#include "sql/parser.h"

namespace sluice::guard {
namespace {

constexpr std::ptrdiff_t kRefusedMin = 200, kHoldsMin = 80;

/// Proving a text asks no engine.
class NoEngine : public DataEngine {
 public:
  explicit NoEngine(Dialect dialect) : dialect_(dialect) {}
  Dialect dialect() const override { return dialect_; }
  Result<std::string> describe(const Call&) override { return Error::bug("a text is proven without an engine"); }
  Result<std::unique_ptr<ReadSession>> open_read(const Call&) override { return Error::bug("a text is proven without an engine"); }

 private:
  Dialect dialect_;
};

std::string checks_of(const Proof& proof) {
  std::string out;
  for (const Check& check : proof.checks) out += "  " + check.check + " " + std::string(enum_name(check.outcome)) + ": " + check.detail + "\n";
  return out;
}

void prove_corpus(const std::string& folder, const Parser& parser, Dialect dialect) {
  NoEngine engine(dialect);
  const Prover prover(parser, engine, {});
  const Catalog catalog = corpus_catalog(dialect);
  const std::vector<Case> corpus = read_corpus(folder);
  for (const Case& item : corpus) {
    const auto proof = prover.prove_text(item.sql, catalog);
    ASSERT_TRUE(proof) << item.where() << "\n" << proof.error().message;
    EXPECT_EQ(proof->holds(), item.holds) << item.where() << "\n" << checks_of(*proof);
    if (item.holds || proof->holds()) continue;
    const Check* check = proof->find(item.check);
    ASSERT_NE(check, nullptr) << item.where() << "\n" << checks_of(*proof);
    EXPECT_EQ(check->outcome, Outcome::failed) << item.where() << "\n" << checks_of(*proof);
    EXPECT_NE(check->detail.find(item.needle), std::string::npos) << item.where() << "\n" << checks_of(*proof);
    EXPECT_FALSE(check->hint.empty()) << item.where();
  }
  const auto holds = std::count_if(corpus.begin(), corpus.end(), [](const Case& item) { return item.holds; });
  EXPECT_GE(holds, kHoldsMin);
  EXPECT_GE(std::ssize(corpus) - holds, kRefusedMin);
}

TEST(GuardCorpus, Postgres) {
  const auto parser = make_postgres_parser();
  prove_corpus("postgres", *parser, Dialect::postgres);
}

TEST(GuardCorpus, DuckDb) {
  auto source = make_ast_source();
  ASSERT_TRUE(source) << source.error().message;
  const auto parser = make_duckdb_parser(**source);
  prove_corpus("duckdb", *parser, Dialect::duckdb);
}

}  // namespace
}  // namespace sluice::guard
