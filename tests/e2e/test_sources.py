"""What is odd in a person's own data: parameters without values, views and tables of one name in two schemas, SQLite's loose types."""

import sqlite3

import pytest
from project import Project


def failed_check(project, sql):
    """The check that failed, of a statement that is not run."""
    ran = project.run("prove", sql, "--output", "json")
    assert ran.code == 1, ran
    failed = [check for check in ran.json()["proof"] if check["outcome"] == "failed"]
    assert len(failed) == 1, failed
    return failed[0]


@pytest.mark.parametrize("source", ["duckdb", "sqlite", "postgres"])
@pytest.mark.parametrize("sql", ["SELECT $1", "SELECT name FROM customers WHERE customer_id = $1", "SELECT $1::int + $2::int"])
def test_parameters_without_values_fail_a_check(request, sluice, tmp_path, source, sql):
    project = Project(sluice, tmp_path, ("shop", f"--{source}", request.getfixturevalue(f"shop_{source}")))
    check = failed_check(project, sql)
    assert "parameter" in check["detail"] and "values" in check["detail"], check
    for word in ("prepared statement", "engine stopped", "bind message", "determine data type"):
        assert word not in check["detail"], check


TWO_SCHEMAS = """CREATE SCHEMA b; CREATE TABLE u AS SELECT 7 AS n;
CREATE {main} t AS {main_rows}; CREATE {other} b.t AS {other_rows};
CREATE VIEW b.v AS SELECT * FROM t; CREATE VIEW plain AS SELECT * FROM t; CREATE VIEW over_b AS SELECT * FROM b.t; CREATE VIEW over_v AS SELECT * FROM b.v;
CREATE VIEW b.over_main AS SELECT * FROM main.t; CREATE VIEW b.deep AS SELECT * FROM v; CREATE VIEW b.from_main AS SELECT * FROM u;"""
READS_B, READS_MAIN = ("b.v", "over_b", "over_v", "b.deep"), ("plain", "b.over_main")


def two_schemas(sluice, folder, make_duckdb, main, other):
    """Two things named t; `main` and `other` are the kind and the rows of each."""
    sql = TWO_SCHEMAS.format(main=main[0], main_rows=main[1], other=other[0], other_rows=other[1])
    make_duckdb(folder / "two.duckdb", sql)
    return Project(sluice, folder, ("two", "--duckdb", "two.duckdb"))


def test_a_view_names_what_is_in_its_own_schema(sluice, tmp_path, make_duckdb):
    project = two_schemas(sluice, tmp_path, make_duckdb, ("TABLE", "SELECT 'main' AS whose, 1 AS of_main"), ("TABLE", "SELECT 'b' AS whose, 2 AS of_b"))
    for view in READS_B + READS_MAIN:
        own = view in READS_B
        # DuckDB's own answer, and the columns that Sluice binds without asking it.
        assert project.answer(f"SELECT * FROM {view}")["rows"] == [["b", 2] if own else ["main", 1]], view
        assert project.answer(f"SELECT {'of_b' if own else 'of_main'} AS n FROM {view}")["rows"] == [[2 if own else 1]], view
        assert "of_main" in failed_check(project, f"SELECT {'of_main' if own else 'of_b'} FROM {view}")["detail"] or not own, view
    assert project.answer("SELECT n FROM b.from_main")["rows"] == [[7]]


@pytest.mark.parametrize("bad_is_main", [True, False])
def test_the_guard_looks_through_the_same_table_as_duckdb(sluice, tmp_path, make_duckdb, bad_is_main):
    good, bad = ("TABLE", "SELECT 'good' AS file"), ("VIEW", "SELECT file FROM glob('/etc/*')")
    project = two_schemas(sluice, tmp_path, make_duckdb, bad if bad_is_main else good, good if bad_is_main else bad)
    for view in READS_MAIN if bad_is_main else READS_B:
        assert "glob" in failed_check(project, f"SELECT file FROM {view}")["detail"], view
    for view in READS_B if bad_is_main else READS_MAIN:
        assert project.answer(f"SELECT file FROM {view}")["rows"] == [["good"]], view


def test_a_value_that_does_not_fit_its_column_hides_nothing(sluice, tmp_path):
    connection = sqlite3.connect(tmp_path / "stock.sqlite")
    connection.executescript("""CREATE TABLE stock (id INTEGER PRIMARY KEY, pieces INTEGER, price REAL, counted DATE);
        INSERT INTO stock VALUES (1, 5, 0.25, '2026-01-02'), (2, 'many', 2.5, '2026-01-03'), (3, 7, 1.5, 'never');
        CREATE VIEW small AS SELECT id, pieces FROM stock WHERE id < 3; CREATE VIEW last AS SELECT max(id) AS id, price, count(*) AS n FROM stock;""")
    connection.close()
    project = Project(sluice, tmp_path, ("stock", "--sqlite", "stock.sqlite"))
    columns = {column["name"]: column for column in project.json("catalog", "show", "stock")["columns"]}
    answer = project.answer("SELECT pieces, price, counted FROM stock ORDER BY id")
    assert answer["rows"] == [["5", 0.25, "2026-01-02"], ["many", 2.5, "2026-01-03"], ["7", 1.5, "never"]]
    for column in answer["columns"]:
        assert columns[column["name"]]["type"]["kind"] == column["type"], "the catalog shows what the query sees"
    assert "read as text" in columns["pieces"]["comment"] and "comment" not in columns["price"]
    assert project.answer("SELECT max(TRY_CAST(pieces AS INTEGER)) AS n FROM stock")["rows"] == [[7]]
    assert project.answer("SELECT pieces FROM small ORDER BY id")["rows"] == [["5"], ["many"]]
    assert project.answer("SELECT id, price, n FROM last")["rows"] == [["3", "1.5", "3"]], "the price of the last: what SQLite alone understands"
    tables = {table["name"]["name"]: len(table["columns"]) for table in project.json("catalog", "show")["tables"]}
    assert tables == {"stock": 4, "small": 2, "last": 3}
    assert project.run("ask", "how many stock are there?", "--approve", "policy", "--output", "json").ok().json()["rows"] == [[3]]


def test_confidence_is_about_the_question(sluice, tmp_path, shop_sqlite):
    project = Project(sluice, tmp_path, ("shop", "--sqlite", shop_sqlite))
    card = project.run("approvals", "show", project.waiting("SELECT order_id FROM orders WHERE freight = NULL")["approval_id"]).ok().out
    assert "Confidence" not in card and "A person wrote this SQL" in card and "NULL" in card, card


def test_an_inferred_key_says_what_it_does_not_promise(sluice, tmp_path):
    (tmp_path / "cities.csv").write_text("id,name\n1,Berlin\n2,Paris\n3,Osaka\n", encoding="utf-8")
    project = Project(sluice, tmp_path, ("cities", "--files", "cities.csv"))
    shown = project.run("catalog", "show", "cities").ok().out
    assert "primary key (id) inferred" in shown and "nothing keeps NULL out" in shown and "3 rows" in shown, shown


def test_a_table_of_sqlite_is_found_in_whatever_case_it_is_written(sluice, tmp_path):
    connection = sqlite3.connect(tmp_path / "zoo.sqlite")
    connection.execute('CREATE TABLE "Pets" (id INTEGER PRIMARY KEY, name TEXT)')
    connection.execute("INSERT INTO Pets VALUES (1, 'Rex'), (2, 'Tom')")
    connection.commit()
    connection.close()
    project = Project(sluice, tmp_path, ("zoo", "--sqlite", "zoo.sqlite"))
    for name in ("pets", "PETS", "Pets", '"pets"'):
        assert project.answer(f"SELECT count(*) FROM {name}")["rows"] == [[2]], name
