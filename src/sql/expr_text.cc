#include "sql/expr_text.h"

#include <algorithm>

#include "base/text.h"

namespace sluice {
namespace {

std::string shown(std::string_view text) { return show_hidden(text, false); }

std::string list(const std::vector<Expr>& args, std::size_t from = 0) {
  std::string out;
  for (std::size_t i = from; i < args.size(); ++i) out += (i > from ? ", " : "") + expr_text(args[i]);
  return out;
}

/// Operands that need parentheses to keep their meaning; too many are better than one too few.
bool is_compound(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::op: return expr.args.size() == 2;
    case ExprKind::logic:
    case ExprKind::between:
    case ExprKind::in_list:
    case ExprKind::in_query:
    case ExprKind::any_of:
    case ExprKind::is_null:
    case ExprKind::is_bool:
    case ExprKind::lambda: return true;
    default: return false;
  }
}

std::string operand(const Expr& expr) { return is_compound(expr) ? "(" + expr_text(expr) + ")" : expr_text(expr); }
std::string operand_at(const Expr& expr, std::size_t i) { return i < expr.args.size() ? operand(expr.args[i]) : "?"; }

std::string literal_text(const Expr& expr) {
  if (expr.literal == LiteralKind::null) return "NULL";
  if (expr.literal == LiteralKind::boolean)
    return expr.text == "true" || expr.text == "t" ? "TRUE" : expr.text == "false" || expr.text == "f" ? "FALSE" : shown(expr.text);
  std::string text = expr.text;
  std::string more;
  if (text.size() > kLiteralShownMax) {
    std::size_t cut = kLiteralShownMax;
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;  // not within a character
    more = "… (" + with_thousands(static_cast<std::int64_t>(text.size())) + " bytes)";
    text.resize(cut);
  }
  if (expr.literal == LiteralKind::integer || expr.literal == LiteralKind::decimal) return shown(text) + more;
  std::string quoted;
  for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return (expr.literal == LiteralKind::interval ? "INTERVAL '" : "'") + shown(quoted) + more + "'";
}

std::string keys_text(const std::vector<SortKey>& keys) {
  std::string out;
  for (const SortKey& key : keys) {
    if (!out.empty()) out += ", ";
    out += expr_text(key.value) + (key.descending ? " DESC" : "");
    if (key.nulls_first) out += *key.nulls_first ? " NULLS FIRST" : " NULLS LAST";
  }
  return out;
}

std::string call_text(const Expr& expr) {
  if (!expr.text.empty() && expr.args.empty()) return shown(expr.text);  // current_date and its like
  std::string out = names_text(expr.name) + "(" + (expr.distinct ? "DISTINCT " : "") + list(expr.args);
  if (!expr.order_by.empty() && !expr.within_group) out += " ORDER BY " + keys_text(expr.order_by);
  if (expr.ignore_nulls) out += " IGNORE NULLS";
  out += ')';
  if (expr.within_group) out += " WITHIN GROUP (ORDER BY " + keys_text(expr.order_by) + ")";
  for (const Expr& filter : expr.filter) out += " FILTER (WHERE " + expr_text(filter) + ")";
  for (const Window& window : expr.window) out += " OVER " + window_text(window);
  return out;
}

std::string op_text(const Expr& expr) {
  if (expr.name.empty()) return "(" + list(expr.args) + ")";
  std::string op = shown(expr.name.back());
  if (expr.name.size() > 1) op = "OPERATOR(" + shown(join(expr.name, ".")) + ")";
  if (op == "=>") return name_text(expr.text) + " => " + (expr.args.empty() ? "?" : expr_text(expr.args[0]));
  if (op == "variadic") return "VARIADIC " + operand_at(expr, 0);
  if (op == "collate") return operand_at(expr, 0) + " COLLATE " + shown(expr.text);
  const bool words = !op.empty() && ((op[0] >= 'a' && op[0] <= 'z'));
  if (words) std::transform(op.begin(), op.end(), op.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  std::string out =
      expr.args.size() == 1 ? op + (words ? " " : "") + operand_at(expr, 0) : operand_at(expr, 0) + " " + op + " " + operand_at(expr, 1);
  for (std::size_t i = 2; i < expr.args.size(); ++i) out += " ESCAPE " + operand(expr.args[i]);
  if (!expr.text.empty()) out += " " + shown(expr.text);
  return out;
}

std::string logic_text(const Expr& expr) {
  const std::string word = expr.name.empty() ? "and" : expr.name[0];
  if (word == "not") return "NOT " + operand_at(expr, 0);
  std::string out;
  for (const Expr& arg : expr.args) {
    if (!out.empty()) out += word == "or" ? " OR " : " AND ";
    const bool nested = arg.kind == ExprKind::logic && arg.name != std::vector<std::string>{"not"};
    out += nested ? "(" + expr_text(arg) + ")" : expr_text(arg);
  }
  return out;
}

std::string case_text(const Expr& expr) {
  std::string out = "CASE";
  std::size_t i = 0;
  if (expr.has_operand && !expr.args.empty()) out += " " + expr_text(expr.args[i++]);
  const std::size_t end = expr.args.size() - (expr.has_else && !expr.args.empty() ? 1 : 0);
  for (; i + 1 < end; i += 2) out += " WHEN " + expr_text(expr.args[i]) + " THEN " + expr_text(expr.args[i + 1]);
  if (expr.has_else && !expr.args.empty()) out += " ELSE " + expr_text(expr.args.back());
  return out + " END";
}

std::string star_text(const Expr& expr) {
  std::string out = expr.name.empty() ? "*" : names_text(expr.name) + ".*";
  if (!expr.excluded.empty()) {
    std::string names;
    for (const std::string& name : expr.excluded) names += (names.empty() ? "" : ", ") + name_text(name);
    out += " EXCLUDE (" + names + ")";
  }
  if (!expr.args.empty()) {
    std::string replaced;
    for (const Expr& arg : expr.args) {
      const bool named = arg.kind == ExprKind::op && arg.args.size() == 1 && !arg.name.empty() && arg.name[0] == "=>";
      replaced += (replaced.empty() ? "" : ", ") + (named ? expr_text(arg.args[0]) + " AS " + name_text(arg.text) : expr_text(arg));
    }
    out += " REPLACE (" + replaced + ")";
  }
  return out;
}

std::string in_query_text(const Expr& expr) {
  const std::string left = expr.args.size() == 1 ? operand(expr.args[0]) : "(" + list(expr.args) + ")";
  const std::string query = "(" + (expr.query.empty() ? std::string("?") : query_text(expr.query[0])) + ")";
  const std::string op = expr.name.empty() ? "=" : expr.name.back();
  if (op == "=" && !expr.all) return left + (expr.negated ? " NOT IN " : " IN ") + query;
  return (expr.negated ? "NOT " : "") + left + " " + shown(op) + (expr.all ? " ALL " : " ANY ") + query;
}

std::string subscript_text(const Expr& expr) {
  const std::string value = operand_at(expr, 0);
  if (!expr.text.empty())
    return (expr.args.empty() || expr.args[0].kind == ExprKind::column ? value : "(" + value + ")") + "." + name_text(expr.text);
  const bool slice = expr.name == std::vector<std::string>{"slice"};
  std::string out = value + "[";
  for (std::size_t i = 1; i < expr.args.size(); ++i) {
    const Expr& bound = expr.args[i];
    const bool open = slice && bound.kind == ExprKind::literal && bound.literal == LiteralKind::other && bound.text.empty();
    out += (i > 1 ? (slice ? ":" : "][") : "") + (open ? "" : expr_text(bound));
  }
  return out + "]";
}

std::string row_text(const Expr& expr) {
  if (expr.name.empty() || expr.name.size() != expr.args.size()) return (expr.args.size() == 1 ? "ROW(" : "(") + list(expr.args) + ")";
  std::string out;
  for (std::size_t i = 0; i < expr.args.size(); ++i) out += (i > 0 ? ", " : "") + name_text(expr.name[i]) + ": " + expr_text(expr.args[i]);
  return "{" + out + "}";
}

}  // namespace

std::string name_text(const std::string& name) {
  const bool plain = !name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
  });
  if (plain) return name;
  std::string out;
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return "\"" + shown(out) + "\"";
}

std::string names_text(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ".") + name_text(part);
  return out;
}

std::string window_text(const Window& window) {
  if (!window.reference.empty() && window.partition_by.empty() && window.order_by.empty() && window.frame.empty()) return name_text(window.reference);
  std::string out = window.reference.empty() ? "" : name_text(window.reference) + " ";
  if (!window.partition_by.empty()) out += "PARTITION BY " + list(window.partition_by) + " ";
  if (!window.order_by.empty()) out += "ORDER BY " + keys_text(window.order_by) + " ";
  out += frame_text(window.frame, window.bounds);
  return "(" + std::string(trim(out)) + ")";
}

std::string frame_text(const std::string& words, const std::vector<Expr>& values) {
  std::string out;
  std::size_t next = 0;
  for (const char c : words) {
    if (c == '?' && next < values.size()) {
      out += expr_text(values[next++]);
    } else {
      out += c;
    }
  }
  for (; next < values.size(); ++next) out += " " + expr_text(values[next]);  // nothing is left out, whatever the words say
  return out;
}

std::string expr_text(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::column: return names_text(expr.name);
    case ExprKind::star: return star_text(expr);
    case ExprKind::literal: return literal_text(expr);
    case ExprKind::parameter: return shown(expr.text);
    case ExprKind::call: return call_text(expr);
    case ExprKind::op: return op_text(expr);
    case ExprKind::logic: return logic_text(expr);
    case ExprKind::case_when: return case_text(expr);
    case ExprKind::cast:
      return (expr.lossy_ok ? "TRY_CAST(" : "CAST(") + (expr.args.empty() ? "?" : expr_text(expr.args[0])) + " AS " + shown(expr.text) + ")";
    case ExprKind::is_null: return operand_at(expr, 0) + (expr.negated ? " IS NOT NULL" : " IS NULL");
    case ExprKind::is_bool: return operand_at(expr, 0) + (expr.negated ? " IS NOT " : " IS ") + shown(expr.text);
    case ExprKind::between:
      return operand_at(expr, 0) + (expr.negated ? " NOT BETWEEN " : " BETWEEN ") + operand_at(expr, 1) + " AND " + operand_at(expr, 2);
    case ExprKind::in_list: return operand_at(expr, 0) + (expr.negated ? " NOT IN (" : " IN (") + list(expr.args, 1) + ")";
    case ExprKind::in_query: return in_query_text(expr);
    case ExprKind::any_of:
      return operand_at(expr, 0) + " " + (expr.name.empty() ? "=" : shown(expr.name.back())) + (expr.all ? " ALL (" : " ANY (") + list(expr.args, 1) +
             ")";
    case ExprKind::exists: return (expr.negated ? "NOT EXISTS (" : "EXISTS (") + (expr.query.empty() ? "?" : query_text(expr.query[0])) + ")";
    case ExprKind::subquery: return "(" + (expr.query.empty() ? "?" : query_text(expr.query[0])) + ")";
    case ExprKind::array: return expr.query.empty() ? "ARRAY[" + list(expr.args) + "]" : "ARRAY(" + query_text(expr.query[0]) + ")";
    case ExprKind::row: return row_text(expr);
    case ExprKind::subscript: return subscript_text(expr);
    case ExprKind::lambda: {
      std::string parameters;
      for (const std::string& name : expr.excluded) parameters += (parameters.empty() ? "" : ", ") + name_text(name);
      return (expr.excluded.size() == 1 ? parameters : "(" + parameters + ")") + " -> " + (expr.args.empty() ? "?" : expr_text(expr.args[0]));
    }
  }
  return "?";
}

}  // namespace sluice
