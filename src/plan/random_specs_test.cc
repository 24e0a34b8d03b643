#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <random>

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
      out.combine.push_back({static_cast<SetOp>(pick(4)), std::move(other)});
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
    out.from = {{"", "t"}, "t"};
    if (joined_)
      out.joins.push_back({chance(2) ? JoinKind::left : JoinKind::inner, {{"", "Line Items"}, "u"}, {{column("t", "id"), column("u", "t_id")}}});
    if (chance(2)) out.where = condition(3);
    if (chance(2)) return grouped(std::move(out));
    const int columns = 1 + pick(4);
    for (int i = 0; i < columns; ++i) out.columns.push_back({"c" + std::to_string(i), value(pick(5), 2)});
    out.distinct = chance(4);
    if (!out.distinct && chance(4)) {
      // Partitioned and ordered by a unique key where rows are numbered: no two engines may number equals differently.
      const auto fn = static_cast<WindowFn>(pick(3));
      const Expr key = fn == WindowFn::row_number ? column("t", "id") : column("t", chance(2) ? "x" : "y");
      if (fn != WindowFn::row_number || !joined_) {
        out.windows.push_back({"place", fn, {column("t", "g")}, {{key, chance(2)}}, chance(2)});
        out.keep = call(Fn::le, {column("", "place"), integer(1 + pick(3))});
      }
    }
    return out;
  }

  Select grouped(Select out) {
    const int keys = pick(3);
    for (int i = 0; i < keys; ++i) {
      out.group_by.push_back(i == 0 ? column("t", "g") : call(Fn::trunc_month, {column("t", "d")}));
      out.columns.push_back({"k" + std::to_string(i), out.group_by.back()});
    }
    const int measures = 1 + pick(3);
    for (int i = 0; i < measures; ++i) out.columns.push_back({"m" + std::to_string(i), aggregate()});
    if (chance(3)) out.having = call(Fn::gt, {call(Fn::count_rows, {}), integer(pick(4))});
    return out;
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
      return chance(4) ? integer(pick(9) - 4) : column("t", kNames[pick(5)]);
    }
    switch (pick(10)) {
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
  bool joined_ = false;
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
