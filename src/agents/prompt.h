#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/codec.h"
#include "base/result.h"

namespace sluice {

/// The texts of an agent: what it is told for good, its task, and what it hears of a draft that failed. Mustache templates
/// (https://mustache.github.io/mustache.5.html); nothing is escaped, as what is put in was fenced before.
struct Prompt {
  std::string system{}, task{}, repair{};

  bool operator==(const Prompt&) const = default;
  static constexpr auto fields() {
    return std::tuple{Field{"system", &Prompt::system}, Field{"task", &Prompt::task}, Field{"repair", &Prompt::repair}};
  }
};

/// The built-in prompt of an agent, from src/agents/prompts/NAME.*.md. A name that there is none of is a bug error.
Result<Prompt> built_in_prompt(std::string_view agent);
/// SHA-256 of its texts: which version a run was made with.
std::string prompt_hash(const Prompt& prompt);

/// What a template may name: texts, and sections that are shown where their text is not empty ({{#comment}}…{{/comment}}).
using PromptValues = std::vector<std::pair<std::string, std::string>>;

/// E1040 for a template that is none, or names what is not in `values` (with "did you mean").
Result<std::string> rendered(std::string_view text, const PromptValues& values);

}  // namespace sluice
