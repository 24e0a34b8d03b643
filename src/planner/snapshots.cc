#include "planner/snapshots.h"

#include <algorithm>
#include <functional>

#include "planner/calendar.h"
#include "planner/shape_error.h"

namespace sluice::planner {
namespace {

using plan::Expr;
using plan::Fn;
using plan::Select;
using plan::SpecDraft;

/// A table of which each row tells how things stood on a day.
struct Snapshot {
  std::string called{}, date{};
  std::vector<std::string> levels{};  ///< columns that tell how much there was
};

bool is_date(const Known& known, int table, int column) {
  const Link link{Link::Kind::column, table, column, 1, ""};
  return known.column(link).type.is_temporal() || known.is_date_as_text(link);
}

/// The table as a snapshot: its key is one date and what was looked at then.
std::optional<Snapshot> snapshot_of(const Known& known, const TableName& name) {
  const Table* found = known.real.find(name);
  if (found == nullptr || !found->primary_key || found->primary_key->columns.size() < 2) return std::nullopt;
  const int table = static_cast<int>(found - known.real.tables.data());
  Snapshot out{.called = known.called(table)};
  for (int c = 0; c < static_cast<int>(found->columns.size()); ++c) {
    const Column& column = found->columns[static_cast<std::size_t>(c)];
    const bool in_key = std::ranges::find(found->primary_key->columns, column.name) != found->primary_key->columns.end();
    if (in_key && is_date(known, table, c)) {
      if (!out.date.empty()) return std::nullopt;
      out.date = column.name;
    } else if (!in_key && column.type.is_numeric() && known.lexicon.is_level(name_pieces(column.name))) {
      out.levels.push_back(column.name);
    }
  }
  return out.date.empty() || out.levels.empty() ? std::nullopt : std::optional(std::move(out));
}

/// What one SELECT does with a snapshot that it reads under an alias.
class Use {
 public:
  Use(const Snapshot& snapshot, std::string alias, bool alone) : snapshot_(snapshot), alias_(std::move(alias)), alone_(alone) {}

  bool says_when = false, says_level = false, adds_level = false;

  /// `inside`: the aggregate that it is an argument of.
  void see(const Expr& expr, std::optional<Fn> inside = std::nullopt) {
    if (is(expr, snapshot_.date)) says_when = true;
    // An average over time means something, and so does the most there ever was.
    if (std::ranges::any_of(snapshot_.levels, [&](const std::string& level) { return is(expr, level); })) {
      says_level = says_level || !inside;
      adds_level = adds_level || inside == Fn::sum;
    }
    if (const auto* call = std::get_if<plan::Call>(&expr.node))
      for (const Expr& part : call->args) see(part, plan::is_aggregate(call->fn) ? std::optional(call->fn) : inside);
    if (const auto* exists = std::get_if<plan::Exists>(&expr.node))
      for (const plan::JoinKey& key : exists->on) see(key.value, inside);
  }
  /// Whether groups are made of single days.
  bool is_each_day(const Expr& key) const {
    if (is(key, snapshot_.date)) return true;
    const auto* call = std::get_if<plan::Call>(&key.node);
    return call != nullptr && call->fn == Fn::trunc_day && std::ranges::any_of(call->args, [&](const Expr& part) { return is_each_day(part); });
  }
  /// Whether the condition leaves the rows of one day, or one date that is said.
  bool is_one_day(const Expr& where) const {
    std::optional<Day> from, to;
    bool equal = false;
    const std::function<void(const Expr&)> look = [&](const Expr& one) {
      const auto* call = std::get_if<plan::Call>(&one.node);
      if (call == nullptr) return;
      if (call->fn == Fn::logical_and)
        for (const Expr& part : call->args) look(part);
      if (call->args.size() != 2 || !is(call->args.front(), snapshot_.date)) return;
      equal = equal || call->fn == Fn::eq;
      const auto* literal = std::get_if<plan::Literal>(&call->args.back().node);
      const auto* text = literal == nullptr ? nullptr : std::get_if<std::string>(&literal->value);
      if (text != nullptr && call->fn == Fn::ge) from = day_of(*text);
      if (text != nullptr && call->fn == Fn::lt) to = day_of(*text);
    };
    look(where);
    return equal || (from && to && *to == *from + std::chrono::days{1});
  }
  bool is(const Expr& expr, const std::string& column) const {
    const auto* ref = std::get_if<plan::ColumnRef>(&expr.node);
    return ref != nullptr && ref->column == column && (ref->source == alias_ || (ref->source.empty() && alone_));
  }

 private:
  const Snapshot& snapshot_;
  const std::string alias_;
  const bool alone_;
};

class Check {
 public:
  explicit Check(const Known& known) : known_(known) {}

  /// `inside`: what the rows are looked for, not what is shown.
  Result<> run(const SpecDraft& draft, bool inside) {
    TRY_VOID(run(draft.select, draft.order_by, inside));
    for (const plan::Combine& other : draft.combine) TRY_VOID(run(other.select, {}, inside));
    return {};
  }

 private:
  Result<> run(const Select& select, const std::vector<plan::OrderKey>& order, bool inside) {
    std::vector<const plan::Source*> sources{&select.from};
    for (const plan::Join& join : select.joins) sources.push_back(&join.source);
    for (const plan::Source* source : sources) {
      if (source->query != nullptr) {
        TRY_VOID(run(*source->query, inside));
        continue;
      }
      if (const auto snapshot = snapshot_of(known_, source->table)) TRY_VOID(used(*snapshot, *source, select, order, inside));
    }
    for (const Expr* expr : exprs_of(select, order)) TRY_VOID(nested(*expr));
    return {};
  }
  Result<> nested(const Expr& expr) {
    if (const auto* exists = std::get_if<plan::Exists>(&expr.node)) return run(*exists->query, true);
    if (const auto* scalar = std::get_if<plan::Scalar>(&expr.node)) return run(*scalar->query, true);
    if (const auto* call = std::get_if<plan::Call>(&expr.node))
      for (const Expr& part : call->args) TRY_VOID(nested(part));
    return {};
  }
  static std::vector<const Expr*> exprs_of(const Select& select, const std::vector<plan::OrderKey>& order) {
    std::vector<const Expr*> out;
    out.reserve(select.derived.size() + select.columns.size() + select.group_by.size() + order.size());
    for (const plan::Named& one : select.derived) out.push_back(&one.value);
    for (const plan::Named& one : select.columns) out.push_back(&one.value);
    for (const Expr& one : select.group_by) out.push_back(&one);
    for (const plan::OrderKey& one : order) out.push_back(&one.value);
    for (const plan::Window& window : select.windows) {
      for (const Expr& one : window.args) out.push_back(&one);
      for (const Expr& one : window.partition_by) out.push_back(&one);
      for (const plan::OrderKey& one : window.order_by) out.push_back(&one.value);
    }
    for (const auto& one : {&select.where, &select.having, &select.keep})
      if (*one) out.push_back(&**one);
    return out;
  }
  static Result<> used(const Snapshot& snapshot, const plan::Source& source, const Select& select, const std::vector<plan::OrderKey>& order,
                       bool inside) {
    Use use(snapshot, source.alias, select.joins.empty());
    for (const Expr* expr : exprs_of(select, order)) use.see(*expr);
    const bool each_day = std::ranges::any_of(select.group_by, [&](const Expr& one) { return use.is_each_day(one); });
    const bool one_day = select.where && use.is_one_day(*select.where);
    const bool mixed = use.adds_level && !each_day && !one_day;
    if (!mixed && (use.says_when || (!inside && !use.says_level))) return {};
    return shape_error(
        "\"" + snapshot.called + "\" has rows for every " + snapshot.date + ", and what was there on different days would be taken together",
        "say which day is meant, or ask for \"the latest " + snapshot.levels.front() + " of each …\"");
  }

  const Known& known_;
};

}  // namespace

Result<> check_snapshots(const Known& known, const SpecDraft& draft) { return Check(known).run(draft, false); }

}  // namespace sluice::planner
