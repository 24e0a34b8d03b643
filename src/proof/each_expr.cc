#include "proof/each_expr.h"

namespace sluice {
namespace {

class Walk {
 public:
  Walk(const std::function<void(const Expr&)>& visit, const std::function<void(const Relation&)>& visit_relation)
      : visit_(visit), visit_relation_(visit_relation) {}

  void in(const Query& query) {
    for (const Cte& cte : query.with) all(cte.query);
    all(query.operands);
    all(query.distinct_on);
    for (const Target& target : query.targets) in(target.value);
    all(query.from);
    all(query.where);
    all(query.group_by);
    all(query.having);
    all(query.qualify);
    for (const auto& [name, window] : query.windows) in(window);
    all(query.order_by);
    all(query.limit);
    all(query.offset);
  }

 private:
  void in(const Expr& expr) {
    visit_(expr);
    all(expr.args);
    all(expr.query);
    all(expr.order_by);
    all(expr.filter);
    all(expr.window);
  }
  void in(const SortKey& key) { in(key.value); }
  void in(const Window& window) {
    all(window.partition_by);
    all(window.order_by);
    all(window.bounds);
  }
  void in(const Relation& relation) {
    if (visit_relation_) visit_relation_(relation);
    all(relation.query);
    all(relation.call);
    for (const std::vector<Expr>& row : relation.rows) all(row);
    all(relation.sides);
    all(relation.on);
    all(relation.sample);
  }
  template <class T>
  void all(const std::vector<T>& items) {
    for (const T& item : items) in(item);
  }

  const std::function<void(const Expr&)>& visit_;
  const std::function<void(const Relation&)>& visit_relation_;
};

}  // namespace

void each_expr(const Query& query, const std::function<void(const Expr&)>& visit, const std::function<void(const Relation&)>& visit_relation) {
  Walk(visit, visit_relation).in(query);
}

}  // namespace sluice
