// Asks the built-in planner about made-up catalogs of 20 and of 1,000 tables, without any database: how long its index takes to build, how much
// memory that holds, how long an update takes after one table has changed, and how long a question takes.
//
//   planner_bench ROUNDS     prints one JSON line for each catalog
#include <malloc.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "planner/planner.h"

namespace sluice {
namespace {

constexpr std::size_t kColumns = 20, kValuesPerTable = 2000;

/// One shop: its tables, columns (text unless they end in what says otherwise) and keys.
constexpr std::string_view kShop = R"(
customers: name, city, country, segment, email, joined_on, credit_limit#
orders: customer_id>customers, employee_id>employees, store_id>stores, status, placed_on, amount#, discount#
order_items: order_id>orders, product_id>products, quantity#, unit_price#
products: name, category_id>categories, supplier_id>suppliers, price#, weight#, color
categories: name, description
suppliers: name, city, country, rating#
employees: first_name, last_name, title, salary#, hired_on, department_id>departments, store_id>stores
departments: name, budget#
stores: name, city, country, area#, opened_on
shipments: order_id>orders, carrier_id>carriers, shipped_on, delivered_on, cost#
carriers: name, country
payments: order_id>orders, method, paid_on, amount#
invoices: order_id>orders, due_on, total#, state
returns: order_id>orders, reason, returned_on, refund#
reviews: product_id>products, customer_id>customers, stars#, written_on, headline
campaigns: name, channel, budget#, started_on
visits: customer_id>customers, campaign_id>campaigns, visited_on, pages#, device
tickets: customer_id>customers, employee_id>employees, subject, priority, opened_on, closed_on
warehouses: name, city, capacity#
stock: product_id>products, warehouse_id>warehouses, quantity#)";

constexpr std::array<std::string_view, 50> kShops{
    "north",  "south",  "east",      "west",    "central",  "coastal",    "inland",  "urban",  "rural",   "metro",   "alpine",  "harbor",  "island",
    "valley", "desert", "forest",    "river",   "lake",     "mountain",   "prairie", "arctic", "tropic",  "delta",   "canyon",  "plateau", "summit",
    "ridge",  "meadow", "garden",    "orchard", "vineyard", "village",    "castle",  "bridge", "tower",   "market",  "station", "airport", "campus",
    "outlet", "online", "wholesale", "partner", "premium",  "budgetline", "legacy",  "pilot",  "express", "classic", "modern"};

/// Asked about the one shop of the small catalog, and about one shop or another of the large one: "#" stands for its name.
constexpr std::string_view kQuestions = R"(
How many # customers are there?
What is the average amount of # orders per status?
Which # products have a price above 30?
List the names and cities of # stores opened after 2020.
Show the name of each # customer and the number of their orders.
What are the first and last names of # employees who have a salary above the average?
Which # customers have no orders?
Top 5 # products by price
What is the total refund of # returns by reason?
How many # shipments were delivered in 2023?
For each # department, what is the highest salary of its employees?
Which # supplier has the most products?
What is the average number of stars of # reviews of products whose price is above 100?
Show the subject and priority of # tickets in descending order of opened date.
How many different countries do # suppliers come from?
What are the names of # customers who have more than 3 orders and live in Oslo?
What is the name of the # warehouse with the highest capacity, and what is its city?
Show the method and the total amount of # payments for each method in descending order of the total amount.
Which # campaigns have a budget between 1000 and 5000 and were started before 2022?
Find the names of # products that were never reviewed.
List the name and price of all # products with color Red or Blue, sorted by price.
What percentage of # orders have the status Open?
What are the names of the # carriers that shipped orders in March 2023, and how many shipments did each of them make?
Which # custmers live in Lisbon?
What is the weather in Paris tomorrow?)";

struct Made {
  Catalog catalog{};
  std::vector<ColumnValues> values{};
};

/// Values that look like words, the same at every run.
class Random {
 public:
  std::size_t below(std::size_t limit) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>(state_ >> 33U) % limit;
  }
  std::string word() {
    static constexpr std::array<std::string_view, 20> kParts{"mi", "ro",  "va", "ten", "lor", "ka",  "su",  "pel", "da",  "rin",
                                                             "os", "bel", "tu", "gra", "fen", "lis", "mor", "quo", "zel", "ny"};
    std::string out;
    for (std::size_t i = 2 + below(2); i > 0; --i) out += kParts[below(kParts.size())];
    return out;
  }

 private:
  std::uint64_t state_ = 42;
};

Column column_of(std::string_view text) {
  const bool number = text.ends_with('#'), date = text.ends_with("_on");
  return {std::string(number ? text.substr(0, text.size() - 1) : text),
          Type{number ? TypeKind::decimal
               : date ? TypeKind::date
                      : TypeKind::text,
               ""},
          true, false, ""};
}

/// The text columns' values: some that questions ask for, the others made up.
void add_values(Made& made, const Table& table, Random& random, std::size_t count) {
  const auto texts = std::ranges::count(table.columns, TypeKind::text, [](const Column& one) { return one.type.kind; });
  for (const Column& column : table.columns) {
    if (column.type.kind != TypeKind::text) continue;
    ColumnValues one{table.name, column.name, {}, true};
    if (column.name == "city") one.values = {"Oslo", "Lisbon", "Paris", "Kyoto"};
    if (column.name == "color") one.values = {"Red", "Blue", "Green"};
    if (column.name == "status") one.values = {"Open", "Closed", "Late"};
    while (one.values.size() < count / static_cast<std::size_t>(texts)) {
      std::string value = random.word() + " " + random.word();
      value[0] = static_cast<char>(value[0] - 'a' + 'A');
      one.values.push_back(value + (random.below(3) == 0 ? " " + std::to_string(random.below(1000)) : ""));
    }
    made.values.push_back(std::move(one));
  }
}

void add_table(Made& made, std::string_view line, const std::string& prefix, std::size_t columns, std::size_t values, Random& random) {
  const auto colon = line.find(':');
  Table table;
  table.name = {"main", prefix + std::string(line.substr(0, colon))};
  table.columns.push_back({"id", Type{TypeKind::integer, ""}, false, false, ""});
  table.primary_key = Key{{"id"}};
  for (const std::string_view part : split(line.substr(colon + 1), ',')) {
    const std::string_view column = trim(part);
    const auto refers = column.find('>');
    if (refers == std::string_view::npos) {
      table.columns.push_back(column_of(column));
      continue;
    }
    const std::string name(column.substr(0, refers));
    table.columns.push_back({name, Type{TypeKind::integer, ""}, true, false, ""});
    table.foreign_keys.push_back({{name}, {"main", prefix + std::string(column.substr(refers + 1))}, {"id"}, KeyOrigin::declared});
  }
  constexpr std::array<std::string_view, 6> kUsual{"created_on", "updated_on", "source_system", "batch_code", "remark", "version#"};
  for (std::size_t i = 0; table.columns.size() < columns; ++i)
    table.columns.push_back(column_of(i < kUsual.size() ? std::string(kUsual[i]) : random.word() + "_" + random.word() + (i % 2 == 0 ? "#" : "")));
  add_values(made, table, random, values);
  made.catalog.tables.push_back(std::move(table));
}

Made made_of(std::size_t shops) {
  Made out;
  Random random;
  out.catalog.connection = "bench";
  out.catalog.dialect = Dialect::duckdb;
  out.catalog.search_path = {"main"};
  for (std::size_t shop = 0; shop < shops; ++shop)
    for (const std::string_view line : split(kShop, '\n'))
      if (!line.empty())
        add_table(out, line, shops == 1 ? "" : std::string(kShops[shop]) + "_", shops == 1 ? 0 : kColumns, shops == 1 ? 100 : kValuesPerTable,
                  random);
  return out;
}

std::vector<std::string> questions(std::size_t shops) {
  std::vector<std::string> out;
  for (const std::string_view line : split(kQuestions, '\n')) {
    if (line.empty()) continue;
    std::string text(line);
    if (const auto mark = text.find("# "); mark != std::string::npos)
      text.replace(mark, shops == 1 ? 2 : 1, shops == 1 ? "" : std::string(kShops[out.size() * 7 % shops]));
    out.push_back(std::move(text));
  }
  return out;
}

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

/// Bytes that the program has allocated.
std::int64_t allocated_bytes() {
  const auto info = mallinfo2();
  return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
}

/// Asks nothing, so that only what is made of the catalog takes time.
Json index(Proposer& planner, const Made& made, const std::string& id) {
  const std::int64_t before = allocated_bytes();
  const auto start = std::chrono::steady_clock::now();
  (void)planner.propose({.question = "", .catalog = made.catalog, .values = made.values, .catalog_id = id});
  return Json::object().set("ms", milliseconds_since(start)).set("bytes", allocated_bytes() - before);
}

Json ask(Proposer& planner, const Made& made, const std::string& id, const std::string& question, int rounds) {
  Json times = Json::array();
  Result<Proposal> proposal = Error::bug("nothing was proposed");
  for (int round = 0; round < rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    proposal = planner.propose({.question = question, .catalog = made.catalog, .values = made.values, .today = "2024-01-31", .catalog_id = id});
    times.push(milliseconds_since(start));
  }
  Json out = Json::object().set("question", question).set("answered", static_cast<bool>(proposal)).set("ms", std::move(times));
  out.set("said", proposal ? proposal->sql : proposal.error().message);
  return out;
}

Json run(std::size_t shops, int rounds) {
  Made made = made_of(shops);
  std::int64_t columns = 0, values = 0;
  for (const Table& table : made.catalog.tables) columns += std::ssize(table.columns);
  for (const ColumnValues& one : made.values) values += std::ssize(one.values);
  const auto planner = make_planner();
  Json out = Json::object().set("tables", std::ssize(made.catalog.tables)).set("columns", columns).set("values", values);
  out.set("index", index(*planner, made, "before"));
  // One table has another column, and another value.
  made.catalog.tables.back().columns.push_back(column_of("inspected_on"));
  made.values.back().values.back() = "Something Else";
  out.set("update", index(*planner, made, "after"));
  Json asked = Json::array();
  for (const std::string& question : questions(shops)) asked.push(ask(*planner, made, "after", question, rounds));
  return std::move(out.set("questions", std::move(asked)));
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  const int rounds = argc == 2 ? std::atoi(argv[1]) : 0;
  if (rounds < 1) return std::fputs("usage: planner_bench ROUNDS\n", stderr), 2;
  for (const std::size_t shops : {std::size_t{1}, sluice::kShops.size()}) std::printf("%s\n", sluice::run(shops, rounds).dump_text().c_str());
  return 0;
}
