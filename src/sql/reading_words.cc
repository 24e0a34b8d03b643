#include "sql/reading_words.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"
#include "sql/bind.h"
#include "sql/expr_text.h"
#include "sql/infer_type.h"

namespace sluice {
namespace {

std::string as_sql(const Expr& expr) { return "`" + expr_text(expr) + "`"; }

bool is_null_literal(const Expr& expr) { return expr.kind == ExprKind::literal && expr.literal == LiteralKind::null; }

struct Words {
  std::string_view op, words;
};
constexpr std::array<Words, 18> kComparisons{{{"=", "is"},
                                              {"==", "is"},
                                              {"<>", "is not"},
                                              {"!=", "is not"},
                                              {"<", "is less than"},
                                              {"<=", "is at most"},
                                              {">", "is greater than"},
                                              {">=", "is at least"},
                                              {"like", "matches the pattern"},
                                              {"not like", "does not match the pattern"},
                                              {"ilike", "matches, ignoring case, the pattern"},
                                              {"not ilike", "does not match, ignoring case, the pattern"},
                                              {"similar to", "matches the SQL pattern"},
                                              {"not similar to", "does not match the SQL pattern"},
                                              {"~", "matches the regular expression"},
                                              {"!~", "does not match the regular expression"},
                                              {"is distinct from", "differs (NULL counting as a value) from"},
                                              {"is not distinct from", "is the same (NULL counting as a value) as"}}};
constexpr std::array<Words, 9> kAggregateWords{{{"avg", "the average of"},
                                                {"mean", "the average of"},
                                                {"sum", "the total of"},
                                                {"min", "the lowest"},
                                                {"max", "the highest"},
                                                {"median", "the median of"},
                                                {"stddev", "the standard deviation of"},
                                                {"stddev_samp", "the standard deviation of"},
                                                {"array_agg", "the list of"}}};

const Words* find(std::span<const Words> table, std::string_view op) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Words& entry) { return entry.op == op; });
  return found == table.end() ? nullptr : &*found;
}

constexpr std::string_view kRowCount = "the number of rows";
/// A condition of more parts reads better as a sentence of its own.
constexpr std::size_t kConditionsInPlaceMax = 3;

bool has_query(const Expr& expr) { return !expr.query.empty() || std::any_of(expr.args.begin(), expr.args.end(), has_query); }

/// Whether the query only filters one thing that it reads, shortly: what is said of it in place says all of it.
bool only_filters(const Query& query) {
  const bool bare = query.with.empty() && query.set_op == SetOp::none && query.distinct_on.empty() && query.group_by.empty() &&
                    query.grouping_sets.empty() && !query.group_by_all && query.having.empty() && query.qualify.empty() && query.windows.empty() &&
                    query.order_by.empty() && !query.order_by_all && query.limit.empty() && query.offset.empty();
  if (!bare || query.from.size() != 1) return false;
  const Relation& from = query.from[0];
  if ((from.kind != RelationKind::table && from.kind != RelationKind::subquery) || from.lateral || from.sampled) return false;
  if (query.where.empty()) return true;
  const Expr& where = query.where[0];
  return !has_query(where) && (where.kind != ExprKind::logic || where.args.size() <= kConditionsInPlaceMax);
}

bool is_simple_target(const Target& target) {
  return target.value.kind == ExprKind::literal || (target.value.kind == ExprKind::star && target.value.args.empty());
}

}  // namespace

std::string direction_words(const SortKey& key) {
  std::string out = key.descending ? ", highest first" : ", lowest first";
  if (key.nulls_first) out += *key.nulls_first ? " (NULLs before all)" : " (NULLs after all)";
  return out;
}

std::string listed(const std::vector<std::string>& items) {
  std::string out;
  for (std::size_t i = 0; i < items.size(); ++i) out += (i == 0 ? "" : i + 1 == items.size() ? " and " : ", ") + items[i];
  return out;
}

bool has_aggregate(const Expr& expr) {
  if (expr.kind == ExprKind::call && expr.window.empty() && !expr.name.empty() && is_known_aggregate(to_lower(expr.name.back()))) return true;
  return std::any_of(expr.args.begin(), expr.args.end(), has_aggregate);
}

/// A column without "the": where several stand beside each other.
std::string ReadingWords::bare(const Expr& expr) const { return expr.kind == ExprKind::column ? names_text(expr.name) : value(expr); }

std::string ReadingWords::items(const std::vector<Expr>& args, std::size_t from) const {
  std::string out;
  for (std::size_t i = from; i < args.size(); ++i) out += (i > from ? ", " : "") + bare(args[i]);
  return out;
}

std::string ReadingWords::value(const Expr& expr) const {
  switch (expr.kind) {
    case ExprKind::column: return (expr.name.size() == 1 ? "the " : "") + names_text(expr.name);
    case ExprKind::literal: return expr_text(expr);
    case ExprKind::star: return star(expr);
    case ExprKind::subquery:
      if (!expr.query.empty()) return subquery(expr.query[0]);
      break;
    case ExprKind::call: return expr.window.empty() ? aggregate(expr) : windowed(expr);
    default: break;
  }
  return as_sql(expr);
}

std::string ReadingWords::star(const Expr& expr) const {
  std::string out = expr.name.empty() ? "every column" : "every column of " + names_text(expr.name);
  std::vector<std::string> names;
  names.reserve(expr.excluded.size());
  for (const std::string& name : expr.excluded) names.push_back(name_text(name));
  if (!names.empty()) out += " except " + listed(names);
  std::vector<std::string> replaced;
  for (const Expr& arg : expr.args) {
    const bool named = arg.kind == ExprKind::op && arg.args.size() == 1 && arg.name == std::vector<std::string>{"=>"};
    replaced.push_back(named ? name_text(arg.text) + " replaced by " + value(arg.args[0]) : as_sql(arg));
  }
  return replaced.empty() ? out : out + ", with " + listed(replaced);
}

std::string ReadingWords::aggregate(const Expr& expr) const {
  const std::string function = expr.name.size() == 1 ? expr.name[0] : "";
  if (!expr.window.empty() || !expr.order_by.empty() || expr.ignore_nulls || expr.within_group) return as_sql(expr);
  std::string words;
  const bool rows =
      function == "count_star" || (function == "count" && (expr.args.empty() || (expr.args.size() == 1 && expr.args[0].kind == ExprKind::star &&
                                                                                 expr.args[0].name.empty() && expr.args[0].excluded.empty())));
  if (rows && !expr.distinct) {
    words = kRowCount;
  } else if (expr.args.size() == 1 && function == "count") {
    words = (expr.distinct ? "the number of different values of " : "the number of rows with a value of ") + bare(expr.args[0]);
  } else if (const Words* known = find(kAggregateWords, function); known != nullptr && expr.args.size() == 1) {
    words = std::string(known->words) + " " + (expr.distinct ? "the different values of " : "") + bare(expr.args[0]);
  } else {
    return as_sql(expr);
  }
  for (const Expr& filter : expr.filter) words += " (only of rows where " + condition(filter) + ")";
  return words;
}

/// "some row of orders exists with (orders.customer_id = customers.id)": what is said after it can't be taken for a part of it.
std::string ReadingWords::exists(const Query& query, bool negated) const {
  if (!only_filters(query) || !std::all_of(query.targets.begin(), query.targets.end(), is_simple_target))
    return (negated ? "there is no row in " : "there is a row in ") + names_.query(query);
  std::string out = (negated ? "no row of " : "some row of ") + names_.rows(query.from[0]) + " exists";
  for (const Expr& where : query.where) out += " with (" + condition(where) + ")";
  return out;
}

/// "the average of total (over rows of orders where the status is 'paid')".
std::string ReadingWords::subquery(const Query& query) const {
  const Expr* value_of = query.targets.size() == 1 ? &query.targets[0].value : nullptr;
  const bool one = value_of != nullptr && value_of->kind == ExprKind::call && value_of->window.empty() && has_aggregate(*value_of) &&
                   !has_query(*value_of) && !query.distinct && only_filters(query);
  if (!one) return "the value of " + names_.query(query);
  const std::string words = value(*value_of), rows = names_.rows(query.from[0]);
  if (words == kRowCount) {
    if (query.where.empty()) return "the number of all rows of " + rows;
    return words + " of " + rows + " with (" + condition(query.where[0]) + ")";
  }
  if (query.where.empty()) return words + " (over all rows of " + rows + ")";
  return words + " (over rows of " + rows + " where " + condition(query.where[0]) + ")";
}

std::string ReadingWords::sorted(const std::vector<SortKey>& keys) const {
  std::string out;
  for (const SortKey& key : keys) out += (out.empty() ? " (ordered by " : "; then by ") + bare(key.value) + direction_words(key);
  return out.empty() ? out : out + ")";
}

/// "the total of x over the rows up to this one with the same g (ordered by d, lowest first)"; a frame without words of its own stays SQL.
std::string ReadingWords::windowed(const Expr& expr) const {
  const Window& window = expr.window[0];
  const std::string function = expr.name.size() == 1 ? expr.name[0] : "";
  Expr plain = expr;
  plain.window.clear();
  const std::string core = aggregate(plain);
  const bool running = window.frame == "rows between unbounded preceding and current row";
  if (!window.reference.empty() || (!running && !window.frame.empty()) || expr.ignore_nulls || !expr.order_by.empty()) return as_sql(expr);
  // Aggregates of aggregates are over groups.
  const bool groups = std::any_of(expr.args.begin(), expr.args.end(), has_aggregate) ||
                      std::any_of(window.order_by.begin(), window.order_by.end(), [](const SortKey& key) { return has_aggregate(key.value); });
  const std::string row = groups ? "group" : "row", rows = row + "s";
  std::vector<std::string> keys;
  keys.reserve(window.partition_by.size());
  for (const Expr& key : window.partition_by) keys.push_back(bare(key));
  const std::string same = keys.empty() ? "" : " with the same " + listed(keys), order = sorted(window.order_by);
  const std::string among = " among " + (keys.empty() ? "all " + rows : rows + same) + order;
  if (expr.args.empty() && window.frame.empty() && !order.empty()) {
    if (function == "row_number") return "the number in line" + among;
    if (function == "rank") return "the rank (with gaps after ties)" + among;
    if (function == "dense_rank") return "the rank (without gaps after ties)" + among;
  }
  if ((function == "lag" || function == "lead") && expr.args.size() == 1 && window.frame.empty() && !order.empty() && !expr.distinct)
    return value(expr.args[0]) + " of the " + row + (function == "lag" ? " before" : " after") + among;
  if (core.starts_with('`')) return as_sql(expr);
  const bool counts = core == kRowCount && !groups;
  if (order.empty()) return running ? as_sql(expr) : (counts ? "the number of" : core + " over") + " all " + rows + same;
  return (counts ? "the number of " : core + " over the ") + rows + " up to this one" + (running ? "" : " and those that tie with it") + same + order;
}

std::string ReadingWords::condition(const Expr& expr) const {
  switch (expr.kind) {
    case ExprKind::logic: return logic(expr);
    case ExprKind::op: return comparison(expr);
    case ExprKind::is_null:
      if (expr.args.size() != 1) break;
      return value(expr.args[0]) + (expr.negated ? " has a value" : " has no value (is NULL)");
    case ExprKind::between:
      if (expr.args.size() != 3) break;
      return value(expr.args[0]) + (expr.negated ? " is not between " : " is between ") + bare(expr.args[1]) + " and " + bare(expr.args[2]);
    case ExprKind::in_list:
    case ExprKind::in_query: return membership(expr);
    case ExprKind::exists:
      if (expr.query.empty()) break;
      return exists(expr.query[0], expr.negated);
    case ExprKind::column: return value(expr) + " is true";
    case ExprKind::is_bool:
      if (expr.args.size() != 1) break;
      return value(expr.args[0]) + (expr.negated ? " is not " : " is ") + expr.text;
    default: break;
  }
  return as_sql(expr);
}

std::string ReadingWords::logic(const Expr& expr) const {
  const std::string word = expr.name.empty() ? "and" : expr.name[0];
  const bool absent = word == "not" && expr.args.size() == 1 && expr.args[0].kind == ExprKind::exists && expr.args[0].query.size() == 1;
  if (absent) return exists(expr.args[0].query[0], !expr.args[0].negated);
  if (word == "not") return expr.args.size() == 1 ? "not (" + condition(expr.args[0]) + ")" : as_sql(expr);
  std::string out;
  for (const Expr& arg : expr.args) {
    if (!out.empty()) out += word == "or" ? " or " : " and ";
    const bool nested = arg.kind == ExprKind::logic && arg.name != expr.name && arg.name != std::vector<std::string>{"not"};
    out += nested ? "(" + condition(arg) + ")" : condition(arg);
  }
  return out;
}

std::string ReadingWords::comparison(const Expr& expr) const {
  if (expr.name.size() != 1 || expr.args.size() != 2 || !expr.text.empty()) return as_sql(expr);
  const std::string& op = expr.name[0];
  if (is_comparison(op) && (is_null_literal(expr.args[0]) || is_null_literal(expr.args[1])))
    return as_sql(expr) + " (never true: it compares with NULL)";
  const bool columns = expr.args[0].kind == ExprKind::column && expr.args[1].kind == ExprKind::column;
  if (columns && is_comparison(op)) return expr_text(expr);
  const Words* known = find(kComparisons, op);
  return known == nullptr ? as_sql(expr) : value(expr.args[0]) + " " + std::string(known->words) + " " + bare(expr.args[1]);
}

std::string ReadingWords::membership(const Expr& expr) const {
  if (expr.args.empty()) return as_sql(expr);
  if (expr.kind == ExprKind::in_list) return value(expr.args[0]) + (expr.negated ? " is none of " : " is one of ") + items(expr.args, 1);
  const bool is_in = !expr.all && (expr.name.empty() || expr.name == std::vector<std::string>{"="});
  if (!is_in || expr.query.empty()) return as_sql(expr);
  const std::string left = expr.args.size() == 1 ? value(expr.args[0]) : "(" + items(expr.args, 0) + ")";
  return left + (expr.negated ? " is not among the rows of " : " is among the rows of ") + names_.query(expr.query[0]);
}

}  // namespace sluice
