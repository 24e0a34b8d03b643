#include "journal/hashed_files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "base/hash.h"
#include "journal/reply_dir.h"
#include "journal/synced_for_test.h"
#include "journal/test_folder.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

/// A file such as a writer leaves that died a month ago.
class OldLeftover : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(root_);
    std::ofstream(leftover_) << "x";
    fs::last_write_time(leftover_, fs::file_time_type::clock::now() - std::chrono::days(30));
  }
  static RecordedCall call() {
    RecordedCall call{.provider = "anthropic", .model = "claude"};
    call.request.messages = {{.text = "How many flights?"}};
    return call;
  }

  TestFolder folder_{};
  std::string root_ = folder_.path("files"), leftover_ = root_ + "/tmp-aZ09bY";
};

TEST_F(OldLeftover, StaysInAFolderThatAPersonNamed) {
  const auto recordings = ReplyDir::open(root_);
  ASSERT_TRUE(recordings);
  ASSERT_TRUE((*recordings)->keep(call()));
  EXPECT_TRUE(fs::exists(leftover_)) << "it may be theirs";
}

TEST_F(OldLeftover, GoesFromTheCacheWithWhatIsPruned) {
  const auto cache = ReplyDir::open_cache(root_);
  ASSERT_TRUE(cache);
  ASSERT_TRUE((*cache)->keep(call()));
  EXPECT_FALSE(fs::exists(leftover_));
  EXPECT_TRUE(*(*cache)->find(call()));
}

TEST_F(OldLeftover, BearsTheNameThatAWriterGivesItsFile) {
  const std::string root = fs::canonical(root_).string();
  journal_detail::HashedFiles files(root, "");
  synced().clear();
  ASSERT_TRUE(files.write(sha256_hex("rows"), "rows"));
  const auto written = std::ranges::find_if(synced(), [&](const std::string& path) { return path.starts_with(root + "/tmp-"); });
  ASSERT_NE(written, synced().end());
  fs::rename(leftover_, *written);
  files.remove_leftovers();
  EXPECT_FALSE(fs::exists(*written)) << *written;
}

}  // namespace
}  // namespace sluice
