#include "app/project_prompts.h"

#include <filesystem>

#include "config/yaml.h"

namespace sluice {

Result<std::optional<Prompt>> project_prompt(const Config& config, const std::string& agent) {
  TRY(Prompt prompt, built_in_prompt(agent));
  const std::string folder = (std::filesystem::path(config.path).parent_path() / "prompts").string();
  bool own = false;
  for (const auto& [part, text] : {std::pair{"system", &Prompt::system}, std::pair{"task", &Prompt::task}, std::pair{"repair", &Prompt::repair}}) {
    auto file = read_config_file(folder + "/" + agent + "." + part + ".md");
    if (!file && file.error().kind == ErrorKind::not_found) continue;
    if (!file) return std::move(file).error();
    prompt.*text = *std::move(file);
    own = true;
  }
  return own ? std::optional(std::move(prompt)) : std::nullopt;
}

}  // namespace sluice
