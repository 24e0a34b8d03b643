"""Questions as analysts ask them, to the built-in planner through the program. Each is answered with the rows of the SQL that a person wrote for it,
or refused: none is answered wrongly, and those that are answered today stay answered. Whatever of *_REFUSED is answered some day moves up."""

import csv
import json

import pytest
import samples
from duckdb_sql import Database

POLICY = "approvals:\n  auto:\n    reads: true\n"

CARRIERS = "FROM flights f LEFT JOIN airlines a USING (carrier)"
ORIGINS = "FROM flights f LEFT JOIN airports o ON o.faa = f.origin"
PER_MONTH = "(SELECT year, month, count(*) AS n FROM flights GROUP BY ALL)"

FLIGHTS = [
    ("Average departure delay and arrival delay by origin",
     f"SELECT f.origin, o.name, avg(dep_delay), avg(arr_delay) {ORIGINS} GROUP BY ALL"),
    ("What percentage of flights had no departure time, per carrier?",
     f"SELECT f.carrier, a.name, 100.0 * count(*) FILTER (WHERE dep_time IS NULL) / count(*) {CARRIERS} GROUP BY ALL"),
    ("What share of flights left from JFK?", "SELECT 100.0 * count(*) FILTER (WHERE origin = 'JFK') / count(*) FROM flights"),
    ("Share of each origin in all flights",
     f"SELECT f.origin, o.name, 100.0 * count(*) / (SELECT count(*) FROM flights) {ORIGINS} GROUP BY ALL"),
    ("Top 3 destinations per origin by number of flights",
     f"""SELECT f.origin, o.name, f.dest, d.name, count(*) {ORIGINS} LEFT JOIN airports d ON d.faa = f.dest GROUP BY 1, 2, 3, 4
         QUALIFY rank() OVER (PARTITION BY f.origin ORDER BY count(*) DESC) <= 3"""),
    ("Top 2 carriers per origin",
     f"""SELECT f.origin, o.name, f.carrier, a.name, count(*) {ORIGINS} LEFT JOIN airlines a USING (carrier) GROUP BY 1, 2, 3, 4
         QUALIFY rank() OVER (PARTITION BY f.origin ORDER BY count(*) DESC) <= 2"""),
    ("Month over month growth in the number of flights",
     f"SELECT year, month, n, 100.0 * (n - lag(n) OVER (ORDER BY month)) / lag(n) OVER (ORDER BY month) FROM {PER_MONTH}"),
    ("Running total of flights per month", f"SELECT year, month, n, sum(n) OVER (ORDER BY month) FROM {PER_MONTH}"),
    ("Difference in average arrival delay between JFK and LGA",
     "SELECT avg(arr_delay) FILTER (WHERE origin = 'JFK') - avg(arr_delay) FILTER (WHERE origin = 'LGA') FROM flights"),
    ("How many more flights left from EWR than from LGA in December?",
     "SELECT count(*) FILTER (WHERE origin = 'EWR') - count(*) FILTER (WHERE origin = 'LGA') FROM flights WHERE month = 12"),
    ("Which carriers do not fly to LAX?",
     f"SELECT DISTINCT f.carrier, a.name {CARRIERS} WHERE f.carrier NOT IN (SELECT carrier FROM flights WHERE dest = 'LAX')"),
    ("How many carriers never fly from JFK?",
     "SELECT count(DISTINCT carrier) FROM flights WHERE carrier NOT IN (SELECT carrier FROM flights WHERE origin = 'JFK')"),
    ("Which carriers fly from both JFK and LGA?",
     f"""SELECT DISTINCT f.carrier, a.name {CARRIERS} WHERE f.carrier IN (SELECT carrier FROM flights WHERE origin = 'JFK')
         AND f.carrier IN (SELECT carrier FROM flights WHERE origin = 'LGA')"""),
    ("Which airlines have 'Air' in their name?", "SELECT name FROM airlines WHERE name ILIKE '%Air%'"),
    ("Are there any flights from LGA to HNL?", "SELECT count(*) FROM flights WHERE origin = 'LGA' AND dest = 'HNL'"),
    ("Median air time of flights from JFK per month", "SELECT month, median(air_time) FROM flights WHERE origin = 'JFK' GROUP BY ALL"),
    ("How many different destinations does each carrier serve?", f"SELECT f.carrier, a.name, count(DISTINCT dest) {CARRIERS} GROUP BY ALL"),
    ("Which manufacturers have more than 100 planes?", "SELECT manufacturer FROM planes GROUP BY 1 HAVING count(*) > 100"),
    ("Which plane flew the greatest total distance?",
     "SELECT tailnum FROM flights JOIN planes USING (tailnum) GROUP BY 1 ORDER BY sum(distance) DESC LIMIT 1"),
    ("Total distance per carrier in the second quarter of 2013",
     f"SELECT f.carrier, a.name, sum(distance) {CARRIERS} WHERE year = 2013 AND month BETWEEN 4 AND 6 GROUP BY ALL"),
    ("Which carrier had the second highest average arrival delay?",
     f"SELECT f.carrier, a.name {CARRIERS} GROUP BY ALL ORDER BY avg(arr_delay) DESC LIMIT 1 OFFSET 1"),
]

FLIGHTS_REFUSED = [
    ("How many flights left JFK for LAX in July with a departure delay of more than 30 minutes?",
     "SELECT count(*) FROM flights WHERE origin = 'JFK' AND dest = 'LAX' AND month = 7 AND dep_delay > 30"),
    ("average arrival delay and departure delay per carrier, worst first",
     f"SELECT f.carrier, a.name, avg(arr_delay), avg(dep_delay) {CARRIERS} GROUP BY ALL"),
    ("Average distance of United Air Lines Inc. flights in the first quarter",
     f"SELECT avg(distance) {CARRIERS} WHERE a.name = 'United Air Lines Inc.' AND month <= 3"),
    ("carriers with an average departure delay above 15 minutes", f"SELECT f.carrier, a.name {CARRIERS} GROUP BY ALL HAVING avg(dep_delay) > 15"),
    ("How many flights in the last hour?", "SELECT NULL"),
]

NORTHWIND = [
    ("How many more orders were placed in 1997 than in 1996?",
     "SELECT count(*) FILTER (WHERE year(order_date) = 1997) - count(*) FILTER (WHERE year(order_date) = 1996) FROM orders"),
    ("Number of orders per month in 1997 in reverse chronological order",
     "SELECT date_trunc('month', order_date)::date, count(*) FROM orders WHERE year(order_date) = 1997 GROUP BY 1"),
    ("Which customers have no orders?", "SELECT company_name FROM customers WHERE customer_id NOT IN (SELECT customer_id FROM orders)"),
    ("Top 2 products per category by unit price",
     """SELECT category_name, product_name, unit_price FROM products JOIN categories USING (category_id)
        QUALIFY rank() OVER (PARTITION BY category_id ORDER BY unit_price DESC) <= 2"""),
    ("Total freight per ship country in 1997, highest first",
     "SELECT ship_country, sum(freight) FROM orders WHERE year(order_date) = 1997 GROUP BY 1"),
    ("Growth of freight by year in percent",
     """SELECT y, s, 100.0 * (s - lag(s) OVER (ORDER BY y)) / lag(s) OVER (ORDER BY y)
        FROM (SELECT year(order_date) AS y, sum(freight) AS s FROM orders GROUP BY 1)"""),
    ("What percentage of orders went to Germany?", "SELECT 100.0 * count(*) FILTER (WHERE ship_country = 'Germany') / count(*) FROM orders"),
    ("Average units in stock and units on order per category",
     "SELECT category_name, avg(units_in_stock), avg(units_on_order) FROM products JOIN categories USING (category_id) GROUP BY ALL"),
    ("Which customers have a fax?", "SELECT company_name FROM customers WHERE fax IS NOT NULL"),
    ("Which products are in category Beverages? Show names with the unit price.",
     "SELECT product_name, unit_price FROM products JOIN categories USING (category_id) WHERE category_name = 'Beverages'"),
    ("Which cities have more than one customer?", "SELECT city FROM customers GROUP BY 1 HAVING count(*) > 1"),
    ("products that cost more than the average of their category",
     """SELECT product_name FROM products p WHERE unit_price > (SELECT avg(unit_price) FROM products q WHERE q.category_id = p.category_id)"""),
    ("orders that were shipped before their required date", "SELECT * FROM orders WHERE shipped_date < required_date"),
]

NORTHWIND_REFUSED = [
    ("revenue per category in 1997",
     """SELECT category_name, sum(d.unit_price * quantity) FROM order_details d JOIN orders USING (order_id) JOIN products USING (product_id)
        JOIN categories USING (category_id) WHERE year(order_date) = 1997 GROUP BY 1"""),
]


class Asked:
    """One database: a question put to the program, and rows by SQL that never went through it."""

    def __init__(self, sluice, folder, libduckdb, path):
        self.sluice, self.folder, self.libduckdb = sluice, folder, libduckdb
        sluice.run(["init", "analyst", "--duckdb", path], cwd=folder).ok()
        with open(folder / "sluice.yaml", "a", encoding="utf-8") as config:
            config.write(POLICY)
        self.copy = folder / "copy.duckdb"
        self.copy.write_bytes(path.read_bytes())

    def answer(self, question):
        return json.loads(self.sluice.run(["ask", question, "--output", "json", "--approve", "policy"], cwd=self.folder).out)

    def rows(self, sql):
        out = self.folder / "rows.csv"
        with Database(self.libduckdb, self.copy) as database:
            database.execute(f"COPY ({sql}) TO '{out}' (FORMAT csv, HEADER false)")
        with out.open(newline="", encoding="utf-8") as lines:
            return list(csv.reader(lines))

    def check(self, question, sql, refused):
        answer = self.answer(question)
        if answer["status"] == "unanswerable" and refused:
            return
        assert answer["status"] == "answered" and answer["answered_by"] == "built-in", answer
        # The order is the golden files' matter.
        ours, theirs = (sorted(tuple(map(number, row)) for row in rows) for rows in (answer["rows"], self.rows(sql)))
        assert theirs, "the question tells nothing apart"
        assert ours == theirs, answer["sql"]


def number(value):
    """Numbers by their value, to as many digits as two ways of adding up agree in; as texts, so that rows can be sorted."""
    try:
        return f"{float(value):.7g}"
    except (TypeError, ValueError):
        return "" if value is None else str(value)


@pytest.fixture(scope="module")
def flights(sluice, tmp_path_factory, libduckdb, duckdb_flights):
    return Asked(sluice, tmp_path_factory.mktemp("analyst-flights"), libduckdb, duckdb_flights)


@pytest.fixture(scope="module")
def shop(sluice, tmp_path_factory, libduckdb):
    folder = tmp_path_factory.mktemp("analyst-northwind")
    path = folder / "northwind.duckdb"
    with Database(libduckdb, path) as database:
        database.execute(samples.sql("northwind"))
    return Asked(sluice, folder, libduckdb, path)


def cases(answered, refused):
    return [pytest.param(*case, False, id=case[0]) for case in answered] + [pytest.param(*case, True, id=case[0]) for case in refused]


@pytest.mark.parametrize("question, sql, refused", cases(FLIGHTS, FLIGHTS_REFUSED))
def test_flights(flights, question, sql, refused):
    flights.check(question, sql, refused)


@pytest.mark.parametrize("question, sql, refused", cases(NORTHWIND, NORTHWIND_REFUSED))
def test_northwind(shop, question, sql, refused):
    shop.check(question, sql, refused)
