#include "journal/postgres_artifacts.h"
#include "base/hash.h"
#include "journal_server.h"

namespace sluice {
namespace {

TEST(PostgresArtifactsTest, AreThereForEveryNodeUnderTheirHash) {
  JournalServer& server = JournalServer::get();
  if (!server.is_there()) return server.skip_or_fail();
  const PostgresJournalOptions options = server.options(server.new_schema());
  auto mine = PostgresArtifacts::open(options), theirs = PostgresArtifacts::open(options);
  ASSERT_TRUE(mine && theirs) << mine.error().message;
  const std::string large(3'000'000, 'x');
  for (const std::string& value : {std::string("{}"), std::string("\0\xff\x5c", 3), std::string(), large}) {
    const auto hash = (*mine)->put(value);
    ASSERT_TRUE(hash) << hash.error().message;
    EXPECT_EQ(*hash, sha256_hex(value));
    EXPECT_EQ(*(*mine)->put(value), *hash) << "putting twice is one";
    const auto got = (*theirs)->get(*hash);
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(*got, value);
  }
  EXPECT_EQ((*mine)->get(sha256_hex("another")).error().code, "E0122");
  EXPECT_EQ((*mine)->get("no hash").error().code, "E0122");
  const auto stored = server.server().admin("SELECT max(length(data)) FROM " + options.schema + ".wf_blob");
  EXPECT_LT(std::stoi(stored.front()), 10'000) << "compressed";
}

TEST(PostgresArtifactsTest, ADamagedOneIsAnErrorAndComesBackByPutting) {
  JournalServer& server = JournalServer::get();
  if (!server.is_there()) return server.skip_or_fail();
  const PostgresJournalOptions options = server.options(server.new_schema());
  auto artifacts = PostgresArtifacts::open(options);
  ASSERT_TRUE(artifacts);
  const std::string hash = *(*artifacts)->put("value");
  server.server().admin("UPDATE " + options.schema + ".wf_blob SET data = '\\x00'");
  EXPECT_EQ((*artifacts)->get(hash).error().code, "E0123");
  EXPECT_EQ(*(*artifacts)->put("value"), hash);
  EXPECT_EQ(*(*artifacts)->get(hash), "value");
  server.server().restart();
  EXPECT_EQ(*(*artifacts)->get(hash), "value") << "a new connection is made";
}

TEST(PostgresArtifactsTest, ASweepDeletesWhatIsNeitherKeptNorYoung) {
  JournalServer& server = JournalServer::get();
  if (!server.is_there()) return server.skip_or_fail();
  const PostgresJournalOptions options = server.options(server.new_schema());
  auto artifacts = PostgresArtifacts::open(options);
  ASSERT_TRUE(artifacts);
  const std::string named = *(*artifacts)->put("named"), old = *(*artifacts)->put("old"), again = *(*artifacts)->put("again");
  server.server().admin("UPDATE " + options.schema + ".wf_blob SET at_ms = at_ms - 2 * 86400000");
  const std::string young = *(*artifacts)->put("young");
  ASSERT_TRUE((*artifacts)->put("again"));
  Sweep sweep{.is_kept = [&](const std::string& hash) { return hash == named; }, .dry = true};
  EXPECT_EQ((*artifacts)->sweep(sweep)->files, 1);
  EXPECT_TRUE((*artifacts)->get(old));
  sweep.dry = false;
  const auto swept = (*artifacts)->sweep(sweep);
  ASSERT_TRUE(swept) << swept.error().message;
  EXPECT_EQ(swept->files, 1);
  EXPECT_GT(swept->bytes, 0);
  EXPECT_FALSE((*artifacts)->get(old));
  for (const std::string& hash : {named, again, young}) EXPECT_TRUE((*artifacts)->get(hash));
}

}  // namespace
}  // namespace sluice
