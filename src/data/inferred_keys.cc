#include "data/inferred_keys.h"

#include "data/key_search.h"

namespace sluice {
namespace {

/// Knows nothing, so that only what names and known values show is found.
class NoEvidence : public KeyEvidence {
 public:
  Result<std::vector<std::optional<Uniqueness>>> uniqueness(std::span<const KeyColumns> of) override {
    return std::vector<std::optional<Uniqueness>>(of.size());
  }
  Result<std::vector<std::optional<Containment>>> containment(std::span<const Reference> of) override {
    return std::vector<std::optional<Containment>>(of.size());
  }
};

}  // namespace

Result<> infer_keys(Catalog& catalog, std::span<const ColumnValues> values, KeyEvidence& evidence) {
  key_search::Search search(catalog, values, evidence);
  TRY_VOID(search.find_primary_keys());
  TRY_VOID(search.find_named_references());
  TRY_VOID(search.find_references_by_values());
  return search.find_link_keys();
}

void infer_keys(Catalog& catalog, std::span<const ColumnValues> values) {
  NoEvidence none;
  (void)infer_keys(catalog, values, none);  // it cannot fail: there is nothing to ask
}

}  // namespace sluice
