#include "sql/reading.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/text.h"
#include "sql/reading_words.h"

namespace sluice {
namespace {

/// A VALUES list shows at most this many rows, and says how many more there are.
constexpr std::size_t kValueRowsShownMax = 5;

std::string as_sql(const Expr& expr) { return "`" + expr_text(expr) + "`"; }

bool is_null_literal(const Expr& expr) { return expr.kind == ExprKind::literal && expr.literal == LiteralKind::null; }

std::string column_names(const std::vector<std::string>& names) {
  std::vector<std::string> shown;
  shown.reserve(names.size());
  for (const std::string& name : names) shown.push_back(name_text(name));
  return listed(shown);
}

std::string columns_words(const std::vector<std::string>& names) { return (names.size() == 1 ? "column " : "columns ") + column_names(names); }

std::string_view set_sentence(SetOp op) {
  switch (op) {
    case SetOp::union_all: return "Takes the rows of all of these, duplicates kept";
    case SetOp::union_distinct: return "Takes the rows of all of these, each different row once";
    case SetOp::intersect_all: return "Takes the rows that all of these have, duplicates matched one by one";
    case SetOp::intersect_distinct: return "Takes the rows that all of these have, each different row once";
    case SetOp::except_all: return "Takes the rows of the first without those of the second, duplicates matched one by one";
    default: return "Takes the rows of the first without those of the second, each different row once";
  }
}

/// Writes the sentences of one reading.
class Reader {
 public:
  Reader(const Catalog& catalog, const Bound& bound)
      : catalog_(catalog),
        bound_(bound),
        words_({[this](const Query& query) { return name_query(query); }, [this](const Relation& item) { return rows_of(item); }}) {}

  std::vector<std::string> run(const Query& query) {
    read(query);
    return std::move(lines_);
  }

 private:
  using Pending = std::vector<std::pair<std::size_t, const Query*>>;

  /// One sentence at the present depth, then the subqueries that it mentioned.
  void say(std::string sentence) {
    lines_.push_back(std::string(depth_ * 2, ' ') + std::move(sentence));
    const Pending mentioned = std::exchange(pending_, {});
    for (const auto& [number, query] : mentioned) {
      lines_.push_back(std::string(depth_ * 2, ' ') + "Subquery " + std::to_string(number) + ":");
      nested(*query);
    }
  }

  void nested(const Query& query) {
    ++depth_;
    read(query);
    --depth_;
  }

  std::string name_query(const Query& query) {
    pending_.emplace_back(++subqueries_, &query);
    return "subquery " + std::to_string(subqueries_);
  }

  void read(const Query& query) {
    for (const Cte& cte : query.with) read_with(cte);
    if (query.set_op == SetOp::none) {
      read_select(query);
    } else {
      read_set_operation(query);
    }
    read_order(query);
    read_limit(query);
  }

  void read_with(const Cte& cte) {
    std::string sentence = "First makes " + name_text(cte.name);
    if (!cte.columns.empty()) sentence += " with " + columns_words(cte.columns);
    if (cte.recursive) sentence += ", which may build on its own rows until there are no new ones";
    say(sentence + ":");
    for (const Query& query : cte.query) nested(query);
  }

  /// Parts of a chain of the same UNION or INTERSECT, which may be read as one list.
  void collect_parts(const Query& query, SetOp op, bool by_name, bool top, std::vector<const Query*>& parts) const {
    const bool bare = query.with.empty() && query.order_by.empty() && query.limit.empty() && query.offset.empty() && !query.order_by_all;
    const bool chains = op == SetOp::union_all || op == SetOp::union_distinct || op == SetOp::intersect_distinct;
    if (query.set_op == op && query.by_name == by_name && (top || (bare && chains))) {
      for (const Query& operand : query.operands) collect_parts(operand, op, by_name, false, parts);
    } else {
      parts.push_back(&query);
    }
  }

  void read_set_operation(const Query& query) {
    std::vector<const Query*> parts;
    collect_parts(query, query.set_op, query.by_name, true, parts);
    say(std::string(set_sentence(query.set_op)) + (query.by_name ? ", columns matched by name:" : ":"));
    for (std::size_t i = 0; i < parts.size(); ++i) {
      say("Part " + std::to_string(i + 1) + ":");
      nested(*parts[i]);
    }
  }

  void read_select(const Query& query) {
    read_from(query);
    if (!query.where.empty()) say("Keeps rows where " + words_.condition(query.where[0]) + ".");
    read_groups(query);
    if (!query.having.empty()) say("Keeps groups where " + words_.condition(query.having[0]) + ".");
    for (const auto& [name, window] : query.windows) say("Window " + name_text(name) + " is `" + window_text(window) + "`.");
    if (!query.qualify.empty()) say("Then keeps rows where " + words_.condition(query.qualify[0]) + ".");
    if (!query.distinct_on.empty()) {
      std::vector<std::string> keys;
      keys.reserve(query.distinct_on.size());
      for (const Expr& key : query.distinct_on) keys.push_back(output_words(key, query));
      say("Keeps one row for each " + listed(keys) + ", the first by the order below.");
    }
    read_targets(query);
  }

  void read_targets(const Query& query) {
    std::vector<std::string> shown;
    for (const Target& target : query.targets) {
      std::string words = value_words(target.value);
      if (!target.alias.empty()) words += " (as " + name_text(target.alias) + ")";
      shown.push_back(std::move(words));
    }
    if (shown.empty()) shown.emplace_back("rows without columns");
    const bool distinct = query.distinct && query.distinct_on.empty();
    say("Shows " + listed(shown) + (distinct ? ", each different row once." : "."));
  }

  std::string value_words(const Expr& expr) { return is_condition(expr) ? "whether " + words_.condition(expr) : words_.value(expr); }

  static bool is_condition(const Expr& expr) {
    if (expr.kind == ExprKind::logic && expr.name == std::vector<std::string>{"not"} && expr.args.size() == 1) return is_condition(expr.args[0]);
    return expr.kind == ExprKind::exists || expr.kind == ExprKind::in_query || expr.kind == ExprKind::in_list || expr.kind == ExprKind::is_null ||
           expr.kind == ExprKind::between;
  }

  void read_from(const Query& query) {
    if (query.from.empty()) return say("Reads no table.");
    if (query.from.size() == 1) return say("Reads " + relation(query.from[0]) + ".");
    std::vector<std::string> shown;
    shown.reserve(query.from.size());
    for (const Relation& item : query.from) shown.push_back(relation(item));
    say("Reads " + listed(shown) + ", in every combination" + (query.where.empty() ? "." : " that the conditions keep."));
  }

  std::string relation(const Relation& item) {
    std::string out;
    switch (item.kind) {
      case RelationKind::table: out = names_text(item.name) + view_note(item); break;
      case RelationKind::subquery:
        out = item.query.empty() ? "?" : (gives_one_row(item) ? "the one row of " : "the rows of ") + name_query(item.query[0]);
        break;
      case RelationKind::function: {
        std::vector<std::string> calls;
        calls.reserve(item.call.size());
        for (const Expr& call : item.call) calls.push_back(as_sql(call));
        out = "the rows of " + listed(calls) + (item.ordinality ? ", numbered" : "");
        break;
      }
      case RelationKind::values: out = values(item); break;
      case RelationKind::join: out = item.alias.empty() ? join(item) : "(" + join(item) + ")"; break;
    }
    out += alias_words(item);
    if (item.lateral && item.kind == RelationKind::subquery) out += " made anew for each row before it";
    if (item.sampled) out += " (only a sample: `" + frame_text(show_hidden(item.sample_text, false), item.sample) + "`)";
    return out;
  }

  /// What a table or a subquery is called where its rows are spoken of one by one.
  std::string rows_of(const Relation& item) {
    const bool table = item.kind == RelationKind::table || item.query.empty();
    return (table ? names_text(item.name) + view_note(item) : name_query(item.query[0])) + alias_words(item);
  }

  /// An aggregate without groups has a row whatever there is to read.
  static bool gives_one_row(const Relation& item) {
    if (item.kind != RelationKind::subquery || item.query.empty()) return false;
    const Query& query = item.query[0];
    const bool grouped = !query.group_by.empty() || query.group_by_all || !query.grouping_sets.empty();
    return query.set_op == SetOp::none && !grouped && query.having.empty() && query.qualify.empty() && query.limit.empty() && query.offset.empty() &&
           std::any_of(query.targets.begin(), query.targets.end(), [](const Target& target) { return has_aggregate(target.value); });
  }

  static std::string alias_words(const Relation& item) {
    std::string out;
    if (!item.alias.empty() || !item.column_aliases.empty()) {
      const bool named = !item.alias.empty();
      const std::string columns = item.column_aliases.empty() ? "" : "with " + columns_words(item.column_aliases);
      out += " (" + (named ? "as " + name_text(item.alias) + (columns.empty() ? "" : " ") : std::string()) + columns + ")";
    }
    return out;
  }

  std::string view_note(const Relation& item) const {
    for (const TableMention& mention : bound_.mentions) {
      if (mention.location != item.location || item.location < 0 || item.name.empty() || !equals_ignoring_case(mention.name.name, item.name.back()))
        continue;
      const Table* table = catalog_.find(mention.name);
      if (table != nullptr && (table->kind == TableKind::view || table->kind == TableKind::materialized_view))
        return " (a " + std::string(name_of(table->kind)) + ")";
    }
    return "";
  }

  static std::string_view name_of(TableKind kind) { return kind == TableKind::view ? "view" : "materialized view"; }

  static std::string values(const Relation& item) {
    std::string out = item.rows.size() == 1 ? "the given row " : "the given rows ";
    for (std::size_t i = 0; i < item.rows.size() && i < kValueRowsShownMax; ++i) {
      std::string row;
      for (const Expr& expr : item.rows[i]) row += (row.empty() ? "" : ", ") + expr_text(expr);
      out += (i > 0 ? ", (" : "(") + row + ")";
    }
    return item.rows.size() > kValueRowsShownMax ? out + " … and " + std::to_string(item.rows.size() - kValueRowsShownMax) + " more" : out;
  }

  std::string join(const Relation& item) {
    if (item.sides.size() != 2) return "?";
    const std::string left = relation(item.sides[0]);
    std::string right = relation(item.sides[1]);
    if (item.sides[1].kind == RelationKind::join && item.sides[1].alias.empty()) right = "(" + right + ")";
    std::string on;
    if (!item.on.empty()) on = " where " + words_.condition(item.on[0]);
    if (!item.using_columns.empty()) on = " where both have the same " + column_names(item.using_columns);
    if (item.natural) on = " where all columns of the same name agree";
    switch (item.join) {
      case JoinKind::inner: return left + " joined with " + right + on;
      case JoinKind::left: return left + " joined with " + right + on + " (rows before it without a match are kept)";
      case JoinKind::right: return left + " joined with " + right + on + " (its rows without a match are kept)";
      case JoinKind::full: return left + " joined with " + right + on + " (rows of either side without a match are kept)";
      case JoinKind::cross: return left + (gives_one_row(item.sides[1]) ? ", beside each " : " in every combination with ") + right;
      case JoinKind::semi: return left + ", only rows with a match in " + right + on;
      case JoinKind::anti: return left + ", only rows without a match in " + right + on;
      case JoinKind::asof: return left + " joined with the nearest row of " + right + on;
      case JoinKind::positional: return left + " side by side, row by row, with " + right;
    }
    return left + " joined with " + right + on;
  }

  void read_groups(const Query& query) {
    if (query.group_by_all) return say("Groups by every shown column that is not aggregated.");
    std::vector<std::string> keys;
    keys.reserve(query.group_by.size());
    for (const Expr& key : query.group_by) keys.push_back(output_words(key, query));
    if (!query.grouping_sets.empty()) {
      std::vector<std::string> sets;
      for (const auto& set : query.grouping_sets) {
        std::vector<std::string> members;
        members.reserve(set.size());
        for (const std::size_t index : set) members.push_back(index < keys.size() ? keys[index] : "?");
        sets.push_back(members.empty() ? "all rows together" : "(" + listed(members) + ")");
      }
      return say("Groups several times, by " + listed(sets) + ".");
    }
    if (!keys.empty()) return say("Groups by " + listed(keys) + ".");
    const bool aggregates = std::any_of(query.targets.begin(), query.targets.end(), [](const Target& target) { return has_aggregate(target.value); });
    const bool sorts = std::any_of(query.order_by.begin(), query.order_by.end(), [](const SortKey& key) { return has_aggregate(key.value); });
    if (aggregates || sorts || !query.having.empty()) say("Takes all these rows as one group.");
  }

  /// A key of GROUP BY, ORDER BY or DISTINCT ON; a position becomes the column that it stands for.
  std::string output_words(const Expr& key, const Query& query) {
    std::size_t position = 0;
    if (key.kind == ExprKind::literal && key.literal == LiteralKind::integer) {
      std::from_chars(key.text.data(), key.text.data() + key.text.size(), position);
      const bool star = std::any_of(query.targets.begin(), query.targets.end(), [](const Target& t) { return t.value.kind == ExprKind::star; });
      if (star || position < 1 || position > query.targets.size()) return "column " + key.text + " of the result";
      const Target& target = query.targets[position - 1];
      if (!target.alias.empty()) return name_text(target.alias);
      return is_short(target.value) ? output_words_of(target.value) : "column " + key.text + " of the result";
    }
    return output_words_of(key);
  }

  /// Short enough to be said again for a position: GROUP BY 1, 1, 1, … must not repeat a long expression.
  static bool is_short(const Expr& expr) {
    if (expr.kind == ExprKind::column) return true;
    const bool plain = expr.kind == ExprKind::call && expr.args.size() <= 2 && expr.order_by.empty() && expr.filter.empty() && expr.window.empty();
    return plain && std::all_of(expr.args.begin(), expr.args.end(), [](const Expr& arg) {
             return arg.kind == ExprKind::column || arg.kind == ExprKind::literal ||
                    (arg.kind == ExprKind::star && arg.args.empty() && arg.excluded.empty());
           });
  }

  std::string output_words_of(const Expr& expr) { return expr.kind == ExprKind::column ? names_text(expr.name) : value_words(expr); }

  void read_order(const Query& query) {
    std::vector<std::string> keys;
    for (const SortKey& key : query.order_by) {
      std::string words = query.order_by_all ? "every column of the result" : output_words(key.value, query);
      words += direction_words(key);
      keys.push_back(std::move(words));
    }
    if (query.order_by_all && keys.empty()) keys.emplace_back("every column of the result, lowest first");
    std::string out;
    for (const std::string& key : keys) out += (out.empty() ? "" : "; then by ") + key;
    if (!out.empty()) say("Sorted by " + out + ".");
  }

  void read_limit(const Query& query) {
    if (!query.offset.empty()) {
      const Expr& offset = query.offset[0];
      if (offset.kind == ExprKind::literal && offset.text == "1") {
        say("Skips the first row.");
      } else {
        say("Skips the first " + words_.value(offset) + " rows.");
      }
    }
    if (query.limit.empty()) return;
    const Expr& limit = query.limit[0];
    if (is_null_literal(limit)) return say("No limit on the number of rows.");
    const bool one = limit.kind == ExprKind::literal && limit.text == "1" && !query.limit_percent;
    say("At most " + words_.value(limit) +
        (query.limit_percent ? " percent of the rows"
         : one               ? " row"
                             : " rows") +
        (query.with_ties ? ", and those that tie with the last." : "."));
  }

  const Catalog& catalog_;
  const Bound& bound_;
  ReadingWords words_;
  std::vector<std::string> lines_{};
  Pending pending_{};
  std::size_t subqueries_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace

std::vector<std::string> reading(const Query& query, const Catalog& catalog, const Bound& bound) { return Reader(catalog, bound).run(query); }

}  // namespace sluice
