#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "flows/ask/services.h"
#include "workflow/ports/artifacts.h"
#include "workflow/ports/clock.h"

namespace sluice {

/// Reads catalogs with samples of their values, keeps them as artifacts, and remembers the last ones so that one question after another
/// need not read them again. Where the engine can tell that nothing changed, that holds from one process to the next. An old catalog does no harm:
/// the engine plans every statement, and the schema is read again in the transaction that executes. Any thread.
class CachedCatalogs : public CatalogStore {
 public:
  using FindEngine = std::function<Result<std::shared_ptr<DataEngine>>(const std::string&)>;
  /// What is said about a connection's tables outside of its database. `state` changes with it.
  struct Comments {
    std::function<std::string(const std::string& connection)> state;
    std::function<Result<>(const std::string& connection, Catalog& catalog)> add;
  };
  struct Options {
    std::string folder{};  ///< keeps which artifact holds the catalog of which state
    bool ranges = false;   ///< whether codes and ranges are read too: only models are shown them, and they cost the engine time
  };
  CachedCatalogs(FindEngine engine, Comments comments, Artifacts& artifacts, Clock& clock, Options options)
      : engine_(std::move(engine)), comments_(std::move(comments)), artifacts_(artifacts), clock_(clock), options_(std::move(options)) {}

  Result<CatalogRef> read(const std::string& connection, bool fresh, const Call& call) override;
  Result<std::shared_ptr<const KnownCatalog>> load(const CatalogRef& ref) override;
  /// Built on the first call for a catalog, and kept as long as the catalog is.
  Result<std::shared_ptr<const CatalogSearch>> search(const CatalogRef& ref) override;

  static constexpr std::chrono::seconds kFreshFor{30};
  static constexpr std::size_t kKeptMax = 8;
  static constexpr int kValuesMax = 1000;

 private:
  struct Entry {
    CatalogRef ref{};
    std::chrono::steady_clock::time_point read_at{};
  };
  struct Kept {
    std::string artifact{};
    std::shared_ptr<const KnownCatalog> known{};
    std::shared_ptr<const CatalogSearch> search{};  ///< null until it was asked for
  };
  Result<CatalogRef> read_anew(DataEngine& engine, const std::string& connection, const Call& call);
  std::string note_path(const std::string& connection) const;
  std::optional<CatalogRef> noted(const std::string& connection, const std::string& state);
  void note(const CatalogRef& ref, const std::string& state) const;
  void keep(const std::string& artifact, std::shared_ptr<const KnownCatalog> known);

  FindEngine engine_;
  Comments comments_;
  Artifacts& artifacts_;
  Clock& clock_;
  Options options_;
  std::mutex mutex_{};
  std::map<std::string, Entry> latest_{};  ///< by connection
  std::vector<Kept> kept_{};               ///< oldest first
};

}  // namespace sluice
