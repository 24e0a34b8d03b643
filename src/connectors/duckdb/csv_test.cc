// CSV files that are no clean tables: refused with the line that does not fit, or read whole. Never is a line left out.
#include <string>
#include <vector>

#include "connectors/duckdb/duckdb_for_test.h"

namespace sluice {
namespace {

using CsvTest = DuckDbFolder;

struct Written {
  std::string text, wanted;
};

TEST_F(CsvTest, RefusesWhatDoesNotFitAndTellsTheLine) {
  std::string late = "a,b\n";
  for (int i = 0; i < 50; ++i) late += std::to_string(i) + ",x\n";
  const std::vector<Written> cases{
      {"a,b\n1,2\n3\n4,5,6\n", "line 3 of the CSV file has 1 column, and the first line has 2"},
      {"a,b\n1,2\n3\n4,5\n", "line 3 of the CSV file has 1 column, and the first line has 2"},
      {"a,b\n1,2\n3,4\n4,5,6\n", "line 4 of the CSV file has 3 columns, and the first line has 2"},
      {"a;b;c\n1;2;3\n7;8\n9;10;11\n", "line 3 of the CSV file has 2 columns, and the first line has 3"},
      {"Report of 2024\n\na,b\n1,2\n", "line 3 of the CSV file has 2 columns, and the first line has 1"},
      {"# made by a tool\na,b\n1,2\n3,4\n", "line 2 of the CSV file has 2 columns, and the first line has 1"},
      {"a,b\n1,\"x\n2,y\n3,z\n", "line 2 of the CSV file has a value that begins with a quote, and no quote that ends it"},
      {late + "50,\"x\n51,y\n", "line 52 of the CSV file has a value that begins with a quote"},
      {"", "it is empty"},
      {std::string("a,b\n\0\1\2,3\n", 10), "it is no text in UTF-8: it holds NUL bytes"},
      {"caf\xe9,b\n1,\xe9\n", "is no text in UTF-8"}};
  for (const auto& [text, wanted] : cases) {
    std::ofstream(folder_ / "odd.csv", std::ios::binary) << text;
    const auto opened = open_duckdb("shop", {.kind = DuckDbSource::Kind::files, .globs = {(folder_ / "odd.csv").string()}});
    ASSERT_FALSE(opened) << text;
    EXPECT_EQ(opened.error().code, "E0411") << text;
    EXPECT_NE(opened.error().message.find(wanted), std::string::npos) << text << "\n" << opened.error().message;
    EXPECT_NE(opened.error().message.find("odd.csv"), std::string::npos) << opened.error().message;
    for (const char* raw : {"CSV Error", "sniff", "engine", "Possible"})
      EXPECT_EQ(opened.error().message.find(raw), std::string::npos) << opened.error().message;
  }
}

TEST_F(CsvTest, ReadsEveryRow) {
  const std::vector<Written> cases{{"\n\na,b\n1,2\n", "1"},
                                   {"a,b\n1,2\n\n3,4\n", "2"},
                                   {"a,b\n1,2\n# total,3\n4,5\n", "3"},
                                   {"#a,b\n1,2\n", "1"},
                                   {"1,2\n3,4", "2"},
                                   {"\"city, state\"\nx\ny\n", "2"},
                                   {"note\n\"a, b\"\nplain\n", "2"},
                                   {"a,b,\n1,2,\n3,4,\n", "2"},
                                   {"a,b\n", "0"},
                                   {"\xef\xbb\xbf"
                                    "a,b\n1,2\n",
                                    "1"},
                                   {"a,b\r1,2\r3,4\r", "2"},
                                   {"a,b\n1,x\n2,\"q\\\"r\"\n", "2"}};
  for (const auto& [text, wanted] : cases) {
    std::ofstream(folder_ / "plain.csv", std::ios::binary) << text;
    const auto files = engine({.kind = DuckDbSource::Kind::files, .globs = {(folder_ / "plain.csv").string()}});
    ASSERT_NE(files, nullptr) << text;
    const RowBuffer rows = run(*session(*files), "SELECT * FROM plain");
    EXPECT_EQ(std::to_string(rows.kept.size()), wanted) << text;
  }
}

TEST_F(CsvTest, NamesALaterLineThatDoesNotFit) {
  {
    std::ofstream late(folder_ / "late.csv");
    late << "a,b\n";
    for (int i = 0; i < 30'000; ++i) late << i << ",x\n";
    late << "5\n";
  }
  const auto files = engine({.kind = DuckDbSource::Kind::files, .globs = {(folder_ / "late.csv").string()}});
  ASSERT_NE(files, nullptr);
  RowBuffer rows(1);
  const auto ran = session(*files)->run("SELECT max(b) FROM late", {.rows_max = 1, .bytes_max = 1000}, rows);
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().message, "the engine stopped: line 30002 of the CSV file has 1 column, and the first line has 2");
}

}  // namespace
}  // namespace sluice
