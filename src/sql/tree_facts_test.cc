#include <array>

#include "base/text.h"
#include "sql/tree_facts_for_test.h"

namespace sluice {
namespace {

class Facts {
 public:
  std::string tables, columns, calls, literals;

  void walk(const Query& query) {
    for (const Cte& cte : query.with) {
      add(tables, "with:" + cte.name);
      all(cte.query);
    }
    if (query.set_op != SetOp::none) add(calls, "set" + std::to_string(static_cast<int>(query.set_op)));
    all(query.operands);
    if (query.distinct) add(calls, "distinct");
    all(query.distinct_on);
    for (const Target& target : query.targets) walk(target.value);
    all(query.from);
    all(query.where);
    all(query.group_by);
    for (const auto& set : query.grouping_sets) {
      std::string text = "{";
      for (const std::size_t index : set) text += std::to_string(index);
      add(calls, text + "}");
    }
    if (query.group_by_all) add(calls, "group-all");
    all(query.having);
    all(query.qualify);
    for (const auto& [name, window] : query.windows) walk(window);
    all(query.order_by);
    all(query.limit);
    all(query.offset);
  }

 private:
  static void add(std::string& list, const std::string& item) { list += (list.empty() ? "" : " ") + item; }
  static std::string dotted(const std::vector<std::string>& name) { return join(name, "."); }

  template <class T>
  void all(const std::vector<T>& items) {
    for (const T& item : items) walk(item);
  }
  void walk(const SortKey& key) {
    walk(key.value);
    if (key.descending) add(calls, "desc");
  }
  void walk(const Window& window) {
    add(calls, window.frame.empty() ? "over" : "over[" + window.frame + "]");
    all(window.partition_by);
    all(window.order_by);
    all(window.bounds);
  }
  void walk(const Relation& relation) {
    static constexpr std::array<const char*, 9> kJoins{"join", "left", "right", "full", "cross", "semi", "anti", "asof", "positional"};
    if (relation.kind == RelationKind::join)
      add(tables, (relation.natural ? "natural-" : "") + std::string(kJoins.at(static_cast<std::size_t>(relation.join))));
    if (relation.kind == RelationKind::table) add(tables, dotted(relation.name));
    if (relation.kind == RelationKind::values) add(tables, "values" + std::to_string(relation.rows.size()));
    all(relation.query);
    all(relation.call);
    for (const auto& row : relation.rows) all(row);
    all(relation.sides);
    for (const std::string& column : relation.using_columns) add(columns, column);
    all(relation.on);
    if (relation.sampled) add(tables, "[" + relation.sample_text + "]");
    all(relation.sample);
  }
  void walk(const Expr& expr) {
    static constexpr std::array<const char*, 21> kKinds{"",       "",       "",        "",        "call",    "op",        "",
                                                        "case",   "cast",   "is-null", "is-bool", "between", "in-list",   "in-query",
                                                        "any-of", "exists", "scalar",  "array",   "row",     "subscript", "lambda"};
    const std::string negated = expr.negated ? "not-" : "";
    switch (expr.kind) {
      case ExprKind::column: add(columns, dotted(expr.name)); break;
      case ExprKind::star: add(columns, expr.name.empty() ? "*" : dotted(expr.name) + ".*"); break;
      case ExprKind::literal: add(literals, expr.literal == LiteralKind::text ? "'" + expr.text + "'" : expr.text); break;
      case ExprKind::parameter: add(literals, expr.text); break;
      case ExprKind::call: add(calls, dotted(expr.name) + "()"); break;
      case ExprKind::op:
      case ExprKind::logic: add(calls, dotted(expr.name) + (expr.text.empty() ? "" : ":" + expr.text)); break;
      default: {
        const std::string text = expr.text.empty() ? "" : ":" + expr.text;
        add(calls, negated + kKinds.at(static_cast<std::size_t>(expr.kind)) + text);
      }
    }
    all(expr.args);
    all(expr.query);
    all(expr.order_by);
    all(expr.filter);
    all(expr.window);
  }
};

}  // namespace

std::string facts_of(const Query& query) {
  Facts facts;
  facts.walk(query);
  return facts.tables + " | " + facts.columns + " | " + facts.calls + " | " + facts.literals;
}

std::string outcome_of(const Parser& parser, std::string_view sql) {
  const auto parsed = parser.parse(sql);
  if (!parsed) return parsed.error().code;
  static constexpr std::array<const char*, 4> kClasses{"read", "write", "ddl", "other"};
  if (parsed->statement != StatementClass::read) return std::string(kClasses.at(static_cast<std::size_t>(parsed->statement))) + ": " + parsed->reason;
  return facts_of(parsed->query);
}

}  // namespace sluice
