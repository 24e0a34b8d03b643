#include "sql/normal_form.h"

#include <string_view>

#include "base/hash.h"
#include "base/text.h"

namespace sluice {
namespace {

/// Writes `(kind field…)` with every string as `length:bytes`, so that no two trees give the same text.
class Canonical {
 public:
  explicit Canonical(NameCase names) : fold_(names == NameCase::ignored) {}

  void write(const Query& query) {
    out_ += "(query";
    list("with", query.with);
    number("set", static_cast<int>(query.set_op));
    list("of", query.operands);
    flag("by_name", query.by_name);
    flag("distinct", query.distinct);
    list("on", query.distinct_on);
    list("targets", query.targets);
    list("from", query.from);
    list("where", query.where);
    list("group", query.group_by);
    sets(query.grouping_sets);
    flag("group_all", query.group_by_all);
    flag("order_all", query.order_by_all);
    list("having", query.having);
    list("qualify", query.qualify);
    for (const auto& [name, window] : query.windows) {
      named("window", name);
      write(window);
    }
    list("order", query.order_by);
    list("limit", query.limit);
    list("offset", query.offset);
    flag("percent", query.limit_percent);
    flag("ties", query.with_ties);
    out_ += ')';
  }

  void write(const Expr& expr) {
    out_ += '(';
    out_ += std::to_string(static_cast<int>(expr.kind));
    if (expr.kind == ExprKind::literal) {
      number("is", static_cast<int>(expr.literal));
      exact("text", expr.text);
    } else {
      named("text", expr.text);
    }
    list("name", expr.name);
    list("args", expr.args);
    list("query", expr.query);
    list("excluded", expr.excluded);
    list("order", expr.order_by);
    list("filter", expr.filter);
    list("over", expr.window);
    flag("distinct", expr.distinct);
    flag("not", expr.negated);
    flag("all", expr.all);
    flag("operand", expr.has_operand);
    flag("else", expr.has_else);
    flag("lossy", expr.lossy_ok);
    flag("within", expr.within_group);
    flag("ignore_nulls", expr.ignore_nulls);
    out_ += ')';
  }

  std::string take() { return std::move(out_); }

 private:
  void write(const std::string& name) { exact("", fold_ ? to_lower(name) : name); }
  void write(const Target& target) {
    out_ += "(target";
    write(target.value);
    named("as", target.alias);
    out_ += ')';
  }
  void write(const SortKey& key) {
    out_ += "(key";
    write(key.value);
    flag("desc", key.descending);
    optional("nulls_first", key.nulls_first);
    out_ += ')';
  }
  void write(const Window& window) {
    out_ += "(window";
    named("ref", window.reference);
    list("partition", window.partition_by);
    list("order", window.order_by);
    exact("frame", window.frame);
    list("bounds", window.bounds);
    out_ += ')';
  }
  void write(const Cte& cte) {
    out_ += "(cte";
    named("name", cte.name);
    list("columns", cte.columns);
    list("query", cte.query);
    flag("recursive", cte.recursive);
    optional("materialized", cte.materialized);
    out_ += ')';
  }
  void write(const Relation& relation) {
    out_ += "(relation";
    number("kind", static_cast<int>(relation.kind));
    list("name", relation.name);
    named("as", relation.alias);
    list("columns", relation.column_aliases);
    flag("lateral", relation.lateral);
    list("query", relation.query);
    list("call", relation.call);
    for (const auto& row : relation.rows) list("row", row);
    number("join", static_cast<int>(relation.join));
    flag("natural", relation.natural);
    list("sides", relation.sides);
    list("on", relation.on);
    list("using", relation.using_columns);
    flag("ordinality", relation.ordinality);
    list("sample", relation.sample);
    exact("sample_text", relation.sample_text);
    flag("sampled", relation.sampled);
    out_ += ')';
  }

  template <class T>
  void list(std::string_view field, const std::vector<T>& items) {
    if (items.empty()) return;
    key(field);
    out_ += '[';
    for (const T& item : items) write(item);
    out_ += ']';
  }
  void sets(const std::vector<std::vector<std::size_t>>& all) {
    for (const auto& set : all) {
      key("set");
      out_ += '[';
      for (const std::size_t index : set) out_ += std::to_string(index) + ",";
      out_ += ']';
    }
  }
  void key(std::string_view field) {
    out_ += ' ';
    out_ += field;
    out_ += '=';
  }
  void number(std::string_view field, int value) {
    if (value == 0) return;
    key(field);
    out_ += std::to_string(value);
  }
  void flag(std::string_view field, bool value) {
    if (value) key(field);
  }
  void optional(std::string_view field, const std::optional<bool>& value) {
    if (!value) return;
    key(field);
    out_ += *value ? 'y' : 'n';
  }
  void exact(std::string_view field, std::string_view text) {
    if (!field.empty()) {
      if (text.empty()) return;
      key(field);
    }
    out_ += std::to_string(text.size()) + ":";
    out_ += text;
  }
  void named(std::string_view field, std::string_view name) { exact(field, fold_ ? to_lower(name) : std::string(name)); }

  bool fold_;
  std::string out_;
};

}  // namespace

std::string canonical(const Query& query, NameCase names) {
  Canonical writer(names);
  writer.write(query);
  return writer.take();
}

std::string canonical(const Expr& expr, NameCase names) {
  Canonical writer(names);
  writer.write(expr);
  return writer.take();
}

std::string statement_hash(const Query& query, NameCase names) { return sha256_hex(canonical(query, names)); }

}  // namespace sluice
