#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/catalog.h"
#include "plan/expr.h"

namespace sluice::plan {

/// Whether both are queries of the same content, or both none.
bool same_query(const std::shared_ptr<const SpecDraft>& a, const std::shared_ptr<const SpecDraft>& b);

/// A table to read from, under a name of its own ("": the table's); or the rows of a query, which needs a name.
struct Source {
  TableName table{};
  std::shared_ptr<const SpecDraft> query{};
  std::string alias{};

  bool operator==(const Source&) const;
  static constexpr auto fields() {
    return std::tuple{Field{"table", &Source::table}, Field{"query", &Source::query}, Field{"alias", &Source::alias}};
  }
};

/// `cross` puts the one row of a query beside every row, and keeps no row where the query has none; it has no `on`.
enum class JoinKind : std::uint8_t { inner, left, cross };
/// Rows match where every left column (of an earlier source) equals the right one (of this source).
struct JoinPair {
  Expr left{}, right{};
  bool operator==(const JoinPair&) const = default;
  static constexpr auto fields() { return std::tuple{Field{"left", &JoinPair::left}, Field{"right", &JoinPair::right}}; }
};
struct Join {
  JoinKind kind = JoinKind::inner;
  Source source{};
  std::vector<JoinPair> on{};

  bool operator==(const Join&) const = default;
  static constexpr auto fields() { return std::tuple{Field{"kind", &Join::kind}, Field{"source", &Join::source}, Field{"on", &Join::on}}; }
};

/// A named expression: a derived column or an output column.
struct Named {
  std::string name{};
  Expr value{};

  bool operator==(const Named&) const = default;
  static constexpr auto fields() { return std::tuple{Field{"name", &Named::name}, Field{"value", &Named::value}}; }
};

/// NULLs come last either way.
struct OrderKey {
  Expr value{};
  bool descending = false;

  bool operator==(const OrderKey&) const = default;
  static constexpr auto fields() { return std::tuple{Field{"value", &OrderKey::value}, Field{"descending", &OrderKey::descending}}; }
};

enum class WindowFn : std::uint8_t { row_number, rank, dense_rank, sum, avg, min, max, count, lag };
/// A value for each row from the rows of its partition: its place in an order, the value of the row before (`lag`), or an aggregate: of the whole
/// partition, or, with an order, of the rows up to this one. `count` without an argument counts rows.
struct Window {
  std::string name{};
  WindowFn fn = WindowFn::row_number;
  std::vector<Expr> partition_by{};
  std::vector<OrderKey> order_by{};
  bool hidden = false;       ///< only for `keep`, not part of the output
  std::vector<Expr> args{};  ///< of an aggregate or lag: one

  bool operator==(const Window&) const = default;
  static constexpr auto fields() {
    return std::tuple{Field{"name", &Window::name},         Field{"fn", &Window::fn},         Field{"partition_by", &Window::partition_by},
                      Field{"order_by", &Window::order_by}, Field{"hidden", &Window::hidden}, Field{"args", &Window::args}};
  }
};

/// The aggregate that a window computes; none for places and lag.
std::optional<Fn> aggregate_of(const Window& window);

/// One SELECT as data. Where there is a group by or an aggregate, every other part follows SQL's rules of grouping.
struct Select {
  Source from{};
  std::vector<Join> joins{};
  std::vector<Named> derived{};  ///< usable by name everywhere below
  std::optional<Expr> where{};
  std::vector<Expr> group_by{};
  std::optional<Expr> having{};  ///< may name output columns
  std::vector<Window> windows{};
  std::optional<Expr> keep{};    ///< a condition on output columns and windows, applied last
  std::vector<Named> columns{};  ///< the output, at least one
  bool distinct = false;

  bool operator==(const Select&) const = default;
  static constexpr auto fields() {
    return std::tuple{Field{"from", &Select::from},        Field{"joins", &Select::joins},       Field{"derived", &Select::derived},
                      Field{"where", &Select::where},      Field{"group_by", &Select::group_by}, Field{"having", &Select::having},
                      Field{"windows", &Select::windows},  Field{"keep", &Select::keep},         Field{"columns", &Select::columns},
                      Field{"distinct", &Select::distinct}};
  }
};

enum class SetOp : std::uint8_t { union_distinct, union_all, intersect, except };
/// Combines what came before with one more select of the same number and kinds of columns; from left to right.
struct Combine {
  SetOp op = SetOp::union_distinct;
  Select select{};

  bool operator==(const Combine&) const = default;
  static constexpr auto fields() { return std::tuple{Field{"op", &Combine::op}, Field{"select", &Combine::select}}; }
};

/// The select part of a transform spec, as written by a planner, a model or a person; see docs/schemas/transform-spec.schema.json.
struct SpecDraft {
  Select select{};
  std::vector<Combine> combine{};
  std::vector<OrderKey> order_by{};  ///< output columns by name; without `combine`, also other expressions
  std::optional<std::int64_t> limit{}, offset{};

  bool operator==(const SpecDraft&) const = default;
  static constexpr auto fields() {
    return std::tuple{Field{"select", &SpecDraft::select}, Field{"combine", &SpecDraft::combine}, Field{"order_by", &SpecDraft::order_by},
                      Field{"limit", &SpecDraft::limit}, Field{"offset", &SpecDraft::offset}};
  }
};

/// The rows of a query as a source.
Source from_query(SpecDraft query, std::string alias);

inline constexpr std::size_t kSourcesMax = 32, kColumnsMax = 1600, kCombinesMax = 16;
/// How deep queries may stand inside queries.
inline constexpr int kQueryDepthMax = 6;

/// A spec that was checked against a catalog: every table and column exists, every expression has a type, grouping is right.
class Spec {
 public:
  /// Errors: E0900 no such table, E0901 no such column, E0902 types that don't go together, E0903 wrong grouping, E0904 a name that is
  /// used twice or means two things, E0905 out of bounds or empty, E0906 wrong order or set operation, E0907 a value that is none.
  static Result<Spec> create(SpecDraft draft, const Catalog& catalog);

  /// The draft with names as the catalog writes them, sources filled in, and derived columns put in place of their names.
  const SpecDraft& draft() const { return draft_; }
  /// Name and kind of what comes out, in order.
  const std::vector<ResultColumn>& columns() const { return columns_; }

 private:
  Spec(SpecDraft draft, std::vector<ResultColumn> columns) : draft_(std::move(draft)), columns_(std::move(columns)) {}
  SpecDraft draft_;
  std::vector<ResultColumn> columns_;
};

}  // namespace sluice::plan

namespace sluice {
template <>
struct EnumNames<plan::JoinKind> {
  static constexpr std::array<std::pair<plan::JoinKind, std::string_view>, 3> names{
      {{plan::JoinKind::inner, "inner"}, {plan::JoinKind::left, "left"}, {plan::JoinKind::cross, "cross"}}};
};
template <>
struct EnumNames<plan::WindowFn> {
  static constexpr std::array<std::pair<plan::WindowFn, std::string_view>, 9> names{{{plan::WindowFn::row_number, "row_number"},
                                                                                     {plan::WindowFn::rank, "rank"},
                                                                                     {plan::WindowFn::dense_rank, "dense_rank"},
                                                                                     {plan::WindowFn::sum, "sum"},
                                                                                     {plan::WindowFn::avg, "avg"},
                                                                                     {plan::WindowFn::min, "min"},
                                                                                     {plan::WindowFn::max, "max"},
                                                                                     {plan::WindowFn::count, "count"},
                                                                                     {plan::WindowFn::lag, "lag"}}};
};
template <>
struct EnumNames<plan::SetOp> {
  static constexpr std::array<std::pair<plan::SetOp, std::string_view>, 4> names{{{plan::SetOp::union_distinct, "union"},
                                                                                  {plan::SetOp::union_all, "union all"},
                                                                                  {plan::SetOp::intersect, "intersect"},
                                                                                  {plan::SetOp::except, "except"}}};
};
}  // namespace sluice
