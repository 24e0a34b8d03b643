#include "agents/prompt.h"

#include <algorithm>
#include <kainjow/mustache.hpp>

#include "agents/prompt_texts.h"
#include "base/hash.h"
#include "base/text.h"

namespace sluice {
namespace {

std::string text_of(const std::string& name) {
  for (const agents_detail::PromptText* text = agents_detail::kPromptTexts; text->name != nullptr; ++text)
    if (name == text->name) return text->text;
  return "";
}

/// The names between braces: a template that asks for something that is never given would silently say less.
std::vector<std::string> names_in(std::string_view text) {
  std::vector<std::string> names;
  for (std::size_t at = text.find("{{"); at != std::string_view::npos; at = text.find("{{", at + 2)) {
    const std::size_t end = text.find("}}", at);
    if (end == std::string_view::npos) break;
    std::string_view name = text.substr(at + 2, end - at - 2);
    while (!name.empty() && std::string_view("#/^{& ").find(name.front()) != std::string_view::npos) name.remove_prefix(1);
    if (!name.starts_with('!')) names.emplace_back(trim(name));
  }
  return names;
}

}  // namespace

Result<Prompt> built_in_prompt(std::string_view agent) {
  const std::string name(agent);
  Prompt prompt{.system = text_of(name + ".system"), .task = text_of(name + ".task"), .repair = text_of(name + ".repair")};
  if (prompt.system.empty() || prompt.task.empty() || prompt.repair.empty()) return Error::bug("there is no built-in prompt \"" + name + "\"");
  return prompt;
}

std::string prompt_hash(const Prompt& prompt) { return sha256_hex(encode(prompt).dump()); }

Result<std::string> rendered(std::string_view text, const PromptValues& values) {
  std::vector<std::string> known;
  known.reserve(values.size());
  for (const auto& [name, value] : values) known.push_back(name);
  for (const std::string& name : names_in(text)) {
    if (std::ranges::find(known, name) != known.end()) continue;
    const std::string meant = nearest(name, known);
    return Error{ErrorKind::input, "E1040",
                 "the prompt names \"" + show_hidden(name, false) + "\", which is not there to be put in" +
                     (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"),
                 "what a prompt may name: " + join(known, ", "), 0};
  }
  kainjow::mustache::mustache parsed{std::string(text)};
  if (!parsed.is_valid())
    return Error{ErrorKind::input, "E1040", "the prompt is no template that can be read: " + parsed.error_message(),
                 "mend the file below prompts/, or take it away to get the built-in one", 0};
  parsed.set_custom_escape([](const std::string& value) { return value; });
  kainjow::mustache::data data;
  for (const auto& [name, value] : values)
    if (!value.empty()) data.set(name, value);
  return parsed.render(data);
}

}  // namespace sluice
