#include "connectors/postgres/catalog.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "connectors/postgres/private_server.h"
#include "connectors/postgres/session.h"

namespace sluice::postgres {
namespace {

TEST(PostgresCatalog, RowsOfAParentAreNotThoseOfItAlone) {
  std::string missing;
  const auto server = PrivateServer::start(missing);
  if (server == nullptr) {
    if (std::getenv("CI") != nullptr) FAIL() << missing;
    GTEST_SKIP() << missing;
  }
  server->admin("CREATE TABLE alone (a int); INSERT INTO alone VALUES (1); CREATE TABLE parent (a int); CREATE TABLE child () INHERITS (parent)");
  server->admin("INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2); ANALYZE parent, child");
  const auto libpq = libpq::load();
  ASSERT_TRUE(libpq);
  const auto target = make_target(**libpq, "shop", {.url = server->socket_url("admin")});
  ASSERT_TRUE(target);
  const auto session = Session::open(*libpq, *target, {std::chrono::steady_clock::now() + std::chrono::seconds(10), {}});
  ASSERT_TRUE(session) << session.error().message;
  const auto catalog = (*session)->catalog({});
  ASSERT_TRUE(catalog) << catalog.error().message;
  EXPECT_EQ(catalog->find("", "alone")->row_count, 1);
  EXPECT_TRUE(catalog->find("", "alone")->row_count_exact);
  EXPECT_EQ(catalog->find("", "parent")->row_count, std::nullopt) << "a query gives the children's rows too";
}

}  // namespace
}  // namespace sluice::postgres
