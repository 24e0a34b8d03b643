#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sql/bind.h"
#include "sql/bind_scope.h"

namespace sluice {

/// The walk behind `bind_names`; used once. Its parts: queries (bind.cc), FROM (bind_from.cc), expressions (bind_expr.cc), names (bind_names.cc).
class Binder {
 public:
  Binder(const Catalog& catalog, Dialect dialect) : catalog_(catalog), dialect_(dialect) {}
  Bound bind(const Query& query);

 private:
  /// What a query gives to whoever selects from it.
  struct Shape {
    std::vector<OutputColumn> output{};
    bool open = false;  ///< there may be more columns
    bool at_most_one_row = false;
    std::vector<std::string> unique_by{};
  };
  struct CteEntry {
    std::string name{};
    Shape shape{};
    bool ready = true;  ///< false while a recursive one's first part is bound
  };
  struct Usage {
    TableUse use{};
    std::set<std::string> columns{};
  };

  // bind.cc
  Shape bind_query(const Query& query, const Scope* outer);
  void bind_with(const Cte& cte, const Scope* outer);
  Shape bind_set_operation(const Query& query, const Scope* outer, const Cte* recursive);
  Shape combine(const Query& query, Shape left, Shape right);
  Shape bind_select(const Query& query, const Scope* outer);
  void bind_targets(const Query& query, Scope& scope, Shape& shape, std::vector<bool>& aggregated);
  void bind_clauses(const Query& query, Scope& scope, const Shape& shape);
  void bind_group_by(const Query& query, Scope& scope, const Shape& shape);
  void bind_output_reference(const Expr& expr, Scope& scope, const Shape& shape, std::string_view clause);
  bool bind_position(const Expr& expr, const Shape& shape, std::string_view clause);
  void expand_star(const Expr& star, const Scope& scope, Shape& shape);
  void finish_shape(const Query& query, const SelectFrame& frame, const std::vector<bool>& aggregated, Shape& shape);
  static std::string output_name(const Target& target);

  // bind_from.cc
  FromPart bind_relation(const Relation& relation, const Scope* outer, SelectFrame& frame, const FromPart& before);
  FromPart bind_table(const Relation& relation, SelectFrame& frame);
  FromPart bind_function(const Relation& relation, const Scope& lateral, SelectFrame& frame);
  FromPart bind_values(const Relation& relation, const Scope* outer, SelectFrame& frame);
  FromPart bind_join(const Relation& relation, const Scope* outer, SelectFrame& frame, const FromPart& before);
  FromPart rename_join(const Relation& relation, SelectFrame& frame, const FromPart& joined);
  FromPart merge(const Relation& relation, SelectFrame& frame, const FromPart& left, const FromPart& right);
  std::vector<std::string> merged_names(const Relation& relation, const FromPart& left, const FromPart& right) const;
  FromPart add_source(const Relation& relation, SelectFrame& frame, Source source, RelationFact fact);
  Source derived_source(const Shape& shape, std::string alias) const;
  void check_aliases(const SelectFrame& frame, const FromPart& part);
  void bind_condition(const Expr& expr, const Scope& scope);
  void note_conjunct(const Expr& expr, SelectFrame& frame, std::size_t mark);
  static void link(SelectFrame& frame, std::size_t mark, std::optional<std::size_t> with);
  const Table* find_table(const Relation& relation);
  void unknown_table(const Relation& relation, std::string_view why);
  const CteEntry* find_cte(const std::string& name) const;

  // bind_expr.cc
  Typed bind_expr(const Expr& expr, const Scope& scope);
  Typed bind_kind(const Expr& expr, const Scope& scope);
  Typed bind_call(const Expr& expr, const Scope& scope, bool in_from);
  Typed bind_op(const Expr& expr, const Scope& scope);
  Typed bind_case(const Expr& expr, const Scope& scope);
  Typed bind_query_expr(const Expr& expr, const Scope& scope);
  Typed bind_star(const Expr& expr, const Scope& scope);
  Typed bind_all(const std::vector<Expr>& args, const Scope& scope);
  void bind_window(const Window& window, const Scope& scope);
  void bind_keys(const std::vector<SortKey>& keys, const Scope& scope);
  void note_aggregate(const Expr& expr, const std::string& function, SelectFrame& frame, std::size_t mark);

  // bind_names.cc
  Typed resolve(const Expr& expr, const Scope& scope);
  std::optional<Typed> resolve_bare(const Expr& expr, const std::string& name, const Scope& scope);
  std::optional<Typed> resolve_at(const Expr& expr, const std::string& name, const Scope& scope);
  std::optional<Typed> resolve_output(const Expr& expr, const std::string& name, const Scope& scope);
  std::optional<Typed> resolve_qualified(const std::vector<std::string>& parts, std::size_t qualifiers, const Scope& scope);
  std::optional<Typed> resolve_system(const std::string& name, const Scope& scope);
  std::optional<Typed> resolve_whole_row(const std::string& name, const Scope& scope);
  std::pair<const Scope*, std::size_t> find_source(const std::vector<std::string>& parts, std::size_t qualifiers, const Scope& scope) const;
  Typed touch(SelectFrame& frame, const Visible& visible);
  Typed touch_all(SelectFrame& frame, std::size_t relation);
  void use_column(const TableName& table, const std::string& column);
  bool may_hold_fields(const Typed& value, std::size_t fields) const;
  void unknown_column(const Expr& expr, const Scope& scope);
  void report(UnknownKind kind, std::string name, int location, std::string suggestion, std::string message);

  /// Counts work; false, and reported once, when the query has used up its bound.
  bool spend(std::size_t names);

  bool same(std::string_view a, std::string_view b) const;

  const Catalog& catalog_;
  Dialect dialect_;
  Bound bound_{};
  std::map<TableName, Usage> usage_{};
  std::vector<CteEntry> ctes_{};
  int depth_ = 0;
  std::size_t work_ = 0;
};

}  // namespace sluice
