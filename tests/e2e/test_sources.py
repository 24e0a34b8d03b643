"""What is odd in a person's own data: parameters without values, views and tables of one name in two schemas, SQLite's loose types."""

import pytest
from project import Project


def failed_check(project, sql):
    """The check that failed, of a statement that is not run."""
    ran = project.run("prove", sql, "--output", "json")
    assert ran.code == 1, ran
    failed = [check for check in ran.json()["proof"] if check["outcome"] == "failed"]
    assert len(failed) == 1, failed
    return failed[0]


@pytest.mark.parametrize("source", ["duckdb", "sqlite", pytest.param("postgres", marks=pytest.mark.xfail(strict=True, reason="the server's own words"))])
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
