#include "connectors/model_http/json_reply.h"

#include <gtest/gtest.h>

namespace sluice::model_http {
namespace {

TEST(JsonObjectText, FindsTheObject) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {R"({"a": 1})", R"({"a": 1})"},
      {"  {\"a\": 1}\n", R"({"a": 1})"},
      {"```json\n{\"a\": 1}\n```", R"({"a": 1})"},
      {"Here it is:\n```\n{\"a\": 1}\n```\nAnything else?", R"({"a": 1})"},
      {"<think>Is it {\"a\": 2}?</think>\n{\"a\": 1}", R"({"a": 1})"},
      {"Sure! {\"a\": {\"b\": \"}\"}} Done.", R"({"a": {"b": "}"}})"},
      {"I can't do that.", "I can't do that."},
      {"{\"a\": 1", "{\"a\": 1"},
      {"", ""},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(json_object_text(text), expected) << text;
}

std::string strict_text(const std::string& schema) {
  const auto strict = strict_schema(*Json::parse(schema));
  return strict ? strict->dump() : "";
}

TEST(StrictSchema, KeepsWhatTheSubsetTakes) {
  const std::string schema =
      R"({"type":"object","properties":{"sql":{"type":"string","description":"d"},"n":{"type":["integer","null"]},)"
      R"("list":{"type":"array","items":{"type":"object","properties":{"x":{"$ref":"#/$defs/X"}},"required":["x"],"additionalProperties":false}}},)"
      R"("required":["sql","n","list"],"additionalProperties":false,"$defs":{"X":{"anyOf":[{"type":"number"},{"type":"null"}]}}})";
  EXPECT_EQ(strict_text(schema), schema);
}

TEST(StrictSchema, LeavesOutWhatOnlyNarrows) {
  EXPECT_EQ(strict_text(R"({"$schema":"s","type":"object","properties":{"a":{"type":"string","maxLength":9,"format":"uri"}},"required":["a"],)"
                        R"("additionalProperties":false})"),
            R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false})");
}

TEST(StrictSchema, GivesNothingWhereTheSubsetIsLeft) {
  for (const char* schema : {
           R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"]})",
           R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":true})",
           R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["a"],"additionalProperties":false})",
           R"({"type":"object","properties":{"a":{"type":"object"}},"required":["a"],"additionalProperties":false})",
           R"({"type":"object","properties":{"a":{"type":"object","additionalProperties":{"type":"string"}}},"required":["a"],)"
           R"("additionalProperties":false})",
           R"({"type":"object","properties":{"a":{"oneOf":[{"type":"string"}]}},"required":["a"],"additionalProperties":false})",
           R"({"anyOf":[{"type":"object","properties":{},"required":[],"additionalProperties":false}]})",
           R"({"type":"array","items":{"type":"string"}})",
       })
    EXPECT_EQ(strict_text(schema), "") << schema;
}

TEST(SystemText, TellsTheSchemaWhereAsked) {
  ModelRequest request{.system = "You write SQL.", .reply_schema = Json::object().set("type", "object")};
  EXPECT_EQ(system_text(request, false), "You write SQL.");
  EXPECT_EQ(system_text(request, true), "You write SQL.\n\n" + schema_instruction(request.reply_schema));
  EXPECT_NE(system_text(request, true).find(R"({"type":"object"})"), std::string::npos);
}

}  // namespace
}  // namespace sluice::model_http
