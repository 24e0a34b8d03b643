#include "app/catalogs.h"

#include <algorithm>

namespace sluice {

Result<CatalogRef> CachedCatalogs::read(const std::string& connection, bool fresh, const Call& call) {
  if (!fresh) {
    const std::lock_guard lock(mutex_);
    const auto found = latest_.find(connection);
    if (found != latest_.end() && clock_.steady() - found->second.read_at < kFreshFor) return found->second.ref;
  }
  TRY(DataEngine * engine, engine_(connection));
  TRY(const auto session, engine->open_read(call));
  auto known = std::make_shared<KnownCatalog>();
  TRY(known->catalog, session->catalog({}));
  std::vector<TableName> tables;
  for (const Table& table : known->catalog.tables) tables.push_back(table.name);
  TRY(known->values, session->values(tables, kValuesMax));
  TRY(std::string artifact, artifacts_.put(encode(*known).dump()));
  CatalogRef ref{connection, std::move(artifact)};
  const std::lock_guard lock(mutex_);
  keep(ref.artifact, std::move(known));
  latest_[connection] = {ref, clock_.steady()};
  return ref;
}

Result<std::shared_ptr<const KnownCatalog>> CachedCatalogs::load(const CatalogRef& ref) {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [artifact, known] : kept_)
      if (artifact == ref.artifact) return known;
  }
  TRY(const std::string bytes, artifacts_.get(ref.artifact));
  TRY(const Json json, Json::parse(bytes));
  TRY(KnownCatalog value, decode<KnownCatalog>(json));
  auto known = std::make_shared<const KnownCatalog>(std::move(value));
  const std::lock_guard lock(mutex_);
  keep(ref.artifact, known);
  return known;
}

void CachedCatalogs::keep(const std::string& artifact, std::shared_ptr<const KnownCatalog> known) {
  std::erase_if(kept_, [&](const auto& entry) { return entry.first == artifact; });
  if (kept_.size() >= kKeptMax) kept_.erase(kept_.begin());
  kept_.emplace_back(artifact, std::move(known));
}

}  // namespace sluice
