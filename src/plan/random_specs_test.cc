#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <random>
#include <utility>

#include "plan/render.h"
#include "sql/parser.h"

namespace sluice::plan {
namespace {

constexpr std::uint32_t kSeedDefault = 20'130'131;
constexpr int kSpecs = 400;

/// The two tables that tests/e2e/test_plan.py makes on both engines.
Catalog random_catalog() {
  Catalog out;
  out.search_path = {"public", "main"};
  const auto add = [&](std::string name, std::vector<std::pair<std::string, TypeKind>> columns) {
    Table table;
    table.name = {"public", std::move(name)};
    for (auto& [column, kind] : columns) table.columns.push_back({std::move(column), Type{kind, ""}, true, false, ""});
    out.tables.push_back(std::move(table));
  };
  using enum TypeKind;
  add("Line Items", {{"id", integer}, {"t_id", integer}, {"label", text}, {"order", integer}});
  add("t", {{"id", integer},
            {"g", text},
            {"Odd name", integer},
            {"x", integer},
            {"y", floating},
            {"d", date},
            {"ts", timestamp},
            {"n", decimal},
            {"b", boolean}});
  return out;
}

/// Typed specs at random: every one can be built.
class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  SpecDraft spec() {
    SpecDraft out;
    joined_ = chance(3);
    out.select = select();
    if (out.select.windows.empty() && chance(6)) {
      Select other = out.select;
      other.where = condition(2);
      // Sums of floating numbers are not the same in every bit twice: where rows are compared, there are none.
      const bool sums = std::ranges::any_of(other.columns, [](const Named& one) { return has_aggregate(one.value); });
      out.combine.push_back({sums ? SetOp::union_all : static_cast<SetOp>(pick(4)), std::move(other)});
      out.select.distinct = false;
    }
    // Every output column orders the rows, so that a limit keeps the same rows on every engine.
    const bool limited = chance(3);
    for (const Named& one : out.select.columns)
      if (limited) out.order_by.push_back({column("", one.name), chance(2)});
    for (const Window& one : out.select.windows)
      if (limited && !one.hidden) out.order_by.push_back({column("", one.name), false});
    if (limited) out.limit = pick(20);
    if (limited && chance(3)) out.offset = pick(5);
    return out;
  }

 private:
  bool chance(int one_in) { return pick(one_in) == 0; }
  int pick(int below) { return static_cast<int>(random_() % static_cast<std::uint32_t>(below)); }

  Select select() {
    Select out;
    out.from = chance(4) ? from_query(all_of_t(), "t") : Source{{"", "t"}, {}, "t"};
    if (joined_) {
      Source other = chance(3) ? from_query(per_t(), "u") : Source{{"", "Line Items"}, {}, "u"};
      out.joins.push_back({chance(2) ? JoinKind::left : JoinKind::inner, std::move(other), {{column("t", "id"), column("u", "t_id")}}});
    }
    crossed_ = chance(5);
    if (crossed_) out.joins.push_back({JoinKind::cross, from_query(one_row("v"), "one"), {}});
    if (chance(2)) out.where = condition(3);
    if (chance(2)) return grouped(std::move(out));
    const int columns = 1 + pick(4);
    for (int i = 0; i < columns; ++i) out.columns.push_back({"c" + std::to_string(i), value(pick(5), 2)});
    out.distinct = chance(4);
    if (!out.distinct && chance(3)) add_window(out);
    return out;
  }

  void add_window(Select& out) {
    const auto fn = static_cast<WindowFn>(pick(static_cast<int>(WindowFn::lag) + 1));
    const bool place = fn <= WindowFn::dense_rank;
    const bool aggregate = !place && fn != WindowFn::lag;
    // In an order by a unique key where rows are told apart: no two engines may number equals differently.
    const bool unordered = aggregate && (joined_ || chance(2));
    const bool unique = fn == WindowFn::row_number || (!place && !unordered);
    if (unique && joined_) return;
    Window window{"place", fn, {column("t", "g")}, {}, chance(2), {}};
    if (!unordered) window.order_by.push_back({unique ? column("t", "id") : column("t", chance(2) ? "x" : "y"), chance(2)});
    if (!place && (fn != WindowFn::count || chance(2))) window.args.push_back(number(1));
    if (place) {
      out.keep = call(Fn::le, {column("", "place"), integer(1 + pick(3))});
    } else if (chance(2)) {
      out.keep = call(Fn::logical_not, {call(Fn::is_null, {column("", "place")})});
      if (chance(2)) out.keep = call(Fn::logical_or, {*out.keep, exists(items(), {{column("", "place"), "order"}})});
    }
    out.windows.push_back(std::move(window));
  }

  Select grouped(Select out) {
    const int keys = pick(3);
    for (int i = 0; i < keys; ++i) {
      out.group_by.push_back(i == 0 ? column("t", "g") : call(Fn::trunc_month, {column("t", "d")}));
      out.columns.push_back({"k" + std::to_string(i), out.group_by.back()});
    }
    const int measures = 1 + pick(3);
    for (int i = 0; i < measures; ++i) out.columns.push_back({"m" + std::to_string(i), aggregate()});
    if (chance(3)) out.having = call(Fn::gt, {call(Fn::count_rows, {}), chance(3) ? scalar(one_row("v")) : integer(pick(4))});
    if (keys > 0 && chance(4)) out.columns.push_back({"known", exists(items(), {{column("t", "g"), "label"}})});
    if (chance(4)) {
      Window window{"all", WindowFn::sum, {}, {}, false, {call(Fn::count_rows, {})}};
      for (const Expr& key : out.group_by) window.order_by.push_back({key, chance(2)});
      if (chance(2)) window.order_by.clear();
      if (!window.order_by.empty() && chance(2)) window.fn = WindowFn::lag;
      out.windows.push_back(std::move(window));
    }
    return out;
  }

  /// What `make` says of a query of its own: other sources, and not ever deeper.
  template <class Make>
  SpecDraft inside(Make make) {
    const bool joined = std::exchange(joined_, false), crossed = std::exchange(crossed_, false);
    ++depth_;
    SpecDraft out;
    out.select.from = {{"", "t"}, {}, ""};
    make(out);
    --depth_;
    joined_ = joined;
    crossed_ = crossed;
    return out;
  }

  void maybe_where(SpecDraft& out) {
    if (chance(2)) out.select.where = condition(1);
  }

  /// The table under its own name, by way of a query.
  SpecDraft all_of_t() {
    return inside([&](SpecDraft& out) {
      maybe_where(out);
      for (const char* name : {"id", "g", "Odd name", "x", "y", "d", "ts", "n", "b"}) out.select.columns.push_back({name, column("", name)});
      if (chance(3)) out.order_by.push_back({column("", "id"), chance(2)});
      if (!out.order_by.empty()) out.limit = 250;
    });
  }

  /// The line items, one row for each `t_id`.
  SpecDraft per_t() {
    return inside([&](SpecDraft& out) {
      out.select.from = {{"", "Line Items"}, {}, chance(2) ? "t" : ""};
      out.select.group_by = {column("", "t_id")};
      out.select.columns = {{"t_id", column("", "t_id")}, {"label", call(Fn::max, {column("", "label")})}, {"order", call(Fn::count_rows, {})}};
    });
  }

  /// Line items to look for: some plain, some such that they have to stand inside parentheses.
  SpecDraft items() {
    return inside([&](SpecDraft& out) {
      out.select.from = {{"", "Line Items"}, {}, chance(3) ? "t" : ""};
      if (chance(2)) out.select.where = call(Fn::gt, {column("", "order"), integer(pick(4))});
      out.select.columns = {{"t_id", column("", "t_id")}, {"label", column("", "label")}, {"order", column("", "order")}};
      out.select.distinct = chance(4);
      if (chance(4)) {
        out.order_by = {{column("", "t_id"), false}, {column("", "label"), chance(2)}, {column("", "order"), false}};
        out.limit = 30;
      } else if (chance(4)) {
        out.select.group_by = {column("", "t_id"), column("", "label"), column("", "order")};
      } else if (chance(4)) {
        Select more = out.select;
        more.where = call(Fn::is_null, {column("", "label")});
        out.combine.push_back({static_cast<SetOp>(pick(4)), std::move(more)});
      }
    });
  }

  /// Rows of the table that the query around reads too.
  SpecDraft others() {
    return inside([&](SpecDraft& out) {
      maybe_where(out);
      out.select.columns = {{"number", number(1)}, {"words", column("", "g")}, {"id", column("", "id")}};
    });
  }

  SpecDraft one_row(const std::string& name) {
    return inside([&](SpecDraft& out) {
      maybe_where(out);
      if (chance(4)) {
        out.select.columns = {{name, column("", "x")}};
        out.order_by = {{column("", "id"), chance(2)}};
        out.limit = 1;
      } else {
        static constexpr Fn kFns[] = {Fn::max, Fn::min, Fn::sum, Fn::count, Fn::avg};
        out.select.columns = {{name, call(kFns[pick(5)], {column("", chance(2) ? "x" : "Odd name")})}};
      }
    });
  }

  Expr looked_for() {
    switch (pick(4)) {
      case 0: return exists(items(), {{column("t", "id"), "t_id"}});
      case 1: return exists(items(), {{words(1), "label"}, {column("t", "x"), "order"}});
      case 2: return exists(others(), {{number(0), "number"}});
      default: return exists(others(), {{column("t", "g"), "words"}, {call(Fn::add, {column("t", "id"), integer(1)}), "id"}});
    }
  }

  Expr aggregate() {
    switch (pick(8)) {
      case 0: return call(Fn::count_rows, {});
      case 1: return call(Fn::count, {value(pick(5), 1)});
      case 2: return call(Fn::count_distinct, {value(pick(5), 1)});
      case 3: return call(Fn::sum, {value(0, 1)});
      case 4: return call(Fn::avg, {value(0, 1)});
      case 5: return call(Fn::median, {value(0, 1)});
      case 6: return call(Fn::min, {value(pick(3), 1)});
      default: return call(Fn::divide, {call(Fn::max, {value(0, 1)}), call(Fn::count_rows, {})});
    }
  }

  /// 0 a number, 1 text, 2 a date, 3 a timestamp, 4 a condition.
  Expr value(int kind, int depth) {
    switch (kind) {
      case 0: return number(depth);
      case 1: return words(depth);
      case 2: return chance(3) ? call(static_cast<Fn>(static_cast<int>(Fn::trunc_year) + pick(5)), {value(2 + pick(2), 0)}) : column("t", "d");
      case 3: return column("t", "ts");
      default: return condition(depth);
    }
  }

  Expr number(int depth) {
    if (depth == 0 || chance(3)) {
      static constexpr const char* kNames[] = {"id", "Odd name", "x", "n", "y"};
      if (joined_ && chance(5)) return column("u", "order");
      if (crossed_ && chance(4)) return column("one", "v");
      if (depth_ < 2 && chance(12)) return scalar(one_row("v"));
      return chance(4) ? integer(pick(9) - 4) : column("t", kNames[pick(5)]);
    }
    switch (pick(12)) {
      case 10: return call(Fn::weekday, {call(Fn::make_date, {integer(2000 + pick(30)), integer(1 + pick(12)), integer(1 + pick(28))})});
      case 9:
        return call(Fn::seconds_between,
                    {column("t", "ts"), chance(2) ? column("t", "ts") : Expr{Literal{TypeKind::timestamp, "2013-05-06 07:08:09"}}});
      case 0: return call(Fn::add, {number(depth - 1), number(depth - 1)});
      case 1: return call(Fn::subtract, {number(depth - 1), number(depth - 1)});
      case 2: return call(Fn::multiply, {number(0), integer(pick(5))});
      case 3: return call(Fn::divide, {number(depth - 1), number(0)});
      case 4: return call(Fn::modulo, {column("t", "id"), column("t", "x")});
      case 5: return call(Fn::abs, {number(depth - 1)});
      case 6: return call(Fn::length, {words(0)});
      case 7: return call(static_cast<Fn>(static_cast<int>(Fn::year) + pick(6)), {value(2 + pick(2), 0)});
      case 8: return call(Fn::days_between, {column("t", "d"), column("t", "ts")});
      default: return call(Fn::negate, {number(depth - 1)});
    }
  }

  Expr words(int depth) {
    static constexpr const char* kTexts[] = {"a", "it's", "50%", "back\\slash", "", "A_b"};
    if (depth == 0) return joined_ && chance(3) ? column("u", "label") : chance(3) ? text(kTexts[pick(6)]) : column("t", "g");
    switch (pick(5)) {
      case 0: return call(Fn::lower, {words(depth - 1)});
      case 1: return call(Fn::upper, {words(depth - 1)});
      case 2: return call(Fn::concat, {words(depth - 1), words(0)});
      case 3: return call(Fn::coalesce, {words(depth - 1), text("?")});
      default: return call(Fn::case_when, {condition(depth - 1), words(0), words(0)});
    }
  }

  Expr condition(int depth) {
    if (depth <= 0) return chance(3) ? column("t", "b") : call(Fn::is_null, {value(pick(4), 0)});
    if (depth_ < 2 && chance(8)) return looked_for();
    switch (pick(8)) {
      case 0: return call(Fn::logical_and, {condition(depth - 1), condition(depth - 1)});
      case 1: return call(Fn::logical_or, {condition(depth - 1), condition(depth - 1)});
      case 2: return call(Fn::logical_not, {condition(depth - 1)});
      case 3: return call(Fn::between, {number(1), integer(pick(5) - 3), integer(pick(9))});
      case 4: return call(Fn::in, {words(0), text("a"), text("it's"), text("50%")});
      case 5:
        return call(static_cast<Fn>(static_cast<int>(Fn::contains) + pick(4)),
                    {words(0), text(std::vector<std::string>{"a", "%", "_", "\\\\", "B"}[static_cast<std::size_t>(pick(5))])});
      case 6: return call(Fn::ge, {value(2 + pick(2), 0), date("2013-0" + std::to_string(1 + pick(9)) + "-15")});
      default: return call(static_cast<Fn>(pick(6)), {number(1), number(1)});
    }
  }

  std::mt19937 random_;
  bool joined_ = false, crossed_ = false;
  int depth_ = 0;
};

/// All of them can be built, and are reads to PostgreSQL's parser. With SLUICE_RANDOM_SPECS=FILE their SQL is written there, a JSON line
/// each, for the end-to-end test that runs it on both engines.
TEST(RandomSpecs, BuildAndParse) {
  const char* given = std::getenv("SLUICE_SEED");
  const auto seed = given != nullptr ? static_cast<std::uint32_t>(std::stoul(given)) : kSeedDefault;
  SCOPED_TRACE("seed " + std::to_string(seed));
  const char* path = std::getenv("SLUICE_RANDOM_SPECS");
  std::ofstream out;
  if (path != nullptr) out.open(path);
  const auto parser = make_postgres_parser();
  const Catalog catalog = random_catalog();
  Generator generator(seed);
  for (int i = 0; i < kSpecs; ++i) {
    const SpecDraft draft = generator.spec();
    const auto spec = Spec::create(draft, catalog);
    ASSERT_TRUE(spec) << spec.error().message << "\n" << encode(draft).dump_text(1);
    const std::string postgres = render(*spec, Dialect::postgres);
    const auto parsed = parser->parse(postgres);
    ASSERT_TRUE(parsed) << parsed.error().message << "\n" << postgres;
    EXPECT_EQ(parsed->statement, StatementClass::read) << parsed->reason << "\n" << postgres;
    const auto back = decode<SpecDraft>(*Json::parse(encode(draft).dump()));
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, draft);
    if (path != nullptr)
      out << Json::object()
                 .set("postgres", postgres)
                 .set("duckdb", render(*spec, Dialect::duckdb))
                 .set("ordered", !spec->draft().order_by.empty())
                 .dump()
          << "\n";
  }
}

}  // namespace
}  // namespace sluice::plan
