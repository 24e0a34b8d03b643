#include "app/glossaries.h"

#include "app/glossary_file.h"
#include "config/yaml.h"

namespace sluice {

Result<Glossary> Glossaries::read(const Config& config, const std::string& connection) {
  auto text = read_config_file(config.glossary);
  if (!text && text.error().kind == ErrorKind::not_found && !config.glossary_named) return Glossary{.path = config.glossary};
  if (!text) return std::move(text).error();
  std::vector<std::string> connections;
  connections.reserve(config.connections.size());
  for (const ConnectionConfig& one : config.connections) connections.push_back(one.name);
  return parse_glossary(*text, config.glossary, connection, connections);
}

Result<std::string> Glossaries::record(const std::string& connection) {
  TRY(const Glossary glossary, read(config_, connection));
  if (glossary.empty()) return std::string();
  return artifacts_.put(encode(glossary).dump());
}

Result<std::shared_ptr<const Glossary>> Glossaries::load(const std::string& artifact) {
  if (artifact.empty()) return std::make_shared<const Glossary>();
  const std::lock_guard lock(mutex_);
  for (const auto& [known, glossary] : kept_)
    if (known == artifact) return glossary;
  TRY(Glossary value, read_artifact<Glossary>(artifacts_, artifact));
  if (kept_.size() >= kKeptMax) kept_.erase(kept_.begin());
  return kept_.emplace_back(artifact, std::make_shared<const Glossary>(std::move(value))).second;
}

}  // namespace sluice
