#include "config/yaml.h"

#include <gtest/gtest.h>

#include <array>

namespace sluice {
namespace {

struct Case {
  const char *yaml, *key, *value;
};

TEST(Yaml, ReferencesNeedNoQuotesWithinBraces) {
  for (const auto& [yaml, key, value] :
       {Case{"m: {a: ${KEY}, b: 1}", "a", "${KEY}"}, Case{"m: {a: ${KEY}}", "a", "${KEY}"}, Case{"m: {a: ${KEY:-none}, b: 1}", "a", "${KEY:-none}"},
        Case{"m: {a: http://${HOST}:1/v1, b: 1}", "a", "http://${HOST}:1/v1"}, Case{"m: {b: 1,\n    a: ${KEY}  # why\n   }", "a", "${KEY}"},
        Case{"m: {a: \"${KEY}\", b: 1}", "a", "${KEY}"}, Case{"m: {a: '${KEY}, it''s', b: 1}", "a", "${KEY}, it's"},
        Case{"m:\n  a: ${KEY}", "a", "${KEY}"}, Case{"m:\n  a: x{${KEY}", "a", "x{${KEY}"}, Case{"m: {a: plain text, b: ${KEY}}", "a", "plain text"},
        Case{"m: {a: \"}\", b: ${KEY}}", "b", "${KEY}"}}) {
    const auto tree = parse_yaml(yaml, "sluice.yaml");
    ASSERT_TRUE(tree) << yaml << "\n" << tree.error().message;
    const YamlNode* node = tree->find("m")->find(key);
    ASSERT_NE(node, nullptr) << yaml;
    EXPECT_EQ(node->text, value) << yaml;
  }
  const auto list = parse_yaml("files: [${DIR}/a.csv, b.csv]", "sluice.yaml");
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ(list->find("files")->items.at(0).text, "${DIR}/a.csv");
  EXPECT_EQ(list->find("files")->items.at(1).text, "b.csv");
}

TEST(Yaml, LinesAndNumbersStayAsTheyAre) {
  const auto tree = parse_yaml("m: {a: ${KEY},\n    n: 5}\nafter: x", "sluice.yaml");
  ASSERT_TRUE(tree);
  EXPECT_TRUE(tree->find("m")->find("n")->plain);
  EXPECT_EQ(tree->find("after")->line, 3);
  EXPECT_FALSE(parse_yaml("m: {a: ${KEY, b: 1}", "sluice.yaml")) << "a reference that is not closed is still a mistake";
}

}  // namespace
}  // namespace sluice
