#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "base/text.h"
#include "sql/golden_for_test.h"

namespace sluice {

std::size_t run_golden(const std::string& path, const std::function<std::string(const std::string& input)>& actual) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path << " is missing; run the tests from the top of the tree";
  std::vector<std::pair<std::string, std::string>> cases{{"", ""}};
  bool expecting = false;
  for (std::string line; std::getline(file, line);) {
    if (line == "====") {
      cases.emplace_back();
      expecting = false;
    } else if (line == "----") {
      expecting = true;
    } else {
      (expecting ? cases.back().second : cases.back().first) += line + "\n";
    }
  }
  const char* update = std::getenv("SLUICE_UPDATE");
  const bool rewrite = update != nullptr && std::string_view(update) == "1";
  std::ostringstream out;
  for (const auto& [input, expected] : cases) {
    std::string got = actual(std::string(trim(input)));
    if (!got.empty() && got.back() != '\n') got += '\n';
    if (!rewrite) {
      EXPECT_EQ(got, expected) << path << ":\n" << input;
    }
    if (&input != &cases.front().first) out << "====\n";
    out << input << "----\n" << got;
  }
  if (rewrite) std::ofstream(path) << out.str();
  return cases.size();
}

}  // namespace sluice
