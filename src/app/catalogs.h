#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "flows/ask/services.h"
#include "workflow/ports/artifacts.h"
#include "workflow/ports/clock.h"

namespace sluice {

/// Reads catalogs with samples of their values, keeps them as artifacts, and remembers the last ones so that one question after another
/// need not read them again. An old catalog does no harm: the engine plans every statement, and the schema is read again in the transaction that
/// executes. Any thread.
class CachedCatalogs : public CatalogStore {
 public:
  using FindEngine = std::function<Result<DataEngine*>(const std::string&)>;
  CachedCatalogs(FindEngine engine, Artifacts& artifacts, Clock& clock) : engine_(std::move(engine)), artifacts_(artifacts), clock_(clock) {}

  Result<CatalogRef> read(const std::string& connection, bool fresh, const Call& call) override;
  Result<std::shared_ptr<const KnownCatalog>> load(const CatalogRef& ref) override;

  static constexpr std::chrono::seconds kFreshFor{30};
  static constexpr std::size_t kKeptMax = 8;
  static constexpr int kValuesMax = 1000;

 private:
  struct Entry {
    CatalogRef ref{};
    std::chrono::steady_clock::time_point read_at{};
  };
  void keep(const std::string& artifact, std::shared_ptr<const KnownCatalog> known);

  FindEngine engine_;
  Artifacts& artifacts_;
  Clock& clock_;
  std::mutex mutex_{};
  std::map<std::string, Entry> latest_{};                                            ///< by connection
  std::vector<std::pair<std::string, std::shared_ptr<const KnownCatalog>>> kept_{};  ///< by artifact, oldest first
};

}  // namespace sluice
