#include "data/inferred_keys.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "base/text.h"
#include "data/key_names.h"

namespace sluice {
namespace {

const Type kInteger{TypeKind::integer, {}}, kText{TypeKind::text, {}};

Table table(const std::string& name, std::vector<std::pair<std::string, Type>> columns, std::int64_t rows) {
  Table out{.name = {"main", name}};
  for (auto& [column, type] : columns) out.columns.push_back({.name = column, .type = type});
  out.row_count = rows;
  out.row_count_exact = true;
  return out;
}

std::string refers(const Catalog& catalog, const std::string& name) {
  std::string out;
  for (const ForeignKey& key : catalog.find("main", name)->foreign_keys)
    out += key.columns.front() + "->" + key.target.name + "." + key.target_columns.front() + (key.origin == KeyOrigin::inferred ? " " : " declared ");
  return out;
}

TEST(InferredKeys, FindsWhatValuesShow) {
  Catalog catalog{.search_path = {"main"}};
  catalog.tables = {table("airlines", {{"carrier", kText}, {"name", kText}}, 4), table("airports", {{"faa", kText}, {"name", kText}}, 5),
                    table("flights", {{"year", kInteger}, {"carrier", kText}, {"origin", kText}, {"note", kText}}, 100)};
  const auto values = [](const char* of, const char* column, std::vector<std::string> list) {
    return ColumnValues{{"main", of}, column, std::move(list), true};
  };
  const std::vector<ColumnValues> known{values("airlines", "carrier", {"AA", "B6", "UA", "WN"}),
                                        values("airlines", "name", {"a", "b", "c", "d"}),
                                        values("airports", "faa", {"JFK", "EWR", "LGA", "SFO", "BOS"}),
                                        values("airports", "name", {"1", "2", "3", "4", "5"}),
                                        values("flights", "carrier", {"AA", "UA", "ZZ"}),
                                        values("flights", "origin", {"JFK", "EWR", "LGA"}),
                                        values("flights", "note", {"JFK", "late", "AA"})};
  infer_keys(catalog, known);
  EXPECT_EQ(catalog.find("main", "airports")->primary_key->columns, std::vector<std::string>{"faa"});
  EXPECT_EQ(refers(catalog, "flights"), "carrier->airlines.carrier origin->airports.faa ");
  EXPECT_EQ(refers(catalog, "airlines"), "");
}

TEST(InferredKeys, FindsWhatNamesShow) {
  Catalog catalog{.search_path = {"main"}};
  catalog.tables = {table("Customers", {{"CustomerID", kInteger}, {"Name", kText}}, 10), table("categories", {{"id", kInteger}, {"name", kText}}, 10),
                    table("orders", {{"id", kInteger}, {"customer_id", kInteger}, {"category_id", kInteger}, {"year", kInteger}}, 10),
                    table("years", {{"year", kInteger}}, 10)};
  infer_keys(catalog);
  EXPECT_EQ(refers(catalog, "orders"), "customer_id->Customers.CustomerID category_id->categories.id ");
}

TEST(InferredKeys, LeavesDoubtAndDeclaredKeysAlone) {
  Catalog catalog{.search_path = {"main"}};
  catalog.tables = {table("a", {{"code", kText}}, 3), table("b", {{"code", kText}}, 3), table("c", {{"x", kText}, {"id", kInteger}}, 9)};
  const std::vector<ColumnValues> known{
      {{"main", "a"}, "code", {"p", "q", "r"}, true}, {{"main", "b"}, "code", {"p", "q", "r"}, true}, {{"main", "c"}, "x", {"p", "q", "r"}, true}};
  infer_keys(catalog, known);
  EXPECT_EQ(refers(catalog, "c"), "") << "two keys fit: nobody knows which";
  EXPECT_EQ(catalog.find("main", "c")->primary_key, std::nullopt);
  catalog.tables[0].primary_key = Key{{"code"}, KeyOrigin::declared};
  infer_keys(catalog);
  EXPECT_EQ(catalog.tables[0].primary_key->origin, KeyOrigin::declared);
}

/// Tables that are held in memory: what a connector would ask its engine.
class Tables : public KeyEvidence {
 public:
  Catalog catalog{.search_path = {"main"}};

  /// Columns are "name" (whole numbers) or "name t" (text), and their values by row; "" is NULL.
  Tables& add(const std::string& name, const std::vector<std::string>& columns, const std::vector<std::vector<std::string>>& rows) {
    Table made{.name = {"main", name}};
    for (const std::string& column : columns) {
      const bool text = column.ends_with(" t");
      made.columns.push_back({.name = text ? column.substr(0, column.size() - 2) : column, .type = text ? kText : kInteger});
    }
    made.row_count = static_cast<std::int64_t>(rows.size());
    made.row_count_exact = true;
    catalog.tables.push_back(made);
    rows_[name] = rows;
    return *this;
  }
  /// A table whose key counts from `from`, with further columns by number.
  Tables& counted(const std::string& name, const std::string& key, int from, int count, const std::vector<std::string>& more = {},
                  const std::function<std::vector<std::string>(int)>& values = {}) {
    std::vector<std::string> columns{key};
    columns.insert(columns.end(), more.begin(), more.end());
    std::vector<std::vector<std::string>> rows;
    for (int i = 0; i < count; ++i) {
      rows.push_back({std::to_string(from + i)});
      if (values) std::ranges::copy(values(i), std::back_inserter(rows.back()));
    }
    return add(name, columns, rows);
  }
  Result<std::vector<std::optional<Uniqueness>>> uniqueness(std::span<const KeyColumns> of) override {
    std::vector<std::optional<Uniqueness>> out;
    for (const KeyColumns& one : of) {
      std::set<std::vector<std::string>> distinct;
      Uniqueness seen{.whole = true};
      for (const auto& row : rows_.at(one.table.name)) {
        std::vector<std::string> key;
        key.reserve(one.columns.size());
        for (const std::string& column : one.columns) key.push_back(row[place(one.table.name, column)]);
        ++seen.rows;
        if (std::ranges::find(key, "") != key.end()) continue;
        distinct.insert(key);
        if (catalog.find(one.table)->find_column(one.columns.front())->type.kind != TypeKind::integer) continue;
        const std::int64_t number = std::stoll(key.front());
        seen.least = std::min(seen.least.value_or(number), number);
        seen.most = std::max(seen.most.value_or(number), number);
      }
      seen.distinct = static_cast<std::int64_t>(distinct.size());
      out.emplace_back(seen);
    }
    return out;
  }
  Result<std::vector<std::optional<Containment>>> containment(std::span<const Reference> of) override {
    std::vector<std::optional<Containment>> out;
    for (const Reference& one : of) {
      const auto values = column(one.table.name, one.column), keys = column(one.target.name, one.target_column);
      const auto found = std::ranges::count_if(values, [&](const std::string& value) { return keys.contains(value); });
      out.emplace_back(Containment{static_cast<std::int64_t>(values.size()), found, keys.empty()});
    }
    return out;
  }
  /// "orders.customer_id->customers.id …" of all tables, as inferred.
  std::string references() {
    EXPECT_TRUE(infer_keys(catalog, {}, *this));
    std::string out;
    for (const Table& one : catalog.tables)
      for (const ForeignKey& key : one.foreign_keys)
        out += (out.empty() ? "" : " ") + one.name.name + "." + key.columns.front() + "->" + key.target.name + "." + key.target_columns.front();
    return out;
  }
  std::string key_of(const std::string& name) const {
    const auto& key = catalog.find("main", name)->primary_key;
    return key ? join(key->columns, ",") : "none";
  }

 private:
  std::size_t place(const std::string& name, const std::string& column) const {
    const auto& columns = catalog.find("main", name)->columns;
    return static_cast<std::size_t>(std::ranges::find(columns, column, &Column::name) - columns.begin());
  }
  std::set<std::string> column(const std::string& name, const std::string& column_name) const {
    std::set<std::string> out;
    for (const auto& row : rows_.at(name))
      if (const std::string& value = row[place(name, column_name)]; !value.empty()) out.insert(value);
    return out;
  }
  std::map<std::string, std::vector<std::vector<std::string>>> rows_{};
};

std::string text(int number) { return std::to_string(number); }

TEST(InferredPrimaryKeys, AreColumnsNamedAsKeysThatHoldEachValueOnce) {
  struct Case {
    const char *table, *column, *key;
  };
  for (const auto& [table, column, key] :
       {Case{"ship", "id", "id"}, Case{"countries", "CountryId", "CountryId"}, Case{"continents", "ContId", "ContId"}, Case{"author", "aid", "aid"},
        Case{"Student", "StuID", "StuID"}, Case{"car_makers", "maker_id", "maker_id"}, Case{"prescriptions", "height", "none"},
        Case{"tracks", "track_no", "track_no"}, Case{"countries", "name_of_it", "none"}}) {
    Tables other;
    other.add(table, {"what", column}, {{"7", "1"}, {"7", "2"}, {"7", "3"}});
    other.references();
    EXPECT_EQ(other.key_of(table), key) << table << "." << column;
    Tables twice;
    twice.add(table, {"what", column}, {{"7", "1"}, {"7", "2"}, {"7", "2"}});
    twice.references();
    EXPECT_EQ(twice.key_of(table), "none") << table << "." << column << " repeats";
    Tables missing;
    missing.add(table, {"what", column}, {{"7", "1"}, {"7", "2"}, {"7", ""}});
    missing.references();
    EXPECT_EQ(missing.key_of(table), "none") << table << "." << column << " is NULL somewhere";
  }
}

TEST(InferredPrimaryKeys, LeadATableOrBelongToAnother) {
  Tables tables;
  tables.add("prescriptions", {"rx_id", "days"}, {{"1", "3"}, {"2", "3"}, {"3", "4"}})
      .add("statuses", {"code t", "words t"}, {{"a", "x"}, {"b", "x"}, {"c", "y"}})
      .add("pets", {"PetID", "age"}, {{"1", "3"}, {"2", "3"}, {"3", "4"}})
      .add("student", {"StuID", "age"}, {{"5", "3"}, {"6", "3"}, {"7", "4"}})
      .add("has_pet", {"StuID", "PetID"}, {{"5", "1"}, {"6", "2"}, {"6", "3"}});
  EXPECT_EQ(tables.references(), "has_pet.StuID->student.StuID has_pet.PetID->pets.PetID");
  EXPECT_EQ(tables.key_of("prescriptions"), "rx_id");
  EXPECT_EQ(tables.key_of("statuses"), "code");
  EXPECT_EQ(tables.key_of("has_pet"), "StuID,PetID") << "each PetID is there once, but it is the other table's";
}

TEST(InferredReferences, FollowNames) {
  struct Case {
    const char *column, *target, *key;
    bool found;
  };
  for (const auto& [column, target, key, found] :
       {Case{"country_id", "countries", "id", true}, Case{"country", "countries", "id", true}, Case{"maker", "car_makers", "id", true},
        Case{"caused_by_ship_id", "ship", "id", true}, Case{"lost_in_battle", "battle", "id", true}, Case{"AwayTeam", "teams", "id", true},
        Case{"home_team_id", "teams", "id", true}, Case{"dept_id", "departments", "id", true}, Case{"friend_pid", "pupils", "pid", true},
        Case{"OwnerPid", "pupils", "pid", true}, Case{"player1", "players", "id", true}, Case{"team_a", "teams", "id", true},
        Case{"model_id", "model_list", "id", true}, Case{"uid", "users", "uid", true}, Case{"people_ID", "people", "People_ID", true},
        // Numbers that count: every small one is in a key that counts from one.
        Case{"number_of_teams", "teams", "id", false}, Case{"running_order", "orders", "id", false}, Case{"teams", "teams", "id", false},
        Case{"track_number", "tracks", "id", false}, Case{"season_no", "seasons", "id", false}, Case{"winner_id", "players", "id", false},
        Case{"age", "ages", "id", false}, Case{"capacity", "teams", "id", false}, Case{"ship_name", "ship", "id", false}}) {
    Tables tables;
    tables.counted(target, key, 1, 30).counted("facts", "fact", 1, 40, {column}, [](int i) { return std::vector{text(1 + i % 6)}; });
    EXPECT_EQ(tables.references(), found ? std::string("facts.") + column + "->" + target + "." + key : "") << column;
    Tables none;
    none.counted(target, key, 1, 0).counted("facts", "fact", 1, 40, {column}, [](int i) { return std::vector{text(1 + i % 6)}; });
    EXPECT_EQ(none.references(), "") << column << " to an empty table";
  }
}

TEST(InferredReferences, WithWeakNamesNeedTheValues) {
  const auto with = [](const char* column, int missing) {  // of twenty values
    Tables tables;
    tables.counted("countries", "id", 1, 30).counted("facts", "fact", 1, 40, {column}, [=](int i) {
      return std::vector{text(i % 20 < missing ? 500 + i % 20 : 1 + i % 20)};
    });
    return tables.references();
  };
  EXPECT_EQ(with("country_id", 9), "facts.country_id->countries.id");
  EXPECT_EQ(with("country_id", 11), "");
  EXPECT_EQ(with("country", 1), "facts.country->countries.id");
  EXPECT_EQ(with("country", 2), "");
  EXPECT_EQ(with("country_code", 2), "") << "telephones have one too";
}

TEST(InferredReferences, OfSeveralColumnsToOneTable) {
  Tables tables;
  tables.counted("teams", "id", 1, 9).counted("games", "id", 1, 20, {"home_team_id", "away_team_id", "team_id"}, [](int i) {
    return std::vector{text(1 + i % 9), text(1 + i % 8), text(1 + i % 7)};
  });
  EXPECT_EQ(tables.references(), "games.home_team_id->teams.id games.away_team_id->teams.id games.team_id->teams.id");
}

TEST(InferredReferences, ToTheTableItself) {
  const auto with = [](const char* column, int from) {
    Tables tables;
    tables.counted("employees", "id", 1, 20, {column}, [=](int i) { return std::vector{i == 0 ? std::string() : text(from + i % 3)}; });
    return tables.references();
  };
  EXPECT_EQ(with("reports_to", 1), "employees.reports_to->employees.id");
  EXPECT_EQ(with("manager_id", 1), "employees.manager_id->employees.id");
  EXPECT_EQ(with("parent_employee_id", 1), "employees.parent_employee_id->employees.id");
  EXPECT_EQ(with("manager_id", 19), "") << "values that are not there";
  EXPECT_EQ(with("employee_rank", 1), "");
  EXPECT_EQ(with("badge_employee", 1), "") << "nothing says that it is another row of the table";
}

TEST(InferredReferences, OneToOneGoToTheTableThatTheKeyIsNamedAfter) {
  Tables tables;
  tables.counted("employee", "Employee_ID", 1, 10).counted("hiring", "Employee_ID", 1, 7).counted("evaluation", "Employee_ID", 50, 7);
  for (Table& table : tables.catalog.tables) table.primary_key = Key{{"Employee_ID"}};
  EXPECT_EQ(tables.references(), "hiring.Employee_ID->employee.Employee_ID") << "the other's values are not there";
}

TEST(InferredReferences, BetweenHalvesOfOneThing) {
  const auto with = [](const char* first, const char* second, const char* key, int count) {
    Tables tables;
    tables.counted(first, key, 1, count).counted(second, "Id", 1, count);
    return tables.references();
  };
  EXPECT_EQ(with("car_names", "cars_data", "MakeId", 20), "cars_data.Id->car_names.MakeId");
  EXPECT_EQ(with("car_names", "cars_data", "MakeId", 19), "") << "too few to tell";
  EXPECT_EQ(with("bus_names", "cars_data", "MakeId", 40), "") << "the same numbers, as most tables have them";
  EXPECT_EQ(with("order_items", "order_notes", "order_item_id", 40), "") << "each has a key of its own";
  EXPECT_EQ(with("order_items", "order_notes", "Id", 40), "");
}

TEST(InferredReferences, FromTextToNumbers) {
  const auto with = [](const char* column, const std::function<std::string(int)>& value) {
    Tables tables;
    tables.counted("stadium", "Stadium_ID", 1, 30).counted("concert", "concert_ID", 1, 20, {std::string(column) + " t"}, [&](int i) {
      return std::vector{value(i)};
    });
    return tables.references();
  };
  EXPECT_EQ(with("Stadium_ID", [](int i) { return text(1 + i % 9); }), "concert.Stadium_ID->stadium.Stadium_ID");
  EXPECT_EQ(with("Stadium_ID", [](int i) { return i % 2 == 0 ? text(1 + i) : "unknown " + text(i); }), "");
  EXPECT_EQ(with("Stadium_ID", [](int i) { return i == 7 ? "none" : text(1 + i); }), "") << "comparing that one would fail";
  EXPECT_EQ(with("year", [](int i) { return text(1 + i % 9); }), "") << "text that happens to look numeric";
  EXPECT_EQ(with("Stadium_ID", [](int i) { return "0" + text(1 + i % 9); }), "") << "another spelling is another text";
}

TEST(InferredReferences, WithoutANameNeedAKeyThatTells) {
  const auto with = [](int from, int others_from) {
    Tables tables;
    tables.counted("players", "player_id", from, 30)
        .counted("venues", "venue_id", others_from, 90)
        .counted("matches", "match_id", 1, 50, {"winner_id"}, [=](int i) { return std::vector{text(from + i % 20)}; });
    return tables.references();
  };
  EXPECT_EQ(with(1001, 1), "matches.winner_id->players.player_id");
  EXPECT_EQ(with(1001, 990), "") << "two keys hold them";
  EXPECT_EQ(with(1, 500), "") << "1 to n are in every key";
}

TEST(InferredReferences, ToAUniqueColumnBesideTheKey) {
  const auto model = [](int i) { return std::vector{"model " + text(i % 33)}; };
  Tables tables;
  tables.counted("model_list", "ModelId", 1, 33, {"Model t"}, model).counted("cars", "CarId", 1, 99, {"Model t"}, model);
  EXPECT_EQ(tables.references(), "cars.Model->model_list.Model");
  EXPECT_EQ(tables.catalog.find("main", "model_list")->unique_keys, (std::vector{Key{{"Model"}, KeyOrigin::inferred}}));
  Tables twice;
  twice.counted("model_list", "ModelId", 1, 40, {"Model t"}, model).counted("cars", "CarId", 1, 99, {"Model t"}, model);
  EXPECT_EQ(twice.references(), "");
}

TEST(KeyNames, AreReadInWords) {
  using key_names::words;
  EXPECT_EQ(words("HomeTeamID"), (std::vector<std::string>{"home", "team", "id"}));
  EXPECT_EQ(words("caused_by_ship_id"), (std::vector<std::string>{"caused", "by", "ship", "id"}));
  EXPECT_EQ(words("TVSeries2"), (std::vector<std::string>{"tv", "series2"}));
  EXPECT_EQ(key_names::read_column("customerid").stem_text(), "customer");
  EXPECT_TRUE(key_names::forms("countries").contains("country"));
  EXPECT_TRUE(key_names::forms("statuses").contains("status"));
  EXPECT_TRUE(key_names::abbreviates("appt", "appointment"));
  EXPECT_FALSE(key_names::abbreviates("tmp", "appointment"));
}

}  // namespace
}  // namespace sluice
