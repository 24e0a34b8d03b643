"""Questions to the built-in planner through the program, on real engines; answers are checked by SQL that people wrote, run without Sluice."""

import csv
import json

import psycopg
import pytest
from duckdb_sql import Database
from project import Project

POLICY = "approvals:\n  auto:\n    reads: true\n"

FLIGHTS = [
    ("which carriers had the highest average arrival delay?",
     "SELECT f.carrier, a.name, avg(arr_delay) FROM flights f LEFT JOIN airlines a USING (carrier) GROUP BY ALL ORDER BY 3 DESC LIMIT 10"),
    ("how many flights are there?", "SELECT count(*) FROM flights"),
    ("how many flights from JFK to LAX in March", "SELECT count(*) FROM flights WHERE origin = 'JFK' AND dest = 'LAX' AND month = 3"),
    ("average arrival delay per carrier",
     "SELECT f.carrier, a.name, avg(arr_delay) FROM flights f LEFT JOIN airlines a USING (carrier) GROUP BY ALL ORDER BY 1"),
    ("how many distinct destinations are there?", "SELECT count(DISTINCT dest) FROM flights"),
    ("how many flights had an arrival delay over 60?", "SELECT count(*) FROM flights WHERE arr_delay > 60"),
    ("median distance by month", "SELECT year, month, median(distance) FROM flights GROUP BY 1, 2"),
    ("top 3 destinations by number of flights",
     "SELECT f.dest, a.name, count(*) FROM flights f LEFT JOIN airports a ON a.faa = f.dest GROUP BY ALL ORDER BY 3 DESC LIMIT 3"),
    ("which airlines have more than 50000 flights",
     "SELECT a.name FROM flights f JOIN airlines a USING (carrier) GROUP BY ALL HAVING count(*) > 50000"),
    ("number of flights without tail number", "SELECT count(*) FROM flights WHERE tailnum IS NULL"),
    ("which manufacturers have the most planes", "SELECT manufacturer, count(*) FROM planes GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10"),
    ("average seats of planes with more than 2 engines", "SELECT avg(seats) FROM planes WHERE engines > 2"),
    ("how many flights were not from JFK", "SELECT count(*) FROM flights WHERE origin <> 'JFK'"),
    ("how many flights per plane manufacturer",
     "SELECT manufacturer, count(*) FROM flights f JOIN planes p USING (tailnum) GROUP BY 1"),
    ("how many flights per day", "SELECT year, month, day, count(*) FROM flights GROUP BY ALL"),
    ("Which day had the most flights?", "SELECT year, month, day FROM flights GROUP BY ALL ORDER BY count(*) DESC LIMIT 1"),
    ("how many flights on 2013-01-31", "SELECT count(*) FROM flights WHERE make_date(year, month, day) = DATE '2013-01-31'"),
    ("how many flights between 2013-02-10 and 2013-03-01",
     "SELECT count(*) FROM flights WHERE make_date(year, month, day) BETWEEN DATE '2013-02-10' AND DATE '2013-03-01'"),
    ("how many flights before 2013-02-10", "SELECT count(*) FROM flights WHERE make_date(year, month, day) < DATE '2013-02-10'"),
    ("how many flights after 2013-11-30", "SELECT count(*) FROM flights WHERE make_date(year, month, day) > DATE '2013-11-30'"),
    ("which plane has the most flights",
     "SELECT tailnum FROM flights JOIN planes USING (tailnum) GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"),
]

NORTHWIND = [
    ("how many customers are there per country?", "SELECT country, count(*) FROM customers GROUP BY 1 ORDER BY 1"),
    ("how many orders were placed in 1997?", "SELECT count(*) FROM orders WHERE extract(year FROM order_date) = 1997"),
    ("total quantity per category",
     "SELECT c.category_name, sum(d.quantity) FROM categories c JOIN products p USING (category_id) JOIN order_details d USING (product_id) GROUP BY 1"),
    ("products in category Beverages",
     "SELECT product_name FROM products JOIN categories USING (category_id) WHERE category_name = 'Beverages'"),
    ("which customers have the most orders",
     "SELECT c.company_name, count(*) FROM customers c JOIN orders o USING (customer_id) GROUP BY c.customer_id, 1 ORDER BY 2 DESC, 1 LIMIT 10"),
    ("which countries have more than 5 customers", "SELECT country FROM customers GROUP BY 1 HAVING count(*) > 5"),
    ("number of orders per month in 1997",
     "SELECT date_trunc('month', order_date)::date, count(*) FROM orders WHERE order_date BETWEEN '1997-01-01' AND '1997-12-31' GROUP BY 1 ORDER BY 1"),
]

CHINOOK = [
    ("which artists have the most albums",
     "SELECT a.name, count(*) FROM artist a JOIN album b USING (artist_id) GROUP BY a.artist_id, 1 ORDER BY 2 DESC, 1 LIMIT 10"),
    ("how many tracks are in each playlist",
     "SELECT p.name, count(DISTINCT track_id) FROM playlist p JOIN playlist_track USING (playlist_id) GROUP BY p.playlist_id, 1"),
    ("how many tracks are longer than 300000 milliseconds", "SELECT count(*) FROM track WHERE milliseconds > 300000"),
    ("total quantity per genre",
     "SELECT g.name, sum(l.quantity) FROM genre g JOIN track t USING (genre_id) JOIN invoice_line l USING (track_id) GROUP BY 1"),
]

REFUSED = ["what is the meaning of life?", "average delay per carrier", "how many passengers flew from JFK?", "delete all flights",
           "which airports had the most flights?", "wie viele Flüge gibt es?", "",
           "longest flight", "how many flights last year?", "how many planes last year"]


def number(value):
    try:
        return round(float(value), 6)
    except (TypeError, ValueError):
        return None if value in (None, "") else str(value)


def same(ours, theirs):
    """The same rows with numbers by their value, in any order: the order is the golden files' matter, and engines differ among equals."""
    ours, theirs = [tuple(map(number, row)) for row in ours], [tuple(map(number, row)) for row in theirs]
    assert len(ours) == len(theirs)
    assert sorted(map(str, ours)) == sorted(map(str, theirs))


@pytest.fixture(scope="module")
def flights(sluice, duckdb_flights, tmp_path_factory):
    folder = tmp_path_factory.mktemp("planner-flights")
    sluice.run(["init", "flights", "--duckdb", duckdb_flights], cwd=folder).ok()
    with open(folder / "sluice.yaml", "a", encoding="utf-8") as config:
        config.write(POLICY)
    return folder


def ask(sluice, folder, question, **environment):
    return sluice.run(["ask", question, "--output", "json", "--approve", "policy"], cwd=folder, **environment)


@pytest.mark.parametrize("question, sql", FLIGHTS, ids=[question for question, _ in FLIGHTS])
def test_flights(sluice, flights, duckdb_flights, libduckdb, tmp_path, question, sql):
    answer = ask(sluice, flights, question).ok().json()
    assert answer["status"] == "answered" and answer["answered_by"] == "built-in"
    copy, rows = tmp_path / "copy.duckdb", tmp_path / "rows.csv"
    copy.write_bytes(duckdb_flights.read_bytes())
    with Database(libduckdb, copy) as database:
        database.execute(f"COPY ({sql}) TO '{rows}' (FORMAT csv, HEADER false)")
    with rows.open(newline="", encoding="utf-8") as lines:
        same(answer["rows"], list(csv.reader(lines)))


@pytest.mark.parametrize("question", REFUSED)
def test_refused(sluice, flights, question):
    ran = ask(sluice, flights, question)
    assert ran.code == 1, ran
    if ran.out.strip():
        answer = json.loads(ran.out)
        assert question == "" or answer["status"] == "unanswerable", answer
        assert answer["error"]["hint"] and "model" not in answer["error"]["hint"], answer


def test_where_there_is_no_table_that_is_said(sluice, tmp_path, make_duckdb):
    project = Project(sluice, tmp_path, ("empty", "--duckdb", make_duckdb(tmp_path / "empty.duckdb", "CREATE SCHEMA s")))
    error = project.run("ask", "how many orders are there?", "--output", "json").json()["error"]
    assert error["code"] == "E0605" and "no table" in error["message"], error


def test_a_question_in_another_language_is_told_one_thing_at_a_time(sluice, flights):
    error = json.loads(ask(sluice, flights, "Wie viele Flüge gäbe es?").out)["error"]
    assert error["hint"].startswith("The built-in planner reads English. Name tables"), error


def check_everywhere(sluice, name, url, on, folder, cases):
    """The answers on one engine against what PostgreSQL says to a person's SQL: all engines hold the same rows."""
    wrong = []
    arguments, password = on(name)
    sluice.run(["init", name, *arguments], cwd=folder).ok()
    with open(folder / "sluice.yaml", "a", encoding="utf-8") as config:
        config.write(POLICY)
    environment = {f"SLUICE_{name.upper()}_PASSWORD": password}
    with psycopg.connect(url) as connection:
        for question, sql in cases:
            answer = ask(sluice, folder, question, env=environment).ok().json()
            expected = connection.execute(sql).fetchall()
            assert expected, sql
            try:
                same(answer["rows"], expected)
            except AssertionError as error:
                wrong.append((question, answer["sql"], str(error)[:300]))
    assert not wrong, wrong


def test_northwind(sluice, northwind, samples_on, tmp_path):
    check_everywhere(sluice, "northwind", northwind, samples_on, tmp_path, NORTHWIND)


def test_chinook(sluice, chinook, samples_on, tmp_path):
    check_everywhere(sluice, "chinook", chinook, samples_on, tmp_path, CHINOOK)
