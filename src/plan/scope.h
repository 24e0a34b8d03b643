#pragma once
#include <string>
#include <vector>

#include "plan/spec.h"

namespace sluice::plan {

/// What the names in a select mean: its sources, its derived columns and, where a part may use them, its output columns.
class Scope {
 public:
  /// Looks up and checks the sources and joins; writes names as the catalog has them.
  static Result<Scope> open(Select& select, const Catalog& catalog);

  /// The expression with every reference resolved: source filled in, derived (and, where given, output) columns put in place.
  Result<Expr> resolve(const Expr& expr, const std::vector<Named>* outputs) const;
  Result<TypeKind> type(const Expr& resolved) const;
  /// Resolves the derived columns, each of which may use those before it.
  Result<> derive(std::vector<Named>& derived);

 private:
  struct Entry {
    std::string alias;
    const Table* table;
  };
  Result<> add(Source& source, const Catalog& catalog);
  Result<> check_join(Join& join) const;
  Result<Expr> resolve_ref(const ColumnRef& ref, const std::vector<Named>* outputs) const;
  Result<Expr> resolve_node(const Expr& expr, const std::vector<Named>* outputs, int& nodes) const;
  Error no_such_column(const ColumnRef& ref) const;

  std::vector<Entry> entries_{};
  std::vector<Named> derived_{};
};

}  // namespace sluice::plan
