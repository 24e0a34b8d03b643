#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plan/spec.h"

namespace sluice::plan {

/// A query inside another, checked: with names as the catalog writes them.
struct CheckedQuery {
  std::shared_ptr<const SpecDraft> draft{};
  std::vector<ResultColumn> columns{};
  bool one_row = false;  ///< gives at most one row
  std::int64_t parts = 0;
};

/// The queries inside one spec while it is checked. Names that a query outside has `taken` are replaced inside, so that SQL's nearest name is always
/// the one that was meant.
class Queries {
 public:
  /// Expressions grow when derived columns are put in place of their names; this stops a chain that doubles at each step.
  static constexpr std::int64_t kPartsMax = 20'000;

  explicit Queries(const Catalog& catalog) : catalog_(catalog) {}
  const Catalog& catalog() const { return catalog_; }

  /// Errors: those of Spec::create. What has been checked is given back as it is; the answer lives as long as this.
  Result<const CheckedQuery*> check(const std::shared_ptr<const SpecDraft>& query, const std::vector<std::string>& taken);
  /// The query behind the pointer that `check` gave out, or null.
  const CheckedQuery* find(const std::shared_ptr<const SpecDraft>& query) const;
  /// The size of a resolved expression, its queries included.
  std::int64_t parts(const Expr& expr) const;

 private:
  std::int64_t parts(const Select& select) const;

  const Catalog& catalog_;
  int depth_ = 0;
  std::map<const SpecDraft*, CheckedQuery> checked_{};
};

/// The check of a draft, at the top and inside; see Spec::create.
struct CheckedDraft {
  std::vector<ResultColumn> columns{};
  bool one_row = false;
};
Result<CheckedDraft> check_draft(SpecDraft& draft, Queries& queries, const std::vector<std::string>& taken);

}  // namespace sluice::plan
