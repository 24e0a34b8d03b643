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

}  // namespace

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
      if (!expr.query.empty()) return "the value of " + name_query_(expr.query[0]);
      break;
    case ExprKind::call: return aggregate(expr);
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
    words = "the number of rows";
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
      return (expr.negated ? "there is no row in " : "there is a row in ") + name_query_(expr.query[0]);
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
  return left + (expr.negated ? " is not among the rows of " : " is among the rows of ") + name_query_(expr.query[0]);
}

}  // namespace sluice
