#include <algorithm>
#include <array>

#include "sql/parser.h"
#include "sql/postgres_tree.h"

namespace sluice {
namespace {

int location_of(const Json& body) {
  // A location of 0 is left out; -1 is given.
  return static_cast<int>(body.integer("location", 0));
}

Expr make(ExprKind kind, const Json& body) {
  Expr out;
  out.kind = kind;
  out.location = location_of(body);
  return out;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Skips white space, signs, parentheses and comments, so that the digits of `- /* five */ (5)` are found.
std::size_t skip_to_digits(std::string_view sql, std::size_t at) {
  constexpr std::string_view kBetween = " \t\r\n\f\v-(";
  while (at < sql.size()) {
    if (sql.substr(at).starts_with("--")) {
      at = std::min(sql.find('\n', at), sql.size());
    } else if (sql.substr(at).starts_with("/*")) {
      int depth = 0;
      do {
        if (sql.substr(at).starts_with("/*")) {
          ++depth;
          at += 2;
        } else if (sql.substr(at).starts_with("*/")) {
          --depth;
          at += 2;
        } else {
          ++at;
        }
      } while (depth > 0 && at < sql.size());
    } else if (kBetween.find(sql[at]) != std::string_view::npos) {
      ++at;
    } else {
      break;
    }
  }
  return std::min(at, sql.size());
}

}  // namespace

PostgresTree::Converter PostgresTree::converter_of(std::string_view kind) {
  struct Entry {
    std::string_view kind;
    Converter convert;
  };
  static constexpr std::array<Entry, 20> kConverters{{{"ColumnRef", &PostgresTree::column},
                                                      {"A_Const", &PostgresTree::constant},
                                                      {"ParamRef", &PostgresTree::parameter},
                                                      {"A_Expr", &PostgresTree::operation},
                                                      {"BoolExpr", &PostgresTree::logic},
                                                      {"NullTest", &PostgresTree::null_test},
                                                      {"BooleanTest", &PostgresTree::boolean_test},
                                                      {"CaseExpr", &PostgresTree::case_expr},
                                                      {"SubLink", &PostgresTree::sublink},
                                                      {"A_ArrayExpr", &PostgresTree::array},
                                                      {"RowExpr", &PostgresTree::row},
                                                      {"A_Indirection", &PostgresTree::indirection},
                                                      {"FuncCall", &PostgresTree::call},
                                                      {"CoalesceExpr", &PostgresTree::coalesce},
                                                      {"MinMaxExpr", &PostgresTree::min_max},
                                                      {"GroupingFunc", &PostgresTree::grouping},
                                                      {"SQLValueFunction", &PostgresTree::value_function},
                                                      {"NamedArgExpr", &PostgresTree::named_argument},
                                                      {"CollateClause", &PostgresTree::collate},
                                                      {"TypeCast", &PostgresTree::cast}}};
  const auto* found = std::find_if(kConverters.begin(), kConverters.end(), [&](const Entry& entry) { return entry.kind == kind; });
  return found == kConverters.end() ? nullptr : found->convert;
}

Result<Expr> PostgresTree::expr(const Json& node) {
  const Level level(*this);
  if (!level.ok()) return too_deep();
  const auto [kind, body] = unwrapped(node);
  const Converter convert = converter_of(kind);
  if (convert == nullptr) return refuse(StatementClass::other, "an expression that Sluice does not know (" + std::string(kind) + ")");
  return (this->*convert)(body);
}

Result<std::vector<Expr>> PostgresTree::exprs(const Json& list) {
  std::vector<Expr> out;
  if (list.is_null()) return out;
  if (list.as_array() == nullptr) return refuse(StatementClass::other, "a list that Sluice does not know");
  out.reserve(list.size());
  for (const Json& node : *list.as_array()) {
    TRY(Expr value, expr(node));
    out.push_back(std::move(value));
  }
  return out;
}

Result<std::vector<std::string>> PostgresTree::names(const Json& list) {
  std::vector<std::string> out;
  if (list.as_array() == nullptr) return refuse(StatementClass::other, "a name that Sluice does not know");
  for (const Json& node : *list.as_array()) {
    const auto [kind, body] = unwrapped(node);
    if (kind != "String") return refuse(StatementClass::other, "a name that Sluice does not know (" + std::string(kind) + ")");
    out.emplace_back(body.text("sval"));
  }
  return out;
}

Result<Expr> PostgresTree::column(const Json& body) {
  TRY_VOID(known(body, "ColumnRef", {"fields", "location"}));
  Expr out = make(ExprKind::column, body);
  const auto* fields = body["fields"].as_array();
  if (fields == nullptr || fields->empty()) return refuse(StatementClass::other, "a column that Sluice does not know");
  for (const Json& field : *fields) {
    const auto [kind, name] = unwrapped(field);
    if (kind == "A_Star" && &field == &fields->back()) {
      out.kind = ExprKind::star;
    } else if (kind == "String") {
      out.name.emplace_back(name.text("sval"));
    } else {
      return refuse(StatementClass::other, "a column that Sluice does not know (" + std::string(kind) + ")");
    }
  }
  return out;
}

/// libpg_query 15 leaves an integer out of its JSON unless it is positive, so that -5 looks like 0 there. The text knows.
Result<std::string> PostgresTree::integer_at(std::int64_t location) {
  const auto unclear = [&] { return refuse(StatementClass::other, "an integer constant whose value is unclear"); };
  if (location < 0 || static_cast<std::size_t>(location) >= sql_.size()) return unclear();
  const std::size_t first = skip_to_digits(sql_, static_cast<std::size_t>(location));
  std::size_t end = first;
  while (end < sql_.size() && sql_[end] >= '0' && sql_[end] <= '9') ++end;
  std::string_view digits = sql_.substr(first, end - first);
  if (digits.empty()) return unclear();
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  // What isn't positive and isn't zero is negative, however many signs are written.
  return digits == "0" ? std::string("0") : "-" + std::string(digits);
}

Result<Expr> PostgresTree::constant(const Json& body) {
  TRY_VOID(known(body, "A_Const", {"ival", "fval", "boolval", "sval", "bsval", "isnull", "location"}));
  Expr out = make(ExprKind::literal, body);
  if (const Json* value = body.find("ival")) {
    out.literal = LiteralKind::integer;
    out.text = std::to_string(value->integer("ival"));
    if (value->find("ival") == nullptr) {
      TRY(out.text, integer_at(out.location));
    }
  } else if (const Json* number = body.find("fval")) {
    out.text = number->text("fval");
    const std::string_view digits = std::string_view(out.text).substr(out.text.starts_with('-') ? 1 : 0);
    out.literal = all_digits(digits) ? LiteralKind::integer : LiteralKind::decimal;
  } else if (const Json* flag = body.find("boolval")) {
    out.literal = LiteralKind::boolean;
    out.text = flag->flag("boolval") ? "true" : "false";
  } else if (const Json* text = body.find("sval")) {
    out.literal = LiteralKind::text;
    out.text = text->text("sval");
  } else if (const Json* bits = body.find("bsval")) {
    out.literal = LiteralKind::other;
    out.text = bits->text("bsval");
  } else if (body.flag("isnull")) {
    out.literal = LiteralKind::null;
    out.text = "null";
  } else {
    return refuse(StatementClass::other, "a constant that Sluice does not know");
  }
  return out;
}

Result<Expr> PostgresTree::parameter(const Json& body) {
  TRY_VOID(known(body, "ParamRef", {"number", "location"}));
  Expr out = make(ExprKind::parameter, body);
  out.text = "$" + std::to_string(body.integer("number"));
  return out;
}

Result<Expr> PostgresTree::logic(const Json& body) {
  TRY_VOID(known(body, "BoolExpr", {"boolop", "args", "location"}));
  const std::string_view op = body.text("boolop");
  const char* name = op == "AND_EXPR" ? "and" : op == "OR_EXPR" ? "or" : op == "NOT_EXPR" ? "not" : nullptr;
  if (name == nullptr) return refuse(StatementClass::other, "a logical operator that Sluice does not know (" + std::string(op) + ")");
  Expr out = make(ExprKind::logic, body);
  out.name.emplace_back(name);
  TRY(out.args, exprs(body["args"]));
  // NOT (x IN (SELECT …)) and NOT EXISTS (…): one thing to a person, and to us.
  if (op == "NOT_EXPR" && out.args.size() == 1) {
    Expr& inner = out.args.front();
    const bool in = inner.kind == ExprKind::in_query && !inner.all && inner.name == std::vector<std::string>{"="};
    if ((in || inner.kind == ExprKind::exists) && !inner.negated) {
      Expr folded = std::move(inner);
      folded.negated = true;
      return folded;
    }
  }
  return out;
}

Result<Expr> PostgresTree::null_test(const Json& body) {
  TRY_VOID(known(body, "NullTest", {"arg", "nulltesttype", "location"}));
  const std::string_view type = body.text("nulltesttype");
  if (type != "IS_NULL" && type != "IS_NOT_NULL")
    return refuse(StatementClass::other, "a test that Sluice does not know (" + std::string(type) + ")");
  Expr out = make(ExprKind::is_null, body);
  out.negated = type == "IS_NOT_NULL";
  TRY(Expr value, expr(body["arg"]));
  out.args.push_back(std::move(value));
  return out;
}

Result<Expr> PostgresTree::boolean_test(const Json& body) {
  TRY_VOID(known(body, "BooleanTest", {"arg", "booltesttype", "location"}));
  std::string_view type = body.text("booltesttype");
  Expr out = make(ExprKind::is_bool, body);
  out.negated = type.starts_with("IS_NOT_");
  type.remove_prefix(std::min<std::size_t>(type.size(), out.negated ? 7 : 3));
  if (type != "TRUE" && type != "FALSE" && type != "UNKNOWN") return refuse(StatementClass::other, "a test that Sluice does not know");
  out.text = type == "TRUE" ? "true" : type == "FALSE" ? "false" : "unknown";
  TRY(Expr value, expr(body["arg"]));
  out.args.push_back(std::move(value));
  return out;
}

Result<Expr> PostgresTree::case_expr(const Json& body) {
  TRY_VOID(known(body, "CaseExpr", {"arg", "args", "defresult", "location"}));
  Expr out = make(ExprKind::case_when, body);
  const auto add = [&](const Json& node) -> Result<> {
    TRY(Expr value, expr(node));
    out.args.push_back(std::move(value));
    return {};
  };
  if (const Json* operand = body.find("arg")) {
    out.has_operand = true;
    TRY_VOID(add(*operand));
  }
  const auto* branches = body["args"].as_array();
  if (branches == nullptr) return refuse(StatementClass::other, "a CASE that Sluice does not know");
  for (const Json& branch : *branches) {
    const auto [kind, when] = unwrapped(branch);
    TRY_VOID(known(when, "CaseWhen", {"expr", "result", "location"}));
    TRY_VOID(add(when["expr"]));
    TRY_VOID(add(when["result"]));
  }
  if (const Json* otherwise = body.find("defresult")) {
    out.has_else = true;
    TRY_VOID(add(*otherwise));
  }
  return out;
}

Result<Expr> PostgresTree::sublink(const Json& body) {
  TRY_VOID(known(body, "SubLink", {"subLinkType", "testexpr", "operName", "subselect", "location"}));
  const std::string_view type = body.text("subLinkType");
  Expr out = make(ExprKind::subquery, body);
  if (type == "EXISTS_SUBLINK") {
    out.kind = ExprKind::exists;
  } else if (type == "ARRAY_SUBLINK") {
    out.kind = ExprKind::array;
  } else if (type == "ANY_SUBLINK" || type == "ALL_SUBLINK") {
    out.kind = ExprKind::in_query;
    out.all = type == "ALL_SUBLINK";
    out.name.emplace_back("=");
    if (const Json* op = body.find("operName")) {
      TRY(out.name, names(*op));
    }
    TRY(Expr value, expr(body["testexpr"]));
    if (value.kind == ExprKind::row) {
      out.args = std::move(value.args);
    } else {
      out.args.push_back(std::move(value));
    }
  } else if (type != "EXPR_SUBLINK") {
    return refuse(StatementClass::other, "a subquery that Sluice does not know (" + std::string(type) + ")");
  }
  TRY(Query inside, wrapped_query(body["subselect"]));
  out.query.push_back(std::move(inside));
  return out;
}

Result<Expr> PostgresTree::array(const Json& body) {
  TRY_VOID(known(body, "A_ArrayExpr", {"elements", "location"}));
  Expr out = make(ExprKind::array, body);
  TRY(out.args, exprs(body["elements"]));
  return out;
}

Result<Expr> PostgresTree::row(const Json& body) {
  TRY_VOID(known(body, "RowExpr", {"args", "row_format", "location"}));
  Expr out = make(ExprKind::row, body);
  TRY(out.args, exprs(body["args"]));
  return out;
}

Result<Expr> PostgresTree::indirection(const Json& body) {
  TRY_VOID(known(body, "A_Indirection", {"arg", "indirection"}));
  TRY(Expr value, expr(body["arg"]));
  const auto* steps = body["indirection"].as_array();
  if (steps == nullptr) return refuse(StatementClass::other, "a subscript that Sluice does not know");
  int depth = 0;
  for (const Json& step : *steps) {
    // Each step wraps what came before: the tree gets deeper without a deeper call.
    if (++depth > kTreeDepthMax) return too_deep();
    const auto [kind, index] = unwrapped(step);
    Expr out;
    out.kind = ExprKind::subscript;
    out.location = value.location;
    out.args.push_back(std::move(value));
    if (kind == "String") {
      out.text = index.text("sval");
    } else if (kind == "A_Indices") {
      TRY_VOID(known(index, kind, {"is_slice", "lidx", "uidx"}));
      const bool slice = index.flag("is_slice");
      if (slice) out.name.emplace_back("slice");
      for (const char* edge : {"lidx", "uidx"}) {
        const Json* node = index.find(edge);
        if (node == nullptr && slice) out.args.push_back(Expr{});
        if (node == nullptr) continue;
        TRY(Expr bound, expr(*node));
        out.args.push_back(std::move(bound));
      }
    } else {
      return refuse(StatementClass::other, kind == "A_Star" ? "(row value).*, which Sluice does not know" : "a subscript that Sluice does not know");
    }
    value = std::move(out);
  }
  return value;
}

}  // namespace sluice
