#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>
#pragma GCC diagnostic pop

#include "plan/catalog_for_test.h"
#include "plan/fn_table.h"
#include "plan/spec.h"

namespace sluice::plan {
namespace {

nlohmann::json read(const std::filesystem::path& path) { return nlohmann::json::parse(std::ifstream(path)); }

bool accepts(const nlohmann::json& document) {
  const auto text = read("docs/schemas/transform-spec.schema.json");
  valijson::Schema schema;
  valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(valijson::adapters::NlohmannJsonAdapter(text), schema);
  return valijson::Validator().validate(schema, valijson::adapters::NlohmannJsonAdapter(document), nullptr);
}

TEST(PlanSchema, AcceptsCasesAndWhatTheCodecWrites) {
  for (const auto& entry : std::filesystem::directory_iterator("tests/cases/plan")) {
    if (entry.path().extension() != ".json") continue;
    const auto document = read(entry.path());
    EXPECT_TRUE(accepts(document)) << entry.path();
    auto draft = decode<SpecDraft>(*Json::parse(document.dump()));
    ASSERT_TRUE(draft);
    EXPECT_TRUE(accepts(nlohmann::json::parse(encode(*draft).dump_text()))) << entry.path();
    const auto spec = Spec::create(*draft, catalog_for_test());
    ASSERT_TRUE(spec);
    EXPECT_TRUE(accepts(nlohmann::json::parse(encode(spec->draft()).dump_text()))) << encode(spec->draft()).dump_text(1);
  }
}

TEST(PlanSchema, RejectsWhatIsNoSpec) {
  for (
      const char* text :
      {R"({})", R"([])", R"({"select":{}})", R"({"select":{"from":{"table":{"name":"t"}},"columns":[]}})",
       R"({"select":{"from":{"table":{"name":"t"}},"columns":[{"name":"a","value":{"call":"pg_sleep"}}]}})",
       R"({"select":{"from":{"table":{"name":"t"}},"columns":[{"name":"a","value":{"column":"c","call":"sum"}}]}})",
       R"({"select":{"from":{"table":{"name":"t"}},"columns":[{"name":"a","value":{"column":"c"}}]},"limit":-1})",
       R"({"select":{"from":{"table":{"name":"t"}},"columns":[{"name":"a","value":{"column":"c"}}]},"sql":"SELECT 1"})",
       R"({"select":{"from":{"table":{"name":"t"}},"columns":[{"name":"a","value":{"value":null}}]}})",
       R"({"select":{"from":{"table":{"name":"t"},"query":{"select":{"from":{"table":{"name":"t"}},"columns":[{"name":"a","value":{"column":"c"}}]}},"alias":"q"},"columns":[{"name":"a","value":{"column":"a"}}]}})",
       R"({"select":{"from":{"query":{"select":{"from":{"table":{"name":"t"}},"columns":[{"name":"a","value":{"column":"c"}}]}}},"columns":[{"name":"a","value":{"column":"a"}}]}})",
       R"({"select":{"from":{"table":{"name":"t"}},"columns":[{"name":"a","value":{"exists":{"select":{"from":{"table":{"name":"t"}},"columns":[{"name":"a","value":{"column":"c"}}]}},"on":[]}}]}})",
       R"({"select":{"from":{"table":{"name":"t"}},"columns":[{"name":"a","value":{"scalar":"SELECT 1"}}]}})"})
    EXPECT_FALSE(accepts(nlohmann::json::parse(text))) << text;
}

TEST(PlanSchema, NamesEveryFunction) {
  const auto names = read("docs/schemas/transform-spec.schema.json")["definitions"]["call"]["properties"]["call"]["enum"];
  std::vector<std::string> known;
  for (const FnInfo& one : all_functions()) known.emplace_back(one.name);
  EXPECT_EQ(names.get<std::vector<std::string>>(), known);
}

}  // namespace
}  // namespace sluice::plan
