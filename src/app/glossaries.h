#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "config/config.h"
#include "data/glossary.h"
#include "workflow/ports/artifacts.h"

namespace sluice {

/// The glossary that sluice.yaml names or that lies beside it. It is read anew for each question and kept as an artifact, so that a run goes by what
/// was written when it was asked. Any thread.
class Glossaries {
 public:
  Glossaries(const Config& config, Artifacts& artifacts) : config_(config), artifacts_(artifacts) {}

  /// What it says for the connection; empty where there is no file. E0709 and as parse_glossary.
  static Result<Glossary> read(const Config& config, const std::string& connection);
  /// The hash of the artifact that holds this; "" where it is empty.
  Result<std::string> record(const std::string& connection);
  /// The recorded one.
  Result<std::shared_ptr<const Glossary>> load(const std::string& artifact);

  static constexpr std::size_t kKeptMax = 8;

 private:
  const Config& config_;
  Artifacts& artifacts_;
  std::mutex mutex_{};
  std::vector<std::pair<std::string, std::shared_ptr<const Glossary>>> kept_{};  ///< by artifact, oldest first
};

}  // namespace sluice
