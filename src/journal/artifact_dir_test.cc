#include "journal/artifact_dir.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <set>
#include <thread>
#include <vector>

#include "base/hash.h"
#include "journal/synced_for_test.h"
#include "journal/test_folder.h"

std::set<std::string>& sluice::synced() {
  static thread_local std::set<std::string> paths;
  return paths;
}

/// In this program it takes the place of the C library's, and does the same.
extern "C" int fsync(int fd) {
  std::array<char, 4096> path{};
  const ssize_t length = ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path.data(), path.size());
  const auto outcome = static_cast<int>(::syscall(SYS_fsync, fd));
  if (outcome == 0 && length > 0) sluice::synced().emplace(path.data(), static_cast<std::size_t>(length));
  return outcome;
}

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
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder.path("artifacts"))) EXPECT_TRUE(entry.is_directory()) << entry.path();
}

TEST(ArtifactDir, WhatItConfirmsIsSyncedWithAllFoldersAboveIt) {
  const TestFolder folder;
  const std::string root = std::filesystem::canonical(folder.path("")).string() + "/artifacts", hash = sha256_hex("rows");
  const std::set<std::string> folders{std::filesystem::path(root).parent_path(), root, root + "/" + hash.substr(0, 2)};
  const auto all_synced = [&](const std::string& file) {
    for (const std::string& each : folders) EXPECT_TRUE(synced().contains(each)) << each;
    EXPECT_TRUE(std::any_of(synced().begin(), synced().end(), [&](const std::string& path) { return path.starts_with(file); })) << file;
    synced().clear();
  };
  auto artifacts = *ArtifactDir::open(root);
  synced().clear();
  ASSERT_TRUE(artifacts->put("rows"));
  all_synced(root + "/tmp-");
  // Whoever made the folder or the file may have died before its sync.
  ASSERT_TRUE(artifacts->put("rows"));
  all_synced(root + "/" + hash.substr(0, 2) + "/" + hash);
  std::filesystem::remove(root + "/" + hash.substr(0, 2) + "/" + hash);
  ASSERT_TRUE(artifacts->put("rows"));
  all_synced(root + "/tmp-");
}

TEST(ArtifactDir, AMissingOrDamagedOneIsAnError) {
  const TestFolder folder;
  auto artifacts = ArtifactDir::open(folder.path("artifacts"));
  const std::string hash = *(*artifacts)->put("precious");
  const std::string file = folder.path("artifacts/") + hash.substr(0, 2) + "/" + hash;
  std::ofstream(file) << "precioux";
  EXPECT_EQ((*artifacts)->get(hash).error().code, "E0123");
  EXPECT_TRUE((*artifacts)->put("precious")) << "putting it again repairs it";
  EXPECT_EQ(*(*artifacts)->get(hash), "precious");
  std::filesystem::remove(file);
  EXPECT_EQ((*artifacts)->get(hash).error().code, "E0122");
  EXPECT_EQ((*artifacts)->get("../../etc/passwd").error().code, "E0122");
}

TEST(ArtifactDir, WritersNeverMeetUnderATemporaryName) {
  constexpr int kWriters = 4, kPuts = 100;
  const TestFolder folder;
  std::vector<std::unique_ptr<ArtifactDir>> dirs;  // each as in a process of its own
  dirs.reserve(kWriters);
  for (int n = 0; n < kWriters; ++n) dirs.push_back(*ArtifactDir::open(folder.path("artifacts")));
  std::vector<std::jthread> writers;
  for (int n = 0; n < kWriters; ++n)
    writers.emplace_back([n, &dir = *dirs[static_cast<std::size_t>(n)]] {
      for (int k = 0; k < kPuts; ++k) {
        const std::string bytes = std::to_string(n) + "/" + std::to_string(k);
        const auto hash = dir.put(bytes);
        EXPECT_TRUE(hash && dir.get(*hash) && *dir.get(*hash) == bytes) << bytes;
      }
    });
  writers.clear();
  for (const auto& entry : std::filesystem::directory_iterator(folder.path("artifacts"))) EXPECT_TRUE(entry.is_directory()) << entry.path();
}

TEST(ArtifactDir, RemovesWhatWritersLeftBehindLongAgo) {
  namespace fs = std::filesystem;
  const TestFolder folder;
  const std::string root = folder.path("artifacts");
  const std::string hash = *(*ArtifactDir::open(root))->put("rows");
  const auto make = [&](const std::string& name, std::chrono::hours age) {
    std::ofstream(root + "/" + name) << "x";
    fs::last_write_time(root + "/" + name, fs::file_time_type::clock::now() - age);
  };
  make("tmp-aZ09bY", std::chrono::hours(25));
  make("tmp-aZ09bX", std::chrono::hours(24 * 400));
  make("tmp-newest", std::chrono::hours(23));
  for (const char* name : {"tmp-export.csv", "tmp-old", "tmp-a.Z09b", "tmp-aZ09bYc", "xtmp-aZ09bY"}) make(name, std::chrono::hours(24 * 400));
  make("notes", std::chrono::hours(24 * 400));
  fs::create_directory(root + "/tmp-folder");
  fs::last_write_time(root + "/tmp-folder", fs::file_time_type::clock::now() - std::chrono::hours(48));
  const auto artifacts = *ArtifactDir::open(root);
  std::set<std::string> left;
  for (const auto& entry : fs::directory_iterator(root)) left.insert(entry.path().filename().string());
  EXPECT_EQ(left, (std::set<std::string>{hash.substr(0, 2), "tmp-newest", "notes", "tmp-folder", "tmp-export.csv", "tmp-old", "tmp-a.Z09b",
                                         "tmp-aZ09bYc", "xtmp-aZ09bY"}));
  EXPECT_EQ(*artifacts->get(hash), "rows");
}

TEST(ArtifactDir, RemovesLeftoversWithinBounds) {
  namespace fs = std::filesystem;
  constexpr int kMax = journal_detail::HashedFiles::kLeftoversMax;
  const TestFolder folder;
  const std::string root = folder.path("artifacts");
  fs::create_directory(root);
  for (int n = 0; n < kMax + 5; ++n) {
    const std::string file = root + "/tmp-" + std::to_string(100'000 + n);
    std::ofstream(file).flush();
    fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(48));
  }
  for (const long left : {5L, 0L}) {
    ASSERT_TRUE(ArtifactDir::open(root));
    EXPECT_EQ(std::distance(fs::directory_iterator(root), fs::directory_iterator()), left);
  }
}

TEST(ArtifactDir, SaysWhatIsInTheWay) {
  const TestFolder folder;
  EXPECT_EQ(ArtifactDir::open(folder.path("none/artifacts")).error().code, "E0201");
  std::ofstream(folder.path("file")) << "x";
  EXPECT_EQ(ArtifactDir::open(folder.path("file")).error().code, "E0201");
}

}  // namespace
}  // namespace sluice
