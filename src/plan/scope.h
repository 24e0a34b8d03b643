#pragma once
#include <memory>
#include <string>
#include <vector>

#include "plan/queries.h"

namespace sluice::plan {

/// The rows that a select numbered, or computed otherwise over windows, before `keep` chooses among them; the name they have in SQL.
inline constexpr std::string_view kWindowRows = "numbered";

/// What the names in a select mean: its sources, its derived columns and, where a part may use them, its output columns.
class Scope {
 public:
  /// Looks up and checks the sources and joins; writes names as the catalog has them, and other aliases for those that are `taken`.
  static Result<Scope> open(Select& select, Queries& queries, const std::vector<std::string>& taken);
  /// The scope of `keep`: what a select gives, its hidden windows included.
  static Scope of_rows(const std::vector<ResultColumn>& columns, Queries& queries);

  /// The expression with every reference resolved: source filled in, derived (and, where given, output) columns put in place.
  Result<Expr> resolve(const Expr& expr, const std::vector<Named>* outputs) const;
  Result<TypeKind> type(const Expr& resolved) const;
  /// Resolves the derived columns, each of which may use those before it.
  Result<> derive(std::vector<Named>& derived);

 private:
  struct Entry {
    std::string name, alias;  ///< as the spec calls it; as SQL does
    const Table* table;
    std::unique_ptr<Table> rows;  ///< what `table` points at where the source is a query
  };
  explicit Scope(Queries& queries) : queries_(&queries) {}
  static Entry rows_of(const std::string& name, const std::vector<ResultColumn>& columns);
  Result<> add(Source& source);
  bool may_hide(TypeKind kind) const;
  Result<Entry> find_source(Source& source) const;
  Result<> check_join(Join& join) const;
  Result<Expr> resolve_ref(const ColumnRef& ref, const std::vector<Named>* outputs) const;
  Result<Expr> resolve_node(const Expr& expr, const std::vector<Named>* outputs, std::int64_t& parts) const;
  Result<Expr> resolve_exists(const Exists& exists, const std::vector<Named>* outputs, std::int64_t& parts) const;
  Result<Expr> resolve_scalar(const Scalar& scalar, std::int64_t& parts) const;
  std::vector<std::string> aliases() const;
  Error no_such_column(const ColumnRef& ref) const;

  Queries* queries_;
  std::vector<std::string> taken_{}, used_{};  ///< names that aliases must not be; and those that they are
  std::vector<Entry> entries_{};
  std::vector<Named> derived_{};
};

}  // namespace sluice::plan
