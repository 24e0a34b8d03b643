#pragma once
#include <cstdlib>
#include <filesystem>
#include <string>

namespace sluice {

/// A folder for one test, removed with it.
class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "sluice-test-XXXXXX").string();
    root_ = ::mkdtemp(name.data()) != nullptr ? name : std::string();
  }
  ~TestFolder() {
    std::error_code ignored;
    if (!root_.empty()) std::filesystem::remove_all(root_, ignored);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  std::string path(const std::string& name) const { return root_ + "/" + name; }

 private:
  std::string root_{};
};

}  // namespace sluice
