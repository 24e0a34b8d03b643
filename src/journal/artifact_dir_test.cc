#include "journal/artifact_dir.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/hash.h"
#include "journal/test_folder.h"

namespace sluice {
namespace {

TEST(ArtifactDir, KeepsBytesByTheirHash) {
  const TestFolder folder;
  auto artifacts = ArtifactDir::open(folder.path("artifacts"));
  ASSERT_TRUE(artifacts);
  for (const std::string& bytes : {std::string(), std::string("a\0b", 3), std::string(1'000'000, 'x')}) {
    auto hash = (*artifacts)->put(bytes);
    ASSERT_TRUE(hash) << hash.error().message;
    EXPECT_EQ(*hash, sha256_hex(bytes));
    EXPECT_EQ(*(*artifacts)->put(bytes), *hash);
    EXPECT_EQ(*(*artifacts)->get(*hash), bytes);
    EXPECT_EQ(std::filesystem::file_size(*(*artifacts)->path(*hash)), bytes.size());
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder.path("artifacts"))) EXPECT_TRUE(entry.is_directory()) << entry.path();
}

TEST(ArtifactDir, MovesAFileIn) {
  const TestFolder folder;
  auto artifacts = ArtifactDir::open(folder.path("artifacts"));
  std::ofstream(folder.path("rows")) << "1,2,3";
  auto hash = (*artifacts)->put_file(folder.path("rows"));
  ASSERT_TRUE(hash) << hash.error().message;
  EXPECT_EQ(*(*artifacts)->get(*hash), "1,2,3");
  EXPECT_FALSE(std::filesystem::exists(folder.path("rows")));
  EXPECT_FALSE((*artifacts)->put_file(folder.path("rows")));
}

TEST(ArtifactDir, AMissingOrDamagedOneIsAnError) {
  const TestFolder folder;
  auto artifacts = ArtifactDir::open(folder.path("artifacts"));
  const std::string hash = *(*artifacts)->put("precious");
  const std::string file = *(*artifacts)->path(hash);
  std::ofstream(file) << "precioux";
  EXPECT_EQ((*artifacts)->get(hash).error().code, "E0123");
  EXPECT_EQ((*artifacts)->path(hash).error().code, "E0123");
  EXPECT_TRUE((*artifacts)->put("precious")) << "putting it again repairs it";
  EXPECT_EQ(*(*artifacts)->get(hash), "precious");
  std::filesystem::remove(file);
  EXPECT_EQ((*artifacts)->get(hash).error().code, "E0122");
  EXPECT_EQ((*artifacts)->get("../../etc/passwd").error().code, "E0122");
}

TEST(ArtifactDir, SaysWhatIsInTheWay) {
  const TestFolder folder;
  EXPECT_EQ(ArtifactDir::open(folder.path("none/artifacts")).error().code, "E0201");
  std::ofstream(folder.path("file")) << "x";
  EXPECT_EQ(ArtifactDir::open(folder.path("file")).error().code, "E0201");
}

}  // namespace
}  // namespace sluice
