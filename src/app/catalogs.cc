#include "app/catalogs.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/hash.h"

namespace sluice {
namespace {

/// A part of every state, so that what was noted by an older program, or before the project had models, and knows less of a catalog, is read anew.
constexpr std::string_view kWithValues = " with values", kWithRanges = " with values and ranges";

}  // namespace

Result<CatalogRef> CachedCatalogs::read(const std::string& connection, bool fresh, const Call& call) {
  if (!fresh) {
    const std::lock_guard lock(mutex_);
    const auto found = latest_.find(connection);
    if (found != latest_.end() && clock_.steady() - found->second.read_at < kFreshFor) return found->second.ref;
  }
  TRY(const auto engine, engine_(connection));
  std::string state = engine->state();
  if (!state.empty()) (state += comments_.state(connection)) += options_.ranges ? kWithRanges : kWithValues;
  std::optional<CatalogRef> ref = fresh || state.empty() ? std::nullopt : noted(connection, state);
  if (!ref) {
    TRY(ref, read_anew(*engine, connection, call));
    if (!state.empty()) note(*ref, state);
  }
  const std::lock_guard lock(mutex_);
  latest_[connection] = {*ref, clock_.steady()};
  return *ref;
}

Result<CatalogRef> CachedCatalogs::read_anew(DataEngine& engine, const std::string& connection, const Call& call) {
  TRY(const auto session, engine.open_read(call));
  auto known = std::make_shared<KnownCatalog>();
  TRY(known->catalog, session->catalog({}));
  TRY_VOID(comments_.add(connection, known->catalog));
  std::vector<TableName> tables;
  for (const Table& table : known->catalog.tables)
    if (!runs_on_read(table)) tables.push_back(table.name);
  TRY(known->values, session->values(tables, kValuesMax));
  if (options_.ranges) {
    TRY(known->ranges, session->ranges(known->catalog));
  }
  TRY(std::string artifact, artifacts_.put(encode(*known).dump()));
  CatalogRef ref{connection, std::move(artifact)};
  const std::lock_guard lock(mutex_);
  keep(ref.artifact, std::move(known));
  return ref;
}

/// The note's name is the connection's hash: a name may hold any characters.
std::string CachedCatalogs::note_path(const std::string& connection) const {
  return options_.folder + "/" + sha256_hex(connection).substr(0, 16) + ".json";
}

std::optional<CatalogRef> CachedCatalogs::noted(const std::string& connection, const std::string& state) {
  std::ifstream in(note_path(connection), std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto json = Json::parse(text);
  if (!json || json->text("state") != state) return std::nullopt;
  CatalogRef ref{connection, std::string(json->text("artifact"))};
  return load(ref) ? std::optional(ref) : std::nullopt;  // a lost artifact is read anew: nothing names it but this note
}

void CachedCatalogs::note(const CatalogRef& ref, const std::string& state) const {
  // Only speed hangs on it: what cannot be written is left out, and a torn note does not parse or names another state.
  std::error_code failure;
  std::filesystem::create_directories(options_.folder, failure);
  const std::string path = note_path(ref.connection), temporary = path + "." + std::to_string(clock_.steady().time_since_epoch().count()) + ".tmp";
  std::ofstream(temporary, std::ios::binary) << Json::object().set("state", state).set("artifact", ref.artifact).dump();
  std::filesystem::rename(temporary, path, failure);
  if (failure) std::filesystem::remove(temporary, failure);
}

Result<std::shared_ptr<const KnownCatalog>> CachedCatalogs::load(const CatalogRef& ref) {
  {
    const std::lock_guard lock(mutex_);
    for (const Kept& one : kept_)
      if (one.artifact == ref.artifact) return one.known;
  }
  TRY(KnownCatalog value, read_artifact<KnownCatalog>(artifacts_, ref.artifact));
  auto known = std::make_shared<const KnownCatalog>(std::move(value));
  const std::lock_guard lock(mutex_);
  keep(ref.artifact, known);
  return known;
}

void CachedCatalogs::keep(const std::string& artifact, std::shared_ptr<const KnownCatalog> known) {
  std::erase_if(kept_, [&](const Kept& one) { return one.artifact == artifact; });
  if (kept_.size() >= kKeptMax) kept_.erase(kept_.begin());
  kept_.push_back({.artifact = artifact, .known = std::move(known)});
}

Result<std::shared_ptr<const CatalogSearch>> CachedCatalogs::search(const CatalogRef& ref) {
  TRY(auto known, load(ref));
  const auto place = [&] { return std::ranges::find(kept_, ref.artifact, &Kept::artifact); };  // under the mutex
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = place(); found != kept_.end() && found->search) return found->search;
  }
  // Built outside of the mutex: where two need it at the same time, one of the two is dropped.
  auto search = indexed(std::move(known));
  const std::lock_guard lock(mutex_);
  if (const auto found = place(); found != kept_.end()) found->search = search;
  return search;
}

}  // namespace sluice
