#include "agents/prompt.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

const PromptValues kValues{{"question", "how <many> & \"why\"?"}, {"catalog", ""}, {"evil", "{{question}} {{/evil}} {{nothing}}"}};

struct Case {
  const char *what, *text, *expected;
};

TEST(Prompt, PutsInWhatItNames) {
  const std::vector<Case> kCases{
      {"no name", "plain", "plain"},
      {"nothing", "", ""},
      {"a name, as it is", "Q: {{question}}", "Q: how <many> & \"why\"?"},
      {"three braces", "{{{question}}}", "how <many> & \"why\"?"},
      {"spaces", "{{ question }}", "how <many> & \"why\"?"},
      {"a section where there is text", "{{#question}}asked{{/question}}", "asked"},
      {"none where there is none", "{{#catalog}}tables{{/catalog}}.", "."},
      {"the opposite", "{{^catalog}}no tables{{/catalog}}", "no tables"},
      {"an empty one", "[{{catalog}}]", "[]"},
      {"a note", "a{{! for those who read the file }}b", "ab"},
      {"what is put in is no template", "{{evil}}", "{{question}} {{/evil}} {{nothing}}"},
  };
  for (const Case& one : kCases) {
    const auto got = rendered(one.text, kValues);
    ASSERT_TRUE(got) << one.what << ": " << got.error().message;
    EXPECT_EQ(*got, one.expected) << one.what;
  }
}

struct Wrong {
  const char *what, *text, *says;
};

TEST(Prompt, SaysWhatIsWrongWithATemplate) {
  const std::vector<Wrong> kCases{
      {"an unknown name", "{{moods}}", "\"moods\""},
      {"a misspelt name", "{{questoin}}", "did you mean \"question\"?"},
      {"an unknown section", "{{#moods}}x{{/moods}}", "\"moods\""},
      {"a section without an end", "{{#question}}x", "no template"},
      {"another end", "{{#question}}x{{/catalog}}", "no template"},
      {"a partial", "{{> question}}", "> question"},
      {"other delimiters", "{{=<% %>=}}<% moods %>", "=<% %>="},
      {"a hidden character in a name", "{{que\xE2\x80\x8Bstion}}", "que\\u{200B}stion"},
  };
  for (const Wrong& one : kCases) {
    const auto got = rendered(one.text, kValues);
    ASSERT_FALSE(got) << one.what << ": " << *got;
    EXPECT_EQ(got.error().code, "E1040") << one.what;
    EXPECT_NE(got.error().message.find(one.says), std::string::npos) << one.what << ": " << got.error().message;
    EXPECT_FALSE(got.error().hint.empty()) << one.what;
  }
}

TEST(Prompt, BuiltInOnesAreThereByName) {
  const auto ask = built_in_prompt("ask");
  ASSERT_TRUE(ask);
  EXPECT_NE(ask->system.find("{{fence_rule}}"), std::string::npos) << "a prompt with fences says what they are";
  EXPECT_NE(ask->task.find("{{question}}"), std::string::npos);
  EXPECT_EQ(built_in_prompt("nobody").error().kind, ErrorKind::bug);
}

TEST(Prompt, EachPartCountsForItsVersion) {
  const Prompt prompt{.system = "a", .task = "b", .repair = "c"};
  EXPECT_EQ(prompt_hash(prompt), prompt_hash({.system = "a", .task = "b", .repair = "c"}));
  for (const Prompt& other : {Prompt{"x", "b", "c"}, Prompt{"a", "x", "c"}, Prompt{"a", "b", "x"}, Prompt{"ab", "", "c"}})
    EXPECT_NE(prompt_hash(prompt), prompt_hash(other));
}

}  // namespace
}  // namespace sluice
