#include "planner/compose.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "planner/join_tree.h"
#include "planner/labels.h"
#include "planner/periods.h"

namespace sluice::planner {
namespace {

using plan::Expr;
using plan::Fn;

/// What makes the key of a table that is named a better thing to count than columns which refer to it.
constexpr double kJoinCost = 0.12, kOwnKey = 0.05;

Error shape_error(std::string what, std::string hint) { return {ErrorKind::unanswerable, "E0606", std::move(what), std::move(hint), 0}; }

class Composer {
 public:
  Composer(const Frame& frame, const Choice& choice, const Catalog& catalog, const Schema& schema, const Lexicon& lexicon)
      : frame_(frame), choice_(choice), catalog_(catalog), schema_(schema), lexicon_(lexicon) {
    if (!frame_.order || !frame_.order->by.of_rows || frame_.subject == kNoMention || !is_table(frame_.subject)) return;
    Measure& by = frame_.order->by;
    if (by.fn == Fn::sum && link(by.of).table == link(frame_.subject).table) by.fn.reset();
  }

  Result<Reading> run() {
    if (frame_.measures.empty() && !frame_.groups.empty() && !order_aggregates() && !has_count_filter()) {
      // "orders per month" are counted.
      if (frame_.subject == kNoMention || !is_table(frame_.subject) || !frame_.shown.empty())
        return shape_error("the question groups rows, but does not say what to compute of each group", "say \"number of …\" or \"average …\"");
      frame_.measures.push_back({Fn::count_rows, frame_.subject, false, false});
      frame_.which = false;
    }
    aggregated_ = !frame_.measures.empty() || !frame_.groups.empty() || order_aggregates() || has_count_filter();
    TRY_VOID(check_shape());
    TRY(int root, choose_root());
    tree_.emplace(catalog_, schema_.graph, root);
    TRY_VOID(add_filters());
    if (aggregated_) {
      TRY_VOID(add_groups());
      TRY_VOID(add_measures());
    } else {
      TRY_VOID(add_list());
    }
    TRY_VOID(add_order());
    auto& select = reading_.draft.select;
    if (frame_.either_or && conditions_.size() != 1)
      return shape_error("the question joins conditions on different columns by \"or\"", "ask for one of them, or for values of one column");
    select.from = tree_->from();
    select.joins = tree_->joins();
    if (conditions_.size() == 1) select.where = conditions_.front();
    if (conditions_.size() > 1) select.where = plan::call(Fn::logical_and, conditions_);
    reading_.score = choice_.score - kJoinCost * tree_->reached();
    for (const Measure& one : all_measures())
      if (counts_a_table(one)) reading_.score += kOwnKey;
    return std::move(reading_);
  }

 private:
  const Link& link(MentionId id) const { return choice_.links[static_cast<std::size_t>(id)]; }
  const Table& table(int id) const { return catalog_.tables[static_cast<std::size_t>(id)]; }
  const Column& column_of(const Link& one) const { return table(one.table).columns[static_cast<std::size_t>(one.column)]; }
  std::size_t begin_of(MentionId id) const { return frame_.mentions[static_cast<std::size_t>(id)].begin; }
  std::string what(MentionId id) const { return is_table(id) ? table(link(id).table).name.name : column_of(link(id)).name; }
  bool is_table(MentionId id) const { return link(id).kind == Link::Kind::table; }

  /// "which product has the highest price" orders products by a column of their own; "which carrier had the longest delay" aggregates.
  bool order_aggregates() const {
    if (!frame_.order || frame_.order->by.of == kNoMention) return false;
    if (frame_.order->by.fn) return true;
    if (!frame_.order->superlative || frame_.order->by_time) return false;
    if (frame_.subject == kNoMention) return frame_.shown.empty() || frame_.which;
    const Link& subject = link(frame_.subject);
    if (!is_table(frame_.subject)) return true;
    return subject.table != link(frame_.order->by.of).table && !schema_.graph.path(subject.table, link(frame_.order->by.of).table).found;
  }
  bool has_count_filter() const {
    return std::ranges::any_of(frame_.filters, [](const Filter& one) { return one.kind == Filter::Kind::count; });
  }

  Result<> check_shape() const {
    if (frame_.mentions.empty())
      return Error{ErrorKind::unanswerable, "E0605", "the question names no table or column", "name one; `sluice catalog show` lists them", 0};
    if (frame_.order && frame_.order->by.of == kNoMention)
      return shape_error(frame_.subject == kNoMention ? "the question asks for the first or last rows, but not by what"
                                                      : "the question asks which of \"" + what(frame_.subject) + "\" come first, but not by what",
                         "add \"by\" and a column, such as \"top 5 products by unit price\"");
    if (frame_.order && frame_.order->top && !frame_.order->by.fn && aggregated_ && !grouped_by(frame_.order->by.of) &&
        all_measures().size() > frame_.measures.size())
      return shape_error("it is not clear how the values of \"" + what(frame_.order->by.of) + "\" become one for each group",
                         "say \"by total …\", \"by average …\" or \"by highest …\"");
    if (aggregated_ && !frame_.shown.empty() && frame_.subject == kNoMention && !frame_.which && frame_.groups.empty() && frame_.measures.empty() &&
        !frame_.order)
      return shape_error("the question shows columns and counts rows at once", "ask for one of them");
    int years = 0, months = 0;
    for (const Filter& one : frame_.filters) {
      years += one.kind == Filter::Kind::period && one.year != 0;
      months += one.kind == Filter::Kind::period && one.month != 0;
    }
    if (frame_.order && frame_.order->superlative && !frame_.groups.empty() && (frame_.limit || frame_.which))
      return shape_error("the question asks for the first of each group", "leave out \"per …\", or ask for all with \"sorted by …\"");
    if (years > 1 || months > 1)
      return shape_error("the question names several periods, which no row is in at once", "ask for one of them, or \"between\" two dates");
    for (const MentionId id : frame_.related) {
      const bool filtered =
          std::ranges::any_of(frame_.filters, [&](const Filter& one) { return one.of != kNoMention && link(one.of).table == link(id).table; });
      const bool shown = std::ranges::any_of(frame_.shown, [&](MentionId one) { return link(one).table == link(id).table; });
      if (!filtered && !shown)
        return shape_error("it is not clear what \"" + table(link(id).table).name.name + "\" has to do with the question",
                           "say \"per …\" to group by it, or name one of its columns");
    }
    return {};
  }

  std::vector<Measure> all_measures() const {
    std::vector<Measure> out = frame_.measures;
    const auto same = [](const Measure& a, const Measure& b) { return a.fn == b.fn && a.of == b.of; };
    if (aggregated_ && frame_.order && !frame_.order->by_time) {
      Measure by = frame_.order->by;
      if (!by.fn && !grouped_by(by.of)) by.fn = frame_.order->descending ? Fn::max : Fn::min;
      if (by.fn && std::ranges::none_of(out, [&](const Measure& one) { return same(one, by); })) out.push_back(by);
    }
    return out;
  }
  bool grouped_by(MentionId id) const {
    return std::ranges::any_of(frame_.groups, [&](const Group& one) { return one.of != kNoMention && link(one.of) == link(id); }) ||
           (frame_.subject != kNoMention && link(frame_.subject) == link(id)) ||
           std::ranges::any_of(frame_.measures, [&](const Measure& one) { return link(one.of) == link(id); });
  }
  /// Rows of this table are what is added up: joins must not repeat them.
  bool needs_rows_of(const Measure& one) const {
    return !one.distinct && one.fn && *one.fn != Fn::min && *one.fn != Fn::max && !(*one.fn == Fn::count_rows);
  }

  Result<int> choose_root() {
    std::set<int> needed;
    std::set<int> fixed;
    std::vector<int> preferred;
    const auto need = [&](MentionId id) {
      if (id != kNoMention) needed.insert(link(id).table);
    };
    for (const Measure& one : all_measures()) {
      need(one.of);
      if (needs_rows_of(one)) fixed.insert(link(one.of).table);
      preferred.push_back(link(one.of).table);
    }
    need(frame_.subject);
    for (const MentionId id : frame_.shown) need(id);
    for (const MentionId id : frame_.related) need(id);
    for (const Filter& one : frame_.filters) need(one.of);
    for (const Filter& one : frame_.filters)
      if (one.kind == Filter::Kind::count) preferred.push_back(link(one.of).table);
    for (const Group& one : frame_.groups)
      if (!one.period) need(one.of);
    if (frame_.order) need(frame_.order->by.of);
    if (frame_.subject != kNoMention) preferred.push_back(link(frame_.subject).table);
    // A period alone, with nothing counted: its column is all there is.
    if (needed.empty())
      for (const Group& one : frame_.groups) need(one.of);
    if (needed.empty())
      return Error{ErrorKind::unanswerable, "E0605", "the question names no table",
                   "say which rows are meant; `sluice catalog show` lists the tables", 0};
    if (fixed.size() > 1)
      return Error{ErrorKind::unanswerable, "E0604", "the question adds up rows of several tables at once, which would count some of them twice",
                   "ask for one at a time", 0};
    const std::vector<int> targets(needed.begin(), needed.end());
    const auto roots = schema_.graph.roots(targets);
    if (!fixed.empty()) return check_root(*fixed.begin(), roots);
    for (const int one : preferred)
      if (std::ranges::any_of(roots, [&](const auto& root) { return root.first == one; })) return one;
    if (roots.empty())
      return Error{ErrorKind::unanswerable, "E0604", "no keys lead from one table to all that the question names (" + names(targets) + ")",
                   "declare the foreign keys in the database, or ask about fewer tables", 0};
    if (roots.size() > 1 && roots[0].second == roots[1].second && !needed.contains(roots[0].first))
      return Error{ErrorKind::unanswerable, "E0604",
                   "\"" + table(roots[0].first).name.name + "\" and \"" + table(roots[1].first).name.name + "\" both link " + names(targets),
                   "name the one that is meant", 0};
    return roots[0].first;
  }

  Result<int> check_root(int root, const std::vector<std::pair<int, int>>& roots) const {
    if (std::ranges::any_of(roots, [&](const auto& one) { return one.first == root; })) return root;
    return Error{ErrorKind::unanswerable, "E0604",
                 "rows of \"" + table(root).name.name + "\" do not each have one row of the other tables named, and would be counted twice",
                 "ask for the number of different ones, or about fewer tables", 0};
  }

  std::string names(const std::vector<int>& tables) const {
    std::string out;
    for (const int one : tables) out += (out.empty() ? "" : ", ") + table(one).name.name;
    return out;
  }

  /// "which manufacturers …" asks for those that there are; what is counted or added up per manufacturer is so also without one.
  Missing missing(const Link& one) const {
    const bool asked = frame_.subject != kNoMention && link(frame_.subject).table == one.table;
    return asked && (!aggregated_ || frame_.which || has_count_filter()) ? Missing::match : Missing::keep;
  }

  Result<Expr> column_expr(const Link& one) { return column_expr(one, missing(one)); }
  Result<Expr> column_expr(const Link& one, Missing missing) {
    if (one.kind == Link::Kind::table)
      return shape_error("\"" + table(one.table).name.name + "\" is a table, where a column is needed", "name one of its columns");
    TRY(std::string alias, tree_->reach(one.table, missing));
    return plan::column(alias, column_of(one).name);
  }

  /// An output column, under its own name or, where that is taken, with its table's before it.
  std::string add_output(const Expr& value, std::string name, const std::string& otherwise) {
    auto& columns = reading_.draft.select.columns;
    for (const plan::Named& one : columns)
      if (one.value == value) return one.name;
    const auto taken = [&](const std::string& wanted) {
      return std::ranges::any_of(columns, [&](const plan::Named& one) { return equals_ignoring_case(one.name, wanted); });
    };
    if (taken(name)) name = otherwise + "_" + name;
    for (int n = 2; taken(name); ++n) name += "_" + std::to_string(n);
    columns.push_back({name, value});
    return name;
  }

  /// The columns that tell rows of an entity apart and name them: of a table its key and label, of a key column itself and the label it stands for.
  Result<std::vector<plan::Named>> entity(const Link& one) {
    std::vector<plan::Named> out;
    int edge = -1;
    std::string alias;
    int labelled = one.table;
    const auto& key = table(one.table).primary_key;
    const bool own_key = one.kind == Link::Kind::column && key && key->columns.size() == 1 && key->columns.front() == column_of(one).name;
    if (one.kind == Link::Kind::table || own_key) {
      const auto path = schema_.graph.path(tree_->root(), one.table);
      // One step away the referring column is the key, and the table is looked up for its label alone.
      if (path.found && !path.several && path.edges.size() == 1 && schema_.graph.edge(path.edges.front()).columns.size() == 1) {
        edge = path.edges.front();
        alias = tree_->from().alias;
        out.push_back({schema_.graph.edge(edge).columns.front().first, plan::column(alias, schema_.graph.edge(edge).columns.front().first)});
      } else {
        TRY(alias, tree_->reach(one.table, missing(one)));
        if (key)
          for (const std::string& name : key->columns) out.push_back({name, plan::column(alias, name)});
      }
    } else {
      TRY(alias, tree_->reach(one.table, missing(one)));
      // "which day" asks for a date, not for a number of the month.
      if (is_day_of_month(column_of(one), table(one.table))) {
        for (const std::string& part : date_parts(table(one.table))) out.push_back({part, plan::column(alias, part)});
        return out;
      }
      out.push_back({column_of(one).name, plan::column(alias, column_of(one).name)});
      edge = schema_.graph.edge_of(one.table, column_of(one).name);
      if (edge < 0) return out;
    }
    if (edge >= 0) labelled = schema_.graph.edge(edge).to;
    const auto labels = label_columns(table(labelled));
    if (edge >= 0 && !labels.empty()) alias = tree_->look_up(alias, edge);
    for (const std::string& name : labels)
      if (std::ranges::find(out, name, &plan::Named::name) == out.end() || edge >= 0) out.push_back({name, plan::column(alias, name)});
    if (out.empty())
      return shape_error("rows of \"" + table(one.table).name.name + "\" have neither a key nor a name to group by", "name a column to group by");
    return out;
  }

  Result<> group_by(const Link& one) {
    TRY(auto columns, entity(one));
    // What is looked up for a reference goes by it: "origin_name", not by the table that it was found in.
    const bool reference = one.kind == Link::Kind::column && schema_.graph.edge_of(one.table, column_of(one).name) >= 0;
    std::string prefix = reference ? column_of(one).name : stem(to_lower(table(one.table).name.name));
    if (reference && prefix.ends_with("_id")) prefix.resize(prefix.size() - 3);
    add_keys(columns, prefix);
    return {};
  }

  void add_keys(const std::vector<plan::Named>& columns, const std::string& prefix) {
    auto& keys = reading_.draft.select.group_by;
    for (const plan::Named& column : columns) {
      add_output(column.value, column.name, prefix);
      if (std::ranges::find(keys, column.value) == keys.end()) keys.push_back(column.value);
    }
  }

  Result<> add_groups() {
    for (const Group& one : frame_.groups) {
      if (!one.period) {
        TRY_VOID(group_by(link(one.of)));
        continue;
      }
      TRY(PeriodColumn period, period_column(*tree_, catalog_, schema_, *one.period));
      reading_.guesses += period.guessed;
      if (one.of == kNoMention) reading_.periods.push_back({one.begin, one.end, period.meaning});
      add_keys(period.groups, "period");
    }
    for (const MentionId id : frame_.shown) {
      // "how many products are discontinued" and "average seats and engines": what comes after the measure may be meant otherwise.
      const bool before = std::ranges::all_of(all_measures(), [&](const Measure& one) { return begin_of(id) < begin_of(one.of); });
      if (!before)
        return shape_error("it is not clear what \"" + what(id) + "\" has to do with what is computed",
                           "say \"per …\" to group by it, or compare it with a value");
      TRY_VOID(group_by(link(id)));
    }
    if (frame_.subject == kNoMention) return {};
    // "average delay of flights": the rows themselves, not a grouping.
    const Link& subject = link(frame_.subject);
    const auto measures = all_measures();
    const bool counted = std::ranges::any_of(
        measures, [&](const Measure& one) { return one.of == frame_.subject || (link(one.of).table == subject.table && is_table(frame_.subject)); });
    if (frame_.which || has_count_filter()) {
      const std::size_t before = reading_.draft.select.group_by.size();
      TRY_VOID(group_by(subject));
      skip_unknown(before);
      return {};
    }
    if (counted || (is_table(frame_.subject) && subject.table == tree_->root())) return {};
    const bool filtered =
        std::ranges::any_of(frame_.filters, [&](const Filter& one) { return one.of != kNoMention && link(one.of).table == subject.table; });
    if (filtered && is_table(frame_.subject)) return {};
    return shape_error("it is not clear whether to group by \"" + what(frame_.subject) + "\"", "say \"per …\" or \"for each …\"");
  }

  /// "which plane has the most flights": flights of no known plane are not an answer.
  void skip_unknown(std::size_t first_key) {
    if (!frame_.order || !frame_.order->superlative || frame_.order->by.fn != Fn::count_rows) return;
    const auto& keys = reading_.draft.select.group_by;
    for (std::size_t i = first_key; i < keys.size(); ++i) {
      const auto* ref = std::get_if<plan::ColumnRef>(&keys[i].node);
      const Column* column = ref != nullptr && ref->source == tree_->from().alias ? table(tree_->root()).find_column(ref->column) : nullptr;
      if (column != nullptr && column->nullable) add_condition(plan::call(Fn::is_null, {keys[i]}), true);
    }
  }

  Result<Expr> measure_expr(const Measure& one) {
    const Link& of = link(one.of);
    if (one.fn != Fn::count_rows) {
      TRY(Expr value, column_expr(of));
      TRY_VOID(check_measurable(of));
      return plan::call(*one.fn, {std::move(value)});
    }
    if (of.kind == Link::Kind::table && of.table == tree_->root()) return plan::call(Fn::count_rows, {});
    if (of.kind == Link::Kind::column) {
      TRY(Expr value, column_expr(of));
      if (is_day_of_month(column_of(of), table(of.table)))
        return shape_error("\"" + column_of(of).name + "\" is only a part of a date, and days of different months are not the same",
                           "ask for something \"per day\"");
      // "number of seats" may be their sum; of a name or key only the different ones can be counted.
      if (!one.distinct && column_of(of).type.kind != TypeKind::text && !is_key(of))
        return shape_error("\"number of " + column_of(of).name + "\" could be their total, or how many different ones there are",
                           "say \"total …\" or \"number of different …\"");
      return plan::call(Fn::count_distinct, {std::move(value)});
    }
    const auto& key = table(of.table).primary_key;
    if (!key || key->columns.size() != 1)
      return Error{ErrorKind::unanswerable, "E0604", "rows of \"" + table(of.table).name.name + "\" have no single key by which to count each once",
                   "declare its primary key", 0};
    TRY(std::string alias, tree_->reach(of.table, Missing::keep));
    return plan::call(Fn::count_distinct, {plan::column(alias, key->columns.front())});
  }

  /// "number of carriers": those of the table that is called so, by its key, before those that other rows name.
  bool counts_a_table(const Measure& one) const {
    const Link& of = link(one.of);
    if (one.fn != Fn::count_rows || of.kind != Link::Kind::column) return false;
    const auto& key = table(of.table).primary_key;
    const auto& links = frame_.mentions[static_cast<std::size_t>(one.of)].links;
    return key && key->columns == std::vector{column_of(of).name} &&
           std::ranges::any_of(links, [&](const Link& other) { return other.kind == Link::Kind::table && other.table == of.table; });
  }

  bool is_key(const Link& of) const {
    const std::string& name = column_of(of).name;
    const auto& key = table(of.table).primary_key;
    return schema_.graph.edge_of(of.table, name) >= 0 || (key && std::ranges::find(key->columns, name) != key->columns.end());
  }

  /// What computes or orders by size needs sizes: keys and the numbers that rows are known by are numbers only by accident, names are none.
  Result<> check_measurable(const Link& of) const {
    const Column& column = column_of(of);
    if (is_key(of) || is_identifier(column, table(of.table)))
      return shape_error("\"" + column.name + "\" tells rows apart, and is no amount to compute with or to compare by",
                         "name a column that holds an amount");
    if (column.type.kind == TypeKind::text || column.type.kind == TypeKind::boolean)
      return shape_error(
          "\"" + column.name + "\" holds " + std::string(enum_name(column.type.kind)) + ", no amounts to compute with or to compare by",
          "say by what, such as \"by number of …\"; amounts that a source holds as text need a column of numbers");
    return {};
  }

  std::string measure_name(const Measure& one) const {
    const Link& of = link(one.of);
    const std::string what = of.kind == Link::Kind::table ? table(of.table).name.name : column_of(of).name;
    switch (*one.fn) {
      case Fn::avg: return "average_" + what;
      case Fn::sum: return "total_" + what;
      case Fn::median: return "median_" + what;
      case Fn::min: return "lowest_" + what;
      case Fn::max: return "highest_" + what;
      default: return "number_of_" + what;
    }
  }

  Result<> add_measures() {
    for (const Measure& one : all_measures()) {
      TRY(Expr value, measure_expr(one));
      add_output(value, measure_name(one), "measure");
    }
    for (const Filter& one : frame_.filters) {
      if (one.kind != Filter::Kind::count) continue;
      const Measure counted{Fn::count_rows, one.of, false};
      TRY(Expr value, measure_expr(counted));
      add_output(value, measure_name(counted), "measure");
      Expr condition = plan::call(one.fn, {value, Expr{one.operands.front()}});
      auto& having = reading_.draft.select.having;
      having = having ? plan::call(Fn::logical_and, {*having, std::move(condition)}) : std::move(condition);
    }
    return {};
  }

  Result<> add_list() {
    auto& select = reading_.draft.select;
    // "customers with their emails" are shown themselves, "the emails of customers" are not.
    if (frame_.subject != kNoMention && is_table(frame_.subject) && !frame_.shown.empty() &&
        begin_of(frame_.subject) < begin_of(frame_.shown.front()))
      TRY_VOID(show_entity(link(frame_.subject)));
    for (const MentionId id : frame_.shown) {
      if (link(id).kind == Link::Kind::table) {
        TRY_VOID(show_entity(link(id)));
        continue;
      }
      TRY(Expr value, column_expr(link(id)));
      add_output(value, column_of(link(id)).name, stem(to_lower(table(link(id).table).name.name)));
    }
    if (frame_.subject != kNoMention && (frame_.shown.empty() || !is_table(frame_.subject))) TRY_VOID(show_entity(link(frame_.subject)));
    if (select.columns.empty() && frame_.order) TRY_VOID(show_entity({Link::Kind::table, link(frame_.order->by.of).table, -1, 0, ""}));
    if (select.columns.empty())
      return Error{ErrorKind::unanswerable, "E0605", "the question does not say what to show",
                   "begin with \"list\" or \"how many\" and a table's name", 0};
    const bool column_subject = frame_.subject != kNoMention && !is_table(frame_.subject);
    const bool repeated = frame_.subject != kNoMention && link(frame_.subject).table != tree_->root();
    select.distinct = frame_.distinct || repeated || column_subject;
    return {};
  }

  /// Rows of a table as a person knows them: by key and label, or by all their columns where they have no name.
  Result<> show_entity(const Link& one) {
    if (one.kind == Link::Kind::table && label_columns(table(one.table)).empty()) {
      TRY(std::string alias, tree_->reach(one.table, missing(one)));
      for (const Column& column : table(one.table).columns)
        add_output(plan::column(alias, column.name), column.name, stem(to_lower(table(one.table).name.name)));
      return {};
    }
    TRY(auto columns, entity(one));
    for (plan::Named& column : columns) add_output(column.value, column.name, stem(to_lower(table(one.table).name.name)));
    return {};
  }

  Result<> add_order() {
    auto& draft = reading_.draft;
    if (frame_.order && aggregated_ && draft.select.group_by.empty()) {
      TRY_VOID(check_single());
    } else if (frame_.order) {
      TRY(Expr key, order_expr());
      const Link& by = link(frame_.order->by.of);
      if (!aggregated_ && by.kind == Link::Kind::column && !frame_.order->by_time) add_output(key, column_of(by).name, "order");
      draft.order_by.push_back({key, frame_.order->descending});
    }
    draft.limit = limit();
    if (!aggregated_) return {};
    // Groups come in a known order, also among equals.
    for (const Expr& key : draft.select.group_by)
      if (std::ranges::none_of(draft.order_by, [&](const plan::OrderKey& one) { return one.value == key; })) draft.order_by.push_back({key, false});
    return {};
  }

  /// Over all rows together only "the highest distance" is one value; there is nothing to order, and no order may be left out.
  Result<> check_single() const {
    const Order& order = *frame_.order;
    if (order.superlative && !order.by_time && !order.by.fn && !frame_.limit && frame_.measures.empty()) return {};
    return shape_error("the question orders or picks rows, and computes one value of all of them",
                       "say \"per …\" to compute it of groups, or name the column whose highest value is meant");
  }

  Result<Expr> order_expr() {
    Measure by = frame_.order->by;
    if (frame_.order->by_time) {
      if (link(by.of).kind == Link::Kind::column) {
        const Column& column = column_of(link(by.of));
        if (!column.type.is_temporal() && name_pieces(column.name) != std::vector<std::string>{"year"})
          return shape_error("\"" + column.name + "\" is no time, of which one is the latest", "name a column that holds a date or time");
        return column_expr(link(by.of));
      }
      TRY(PeriodColumn period, period_column(*tree_, catalog_, schema_, Role::none));
      reading_.guesses += period.guessed;
      add_output(period.column, period.column_name, "time");
      return period.column;
    }
    if (aggregated_ && !by.fn && !grouped_by(by.of)) by.fn = frame_.order->descending ? Fn::max : Fn::min;
    if (by.fn) return measure_expr(by);
    // "by tail number" says what to order by; "the highest tail number" only seems to.
    if (frame_.order->superlative && !frame_.order->top && link(by.of).kind == Link::Kind::column) TRY_VOID(check_measurable(link(by.of)));
    return column_expr(link(by.of));
  }

  std::optional<std::int64_t> limit() const {
    if (frame_.limit) return *frame_.limit;
    if (!frame_.order || !frame_.order->superlative) return std::nullopt;
    if (aggregated_ && reading_.draft.select.group_by.empty()) return std::nullopt;
    // "for each" asks for all of them.
    if (!frame_.groups.empty()) return std::nullopt;
    const bool plural = frame_.subject != kNoMention && frame_.mentions[static_cast<std::size_t>(frame_.subject)].plural;
    return plural ? kTopDefault : 1;
  }

  Result<> add_filters() {
    std::vector<std::pair<Expr, std::vector<Expr>>> equal;
    for (const Filter& one : frame_.filters) {
      if (one.kind == Filter::Kind::count) continue;
      if (one.kind == Filter::Kind::period || (one.kind == Filter::Kind::compare && one.of == kNoMention)) {
        TRY(PeriodFilter period, period_filter(*tree_, catalog_, schema_, one));
        reading_.guesses += period.guessed;
        reading_.periods.push_back({one.begin, one.end, one.negated ? "not (" + period.meaning + ")" : period.meaning});
        for (Expr& condition : period.conditions) add_condition(std::move(condition), one.negated);
        continue;
      }
      TRY(Expr column, column_expr(link(one.of), Missing::match));
      if (!one.unit.empty() && !says_unit(column_of(link(one.of)), one.unit))
        return shape_error("neither the name nor the comment of \"" + column_of(link(one.of)).name + "\" says that it is in \"" + one.unit + "\"",
                           "leave the unit out if the number is meant as the column has it, or say the unit in the column's comment");
      if (one.kind == Filter::Kind::value && !one.negated) {
        TRY_VOID(check_way(one));
        merge(equal, column, plan::text(link(one.of).value));
        continue;
      }
      if (one.kind == Filter::Kind::null) {
        add_condition(plan::call(Fn::is_null, {column}), one.negated);
        continue;
      }
      std::vector<Expr> args{column};
      if (one.kind == Filter::Kind::value) args.push_back(plan::text(link(one.of).value));
      for (const plan::Literal& operand : one.operands) args.push_back({operand});
      add_condition(plan::call(one.kind == Filter::Kind::value ? Fn::ne : one.fn, std::move(args)), one.kind == Filter::Kind::compare && one.negated);
    }
    for (auto& [column, values] : equal) {
      std::vector<Expr> args{column};
      args.insert(args.end(), values.begin(), values.end());
      conditions_.push_back(plan::call(values.size() == 1 ? Fn::eq : Fn::in, std::move(args)));
    }
    return {};
  }

  static void merge(std::vector<std::pair<Expr, std::vector<Expr>>>& equal, const Expr& column, Expr value) {
    for (auto& [known, values] : equal)
      if (known == column) {
        values.push_back(std::move(value));
        return;
      }
    equal.push_back({column, {std::move(value)}});
  }

  void add_condition(Expr condition, bool negated) {
    conditions_.push_back(negated ? plan::call(Fn::logical_not, {std::move(condition)}) : std::move(condition));
  }

  /// "to JFK" must not become "from JFK" because only origins are known to hold that value.
  Result<> check_way(const Filter& one) const {
    const Link& of = link(one.of);
    const auto pieces = name_pieces(column_of(of).name);
    const bool wrong = (one.way == Filter::Way::to && lexicon_.points_from(pieces) && !lexicon_.points_to(pieces)) ||
                       (one.way == Filter::Way::from && lexicon_.points_to(pieces) && !lexicon_.points_from(pieces));
    if (!wrong) return {};
    return Error{ErrorKind::unanswerable, "E0602",
                 "'" + of.value + "' is a value of \"" + column_of(of).name + "\", which the words around it don't mean",
                 "name the column that is meant", 0};
  }

  Frame frame_;
  const Choice& choice_;
  const Catalog& catalog_;
  const Schema& schema_;
  const Lexicon& lexicon_;
  std::optional<JoinTree> tree_{};
  bool aggregated_ = false;
  std::vector<Expr> conditions_{};
  Reading reading_{};
};

}  // namespace

Result<Reading> compose(const Frame& frame, const Choice& choice, const Catalog& catalog, const Schema& schema, const Lexicon& lexicon) {
  return Composer(frame, choice, catalog, schema, lexicon).run();
}

}  // namespace sluice::planner
